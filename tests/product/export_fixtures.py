"""Leads by the thousand, as nobody types them in."""

from dataclasses import dataclass

import pytest

from tests.product.conftest import FrozenClock, Ledger

_FILL = """
INSERT INTO leads (id, status, source, name, phone, email, content, merged_into, consent_version, consent_at,
                   correlation_id, created_at)
SELECT md5('lead' || n)::uuid,
       (ARRAY['NEW', 'NEW', 'NEW', 'CONTACTED', 'CONVERTED', 'CANCELLED', 'SPAM'])[1 + n %% 7],
       (ARRAY['CONTACT_FORM', 'QUOTE_FORM', 'FURNITURE_QUOTE'])[1 + n / 7 %% 3],
       (ARRAY['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Bùi'])[1 + n %% 5] || ' '
           || (ARRAY['Hoa', 'An', 'Bình', 'Cường', 'Dũng', 'Giang', 'Khánh'])[1 + n / 5 %% 7]
           || CASE WHEN n %% 997 = 0 THEN ' Hiếm' ELSE '' END,
       '+849' || lpad(n::text, 8, '0'),
       CASE WHEN n %% 2 = 0 THEN 'khach' || n || '@example.test' END,
       repeat('Tôi muốn sửa lại nhà bếp. ', %(words)s),
       CASE WHEN n %% 10 = 9 THEN md5('lead' || n - 1)::uuid END,
       '1', %(now)s, 'fill-' || n,
       %(now)s::timestamptz - (n / 3) * interval '1 minute'
FROM generate_series(0, %(count)s - 1) AS n
"""


@dataclass(frozen=True)
class Crowd:
    """Many leads, a tenth of them merged into others, three at each instant; the first is the latest."""

    ledger: Ledger
    clock: FrozenClock

    def fill(self, count: int, *, words: int = 1) -> None:
        """So many; each with *words* sentences of content."""
        with self.ledger.connection() as connection:
            connection.execute(_FILL, {"count": count, "words": words, "now": self.clock.now()})
            connection.execute("ANALYZE leads")


@pytest.fixture
def crowd(ledger: Ledger, clock: FrozenClock) -> Crowd:
    """Makes leads by the thousand."""
    return Crowd(ledger, clock)
