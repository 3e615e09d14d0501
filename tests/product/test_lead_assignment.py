"""Who is given a new lead when it comes in: nobody, each manager in turn, or who has the fewest open."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.product.conftest import Ledger
from tests.product.work import work_off

if TYPE_CHECKING:
    from tests.product.desk_fixtures import Work

pytest_plugins = (
    "tests.product.staff_fixtures",
    "tests.product.desk_fixtures",
    "tests.product.catalogue_fixtures",
)


@pytest.fixture
def managers(work: "Work", catalogue: Ledger) -> Iterator[list[UUID]]:
    """Three managers who may be given leads, in the order of their turns; and one who may not."""
    catalogue.rows("UPDATE lead_turn SET last_id = NULL")
    work.desk.account("MANAGER", confirmed_at=None)
    yield sorted([work.desk.ids["MANAGER"], work.desk.account("MANAGER"), work.desk.account("MANAGER")])
    catalogue.rows("UPDATE lead_turn SET last_id = NULL")


def _set(work: "Work", mode: str) -> None:
    answer = work.desk.call(
        "PUT", "/admin/settings/{key}", {"value": mode}, role="ADMIN", key="leadAssignment"
    )
    assert answer.status == 200, answer.body


def _come_in(work: "Work", number: int) -> UUID | None:
    """One lead, and the worker that takes it in; who has it then."""
    lead_id = work.submit(phone=f"0987 654 {number:03d}")
    work_off(work.ledger, "notification")
    found = work.get(lead_id)["assignedTo"]
    return UUID(found) if found else None


def test_nobody_is_given_anything_unless_that_is_wanted(work: "Work", managers: list[UUID]) -> None:
    assert _come_in(work, 1) is None
    assert work.ledger.rows("SELECT last_id FROM lead_turn") == [{"last_id": None}]
    assert len(managers) == 3


def test_only_the_ways_that_there_are_can_be_chosen(work: "Work", managers: list[UUID]) -> None:
    del managers
    answer = work.desk.call(
        "PUT", "/admin/settings/{key}", {"value": "x"}, role="ADMIN", key="leadAssignment"
    )
    assert answer.status == 422


def test_each_manager_has_their_turn(work: "Work", managers: list[UUID]) -> None:
    _set(work, "round_robin")
    given = [_come_in(work, number) for number in range(7)]
    assert given == [*managers, *managers, managers[0]]
    (job,) = work.ledger.rows(
        "SELECT reason, state FROM jobs WHERE type = 'lead_notice' ORDER BY created_at LIMIT 1"
    )
    assert job == {"reason": "given to a manager (round_robin)", "state": "done"}


def test_who_has_the_fewest_open_leads_is_given_the_next(work: "Work", managers: list[UUID]) -> None:
    _set(work, "least_busy")
    first, second, third = managers
    busy = [work.submit(phone=f"0912 345 {number:03d}") for number in range(3)]
    for lead_id, manager in zip(busy, (first, first, second), strict=True):
        work.patch(lead_id, assignedTo=str(manager))
    work.ledger.rows("UPDATE jobs SET state = 'done' WHERE state <> 'done'")
    assert [_come_in(work, number) for number in range(3)] in (
        [third, second, third],
        [third, third, second],
    )
    work.patch(busy[0], status="CONVERTED")
    work.patch(busy[1], status="CANCELLED")
    assert _come_in(work, 10) == first


def test_a_lead_that_somebody_has_stays_theirs_and_a_job_that_runs_again_gives_nothing_away(
    work: "Work", managers: list[UUID]
) -> None:
    from chalicelib.leads.assignment.service import assign  # noqa: PLC0415

    _set(work, "round_robin")
    lead_id, admin = work.submit(), work.desk.ids["ADMIN"]
    work.patch(lead_id, assignedTo=str(admin))
    work_off(work.ledger, "notification")
    assert work.get(lead_id)["assignedTo"] == str(admin)
    other = _come_in(work, 1)
    assert other == managers[0]
    for found in work.ledger.rows("SELECT id FROM leads"):
        assert assign(found["id"], "c") is None
    assert _come_in(work, 2) == managers[1]


@pytest.mark.parametrize("mode", ["round_robin", "least_busy"])
def test_it_is_fair_also_when_all_come_at_once(work: "Work", managers: list[UUID], mode: str) -> None:
    from chalicelib.leads.assignment.service import assign  # noqa: PLC0415

    _set(work, mode)
    leads = [UUID(work.submit(phone=f"0987 654 {number:03d}")) for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(lambda lead_id: assign(lead_id, "c"), leads))
    given = work.ledger.rows("SELECT assigned_to FROM leads")
    assert Counter(row["assigned_to"] for row in given) == dict.fromkeys(managers, 4)


def test_with_no_manager_to_give_it_to_staff_are_told_all_the_same(
    work: "Work", managers: list[UUID]
) -> None:
    _set(work, "round_robin")
    work.ledger.rows("UPDATE users SET confirmed_at = NULL WHERE id = ANY(%s)", managers)
    lead_id = work.submit()
    work_off(work.ledger, "notification")
    assert work.desk.get("/admin/leads/{id}", id=lead_id, role="ADMIN")["assignedTo"] is None
    (job,) = work.ledger.rows("SELECT state, reason FROM jobs WHERE type = 'lead_notice'")
    assert job == {"state": "done", "reason": None}
