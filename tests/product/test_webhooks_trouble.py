"""Receivers that are silent, drip or stay away for days: nobody else waits, and doubts are counted."""

import socket
import time
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.product.work import SCHEDULED, messages_of, until

if TYPE_CHECKING:
    from tests.product.conftest import Api, FrozenClock, Ledger
    from tests.product.webhook_fixtures import Receiver, Webhooks

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.webhook_fixtures")
Lead = Callable[..., dict[str, Any]]
Receive = Callable[..., "Receiver"]
_SOON = 0.4


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, local_targets: None) -> None:
    """Receivers are given 0.4 s, so that silence costs the suite little."""
    del local_targets
    from chalicelib.gateways import webhook_receiver  # noqa: PLC0415

    monkeypatch.setattr(webhook_receiver, "TIMEOUT_S", _SOON)


def _lead(api: "Api", new_lead: Lead, number: int = 0) -> UUID:
    answer = api.call("POST", "/leads", new_lead(phone=f"0912 346 {number:03}"))
    assert answer.status == 201, answer.body
    return UUID(answer.json["id"])


def _states(ledger: "Ledger") -> list[str]:
    return [row["state"] for row in ledger.rows("SELECT state FROM deliveries ORDER BY started_at, id")]


@pytest.mark.usefixtures("hasty")
def test_a_lost_answer_is_counted_and_the_next_attempt_has_the_same_id(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    receiver = receive(silence=Event())
    webhook = webhooks.add(receiver.url)
    lead_id = _lead(api, new_lead)
    webhooks.work()
    assert _states(ledger) == ["unknown"]
    (delivery,) = webhooks.deliveries(webhook)
    assert (delivery["status"], delivery["attempts"], delivery["responseStatus"]) == ("pending", 1, None)
    assert receiver.silence is not None
    receiver.silence.set()
    receiver.silence = None
    clock.advance(5)
    webhooks.work()
    assert _states(ledger) == ["unknown", "sent"]
    first, second = receiver.calls
    assert first.id == second.id == delivery["id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    events = webhooks.desk.get("/admin/leads/{id}/timeline", id=lead_id)["events"]
    told = [
        event["status"] for event in events if event["kind"] == "delivery" and event["queue"] == "webhook"
    ]
    assert told == ["started", "failed", "started", "completed"]


def test_a_worker_that_dies_in_the_call_leaves_a_doubt_and_another_calls_again(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    receiver = receive()
    webhooks.add(receiver.url)
    _lead(api, new_lead)
    from chalicelib.deliveries import store  # noqa: PLC0415
    from chalicelib.jobs import ledger as claims  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    claim = claims.claim_due(database(), "webhook", "webhook", 1)
    assert store.begin(
        database(),
        delivery_id=UUID(int=7),
        job_id=claim.jobs[0].id,
        token=claim.token,
        channel="webhook",
        now=clock.now(),
    )
    webhooks.work()
    assert receiver.calls == []
    clock.advance(31)
    webhooks.work()
    assert _states(ledger) == ["unknown", "sent"]
    assert len(receiver.calls) == 1


def test_a_silent_receiver_keeps_no_other_waiting_not_even_for_what_comes_meanwhile(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead
) -> None:
    """The worker waits for the silent one all the while; the other hears of the new lead nevertheless."""
    silent, quick = receive(silence=Event()), receive()
    webhooks.add(silent.url)
    webhooks.add(quick.url)
    _lead(api, new_lead, 1)
    worker = Thread(target=webhooks.work)
    worker.start()
    until(lambda: bool(silent.calls) and len(quick.calls) == 1)
    _lead(api, new_lead, 2)
    until(lambda: len(quick.calls) == 2)
    assert len(silent.calls) == 1, "the silent one was done before the others were told"
    assert worker.is_alive()
    assert silent.silence is not None
    silent.silence.set()
    worker.join(30)


@pytest.mark.usefixtures("hasty")
def test_a_silent_receiver_is_soon_called_no_more_than_once_in_a_while(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    """Its circuit opens after five silences; attempts go by without a call, and are not counted as calls."""
    silent, quick = receive(silence=Event()), receive()
    webhook = webhooks.add(silent.url)
    webhooks.add(quick.url)
    for number in range(8):
        _lead(api, new_lead, number)
    webhooks.work()
    assert (len(silent.calls), len(quick.calls)) == (5, 8)
    clock.advance(5)
    _lead(api, new_lead, 8)
    webhooks.work()
    assert (len(silent.calls), len(quick.calls)) == (5, 9)
    assert sum(delivery["attempts"] for delivery in webhooks.deliveries(webhook)) == 5
    clock.advance(300)
    webhooks.work()
    assert len(silent.calls) == 6
    assert silent.silence is not None
    silent.silence.set()
    silent.silence = None
    clock.advance(1_800)
    webhooks.work()
    assert {delivery["status"] for delivery in webhooks.deliveries(webhook)} == {"delivered"}
    assert messages_of(ledger, "webhook") == []


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX-Long: "])
@pytest.mark.usefixtures("hasty")
def test_a_receiver_that_drips_is_cut_off_in_time(
    webhooks: "Webhooks", api: "Api", new_lead: Lead, dripping: Callable[[bytes], int], begin: bytes
) -> None:
    """A byte now and then keeps a socket's own timeout from ever passing."""
    webhook = webhooks.add(f"http://127.0.0.1:{dripping(begin)}/")
    _lead(api, new_lead)
    began = time.monotonic()
    webhooks.work()
    assert time.monotonic() - began < 15, "the dripping would have gone on for 60 s"
    (delivery,) = webhooks.deliveries(webhook)
    assert (delivery["status"], delivery["responseStatus"]) == ("pending", None)


@pytest.fixture
def dripping() -> Iterator[Callable[[bytes], int]]:
    """Opens servers that say *begin* and then a byte each 0.1 s, for a minute."""
    listeners: list[socket.socket] = []
    over = Event()

    def serve(listener: socket.socket, begin: bytes) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(begin)
            for _ in range(600):
                if over.wait(0.1):
                    return
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    def open_one(begin: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        Thread(target=serve, args=[listener, begin], daemon=True).start()
        return int(listener.getsockname()[1])

    yield open_one
    over.set()
    for listener in listeners:
        listener.close()


def test_an_endless_answer_is_not_read(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead
) -> None:
    receiver = receive(status=200, answer_headers={"Content-Length": str(10**12)})
    webhook = webhooks.add(receiver.url)
    _lead(api, new_lead)
    webhooks.work()
    assert webhooks.deliveries(webhook)[0]["status"] == "delivered"


def test_nobody_listening_is_no_doubt(
    webhooks: "Webhooks", api: "Api", new_lead: Lead, ledger: "Ledger"
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    webhooks.add(f"http://127.0.0.1:{port}/")
    _lead(api, new_lead)
    webhooks.work()
    assert _states(ledger) == ["not_reached"]


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
        _lead(api, new_lead, day)
        _fail_one(webhooks, clock)
        assert webhooks.read(webhook)["enabled"] is True
        clock.advance(24 * 3600 - 63_305)
    _lead(api, new_lead, 9)
    before = len(receiver.calls)
    webhooks.work()
    assert len(receiver.calls) == before + 1
    found = webhooks.read(webhook)
    assert (found["enabled"], found["disabledReason"]) == (False, "failing")
    assert webhooks.deliveries(webhook)[0]["status"] == "failed"
    assert webhooks.read(other)["enabled"] is True
    kinds = [row["kind"] for row in ledger.rows("SELECT kind FROM alerts ORDER BY at, id")]
    assert kinds.count("webhook_disabled") == 1
    _lead(api, new_lead, 10)
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
    _lead(api, new_lead, 1)
    webhooks.work()
    assert webhooks.read(webhook)["failingSince"] is not None
    receiver.status = 200
    clock.advance(5)
    webhooks.work()
    assert webhooks.read(webhook)["failingSince"] is None
    clock.advance(6 * 24 * 3600)
    receiver.status = 500
    _lead(api, new_lead, 2)
    webhooks.work()
    assert webhooks.read(webhook)["enabled"] is True


def test_many_failures_are_one_alert_a_webhook_and_window(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    receiver = receive(status=500)
    webhooks.add(receiver.url)
    webhooks.add(receiver.url)
    for number in range(4):
        _lead(api, new_lead, number)
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
    _lead(api, new_lead)
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
    _lead(api, new_lead)
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
    _lead(api, new_lead)
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
    _lead(api, new_lead, 1)
    webhooks.work()
    clock.advance(29 * 24 * 3600)
    _lead(api, new_lead, 2)
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
    _lead(api, new_lead)
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
