"""Receivers that stay away for days, are gone or deleted; and how the queue and its records are kept."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.product.work import SCHEDULED, come_in, messages_of

if TYPE_CHECKING:
    from tests.product.conftest import Api, FrozenClock, Ledger
    from tests.product.webhook_fixtures import Receiver, Webhooks

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.webhook_fixtures")
Lead = Callable[..., dict[str, Any]]
Receive = Callable[..., "Receiver"]


def _fail_one(webhooks: "Webhooks", clock: "FrozenClock") -> None:
    for rest_s in (0, 5, 300, 1_800, 7_200, 18_000, 36_000):
        clock.advance(rest_s)
        webhooks.work()


def test_five_days_of_failures_switch_a_webhook_off_with_an_alert_and_staff_switch_it_on(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    receiver, well = receive(status=500), receive()
    webhook, other = webhooks.add(receiver.url), webhooks.add(well.url)
    for day in range(5):
        come_in(api, new_lead, day)
        _fail_one(webhooks, clock)
        assert webhooks.read(webhook)["enabled"] is True
        clock.advance(24 * 3600 - 63_305)
    come_in(api, new_lead, 9)
    before = len(receiver.calls)
    webhooks.work()
    assert len(receiver.calls) == before + 1
    found = webhooks.read(webhook)
    assert (found["enabled"], found["disabledReason"]) == (False, "failing")
    assert webhooks.deliveries(webhook)[0]["status"] == "failed"
    assert webhooks.read(other)["enabled"] is True
    kinds = [row["kind"] for row in ledger.rows("SELECT kind FROM alerts ORDER BY at, id")]
    assert kinds.count("webhook_disabled") == 1
    come_in(api, new_lead, 10)
    webhooks.work()
    assert len(receiver.calls) == before + 1
    delivery_id = webhooks.deliveries(webhook)[0]["id"]
    assert webhooks.replay(webhook, delivery_id).status == 409
    receiver.status = 200
    assert webhooks.change(webhook, enabled=True)["failingSince"] is None
    assert webhooks.replay(webhook, delivery_id).status == 202
    webhooks.work()
    assert webhooks.deliveries(webhook)[0]["status"] == "delivered"


def test_a_success_between_ends_the_count_of_days(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock"
) -> None:
    receiver = receive(status=500)
    webhook = webhooks.add(receiver.url)
    come_in(api, new_lead, 1)
    webhooks.work()
    assert webhooks.read(webhook)["failingSince"] is not None
    receiver.status = 200
    clock.advance(5)
    webhooks.work()
    assert webhooks.read(webhook)["failingSince"] is None
    clock.advance(6 * 24 * 3600)
    receiver.status = 500
    come_in(api, new_lead, 2)
    webhooks.work()
    assert webhooks.read(webhook)["enabled"] is True


def test_many_failures_are_one_alert_a_webhook_and_window(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    receiver = receive(status=500)
    webhooks.add(receiver.url)
    webhooks.add(receiver.url)
    for number in range(4):
        come_in(api, new_lead, number)
    _fail_one(webhooks, clock)
    assert len(receiver.calls) == 2 * 4 * 7
    found = ledger.rows("SELECT subject FROM alerts WHERE kind = 'webhook_failed'")
    assert len(found) == len({row["subject"] for row in found}) == 2
    assert ledger.rows("SELECT id FROM jobs WHERE state = 'dead'") == []


def test_gone_is_believed_at_once(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, ledger: "Ledger"
) -> None:
    """RFC 9110, 15.5.11; Standard Webhooks asks senders to stop then."""
    receiver = receive(status=410)
    webhook = webhooks.add(receiver.url)
    come_in(api, new_lead)
    webhooks.work()
    found = webhooks.read(webhook)
    assert (found["enabled"], found["disabledReason"]) == (False, "gone")
    assert webhooks.deliveries(webhook)[0]["status"] == "failed"
    assert messages_of(ledger, "webhook") == []


def test_a_delivery_that_we_failed_ourselves_is_failed_and_can_be_replayed(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, ledger: "Ledger"
) -> None:
    """Its job is dead, which `/admin/queues` does not list of this queue."""
    receiver = receive()
    webhook = webhooks.add(receiver.url)
    come_in(api, new_lead)
    ledger.rows("UPDATE jobs SET state = 'dead', finished_at = now() WHERE queue = 'webhook'")
    (delivery,) = webhooks.deliveries(webhook)
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("failed", None)
    assert webhooks.replay(webhook, delivery["id"]).status == 202
    webhooks.work()
    assert webhooks.deliveries(webhook)[0]["status"] == "delivered"


def test_what_was_due_for_a_webhook_that_is_deleted_ends_quietly(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, ledger: "Ledger"
) -> None:
    receiver = receive()
    webhook = webhooks.add(receiver.url)
    come_in(api, new_lead)
    desk = webhooks.desk
    assert desk.call("DELETE", "/admin/webhooks/{id}", role="ADMIN", id=webhook["id"]).status == 204
    webhooks.work()
    assert receiver.calls == []
    (job,) = ledger.rows("SELECT state, reason FROM jobs WHERE queue = 'webhook'")
    assert (job["state"], job["reason"]) == ("done", "the webhook is gone")


def test_deliveries_are_forgotten_after_thirty_days(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    import app  # noqa: PLC0415  the environment must stand before the app is imported
    from tests.product.conftest import LambdaContext  # noqa: PLC0415

    webhook = webhooks.add(receive().url)
    come_in(api, new_lead, 1)
    webhooks.work()
    clock.advance(29 * 24 * 3600)
    come_in(api, new_lead, 2)
    waiting = ledger.rows("SELECT id FROM webhook_deliveries WHERE state = 'pending'")
    clock.advance(2 * 24 * 3600)
    app.retention(SCHEDULED, LambdaContext())
    assert [UUID(each["id"]) for each in webhooks.deliveries(webhook)] == [row["id"] for row in waiting]
    clock.advance(60 * 24 * 3600)
    app.retention(SCHEDULED, LambdaContext())
    assert len(webhooks.deliveries(webhook)) == 1, "what is still to be delivered is kept"


def test_the_queue_is_watched_and_relayed_as_the_others_but_not_listed_among_them(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    import app  # noqa: PLC0415  the environment must stand before the app is imported
    from tests.product.conftest import LambdaContext  # noqa: PLC0415

    webhooks.add(receive().url)
    come_in(api, new_lead)
    clock.advance(200)
    app.outbox_relay(SCHEDULED, LambdaContext())
    (job,) = ledger.rows("SELECT state, sent_at FROM jobs WHERE queue = 'webhook'")
    assert (job["state"], job["sent_at"]) == ("queued", clock.now())
    alerts = [row["subject"] for row in ledger.rows("SELECT subject FROM alerts")]
    assert "The worker of webhook stands still" in alerts
    desk = webhooks.desk
    names = [item["name"] for item in desk.get("/admin/queues")["items"]]
    assert names == ["email", "notification", "sync"]
    answer = desk.call("GET", "/admin/queues/{queue}/dead-letters", queue="webhook")
    assert answer.status == 404
