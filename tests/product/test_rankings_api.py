"""`GET /rankings`, `GET /rankings/{contractorId}`, `POST /admin/rankings/recalculate`, the demo's forty."""

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from local.demo_data import seed
from local.stack import Stack
from tests.product.conftest import Api, Faults, FrozenClock, Ledger, Reply
from tests.product.guild import PROOFS, Bid, Contractor, Guild, Review

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.ranking_fixtures", "tests.product.staff_fixtures")
PATH, ONE = "/rankings", "/rankings/{contractorId}"
RECALCULATE = "/admin/rankings/recalculate"
DAY_S, HOUR_S = 86_400, 3600
HOA = Contractor(
    1,
    reviews=(Review(5), Review(4, 365 * DAY_S), Review(1, is_verified=False)),
    bids=(Bid(9 * DAY_S, HOUR_S), Bid(9 * DAY_S, 3 * HOUR_S), Bid(9 * DAY_S), Bid(60)),
    projects=7,
    open_projects=2,
    proofs=frozenset({"identity", "insurance"}),
    region="VN-SG",
)


def _rank() -> None:
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from chalicelib.rankings import service  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    service.recalculate(database(), valkey())


def _one(api: Api, contractor_id: object) -> Reply:
    return api.call("GET", f"/rankings/{contractor_id}", resource=ONE)


def _list(api: Api, **query: str) -> Any:
    answer = api.call("GET", PATH, query={name: [value] for name, value in query.items()})
    assert answer.status == 200, answer.body
    return answer.json


def _field(count: int) -> list[Contractor]:
    """So many contractors, each a little better than the next; every third in Đà Nẵng."""
    return [
        Contractor(n, projects=60 - n, region="VN-DN" if n % 3 == 0 else "VN-HN") for n in range(1, count + 1)
    ]


def test_a_place_is_shown_with_everything_that_it_was_computed_from(
    api: Api, guild: Guild, clock: FrozenClock
) -> None:
    from chalicelib.platform.clock import rfc3339  # noqa: PLC0415

    guild.enrol([HOA])
    _rank()
    answer = api.call("GET", PATH)
    assert answer.headers["X-Cache-Status"] == "MISS"
    (item,) = answer.json["items"]
    assert item["contractorId"] == str(HOA.id)
    assert (item["name"], item["region"], item["rank"], item["previousRank"]) == ("C1", "VN-SG", 1, None)
    assert (item["calculatedAt"], item["weightsVersion"]) == (rfc3339(clock.now()), 1)
    parts = item["components"]
    assert {name: part["weight"] for name, part in parts.items()} == {
        "quality": 40, "experience": 30, "responsiveness": 15, "verification": 15,
    }  # fmt: skip
    # Everybody's mean: (7 + 80) / 21.5; the trade's: (7 + 20 × 4.046512) / 21.5;
    # theirs: (7 + 10 × 4.089778) / 11.5.
    assert parts["quality"] == {
        "score": 79.13, "weight": 40,
        "inputs": {"reviews": 2, "effectiveReviews": 1.5, "priorStars": 4.089778, "meanStars": 4.165024},
    }  # fmt: skip
    assert parts["experience"]["inputs"] == {"completedProjects": 7, "fullAt": 50}
    assert parts["experience"]["score"] == 52.89
    replies = parts["responsiveness"]["inputs"]
    assert (replies["invitations"], replies["replies"], replies["meanReplySeconds"]) == (3, 2, 7200)
    assert (replies["replyRate"], replies["replySpeed"]) == (0.5385, 0.6121)
    assert parts["verification"] == {
        "score": 70, "weight": 15, "inputs": {"identity": True, "licence": False, "insurance": True},
    }  # fmt: skip


def test_anybody_can_compute_the_score_from_the_components(api: Api, guild: Guild) -> None:
    guild.enrol([HOA, *_field(5)[1:]])
    _rank()
    for item in _list(api)["items"]:
        parts = item["components"].values()
        whole = sum(Decimal(str(part["score"])) * part["weight"] for part in parts) / 100
        assert Decimal(str(item["score"])) == whole.quantize(Decimal("0.01"), "ROUND_HALF_UP")


def test_one_place_is_explained_in_words(api: Api, guild: Guild) -> None:
    guild.enrol([HOA, Contractor(2)])
    _rank()
    answer = _one(api, HOA.id)
    assert (answer.status, answer.headers["X-Cache-Status"]) == (200, "MISS")
    words = answer.json.pop("explanation")
    assert set(words) == set(answer.json["components"])
    assert words["quality"].startswith(
        "Verified reviews: 2. By their age they weigh as much as 1.50 of today"
    )
    assert words["experience"].startswith("Completed projects: 7,")
    assert words["responsiveness"].startswith("Invitations answered: 2 of 3 (after 2.0 h on average).")
    assert words["verification"] == "Proofs seen: identity, insurance."
    listed = {item["contractorId"]: item for item in _list(api)["items"]}
    shown = answer.json
    del shown["explanation"]
    assert shown == listed[str(HOA.id)]
    newcomer = _one(api, Contractor(2).id).json["explanation"]
    assert newcomer["verification"] == "Proofs seen: none."
    assert newcomer["responsiveness"].startswith("Invitations answered: 0 of 0. With 5 of 10 more")


def test_who_is_unknown_or_came_after_the_last_ranking_has_no_place(
    api: Api, guild: Guild, clock: FrozenClock
) -> None:
    from chalicelib.platform.clock import rfc3339  # noqa: PLC0415

    guild.enrol([HOA])
    for written in (HOA.id, uuid.uuid4(), "x", "1"):
        answer = _one(api, written)
        assert (answer.status, answer.json["code"]) == (404, "NOT_FOUND")
    assert _list(api) == {"items": [], "nextCursor": None}
    _rank()
    assert _one(api, HOA.id).json["previousRank"] is None
    clock.advance(60)
    _rank()
    shown = _one(api, HOA.id).json
    assert (shown["previousRank"], shown["calculatedAt"]) == (1, rfc3339(clock.now())), "of the last run"


def test_the_list_is_read_in_pages_the_best_first(api: Api, guild: Guild) -> None:
    guild.enrol(_field(25))
    _rank()
    first = _list(api)
    assert [item["rank"] for item in first["items"]] == list(range(1, 21))
    second = _list(api, cursor=first["nextCursor"])
    assert [item["rank"] for item in second["items"]] == list(range(21, 26))
    assert second["nextCursor"] is None
    scores = [item["score"] for item in first["items"] + second["items"]]
    assert scores == sorted(scores, reverse=True)
    assert [len(_list(api, limit=limit)["items"]) for limit in ("1", "24", "25", "100")] == [1, 24, 25, 25]


def test_a_region_shows_its_own_with_their_places_among_all(api: Api, guild: Guild) -> None:
    guild.enrol(_field(10))
    _rank()
    found = _list(api, region="VN-DN", limit="2")
    assert [(item["rank"], item["region"]) for item in found["items"]] == [(3, "VN-DN"), (6, "VN-DN")]
    rest = _list(api, region="VN-DN", limit="2", cursor=found["nextCursor"])
    assert [item["rank"] for item in rest["items"]] == [9]
    assert _list(api, region="VN-XX") == {"items": [], "nextCursor": None}


def test_who_pages_on_while_a_new_run_comes_stays_in_theirs(
    api: Api, guild: Guild, clock: FrozenClock
) -> None:
    guild.enrol(_field(4))
    _rank()
    first = _list(api, limit="2")
    clock.advance(60)
    guild.enrol([Contractor(9, projects=60, proofs=frozenset(PROOFS))])
    _rank()
    assert [item["contractorId"][-1] for item in _list(api, limit="2")["items"]] == ["9", "1"]
    rest = _list(api, limit="2", cursor=first["nextCursor"])["items"]
    assert [item["contractorId"][-1] for item in rest] == ["3", "4"], "not 2 again, who is third now"
    clock.advance(60)
    _rank()
    later = _list(api, limit="2", cursor=first["nextCursor"])["items"]
    assert [item["rank"] for item in later] == [3, 4], "that run is gone: the last one, from the same place"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": ["0"]}, "/limit"),
        ({"limit": ["101"]}, "/limit"),
        ({"limit": ["-1"]}, "/limit"),
        ({"limit": ["1.5"]}, "/limit"),
        ({"limit": ["٣"]}, "/limit"),
        ({"limit": ["5", "6"]}, "/limit"),
        ({"cursor": ["x"]}, "/cursor"),
        ({"cursor": ["MjAyNi0wNy0wMVQwMDowMDowMCswMDowMCAw"]}, "/cursor"),  # … 0
        ({"cursor": ["MjAyNi0wNy0wMVQwMDowMDowMCswMDowMCA5OTk5OTk5OTk5OTk"]}, "/cursor"),  # … 999999999999
        ({"region": ["a\x00b"]}, "/region"),
        ({"city": ["Huế"]}, "/city"),
    ],
)
def test_a_bad_query_is_refused_at_its_place(api: Api, query: dict[str, list[str]], pointer: str) -> None:
    answer = api.call("GET", PATH, query=query)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize("role", ["MANAGER", "ADMIN"])
def test_staff_recalculate_on_demand_and_it_is_audited_with_the_run(
    desk: "Desk", guild: Guild, ledger: Ledger, clock: FrozenClock, role: str
) -> None:
    guild.enrol(_field(3))
    first = desk.call("POST", RECALCULATE, role=role, headers={"x-correlation-id": "on-demand"})
    assert first.status == 202
    assert set(first.json) == {"runId", "calculatedAt", "contractors", "weightsVersion"}
    assert (first.json["contractors"], first.json["weightsVersion"]) == (3, 1)
    assert len(_list(desk.api)["items"]) == 3
    (entry,) = desk.audit()
    assert (entry["action"], entry["target"]) == ("rankings.recalculated", f"rankings/{first.json['runId']}")
    assert (entry["actor_id"], entry["actor_role"], entry["at"]) == (desk.ids[role], role, clock.now())
    assert (entry["ip"], entry["correlation_id"]) == (desk.api.address, "on-demand")
    assert (entry["before"], entry["after"]) == (None, {"runId": first.json["runId"], "contractors": 3})
    clock.advance(1)
    second = desk.call("POST", RECALCULATE, role=role)
    assert desk.audit()[1]["before"] == {"runId": first.json["runId"]}
    assert [str(row["id"]) for row in ledger.rows("SELECT id FROM ranking_runs ORDER BY number")] == [
        first.json["runId"],
        second.json["runId"],
    ]


@pytest.mark.parametrize(("role", "status"), [("CONTRACTOR", 403), ("HOMEOWNER", 403), (None, 401)])
def test_nobody_else_recalculates(
    desk: "Desk", guild: Guild, ledger: Ledger, role: str | None, status: int
) -> None:
    guild.enrol(_field(3))
    assert desk.call("POST", RECALCULATE, role=role).status == status
    assert ledger.rows("SELECT 1 FROM ranking_runs") == desk.audit() == []


@pytest.mark.proves("P11")
def test_on_demand_while_another_run_is_under_way_is_refused_after_five_seconds(
    desk: "Desk", guild: Guild, ledger: Ledger, clock: FrozenClock
) -> None:
    """P11: 503 LOCK_TIMEOUT with Retry-After; nothing is written, not even an audit entry."""
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    guild.enrol(_field(3))
    before = clock.now()
    with held(valkey(), "rankings"):
        answer = desk.call("POST", RECALCULATE)
        assert (answer.status, answer.json["code"]) == (503, "LOCK_TIMEOUT")
        assert int(answer.headers["Retry-After"]) >= 1
        assert 5 <= (clock.now() - before).total_seconds() < 5.2
    assert ledger.rows("SELECT 1 FROM ranking_runs") == desk.audit() == []
    assert desk.call("POST", RECALCULATE).status == 202


def test_without_valkey_staff_recalculate_and_without_the_database_they_are_told_to_come_back(
    desk: "Desk", guild: Guild, faults: Faults
) -> None:
    guild.enrol(_field(3))
    faults.set("redis", "refuse")
    assert desk.call("POST", RECALCULATE).status == 202
    assert len(_list(desk.api)["items"]) == 3
    faults.mend()
    faults.set("postgres", "refuse")
    for answer in (desk.call("POST", RECALCULATE), desk.api.call("GET", PATH)):
        assert (answer.status, answer.json["code"]) == (503, "DATABASE_BUSY")


def test_the_demo_has_forty_contractors_with_reviews_ranked_from_the_first_start(
    api: Api, parts: Stack, ledger: Ledger
) -> None:
    """And a second start changes nothing."""
    for _ in range(2):
        seed(parts.environment["MIGRATION_DATABASE_URL"], "đúng ngựa pin ghim")
        items = _list(api, limit="100")["items"]
        assert [item["rank"] for item in items] == list(range(1, 41))
    assert len({item["name"] for item in items}) == 40
    assert len({item["region"] for item in items}) >= 10
    assert len({item["score"] for item in items}) >= 35
    reviewed = ledger.rows("SELECT DISTINCT contractor_id FROM reviews")
    assert len(reviewed) == 40
    account = ledger.rows(
        "SELECT email FROM contractors JOIN users ON users.id = user_id WHERE user_id IS NOT NULL"
    )
    assert account == [{"email": "contractor@plumbline.test"}]
    assert ledger.rows("SELECT count(*) AS runs FROM ranking_runs") == [{"runs": 1}]
    unknown = "SELECT region FROM contractors LEFT JOIN regions ON code = region WHERE code IS NULL"
    assert ledger.rows(unknown) == []
