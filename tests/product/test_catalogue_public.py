"""What visitors read of the catalogue: regions as a tree, furniture, public settings."""

import re

import pytest

from local.demo_data import seed
from local.stack import Stack
from tests.product.conftest import Api, Ledger

pytest_plugins = ("tests.product.catalogue_fixtures",)


def test_regions_are_a_tree_of_two_levels_with_every_province_once(api: Api) -> None:
    page = api.call("GET", "/regions").json
    assert page["nextCursor"] is None
    assert len(page["items"]) == 8
    assert all(set(region) == {"id", "code", "name", "children"} for region in page["items"])
    provinces = [child for region in page["items"] for child in region["children"]]
    assert len(provinces) == 63
    assert all(set(province) == {"id", "code", "name"} for province in provinces)
    everything = [*page["items"], *provinces]
    assert len({region["id"] for region in everything}) == len(everything)
    assert len({region["code"] for region in everything}) == len(everything)
    assert {"VN-HN", "VN-SG", "VN-DN"} <= {province["code"] for province in provinces}
    assert all(re.fullmatch(r"VN-[0-9A-Z]{2}", province["code"]) for province in provinces)


def test_furniture_is_listed_with_what_its_price_is_for(api: Api) -> None:
    page = api.call("GET", "/furniture/products").json
    assert page["nextCursor"] is None
    assert len(page["items"]) >= 12
    assert {item["unit"] for item in page["items"]} == {"M2", "LINEAR"}
    assert {item["fitInType"] for item in page["items"]} == {"FIXED", "PERCENTAGE"}
    first = page["items"][0]
    assert first["unitPrice"] == {"amount": "2000000", "currency": "VND"}
    assert (first["fitInType"], first["fitInValue"]) == ("PERCENTAGE", 5)


@pytest.mark.parametrize("path", ["/service-categories", "/furniture/products", "/regions", "/settings"])
def test_a_parameter_that_there_is_not_is_refused_and_not_kept(api: Api, path: str) -> None:
    """Else anybody could fill the cache with copies of one answer."""
    for _ in range(2):
        answer = api.call("GET", path, query={"x": ["1"]})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/x")
        assert "X-Cache-Status" not in answer.headers


def test_public_settings_say_of_which_type_they_are(api: Api) -> None:
    items = api.call("GET", "/settings").json["items"]
    assert {item["type"] for item in items} == {"text", "boolean"}
    assert all(set(item) == {"key", "type", "value"} for item in items)


def test_the_next_start_leaves_the_catalogue_as_staff_left_it(parts: Stack, catalogue: Ledger) -> None:
    catalogue.rows("DELETE FROM furniture_products WHERE unit = 'M2'")
    catalogue.rows("DELETE FROM regions WHERE code IN ('VN-HN', 'VN-SG')")
    catalogue.rows("DELETE FROM materials WHERE unit = 'set'")
    catalogue.rows("UPDATE settings SET value = '\"1900 1000\"' WHERE key = 'companyPhone'")
    count = (
        "SELECT (SELECT count(*) FROM furniture_products) AS products,"
        " (SELECT count(*) FROM regions) AS regions,"
        " (SELECT count(*) FROM furniture_fees) AS fees, (SELECT count(*) FROM materials) AS materials,"
        " (SELECT count(*) FROM unit_prices) AS prices,"
        " (SELECT value FROM settings WHERE key = 'companyPhone') AS phone"
    )
    before = catalogue.rows(count)
    seed(parts.environment["MIGRATION_DATABASE_URL"], "một mật khẩu thử")
    assert catalogue.rows(count) == before
    assert before[0]["regions"] == 69
