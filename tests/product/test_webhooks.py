"""
Webhooks from the lead to the receiver: told once, signed as the standard's own library verifies it, tried
again by its schedule, replayed under the same id.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from tests.product.conftest import Api, FrozenClock, Ledger
    from tests.product.webhook_fixtures import Heard, Receiver, Webhooks

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.webhook_fixtures")
Lead = Callable[..., dict[str, Any]]
Receive = Callable[..., "Receiver"]
SCHEDULE_S = (5, 300, 1_800, 7_200, 18_000, 36_000)
PERSONAL = {"name", "phone", "email", "content", "quote", "locale"}


def _submit(api: "Api", new_lead: Lead, **fields: Any) -> UUID:
    answer = api.call("POST", "/leads", new_lead(**fields))
    assert answer.status == 201, answer.body
    return UUID(answer.json["id"])


def _verify(secret: str, heard: "Heard") -> Any:
    """What the standard's library says; raises unless one of the signatures is right."""
    return Webhook(secret).verify(heard.body, heard.headers)


def _signature(secret: str, heard: "Heard") -> str:
    """What the standard's library signs; it verifies only near the machine's time, which tests leave."""
    sent_at = datetime.fromtimestamp(int(heard.headers["webhook-timestamp"]), UTC)
    return Webhook(secret).sign(heard.id, sent_at, heard.body.decode())


def test_a_lead_is_told_once_signed_and_without_what_is_a_persons(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock"
) -> None:
    receiver = receive()
    webhook = webhooks.add(receiver.url)
    assert webhook["secret"].startswith("whsec_")
    lead_id = _submit(api, new_lead, email="hoa@example.test")
    webhooks.work()
    webhooks.work()
    (heard,) = receiver.calls
    message = _verify(webhook["secret"], heard)
    data = message.pop("data")
    assert message["type"] == "lead.created"
    assert datetime.fromisoformat(message["timestamp"]) == clock.now().replace(
        microsecond=clock.now().microsecond // 1000 * 1000
    )
    assert (data["id"], data["status"], data["source"]) == (str(lead_id), "NEW", "CONTACT_FORM")
    assert data["submissionCount"] == 1
    assert not PERSONAL & set(data)
    (delivery,) = webhooks.deliveries(webhook)
    assert (delivery["id"], delivery["leadId"]) == (heard.id, str(lead_id))
    assert (delivery["event"], delivery["status"]) == ("lead.created", "delivered")
    assert (delivery["attempts"], delivery["responseStatus"]) == (1, 204)
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["webhook-timestamp"] == str(int(clock.now().timestamp()))


def test_a_changed_body_another_secret_or_an_old_call_does_not_verify(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead
) -> None:
    receiver = receive()
    webhook, other = webhooks.add(receiver.url), webhooks.add(receive().url)
    _submit(api, new_lead)
    webhooks.work()
    (heard,) = receiver.calls
    assert webhook["secret"] != other["secret"]
    late = str(int(heard.headers["webhook-timestamp"]) - 600)
    for secret, body, changed in (
        (other["secret"], heard.body, {}),
        (webhook["secret"], heard.body + b" ", {}),
        (webhook["secret"], heard.body, {"webhook-id": "another"}),
        (webhook["secret"], heard.body, {"webhook-timestamp": late}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, {**heard.headers, **changed})


def test_a_persons_words_are_told_only_where_that_was_asked_for(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead
) -> None:
    receiver = receive()
    webhook = webhooks.add(receiver.url, includesPersonalData=True)
    _submit(api, new_lead, email="hoa@example.test")
    webhooks.work()
    data = _verify(webhook["secret"], receiver.calls[0])["data"]
    assert (data["name"], data["phone"], data["email"]) == (
        "Nguyễn Thị Hoa",
        "+84912345678",
        "hoa@example.test",
    )
    assert "Nguyễn".encode() in receiver.calls[0].body


def test_a_merged_submission_updates_its_lead_and_a_quarantined_one_tells_nobody(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead
) -> None:
    receiver = receive()
    webhook = webhooks.add(receiver.url)
    lead_id = _submit(api, new_lead)
    _submit(api, new_lead, content="Tôi gọi lại về nhà bếp.")
    _submit(api, new_lead, phone="0912 345 600", website="http://robot.test")
    webhooks.work()
    told = sorted(
        (call.json["type"], call.json["data"]["id"], call.json["data"]["submissionCount"])
        for call in receiver.calls
    )
    assert told == [("lead.created", str(lead_id), 2), ("lead.updated", str(lead_id), 2)]
    assert len(webhooks.deliveries(webhook)) == 2


def test_only_what_a_webhook_wants_is_told_it_and_nobody_costs_nothing(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, ledger: "Ledger"
) -> None:
    _submit(api, new_lead, phone="0912 345 601")
    assert ledger.rows("SELECT id FROM jobs WHERE queue = 'webhook'") == []
    erased, off = receive(), receive()
    webhooks.add(erased.url, events=["lead.erased"])
    webhooks.add(off.url, enabled=False)
    lead_id = _submit(api, new_lead)
    assert ledger.rows("SELECT id FROM jobs WHERE queue = 'webhook'") == []
    webhooks.announce("lead.erased", lead_id)
    webhooks.work()
    assert [call.json["type"] for call in erased.calls] == ["lead.erased"]
    assert off.calls == []


def test_an_erased_lead_is_told_without_the_person_even_if_the_event_is_older(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, ledger: "Ledger"
) -> None:
    """The body is built when the call is made; neither job nor delivery holds a word of the person's."""
    receiver = receive()
    webhooks.add(receiver.url, includesPersonalData=True)
    lead_id = _submit(api, new_lead, email="hoa@example.test")
    stored = ledger.rows("SELECT jobs::text AS kept FROM jobs WHERE queue = 'webhook'")
    stored += ledger.rows("SELECT webhook_deliveries::text AS kept FROM webhook_deliveries")
    assert len(stored) == 2
    assert not [row for row in stored if "hoa@" in row["kept"] or "0912" in row["kept"]]
    ledger.rows(
        "UPDATE leads SET name = NULL, phone = NULL, email = NULL, content = NULL, erased_at = now()"
        " WHERE id = %s",
        lead_id,
    )
    webhooks.announce("lead.erased", lead_id)
    webhooks.work()
    assert sorted(call.json["type"] for call in receiver.calls) == ["lead.created", "lead.erased"]
    for call in receiver.calls:
        data = call.json["data"]
        assert data["erasedAt"] is not None
        assert [data[name] for name in ("name", "phone", "email", "content")] == [None] * 4


@pytest.mark.parametrize("status", [500, 404, 302, 429])
def test_a_receiver_that_refuses_is_tried_by_the_schedule_under_the_same_id_and_then_given_up(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", status: int
) -> None:
    """At once, after 5 s, 5 min, 30 min, 2 h, 5 h and 10 h; a redirect is not followed."""
    elsewhere = receive()
    receiver = receive(status=status, answer_headers={"Location": elsewhere.url})
    webhook = webhooks.add(receiver.url)
    _submit(api, new_lead)
    for number, rest_s in enumerate(SCHEDULE_S, start=1):
        webhooks.work()
        assert len(receiver.calls) == number
        (delivery,) = webhooks.deliveries(webhook)
        assert (delivery["status"], delivery["attempts"], delivery["responseStatus"]) == (
            "pending",
            number,
            status,
        )
        assert datetime.fromisoformat(delivery["nextAttemptAt"]).timestamp() == pytest.approx(
            clock.now().timestamp() + rest_s, abs=0.01
        )
        clock.advance(rest_s - 1)
        webhooks.work()
        assert len(receiver.calls) == number
        clock.advance(1)
    webhooks.work()
    clock.advance(timedelta(days=2).total_seconds())
    webhooks.work()
    assert len(receiver.calls) == 7
    assert {call.id for call in receiver.calls} == {webhooks.deliveries(webhook)[0]["id"]}
    stamps = [int(call.headers["webhook-timestamp"]) for call in receiver.calls]
    assert [late - early for early, late in pairwise(stamps)] == list(SCHEDULE_S)
    (delivery,) = webhooks.deliveries(webhook)
    assert (delivery["status"], delivery["attempts"], delivery["nextAttemptAt"]) == ("failed", 7, None)
    assert elsewhere.calls == []
    assert webhooks.read(webhook)["enabled"] is True
    (alert,) = webhooks.desk.ledger.rows("SELECT kind, subject, body FROM alerts")
    assert (alert["kind"], webhook["id"] in alert["subject"]) == ("webhook_failed", True)


def test_a_failed_delivery_is_replayed_under_the_same_id_by_administrators(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock"
) -> None:
    receiver = receive(status=503)
    webhook = webhooks.add(receiver.url)
    _submit(api, new_lead)
    (delivery,) = webhooks.deliveries(webhook)
    assert webhooks.replay(webhook, delivery["id"]).status == 409
    for rest_s in (0, *SCHEDULE_S):
        clock.advance(rest_s)
        webhooks.work()
    assert webhooks.deliveries(webhook)[0]["status"] == "failed"
    receiver.status = 200
    answer = webhooks.replay(webhook, delivery["id"])
    assert (answer.status, answer.json["status"], answer.json["attempts"]) == (202, "pending", 7)
    webhooks.work()
    (delivery,) = webhooks.deliveries(webhook)
    assert (delivery["status"], delivery["attempts"], delivery["responseStatus"]) == ("delivered", 8, 200)
    assert {call.id for call in receiver.calls} == {delivery["id"]}
    assert len(receiver.calls) == 8
    assert (
        _signature(webhook["secret"], receiver.calls[-1]) == receiver.calls[-1].headers["webhook-signature"]
    )
    assert webhooks.replay(webhook, delivery["id"]).status == 202
    webhooks.work()
    assert len(receiver.calls) == 9
    other = webhooks.add(receiver.url)
    assert webhooks.replay(other, delivery["id"]).status == 404
    audited = [entry for entry in webhooks.desk.audit() if entry["action"] == "webhook.replayed"]
    assert [entry["after"]["delivery"] for entry in audited] == [delivery["id"]] * 2


def test_after_a_rotation_both_secrets_sign_for_a_day_and_then_only_the_new_one(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock"
) -> None:
    receiver = receive()
    webhook = webhooks.add(receiver.url)
    desk = webhooks.desk
    answer = desk.call("POST", "/admin/webhooks/{id}/rotate-secret", role="ADMIN", id=webhook["id"])
    assert answer.status == 200
    old, new = webhook["secret"], answer.json["secret"]
    assert old != new
    _submit(api, new_lead)
    webhooks.work()
    first = receiver.calls[0]
    assert len(first.headers["webhook-signature"].split()) == 2
    _verify(old, first)
    _verify(new, first)
    clock.advance(24 * 3600)
    _submit(api, new_lead, phone="0912 345 602")
    webhooks.work()
    later = receiver.calls[1]
    assert later.headers["webhook-signature"] == _signature(new, later)
    shown = json.dumps([desk.get("/admin/webhooks"), desk.audit(), webhooks.read(webhook)], default=str)
    assert "whsec_" not in shown
    kept = desk.ledger.rows("SELECT webhooks::text AS kept FROM webhooks")[0]["kept"]
    assert new.removeprefix("whsec_") not in kept
