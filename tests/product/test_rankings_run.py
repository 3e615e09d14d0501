"""A recalculation: one at a time, whole or not at all, unseen until done, and never by one who slept."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from local.cloud.schedules import scheduled_event
from tests.product.conftest import Api, Faults, FrozenClock, LambdaContext, Ledger
from tests.product.guild import Contractor, Guild, Review
from tests.product.log_lines import events
from tests.product.test_lock import StandingClock

if TYPE_CHECKING:
    from chalicelib.platform.postgres import Transaction
    from chalicelib.rankings.service import Run

pytest_plugins = ("tests.product.ranking_fixtures",)
TWO = [Contractor(1, reviews=(Review(5),) * 9), Contractor(2, reviews=(Review(2),) * 9)]


def _recalculate(also: Any = None) -> "Run":
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from chalicelib.rankings import service  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    return service.recalculate(database(), valkey(), *([] if also is None else [also]))


def _places(ledger: Ledger) -> dict[int, list[tuple[int, int | None]]]:
    """Rank and previous rank of everybody, by run."""
    rows = ledger.rows("SELECT run, rank, previous_rank FROM rankings ORDER BY run, contractor_id")
    found: dict[int, list[tuple[int, int | None]]] = {}
    for row in rows:
        found.setdefault(row["run"], []).append((row["rank"], row["previous_rank"]))
    return found


def _runs(ledger: Ledger) -> list[Any]:
    return [row["id"] for row in ledger.rows("SELECT id FROM ranking_runs ORDER BY number")]


def test_a_run_keeps_the_rank_that_everybody_had_and_the_places_of_the_run_before(
    api: Api, guild: Guild, ledger: Ledger
) -> None:
    del api
    guild.enrol(TWO)
    first = _recalculate()
    ledger.rows("UPDATE reviews SET rating = 7 - rating")
    guild.enrol([Contractor(3)])
    second = _recalculate()
    assert _places(ledger) == {1: [(1, None), (2, None)], 2: [(3, 1), (1, 2), (2, None)]}
    third = _recalculate()
    assert _places(ledger) == {2: [(3, 1), (1, 2), (2, None)], 3: [(3, 3), (1, 1), (2, 2)]}
    assert _runs(ledger) == [second.id, third.id]
    assert (first.previous_run_id, second.previous_run_id, third.contractors) == (None, first.id, 3)


def test_the_same_snapshot_gives_the_same_bytes_again(api: Api, guild: Guild, ledger: Ledger) -> None:
    guild.enrol([*TWO, *[Contractor(number, projects=number % 5) for number in range(10, 40)]])
    _recalculate()
    _recalculate()
    before = api.call("GET", "/rankings", query={"limit": ["100"]}).body
    ledger.rows("UPDATE reviews SET rating = rating")  # the rows lie elsewhere now, in another order
    ledger.rows("UPDATE contractors SET name = name WHERE id > '00000000-0000-0000-0000-000000000014'")
    _recalculate()
    assert api.call("GET", "/rankings", query={"limit": ["100"]}).body == before


@pytest.mark.proves("P10")
def test_of_many_recalculations_at_once_one_at_a_time_is_inside(
    api: Api, guild: Guild, ledger: Ledger
) -> None:
    """P10: eight threads ask at once; all of them are done in the end, and nobody meets anybody."""
    del api
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415

    guild.enrol(TWO)
    inside, most_inside, starts = [0], [0], threading.Barrier(8)

    def count(_transaction: "Transaction", _run: "Run") -> None:
        inside[0] += 1
        most_inside[0] = max(most_inside[0], inside[0])
        time.sleep(0.005)  # hands the processor to the other threads, inside the critical section
        inside[0] -= 1

    def work() -> Any:
        starts.wait()
        return _recalculate(count).id

    previous = product_clock.install(StandingClock())
    try:
        with ThreadPoolExecutor(8) as threads:
            done = [work_done.result() for work_done in [threads.submit(work) for _ in range(8)]]
    finally:
        product_clock.install(previous)
    assert len(set(done)) == 8, "none was told that a later run had taken over"
    assert most_inside == [1]
    assert set(_runs(ledger)) < set(done)
    assert list(_places(ledger)) == [7, 8]


@pytest.mark.proves("P11")
def test_a_recalculation_that_finds_another_under_way_gives_up_after_five_seconds(
    api: Api, guild: Guild, ledger: Ledger, clock: FrozenClock
) -> None:
    """P11: and neither writes nor takes the fence from the one that works."""
    del api
    from chalicelib.platform.errors import LockTimeout  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    guild.enrol(TWO)
    before = clock.now()
    with held(valkey(), "rankings"):
        with pytest.raises(LockTimeout):
            _recalculate()
        assert 5 <= (clock.now() - before).total_seconds() < 5.2
    assert _runs(ledger) == ledger.rows("SELECT 1 FROM fences") == []


@pytest.mark.proves("P12")
def test_after_a_crashed_recalculation_the_next_one_runs_once_its_lease_is_over(
    api: Api, guild: Guild, ledger: Ledger, clock: FrozenClock
) -> None:
    """P12: nobody gave the lock back."""
    del api
    from chalicelib.platform.errors import LockTimeout  # noqa: PLC0415
    from chalicelib.resilience.lock import Lease  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    guild.enrol(TWO)
    assert Lease(valkey(), "rankings", "crashed", 30.0).extend()
    clock.advance(20)
    with pytest.raises(LockTimeout):
        _recalculate()
    clock.advance(5)
    next_run = _recalculate()
    assert _runs(ledger) == [next_run.id]


@pytest.mark.proves("P12")
def test_a_run_that_slept_past_its_lease_cannot_write_over_its_successor(
    api: Api, guild: Guild, ledger: Ledger, clock: FrozenClock
) -> None:
    del api
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from chalicelib.rankings import service  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.store import FenceLost, issue_fence  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    guild.enrol(TWO)
    with held(valkey(), service.LOCK):
        sleeping = issue_fence(database(), service.LOCK)
        clock.advance(31)
        successor = _recalculate()
        with pytest.raises(FenceLost):
            service.calculate_under(database(), sleeping)
    assert _runs(ledger) == [successor.id]
    assert _places(ledger) == {1: [(1, None), (2, None)]}


def test_without_valkey_the_fence_alone_keeps_runs_apart(
    api: Api, guild: Guild, ledger: Ledger, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run begun by another while this one writes waits for it, and comes after it."""
    del api
    guild.enrol(TWO)
    faults.set("redis", "refuse")
    second: list[Run] = []
    other = threading.Thread(target=lambda: second.append(_recalculate()))

    def begin_another(_transaction: "Transaction", _run: "Run") -> None:
        other.start()
        other.join(0.3)
        assert second == [], "two wrote at once"

    first = _recalculate(begin_another)
    other.join(10)
    assert _runs(ledger) == [first.id, second[0].id]
    assert second[0].previous_run_id == first.id
    assert {line["lock"] for line in events(capsys, "lock.skipped")} == {"rankings"}


def test_who_loses_the_fence_is_told_that_a_later_run_took_over(
    api: Api, guild: Guild, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """A later holder came between a run's fence and its transaction: here, whenever a fence is issued."""
    del api
    from chalicelib.platform.errors import LockTimeout  # noqa: PLC0415

    guild.enrol(TWO)
    ledger.rows("INSERT INTO fences VALUES ('rankings', 1)")
    ledger.rows(
        "CREATE FUNCTION overtake() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN UPDATE fences SET number = number + 1; RETURN NULL; END'"
    )
    ledger.rows(
        "CREATE TRIGGER overtaken AFTER UPDATE ON fences FOR EACH ROW"
        " WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION overtake()"
    )
    try:
        with pytest.raises(LockTimeout, match="later run"):
            _recalculate()
    finally:
        ledger.rows("DROP FUNCTION overtake CASCADE")
    assert _runs(ledger) == []
    assert len(events(capsys, "rankings.fence_lost")) == 1
    _recalculate()
    assert len(_runs(ledger)) == 1


def test_readers_and_writers_wait_for_nobody_and_see_the_last_run_until_the_new_one_is_whole(
    api: Api, guild: Guild, ledger: Ledger
) -> None:
    guild.enrol(TWO)
    _recalculate()
    before = api.call("GET", "/rankings").body
    guild.enrol([Contractor(3, reviews=(Review(5),) * 99, projects=50)])
    seen: list[tuple[str, float]] = []

    def look(_transaction: "Transaction", _run: "Run") -> None:
        started = time.perf_counter()
        body = api.call("GET", "/rankings").body
        ledger.rows("UPDATE reviews SET rating = 1 WHERE contractor_id = %s", TWO[0].id)
        ledger.rows("DELETE FROM contractors WHERE id = %s", TWO[1].id)
        seen.append((body, time.perf_counter() - started))

    _recalculate(look)
    ((body, duration_s),) = seen
    assert body == before
    assert duration_s < 2, "nobody was blocked by the run that had not committed"
    after = api.call("GET", "/rankings").json["items"]
    assert [(item["rank"], item["name"]) for item in after] == [(1, "C3"), (2, "C1")], "C2 is gone"


def test_what_fails_before_the_commit_leaves_nothing_behind(api: Api, guild: Guild, ledger: Ledger) -> None:
    del api
    guild.enrol(TWO)
    kept = _recalculate()

    def fail(_transaction: "Transaction", _run: "Run") -> None:
        raise RuntimeError("the audit entry could not be written")

    with pytest.raises(RuntimeError):
        _recalculate(fail)
    assert _runs(ledger) == [kept.id]
    assert list(_places(ledger)) == [1]
    assert _recalculate().previous_run_id == kept.id, "and nothing is locked"


def test_the_schedule_recalculates_and_leaves_it_to_another_that_is_at_it(
    api: Api, guild: Guild, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del api
    import app  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    event = scheduled_event("rankings", "ap-southeast-1", guild.now)
    guild.enrol(TWO)
    app.rankings(event, LambdaContext())
    assert len(_runs(ledger)) == 1
    assert [line["contractors"] for line in events(capsys, "rankings.calculated")] == [2]
    with held(valkey(), "rankings"):
        app.rankings(event, LambdaContext())
    assert len(_runs(ledger)) == 1
    assert len(events(capsys, "rankings.skipped")) == 1


def test_nobody_to_judge_is_a_run_without_places(api: Api, ledger: Ledger) -> None:
    assert _recalculate().contractors == 0
    assert len(_runs(ledger)) == 1
    assert api.call("GET", "/rankings").json == {"items": [], "nextCursor": None}


def test_two_thousand_contractors_are_judged_in_a_moment(api: Api, guild: Guild, ledger: Ledger) -> None:
    """20,000 reviews and 10,000 bids; what a hundred times as much takes is measured by bench/rankings.py."""
    del api
    ledger.rows(
        "INSERT INTO contractors (id, name, region, joined_at)"
        " SELECT gen_random_uuid(), n::text, 'VN-HN', %s FROM generate_series(1, 2000) AS n",
        guild.now,
    )
    ledger.rows(
        "INSERT INTO reviews (id, contractor_id, rating, is_verified, created_at)"
        " SELECT gen_random_uuid(), id, 1 + n %% 5, true, %s::timestamptz - n * interval '30 days'"
        " FROM contractors CROSS JOIN generate_series(1, 10) AS n",
        guild.now,
    )
    ledger.rows(
        "INSERT INTO bids (id, contractor_id, invited_at, replied_at)"
        " SELECT gen_random_uuid(), id, at, at + n * interval '1 hour'"
        " FROM contractors CROSS JOIN generate_series(1, 5) AS n"
        " CROSS JOIN LATERAL (SELECT %s::timestamptz - n * interval '9 days' AS at) AS invited",
        guild.now,
    )
    took_s = []
    for _ in range(3):
        started = time.perf_counter()
        assert _recalculate().contractors == 2000
        took_s.append(time.perf_counter() - started)
    assert min(took_s) < 2
