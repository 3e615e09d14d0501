"""A guild of contractors to be ranked, at first an empty one."""

from collections.abc import Iterator

import pytest

from local.stack import Stack
from tests.product.conftest import FrozenClock, Ledger
from tests.product.guild import CATEGORIES, Guild


@pytest.fixture
def guild(parts: Stack, ledger: Ledger, clock: FrozenClock) -> Iterator[Guild]:
    """An empty guild with two trades."""
    from chalicelib.platform.postgres import Database  # noqa: PLC0415

    for number, category in enumerate(CATEGORIES):
        ledger.rows(
            "INSERT INTO service_categories (id, name, formula, coefficient) VALUES (%s, %s, 'AREA', 1)",
            category,
            f"trade {number}",
        )
    database = Database(parts.environment["MIGRATION_DATABASE_URL"])
    yield Guild(database, clock.now())
    database.close()
    ledger.rows("DELETE FROM service_categories WHERE id = ANY(%s)", list(CATEGORIES))
