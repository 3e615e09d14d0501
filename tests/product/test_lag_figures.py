"""How far the product is behind its leads, as `/metrics` tells: to a sink, and to a first contact."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.product.conftest import Api, Faults, FrozenClock
from tests.product.work import drain

if TYPE_CHECKING:
    from tests.product.desk_fixtures import Work

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.desk_fixtures")


def _shown(api: Api, series: str) -> float:
    """The value of one series."""
    page = api.call("GET", "/metrics").body
    found = re.search(rf"^{re.escape(series)} (\S+)$", page, re.MULTILINE)
    assert found, page
    return float(found[1])


@pytest.mark.proves("P24")
def test_a_sink_that_is_away_is_late_though_nothing_is_due(
    api: Api, work: "Work", faults: Faults, clock: FrozenClock
) -> None:
    """P24: the lag counts from what caused the job, so that deferring it hides nothing."""
    lag, due = (f'queue_oldest_{what}_seconds{{queue="email"}}' for what in ("unfinished", "due"))
    work.submit(email="hoa@example.test")
    caused_at = clock.now()
    clock.advance(40)
    work.submit(phone="0987 654 321", email="lan@example.test")

    def passed_s() -> float:
        return (clock.now() - caused_at).total_seconds()

    assert (_shown(api, lag), _shown(api, due)) == (passed_s(), passed_s())
    faults.set("email", "refuse")
    for _ in range(5):
        drain(work.ledger, "email")
        clock.advance(60)
    work.ledger.rows("UPDATE jobs SET due_at = %s WHERE queue = 'email'", clock.now() + timedelta(seconds=5))
    assert (_shown(api, lag), _shown(api, due)) == (passed_s(), 0)
    assert passed_s() > 340
    faults.mend()
    clock.advance(60)
    drain(work.ledger, "email")
    assert (_shown(api, lag), _shown(api, due)) == (0, 0)


@pytest.mark.proves("P24")
def test_the_wait_for_a_first_contact_is_that_of_the_lead_that_waits_longest(
    api: Api, work: "Work", clock: FrozenClock
) -> None:
    """P24: it counts from arrival, or from the release of what was held back, and ends with a call."""
    held = work.held(phone="0987 654 320")
    clock.advance(1000)
    assert _shown(api, "lead_oldest_uncalled_seconds") == 0, "quarantine is not for calling"
    instants = {}
    for number in (321, 322):
        instants[number] = work.submit(phone=f"0987 654 {number}"), clock.now()
        clock.advance(100)
    (first, first_at), (second, second_at) = instants.values()
    assert _shown(api, "lead_oldest_uncalled_seconds") == (clock.now() - first_at).total_seconds()
    work.patch(first, status="CONTACTED")
    assert _shown(api, "lead_oldest_uncalled_seconds") == (clock.now() - second_at).total_seconds()
    work.do("release", held)
    clock.advance(5)
    work.do("erase", second)
    assert _shown(api, "lead_oldest_uncalled_seconds") == 5
