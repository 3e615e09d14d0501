"""Settings: only administrators change them, to values that they may have, and it is written down."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.product.conftest import Api, Ledger, Reply
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.catalogue_fixtures")
pytestmark = pytest.mark.usefixtures("catalogue")


def _put(desk: "Desk", key: str, value: Any, role: str = "ADMIN") -> Reply:
    return desk.call("PUT", "/admin/settings/{key}", {"value": value}, role=role, key=key)


def _public(api: Api) -> dict[str, Any]:
    return {item["key"]: item["value"] for item in api.call("GET", "/settings").json["items"]}


def test_an_administrators_change_is_answered_kept_and_audited(desk: "Desk", api: Api) -> None:
    before = _public(api)["serviceHours"]
    answer = _put(desk, "serviceHours", "  8:00 - 17:00 ")
    assert answer.status == 200
    assert (answer.json["key"], answer.json["value"], answer.json["isPublic"]) == (
        "serviceHours",
        "8:00 - 17:00",
        True,
    )
    assert _public(api)["serviceHours"] == "8:00 - 17:00"
    (entry,) = desk.audit()
    assert (entry["action"], entry["target"]) == ("setting.changed", "settings/serviceHours")
    assert (entry["before"], entry["after"]) == ({"value": before}, {"value": "8:00 - 17:00"})
    assert _put(desk, "serviceHours", "8:00 - 17:00").status == 200
    assert len(desk.audit()) == 1


def test_a_manager_reads_settings_and_does_not_change_them(desk: "Desk") -> None:
    items = {item["key"]: item for item in desk.get("/admin/settings")["items"]}
    assert items["leadSlaMinutes"]["isPublic"] is False
    answer = _put(desk, "leadSlaMinutes", 10, role="MANAGER")
    assert (answer.status, answer.json["code"]) == (403, "FORBIDDEN")
    assert items == {item["key"]: item for item in desk.get("/admin/settings")["items"]}


def test_only_public_settings_are_told_to_everybody(desk: "Desk", api: Api) -> None:
    assert _put(desk, "leadSlaMinutes", 10).json["value"] == 10
    public = _public(api)
    assert "leadSlaMinutes" not in public
    assert {"consentVersion", "consentText", "companyPhone", "serviceHours"} <= set(public)
    assert public["companyPhone"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("leadSlaMinutes", "10"), ("leadSlaMinutes", 1.5), ("leadSlaMinutes", True),
        ("leadSlaMinutes", None), ("leadSlaMinutes", 0), ("leadSlaMinutes", 1441),
        ("leadSlaMinutes", 10**30), ("leadSlaMinutes", [1]), ("furnitureQuotesOpen", "true"),
        ("furnitureQuotesOpen", 1), ("furnitureQuotesOpen", None), ("companyName", 1), ("companyName", ""),
        ("companyName", "   "), ("companyName", "x" * 101), ("companyName", {"a": 1}),
        ("companyName", "a\x00b"), ("companyPhone", "call me"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_or_out_of_range_changes_nothing(
    desk: "Desk", catalogue: Ledger, key: str, value: Any
) -> None:
    before = catalogue.rows("SELECT value FROM settings WHERE key = %s", key)
    answer = _put(desk, key, value)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/value"]
    assert len(answer.json["errors"][0]["detail"]) > 10
    assert catalogue.rows("SELECT value FROM settings WHERE key = %s", key) == before
    assert desk.audit() == []


@pytest.mark.parametrize(
    "key", ["nothingLikeIt", "CompanyName", "company%20name", "%00", "x" * 100, "%C3%A9"]
)
def test_an_unknown_setting_is_a_404(desk: "Desk", key: str) -> None:
    answer = _put(desk, key, "x")
    assert (answer.status, answer.json["code"]) == (404, "NOT_FOUND")


def test_a_body_without_a_value_is_refused(desk: "Desk") -> None:
    for body in ({}, {"value": "x", "type": "text"}):
        answer = desk.call("PUT", "/admin/settings/{key}", body, role="ADMIN", key="companyName")
        assert answer.status == 422


@settings(PROFILE)
@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.lists(st.integers(), max_size=2)
)
def test_a_value_is_kept_as_it_is_or_refused(desk: "Desk", catalogue: Ledger, value: Any) -> None:
    """Whatever is sent, the database holds a value of the setting's type."""
    desk.clock.advance(60)
    answer = _put(desk, "leadSlaMinutes", value)
    kept = catalogue.rows("SELECT value FROM settings WHERE key = 'leadSlaMinutes'")[0]["value"]
    is_fine = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1440
    assert answer.status == (200 if is_fine else 422)
    assert isinstance(kept, int)
    if is_fine:
        assert json.dumps(kept) == json.dumps(value)
