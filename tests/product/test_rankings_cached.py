"""Rankings from the cache: for five minutes, until the next run, and never more pages than there can be."""

import uuid
from typing import Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, Ledger
from tests.product.guild import Contractor, Guild

pytest_plugins = ("tests.product.ranking_fixtures",)
PATH, ONE = "/rankings", "/rankings/{contractorId}"
FIVE = [Contractor(n, projects=20 - n, region="VN-DN" if n % 2 else "VN-HN") for n in range(1, 6)]


@pytest.fixture
def ranked(api: Api, guild: Guild) -> Api:
    """Five contractors, ranked."""
    guild.enrol(FIVE)
    _rank()
    return api


def _rank() -> None:
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from chalicelib.rankings import service  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    service.recalculate(database(), valkey())


def _read(api: Api, path: str = PATH, **query: str) -> tuple[str, Any]:
    """What the cache said, and the body."""
    resource = PATH if path == PATH else ONE
    asked = {name: [value] for name, value in query.items()}
    answer = api.call("GET", path, query=asked, resource=resource)
    assert answer.status == 200, answer.body
    return answer.headers["X-Cache-Status"], answer.json


def _kept() -> int:
    """How many answers Valkey keeps."""
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    return len(valkey().command("KEYS", "cache:rankings:*"))


@pytest.mark.proves("P4", "P6")
@pytest.mark.parametrize("path", [PATH, f"/rankings/{FIVE[0].id}"])
def test_the_second_read_within_five_minutes_asks_no_database(
    ranked: Api, ledger: Ledger, clock: FrozenClock, path: str
) -> None:
    """P4, P6."""
    status, first = _read(ranked, path)
    assert status == "MISS"
    clock.advance(299)
    ledger.rows("ALTER TABLE rankings RENAME TO rankings_gone")
    try:
        assert _read(ranked, path) == ("HIT", first)
    finally:
        ledger.rows("ALTER TABLE rankings_gone RENAME TO rankings")
    clock.advance(1)
    assert _read(ranked, path) == ("MISS", first)


@pytest.mark.proves("P5")
@pytest.mark.parametrize("path", [PATH, f"/rankings/{FIVE[0].id}"])
def test_a_new_run_is_in_the_next_answer(ranked: Api, clock: FrozenClock, path: str) -> None:
    """P5."""
    _, before = _read(ranked, path)
    clock.advance(1)
    _rank()
    status, after = _read(ranked, path)
    assert status == "MISS"
    assert after != before, "it has another instant"


@pytest.mark.proves("P5")
def test_a_run_while_the_cache_is_away_is_told_by_the_schedule(
    ranked: Api, clock: FrozenClock, faults: Faults
) -> None:
    """P5: that the pages are stale commits with the run."""
    from chalicelib.guards.jobs import repeat_invalidations  # noqa: PLC0415

    _, before = _read(ranked)
    faults.set("redis", "refuse")
    clock.advance(1)
    _rank()
    faults.mend()
    assert _read(ranked) == ("HIT", before)
    repeat_invalidations()
    status, after = _read(ranked)
    assert (status, after["items"][0]["calculatedAt"] > before["items"][0]["calculatedAt"]) == ("MISS", True)


def test_a_run_that_is_rolled_back_makes_nothing_stale(ranked: Api, ledger: Ledger) -> None:
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from chalicelib.rankings import service  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    _, before = _read(ranked)
    changes = ledger.rows("SELECT changes, told FROM cache_invalidations WHERE namespace = 'rankings'")

    def fail(*_: object) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        service.recalculate(database(), valkey(), fail)
    assert (
        ledger.rows("SELECT changes, told FROM cache_invalidations WHERE namespace = 'rankings'") == changes
    )
    assert _read(ranked) == ("HIT", before)


def test_regions_limits_and_contractors_have_answers_of_their_own(ranked: Api) -> None:
    asked: list[dict[str, str]] = [{}, {"region": "VN-DN"}, {"limit": "2"}, {"region": "VN-DN", "limit": "2"}]
    first = [_read(ranked, **query) for query in asked]
    assert {status for status, _ in first} == {"MISS"}
    assert [len(page["items"]) for _, page in first] == [5, 3, 2, 2]
    assert [_read(ranked, **query) for query in asked] == [("HIT", page) for _, page in first]
    places = [_read(ranked, f"/rankings/{each.id}") for each in FIVE]
    assert [(status, place["contractorId"]) for status, place in places] == [
        ("MISS", str(each.id)) for each in FIVE
    ]
    assert _read(ranked, f"/rankings/{FIVE[1].id}") == ("HIT", places[1][1])


def test_questions_that_anybody_can_make_up_are_answered_and_not_kept(ranked: Api) -> None:
    """Regions that are none, pages behind the first, other ways to write an id, and who is unknown."""
    for number in range(20):
        assert _read(ranked, region=f"XX-{number}")[1]["items"] == []
    cursor = _read(ranked, limit="2")[1]["nextCursor"]
    kept = _kept()
    for _ in range(2):
        assert _read(ranked, limit="2", cursor=cursor)[0] == "MISS"
    plain = str(FIVE[0].id)
    for written in (plain.replace("-", ""), plain.upper().replace("-", "") + "-", "{" + plain + "}"):
        assert _read(ranked, f"/rankings/{written}")[0] == "MISS"
    assert ranked.call("GET", f"/rankings/{uuid.uuid4()}", resource=ONE).status == 404
    assert ranked.call("GET", f"/rankings/{plain}", query={"x": ["1"]}, resource=ONE).status == 422
    assert _kept() == kept == 1
