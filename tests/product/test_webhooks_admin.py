"""Webhooks at the staff desk: kept by administrators, read by staff, written down without secrets."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk
    from tests.product.webhook_fixtures import Webhooks

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.webhook_fixtures")
URL = "https://crm.customer.invalid/hooks/9d2f-token"


def test_a_webhook_is_made_read_changed_and_deleted(webhooks: "Webhooks", desk: "Desk") -> None:
    made = webhooks.add(URL, events=["lead.updated", "lead.created"], description="Our CRM")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made["events"] == ["lead.created", "lead.updated"]
    assert (made["url"], made["description"], made["enabled"]) == (URL, "Our CRM", True)
    assert made["includesPersonalData"] is False
    assert desk.get("/admin/webhooks") == {"items": [made], "nextCursor": None}
    assert webhooks.read(made) == made
    changed = webhooks.change(made, events=["lead.erased"], enabled=False)
    assert changed == {**made, "events": ["lead.erased"], "enabled": False, "disabledReason": "staff"}
    assert webhooks.change(made) == changed
    assert webhooks.change(made, enabled=True) == {**made, "events": ["lead.erased"]}
    path = "/admin/webhooks/{id}"
    assert desk.call("DELETE", path, role="ADMIN", id=made["id"]).status == 204
    for method in ("GET", "PATCH", "DELETE"):
        body: Any = {} if method == "PATCH" else None
        answer = desk.call(method, path, body, role="ADMIN", id=made["id"])
        assert (answer.status, answer.json["code"]) == (404, "NOT_FOUND")
    assert desk.call("GET", path + "/deliveries", id=made["id"]).status == 404


def test_every_change_is_audited_without_secret_or_path(webhooks: "Webhooks", desk: "Desk") -> None:
    made = webhooks.add(URL)
    desk.clock.advance(1)
    webhooks.change(made, includesPersonalData=True)
    desk.clock.advance(1)
    rotated = desk.call("POST", "/admin/webhooks/{id}/rotate-secret", role="ADMIN", id=made["id"]).json
    desk.clock.advance(1)
    desk.call("DELETE", "/admin/webhooks/{id}", role="ADMIN", id=made["id"])
    entries = desk.audit()
    assert [entry["action"] for entry in entries] == [
        "webhook.created",
        "webhook.changed",
        "webhook.secret_rotated",
        "webhook.deleted",
    ]
    assert {entry["target"] for entry in entries} == {f"webhooks/{made['id']}"}
    assert (entries[0]["before"], entries[0]["after"]["host"]) == (None, "crm.customer.invalid")
    assert entries[1]["before"]["includes_personal_data"] is False
    assert entries[1]["after"]["includes_personal_data"] is True
    told = str(entries)
    for secret in (made["secret"], rotated["secret"], "9d2f-token"):
        assert secret not in told


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/admin/webhooks", {"url": URL, "events": ["lead.created"]}),
        ("PATCH", "/admin/webhooks/{id}", {"enabled": False}),
        ("DELETE", "/admin/webhooks/{id}", None),
        ("POST", "/admin/webhooks/{id}/rotate-secret", None),
        ("POST", "/admin/webhooks/{id}/deliveries/{deliveryId}/replay", None),
    ],
)
def test_a_manager_reads_and_changes_nothing(
    webhooks: "Webhooks", desk: "Desk", method: str, path: str, body: Any
) -> None:
    made = webhooks.add(URL)
    before = desk.get("/admin/webhooks")
    names: dict[str, Any] = {"id": made["id"], "deliveryId": uuid4()}
    used = {name: value for name, value in names.items() if f"{{{name}}}" in path}
    answer = desk.call(method, path, body, role="MANAGER", **used)
    assert (answer.status, answer.json["code"]) == (403, "FORBIDDEN")
    assert desk.get("/admin/webhooks") == before


def test_there_is_a_lane_for_each_and_so_there_are_sixteen_at_most(
    webhooks: "Webhooks", desk: "Desk"
) -> None:
    for _ in range(16):
        webhooks.add(URL)
    wanted = {"url": URL, "events": ["lead.created"]}
    answer = desk.call("POST", "/admin/webhooks", wanted, role="ADMIN")
    assert (answer.status, answer.json["code"]) == (409, "CONFLICT")


def test_deliveries_are_listed_in_pages_the_latest_first(webhooks: "Webhooks", desk: "Desk") -> None:
    made, other = webhooks.add(URL), webhooks.add(URL, events=["lead.erased"])
    found = desk.ledger.rows(
        "INSERT INTO leads (id, status, source, consent_version, consent_at, correlation_id, created_at)"
        " SELECT gen_random_uuid(), 'NEW', 'CONTACT_FORM', '1', now(), 'c', now()"
        " FROM generate_series(1, 120) RETURNING id"
    )
    leads = [row["id"] for row in found]
    for lead_id in leads:
        webhooks.announce("lead.created", lead_id)
        desk.clock.advance(1)
    assert [each["leadId"] for each in webhooks.deliveries(made)] == [str(each) for each in reversed(leads)]
    assert webhooks.deliveries(other) == []
