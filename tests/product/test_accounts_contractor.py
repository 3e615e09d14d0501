"""What is kept of contractors with an account, and what is left of them when they leave (R21, R23)."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Api, Ledger
from tests.product.guild import Bid, Contractor, Guild, Review

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.ranking_fixtures", "tests.product.staff_fixtures")
LISTED = Contractor(1, projects=2, reviews=(Review(4), Review(5)), bids=(Bid(7200, 3600),))


@pytest.fixture
def listed(desk: "Desk", guild: Guild, ledger: Ledger) -> "Desk":
    """A desk whose CONTRACTOR is one of two that are ranked."""
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from chalicelib.rankings import service  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    guild.enrol([LISTED, Contractor(2)])
    ledger.rows("UPDATE contractors SET user_id = %s WHERE id = %s", desk.ids["CONTRACTOR"], LISTED.id)
    service.recalculate(database(), valkey())
    return desk


def _ranked(api: Api) -> list[str]:
    return [item["contractorId"] for item in api.call("GET", "/rankings").json["items"]]


def test_a_contractor_gets_all_that_their_place_is_made_of(listed: "Desk") -> None:
    found = listed.get("/me/export", role="CONTRACTOR")["contractor"]
    assert (found["id"], found["name"], found["region"]) == (str(LISTED.id), "C1", "VN-HN")
    assert sorted(review["rating"] for review in found["reviews"]) == [4, 5]
    assert (len(found["projects"]), [bid["repliedAt"] is None for bid in found["bids"]]) == (2, [False])
    assert listed.get("/me/export", role="HOMEOWNER")["contractor"] is None


def test_a_contractor_who_leaves_is_listed_no_more_in_the_very_next_answer(
    listed: "Desk", api: Api, ledger: Ledger
) -> None:
    assert len(_ranked(api)) == 2
    assert api.call("GET", "/rankings").headers["X-Cache-Status"] == "HIT"
    assert listed.call("DELETE", "/me", role="CONTRACTOR").status == 204
    assert _ranked(api) == [str(Contractor(2).id)]
    one: Any = api.call("GET", f"/rankings/{LISTED.id}", resource="/rankings/{contractorId}")
    assert one.status == 404
    for table in ("projects", "reviews", "bids"):
        assert ledger.rows(f"SELECT 1 FROM {table}") == [], table  # noqa: S608  tables of ours


def test_an_account_that_lists_nobody_makes_nothing_stale(listed: "Desk", api: Api) -> None:
    _ranked(api)
    assert listed.call("DELETE", "/me", role="HOMEOWNER").status == 204
    assert api.call("GET", "/rankings").headers["X-Cache-Status"] == "HIT"


def test_an_export_has_the_words_that_were_written_to_the_person(desk: "Desk", ledger: Ledger) -> None:
    announcement, note = "0" * 31 + "1", "0" * 31 + "2"
    ledger.rows(
        "INSERT INTO announcements (id, title, content, channels, user_ids, created_at)"
        " VALUES (%s, 'Họp', 'Lúc 9 giờ.', '{in_app}', '{}', now())",
        announcement,
    )
    ledger.rows(
        "INSERT INTO notifications (id, user_id, announcement_id, created_at) VALUES (%s, %s, %s, now())",
        note, desk.ids["HOMEOWNER"], announcement,
    )  # fmt: skip
    (found,) = desk.get("/me/export", role="HOMEOWNER")["notifications"]
    assert (found["title"], found["content"]) == ("Họp", "Lúc 9 giờ.")
