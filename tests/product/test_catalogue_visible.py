"""A change of the catalogue is seen by the next read, whoever was reading meanwhile and whatever was away."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.product.conftest import Api, Faults, FrozenClock, LambdaContext, Ledger
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.catalogue_fixtures")
pytestmark = pytest.mark.usefixtures("catalogue")
# What visitors read, its namespace, for how long it is kept
PUBLIC = [
    ("/service-categories", "service-categories", 300),
    ("/materials", "materials", 300),
    ("/furniture/products", "furniture-products", 300),
    ("/regions", "regions", 600),
    ("/settings", "settings", 60),
]
PATHS = [path for path, _, _ in PUBLIC]


def _read(api: Api, path: str) -> tuple[str, str]:
    answer = api.call("GET", path)
    assert answer.status == 200
    return answer.headers["X-Cache-Status"], answer.body


def _stale_after(api: Api, change: Callable[[], Any]) -> set[str]:
    """Which public answers have to be read anew after *change*."""
    for path in PATHS:
        _read(api, path)
    assert {_read(api, path)[0] for path in PATHS} == {"HIT"}
    change()
    return {path for path in PATHS if _read(api, path)[0] == "MISS"}


def _rename(desk: "Desk", section: str, name: str) -> None:
    """Give the first of *section* another name."""
    if section == "settings":
        answer = desk.call("PUT", "/admin/settings/{key}", {"value": name}, role="ADMIN", key="companyName")
    else:
        first = desk.get(f"/admin/{section}")["items"][0]["id"]
        answer = desk.call("PATCH", f"/admin/{section}/{{id}}", {"name": name}, id=first)
    assert answer.status == 200, answer.body


def _relay() -> None:
    """One run of the schedule, as Lambda starts it."""
    import app  # noqa: PLC0415

    event = {
        "version": "0",
        "id": "1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "1",
        "time": "2026-01-01T00:00:00Z",
        "region": "local",
        "resources": [],
        "detail": {},
    }
    app.outbox_relay(event, LambdaContext())


@pytest.mark.proves("P4", "P6")
@pytest.mark.parametrize(("path", "namespace", "ttl_s"), PUBLIC, ids=PATHS)
def test_a_list_is_kept_for_its_time_and_no_longer(
    api: Api, clock: FrozenClock, path: str, namespace: str, ttl_s: int
) -> None:
    """P4, P6: MISS, then HIT with the same bytes until the time has passed."""
    del namespace
    status, body = _read(api, path)
    assert status == "MISS"
    clock.advance(ttl_s - 1)
    assert _read(api, path) == ("HIT", body)
    clock.advance(1)
    assert _read(api, path) == ("MISS", body)


@pytest.mark.proves("P5", "P6")
@pytest.mark.parametrize(
    ("section", "stale"),
    [
        ("service-categories", {"/service-categories", "/materials"}),
        ("materials", {"/materials"}),
        ("regions", {"/regions"}),
        ("furniture/products", {"/furniture/products"}),
        ("settings", {"/settings"}),
        ("unit-prices", set()),
        ("furniture/fees", set()),
    ],
)
def test_a_change_is_in_the_next_answer_and_touches_no_other(
    api: Api, desk: "Desk", section: str, stale: set[str]
) -> None:
    """P5, P6: what a change makes stale is read anew at once, what it does not touch stays."""
    assert _stale_after(api, lambda: _rename(desk, section, "Đổi tên")) == stale
    if stale:
        status, body = _read(api, f"/{section}")
        assert status == "HIT"
        assert "Đổi tên" in body


@pytest.mark.proves("P5")
def test_what_is_added_or_removed_is_seen_at_once_too(api: Api, desk: "Desk") -> None:
    """P5: for additions and removals as for changes."""
    _read(api, "/regions")
    body = {"code": "NEW", "name": "Vùng mới"}
    made = desk.call("POST", "/admin/regions", body).json["id"]
    assert "Vùng mới" in _read(api, "/regions")[1]
    desk.call("DELETE", "/admin/regions/{id}", id=made)
    assert "Vùng mới" not in _read(api, "/regions")[1]


def test_a_setting_that_is_not_public_makes_nothing_stale(api: Api, desk: "Desk") -> None:
    def change() -> None:
        answer = desk.call("PUT", "/admin/settings/{key}", {"value": 7}, role="ADMIN", key="leadSlaMinutes")
        assert answer.status == 200

    assert _stale_after(api, change) == set()


@pytest.mark.proves("P5")
@pytest.mark.parametrize(("section", "path"), [("settings", "/settings"), ("materials", "/materials")])
def test_a_change_while_the_cache_is_away_is_told_by_the_schedule_once_it_is_back(
    api: Api, desk: "Desk", faults: Faults, catalogue: Ledger, section: str, path: str
) -> None:
    """P5: the invalidation is stored with the change, so losing Valkey only delays it."""
    old = _read(api, path)[1]
    faults.set("redis", "refuse")
    _rename(desk, section, "Trong lúc mất")
    assert "Trong lúc mất" in _read(api, path)[1]
    _relay()
    faults.mend()
    assert _read(api, path) == ("HIT", old)
    _relay()
    status, new = _read(api, path)
    assert status == "MISS"
    assert "Trong lúc mất" in new
    assert catalogue.rows("SELECT 1 FROM cache_invalidations WHERE told < changes") == []
    _relay()
    assert _read(api, path) == ("HIT", new)


def test_what_was_told_is_not_told_again(api: Api, desk: "Desk") -> None:
    _rename(desk, "settings", "Một lần")
    body = _read(api, "/settings")[1]
    _relay()
    assert _read(api, "/settings") == ("HIT", body)


def test_a_change_that_comes_while_the_last_one_is_told_is_told_too(api: Api) -> None:
    del api
    from chalicelib.guards import store  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    with database().transaction() as transaction:
        first = store.make_stale(transaction, ["regions"])
    with database().transaction() as transaction:
        second = store.make_stale(transaction, ["regions", "settings"])
    store.mark_told(database(), first)
    assert store.find_untold(database()) == second
    store.mark_told(database(), second)
    store.mark_told(database(), first)
    assert store.find_untold(database()) == {}


def test_a_refused_change_makes_nothing_stale_and_leaves_no_entry(
    api: Api, desk: "Desk", catalogue: Ledger
) -> None:
    def change() -> None:
        category = desk.get("/admin/service-categories")["items"][0]["id"]
        assert desk.call("DELETE", "/admin/service-categories/{id}", id=category).status == 409
        answer = desk.call("PATCH", "/admin/service-categories/{id}", {"formula": "1/0"}, id=category)
        assert answer.status == 422

    assert _stale_after(api, change) == set()
    assert catalogue.rows("SELECT 1 FROM cache_invalidations") == []
    assert desk.audit() == []


@pytest.mark.parametrize(
    ("table", "path"),
    [("audit_log", "/admin/regions"), ("cache_invalidations", "/admin/regions")],
)
def test_change_entry_and_invalidation_are_stored_together_or_not_at_all(
    desk: "Desk", catalogue: Ledger, table: str, path: str
) -> None:
    before = desk.get(path)
    catalogue.rows(f"ALTER TABLE {table} RENAME TO {table}_gone")
    try:
        assert desk.call("POST", path, {"code": "NEW", "name": "Vùng mới"}).status == 500
    finally:
        catalogue.rows(f"ALTER TABLE {table}_gone RENAME TO {table}")
    assert desk.get(path) == before
    assert desk.audit() == []
    assert catalogue.rows("SELECT 1 FROM cache_invalidations") == []


def test_a_change_waits_its_turn_and_is_judged_by_what_it_then_meets(
    desk: "Desk", catalogue: Ledger, parts: Any
) -> None:
    """While one deletes a price, another's formula comes to need it: never both."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    body = {"tag": "ROOF", "name": "Lợp mái", "amount": {"amount": "1", "currency": "VND"}}
    price = desk.call("POST", "/admin/unit-prices", body).json["id"]
    with (
        psycopg.connect(parts.environment["MIGRATION_DATABASE_URL"]) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute("SELECT FROM catalogue_turn FOR UPDATE")
        deletion = pool.submit(desk.call, "DELETE", "/admin/unit-prices/{id}", id=price)
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
        while not catalogue.rows(waiting, "%catalogue_turn%"):
            assert not deletion.done()
        other.execute("UPDATE service_categories SET formula = 'AREA * ROOF' WHERE name = 'Sơn nhà'")
        other.commit()
        answer = deletion.result(timeout=10)
    assert (answer.status, answer.json["code"]) == (409, "CONFLICT")


@pytest.mark.proves("P5")
def test_a_slow_reader_who_fills_the_cache_after_the_change_is_not_heard(
    api: Api, desk: "Desk", clock: FrozenClock
) -> None:
    """P5: the refill race; without a change between the two the same reader is heard."""
    from chalicelib.resilience.cache import Cache  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    cache = Cache(valkey())
    late, old = cache.look("settings", "/settings?"), _body_now()
    assert late.verdict == "fill"
    _rename(desk, "settings", "Sau")
    cache.keep("settings", "/settings?", late.generation, old, 60)
    assert _name_in(api) == ("MISS", "Sau")
    assert _name_in(api) == ("HIT", "Sau")
    clock.advance(60)
    in_time = cache.look("settings", "/settings?")
    assert in_time.verdict == "fill"
    cache.keep("settings", "/settings?", in_time.generation, _body_now(), 60)
    assert _name_in(api) == ("HIT", "Sau")


@pytest.mark.proves("P5")
@settings(PROFILE)
@given(st.lists(st.sampled_from(["read", "change", "overtaken", "overtaken and read"]), max_size=12))
def test_no_read_is_ever_older_than_the_last_change(api: Api, desk: "Desk", steps: list[str]) -> None:
    """
    P5: in whatever order they come, also when a slow reader fills the cache with the old value after it.

    The slow reader is another container's: it looks, reads, and keeps what it read when all is over.
    """
    from chalicelib.resilience.cache import Cache  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    cache = Cache(valkey())
    desk.clock.advance(61)
    changes = 0
    _rename(desk, "settings", name := "0")
    is_kept = False
    for step in steps:
        if step != "read":
            changes += 1
            late = cache.look("settings", "/settings?") if step.startswith("overtaken") else None
            old = _body_now()
            _rename(desk, "settings", name := str(changes))
            is_kept = False
            if step == "overtaken and read":
                assert _name_in(api) == ("MISS", name)
                is_kept = True
            if late is not None and late.verdict == "fill":
                cache.keep("settings", "/settings?", late.generation, old, 60)
        else:
            assert _name_in(api) == ("HIT" if is_kept else "MISS", name)
            is_kept = True
    assert _name_in(api)[1] == name


def _body_now() -> str:
    """What a reader finds in the database at this moment."""
    from chalicelib.catalogue import store  # noqa: PLC0415
    from chalicelib.catalogue.models import PublicSetting, SettingPage  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    rows = store.list_public_settings(database())
    return SettingPage(items=[PublicSetting(**row) for row in rows]).model_dump_json(by_alias=True)


def _name_in(api: Api) -> tuple[str, str]:
    answer = api.call("GET", "/settings")
    (name,) = (item["value"] for item in answer.json["items"] if item["key"] == "companyName")
    return answer.headers["X-Cache-Status"], name
