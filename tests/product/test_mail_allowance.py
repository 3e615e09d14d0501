"""Three mails an hour to an address that nobody has confirmed, so that nobody has us flood a stranger."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.mail_samples import ADDRESS

if TYPE_CHECKING:
    from tests.product.conftest import Faults, FrozenClock
    from tests.product.mail_fixtures import Office

pytest_plugins = ("tests.product.mail_fixtures",)
OVER = "not sent: three mails to this address within the hour"


def test_the_fourth_mail_within_an_hour_is_not_sent_whatever_it_is_about(office: "Office") -> None:
    user_id = office.account(email=ADDRESS, confirmed_at=None)
    office.sent("quotation", office.lead())
    office.sent("notification", office.lead(email=ADDRESS.title()))
    office.sent("welcome", office.link(user_id, "confirm", minutes=24 * 60))
    assert office.unsent("quotation", office.lead(email=ADDRESS.upper())) == OVER
    assert office.unsent("welcome", office.link(user_id, "confirm", minutes=24 * 60)) == OVER
    office.sent("quotation", office.lead(email="somebody.else@example.test"))


def test_a_mail_leaves_the_count_an_hour_after_it_was_sent(office: "Office", clock: "FrozenClock") -> None:
    for _ in range(3):
        office.sent("quotation", office.lead())
        clock.advance(19 * 60)
    clock.advance(3 * 60 - 1)
    assert office.unsent("quotation", office.lead()) == OVER
    clock.advance(1)
    office.sent("quotation", office.lead())
    assert office.unsent("quotation", office.lead()) == OVER


def test_of_ten_mails_at_once_to_one_address_three_are_sent(office: "Office") -> None:
    from chalicelib.mail.jobs import KINDS  # noqa: PLC0415

    job_ids = [office.job("quotation", office.lead()) for _ in range(10)]
    with ThreadPoolExecutor(10) as workers:
        assert list(workers.map(KINDS["quotation"].do_one, job_ids)) == [()] * 10
    assert len(office.mails()) == 3
    assert office.states() == ["done"] * 10
    assert sorted(str(office.one(job_id)["reason"]) for job_id in job_ids) == ["None"] * 3 + [OVER] * 7


@pytest.mark.parametrize("fault", [{"mode": "refuse"}, {"mode": "error", "status": 400}, {"mode": "reset"}])
def test_a_mail_that_had_to_be_tried_again_counts_once_also_when_others_came_between(
    office: "Office", faults: "Faults", clock: "FrozenClock", fault: dict[str, Any]
) -> None:
    """Three that fail in turn, twice round, are all sent in the end; a fourth is still one too many."""
    job_ids = [office.job("quotation", office.lead()) for _ in range(3)]
    faults.set("email", **fault)
    for _ in range(2):
        office.work()
        clock.advance(60)
    faults.mend()
    office.work()
    assert {(office.one(job_id)["state"], office.one(job_id)["reason"]) for job_id in job_ids} == {
        ("done", None)
    }
    assert len(office.mails()) == 3
    assert office.unsent("quotation", office.lead()) == OVER


def test_forms_filled_in_by_anybody_keep_no_owner_from_a_new_password(office: "Office") -> None:
    user_id = office.account(email=ADDRESS)
    for _ in range(3):
        office.sent("quotation", office.lead())
    assert office.unsent("quotation", office.lead()) == OVER
    for _ in range(2):
        office.sent("password_reset", office.link(user_id, "password_reset"))
    office.sent("welcome", user_id)
    assert office.unsent("password_reset", office.link(user_id, "password_reset")) == OVER
    assert office.unsent("welcome", user_id) == OVER


def test_what_staff_send_and_what_staff_are_told_has_no_limit(office: "Office") -> None:
    user_id = office.account(email=ADDRESS)
    for _ in range(5):
        office.sent("notification", office.announcement("A", "B"), user_id)
        office.sent("notification", office.lead(), user_id)
    assert office.ledger.rows("SELECT 1 FROM mail_allowances") == []


def test_the_allowance_knows_no_address_and_grows_no_longer_than_three(
    office: "Office", clock: "FrozenClock"
) -> None:
    for _ in range(7):
        office.sent("quotation", office.lead())
        clock.advance(30 * 60)
    (row,) = office.ledger.rows("SELECT * FROM mail_allowances")
    assert len(row["address_digest"]) == 64
    assert len(row["spent_at"]) == 2
