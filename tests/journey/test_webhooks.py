"""Webhooks through the whole copy: broker away, workers killed in the call, and each event arrives."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.journey.conftest import Site
from tests.product.webhook_fixtures import Receiver

Phones = Callable[[], str]
_WEATHER: list[tuple[str, str, dict[str, Any]]] = [
    ("sqs", "refuse", {}),
    ("worker", "crash", {"queue": "webhook", "count": 2}),
]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A program that wants to hear of leads."""
    found = Receiver()
    server = found.open()
    yield found
    server.shutdown()
    server.server_close()


@pytest.mark.timeout(180)
def test_every_event_arrives_signed_through_a_lost_broker_and_killed_workers(
    site: Site, phones: Phones, receiver: Receiver
) -> None:
    """One id an event; what came twice came under its one id."""
    admin = site.sign_in("admin")
    wanted = {"url": receiver.url, "events": ["lead.created"], "includesPersonalData": True}
    webhook = site.call("POST", "/api/admin/webhooks", wanted, headers=admin).json
    path = f"/api/admin/webhooks/{webhook['id']}"
    try:
        leads = set()
        for target, mode, more in _WEATHER:
            site.fault(target, mode, **more)
            for _ in range(3):
                answer = site.call("POST", "/api/leads", site.new_lead(phones()), address="127.5.0.1")
                assert answer.status == 201
                leads.add(answer.json["id"])
            if target == "sqs":
                site.mend()

        def has_all() -> bool:
            return {call.json["data"]["id"] for call in receiver.calls} == leads

        site.wait_for(has_all, "every event arrives", passing_s=61)
        assert site.call("GET", "/dev/faults").json["items"] == [], "both workers were killed"
        admin = site.sign_in("admin")
        site.wait_for(
            lambda: all(
                each["status"] == "delivered"
                for each in site.call("GET", f"{path}/deliveries", headers=admin).json["items"]
            ),
            "every delivery is known to be delivered",
            passing_s=61,
        )
        items = site.call("GET", f"{path}/deliveries", headers=admin).json["items"]
        assert {item["leadId"]: item["id"] for item in items} == {
            call.json["data"]["id"]: call.id for call in receiver.calls
        }
        assert len({call.id for call in receiver.calls}) == len(items) == len(leads)
        for call in receiver.calls:
            sent_at = datetime.fromtimestamp(int(call.headers["webhook-timestamp"]), UTC)
            made = Webhook(webhook["secret"]).sign(call.id, sent_at, call.body.decode())
            assert call.headers["webhook-signature"] == made
    finally:
        assert site.call("DELETE", path, headers=site.sign_in("admin")).status == 204
