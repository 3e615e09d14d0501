"""What staff do to a lead is told with it: status, assignment, merge, release, erasure; nothing else is."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.product.work import work_off

if TYPE_CHECKING:
    from tests.product.conftest import Ledger
    from tests.product.desk_fixtures import Work
    from tests.product.webhook_fixtures import Receiver, Webhooks

pytest_plugins = (
    "tests.product.staff_fixtures",
    "tests.product.desk_fixtures",
    "tests.product.webhook_fixtures",
    "tests.product.catalogue_fixtures",
)
Receive = Callable[..., "Receiver"]


def _told(webhooks: "Webhooks", receiver: "Receiver") -> list[tuple[str, Any]]:
    """What the receiver has heard since it was asked last: event and lead."""
    webhooks.work()
    heard = sorted((call.json["type"], call.json["data"]["id"]) for call in receiver.calls)
    receiver.calls.clear()
    return heard


def test_status_and_assignment_are_told_and_notes_are_not(
    webhooks: "Webhooks", work: "Work", receive: Receive
) -> None:
    receiver = receive()
    webhooks.add(receiver.url)
    lead_id = work.submit()
    assert _told(webhooks, receiver) == [("lead.created", lead_id)]
    assert work.patch(lead_id, note="Gọi lại chiều nay").status == 200
    assert _told(webhooks, receiver) == []
    manager = str(work.desk.ids["MANAGER"])
    assert work.patch(lead_id, status="CONTACTED", assignedTo=manager).status == 200
    webhooks.work()
    (heard,) = receiver.calls
    assert heard.json["type"] == "lead.updated"
    data = heard.json["data"]
    assert (data["id"], data["status"], data["assignedTo"]) == (lead_id, "CONTACTED", manager)
    receiver.calls.clear()
    assert work.patch(lead_id, status="CONTACTED").status == 200
    assert _told(webhooks, receiver) == []


def test_what_is_held_back_is_told_when_it_is_released_and_never_when_it_is_rejected(
    webhooks: "Webhooks", work: "Work", receive: Receive
) -> None:
    receiver = receive()
    webhooks.add(receiver.url)
    released, rejected = work.held(), work.held(phone="0912 345 601")
    manager = str(work.desk.ids["MANAGER"])
    assert work.patch(released, assignedTo=manager).status == 200
    assert work.do("reject", rejected).status < 300
    assert work.do("erase", rejected).status < 300
    assert _told(webhooks, receiver) == []
    assert work.do("release", released).status < 300
    assert _told(webhooks, receiver) == [("lead.created", released)]


def test_a_merge_is_told_of_both_and_an_erasure_of_each_that_was_a_lead_of_its_own(
    webhooks: "Webhooks", work: "Work", receive: Receive
) -> None:
    """What joined a lead on arrival was never told under an id of its own, so its end is not told either."""
    receiver = receive()
    webhooks.add(receiver.url, includesPersonalData=True)
    lead_id, other = work.submit(), work.submit(phone="0912 345 602")
    work.submit()
    _told(webhooks, receiver)
    assert work.do("merge", lead_id, {"otherId": other}).status < 300
    webhooks.work()
    merged = {call.json["data"]["id"]: call.json["data"]["mergedInto"] for call in receiver.calls}
    assert merged == {lead_id: None, other: lead_id}
    assert {call.json["type"] for call in receiver.calls} == {"lead.updated"}
    receiver.calls.clear()
    assert work.do("erase", lead_id).status < 300
    webhooks.work()
    assert sorted(call.json["data"]["id"] for call in receiver.calls) == sorted([lead_id, other])
    for call in receiver.calls:
        assert call.json["type"] == "lead.erased"
        data = call.json["data"]
        assert {data[name] for name in ("name", "phone", "email", "content", "quote")} == {None}
    receiver.calls.clear()
    assert work.do("erase", lead_id).status < 300
    assert _told(webhooks, receiver) == []


def test_a_manager_who_is_given_the_lead_by_itself_is_told(
    webhooks: "Webhooks", work: "Work", receive: Receive, catalogue: "Ledger"
) -> None:
    del catalogue
    receiver = receive()
    webhooks.add(receiver.url)
    body = {"value": "round_robin"}
    answer = work.desk.call("PUT", "/admin/settings/{key}", body, role="ADMIN", key="leadAssignment")
    assert answer.status == 200
    lead_id = work.submit()
    assert _told(webhooks, receiver) == [("lead.created", lead_id)]
    work_off(work.ledger, "notification")
    webhooks.work()
    (heard,) = receiver.calls
    assert heard.json["type"] == "lead.updated"
    assert heard.json["data"]["assignedTo"] == str(work.desk.ids["MANAGER"])


def test_a_change_that_does_not_commit_is_not_told(
    webhooks: "Webhooks", work: "Work", receive: Receive
) -> None:
    receiver = receive()
    webhooks.add(receiver.url)
    lead_id = work.submit()
    _told(webhooks, receiver)
    answer = work.patch(lead_id, status="CONTACTED", assignedTo=str(work.desk.ids["HOMEOWNER"]))
    assert answer.status == 422
    assert _told(webhooks, receiver) == []
