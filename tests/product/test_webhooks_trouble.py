"""Receivers that are silent, drip or stay away for days: nobody else waits, and doubts are counted."""

import socket
import time
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.product.work import come_in, messages_of, until

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


def _states(ledger: "Ledger") -> list[str]:
    return [row["state"] for row in ledger.rows("SELECT state FROM deliveries ORDER BY started_at, id")]


@pytest.mark.usefixtures("hasty")
def test_a_lost_answer_is_counted_and_the_next_attempt_has_the_same_id(
    webhooks: "Webhooks", receive: Receive, api: "Api", new_lead: Lead, clock: "FrozenClock", ledger: "Ledger"
) -> None:
    receiver = receive(silence=Event())
    webhook = webhooks.add(receiver.url)
    lead_id = come_in(api, new_lead)
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
    come_in(api, new_lead)
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
    come_in(api, new_lead, 1)
    worker = Thread(target=webhooks.work)
    worker.start()
    until(lambda: bool(silent.calls) and len(quick.calls) == 1)
    come_in(api, new_lead, 2)
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
        come_in(api, new_lead, number)
    webhooks.work()
    assert (len(silent.calls), len(quick.calls)) == (5, 8)
    clock.advance(5)
    come_in(api, new_lead, 8)
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
    come_in(api, new_lead)
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
    come_in(api, new_lead)
    webhooks.work()
    assert webhooks.deliveries(webhook)[0]["status"] == "delivered"


def test_nobody_listening_is_no_doubt(
    webhooks: "Webhooks", api: "Api", new_lead: Lead, ledger: "Ledger"
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    webhooks.add(f"http://127.0.0.1:{port}/")
    come_in(api, new_lead)
    webhooks.work()
    assert _states(ledger) == ["not_reached"]
