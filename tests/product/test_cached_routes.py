"""Public lists from the cache: one trip to Valkey, none to PostgreSQL, and no stale or broken answer."""

from typing import Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, Ledger

_PATHS = ["/service-categories", "/materials"]


@pytest.mark.proves("P4", "P6")
@pytest.mark.parametrize("path", _PATHS)
def test_the_second_read_is_a_hit_with_the_same_bytes(api: Api, ledger: Ledger, path: str) -> None:
    """P4, P6: MISS from the database, then HIT from the cache without a query, identical."""
    first = api.call("GET", path)
    assert (first.status, first.headers["X-Cache-Status"]) == (200, "MISS")
    ledger.rows("ALTER TABLE materials RENAME TO materials_gone")
    ledger.rows("ALTER TABLE service_categories RENAME TO service_categories_gone")
    try:
        second = api.call("GET", path)
    finally:
        ledger.rows("ALTER TABLE materials_gone RENAME TO materials")
        ledger.rows("ALTER TABLE service_categories_gone RENAME TO service_categories")
    assert (second.status, second.headers["X-Cache-Status"]) == (200, "HIT")
    assert second.body == first.body
    assert second.headers["Content-Type"] == first.headers["Content-Type"]


@pytest.mark.proves("P4")
def test_after_five_minutes_the_database_is_asked_again(api: Api, clock: FrozenClock) -> None:
    """P4: within the TTL and no longer."""
    api.call("GET", "/materials")
    clock.advance(299)
    assert api.call("GET", "/materials").headers["X-Cache-Status"] == "HIT"
    clock.advance(1)
    assert api.call("GET", "/materials").headers["X-Cache-Status"] == "MISS"


def test_each_query_has_an_answer_of_its_own(api: Api) -> None:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    everything = api.call("GET", "/materials")
    some = api.call("GET", "/materials", query={"categoryId": [category]})
    assert some.headers["X-Cache-Status"] == "MISS"
    assert len(some.json["items"]) < len(everything.json["items"])
    again = api.call("GET", "/materials", query={"categoryId": [category]})
    assert (again.headers["X-Cache-Status"], again.body) == ("HIT", some.body)


def test_a_refused_query_is_not_kept_and_holds_nobody_up(api: Api) -> None:
    for _ in range(2):
        answer = api.call("GET", "/materials", query={"categoryId": ["nonsense"]})
        assert answer.status == 422
        assert "X-Cache-Status" not in answer.headers


@pytest.mark.parametrize("mode", ["refuse", "timeout"])
def test_without_valkey_the_database_answers(api: Api, faults: Faults, mode: str) -> None:
    api.call("GET", "/materials")
    faults.set("redis", mode)
    answer = api.call("GET", "/materials")
    assert (answer.status, answer.headers["X-Cache-Status"]) == (200, "MISS")


def test_a_kept_answer_still_counts_against_the_limit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    del monkeypatch
    remaining = [api.call("GET", "/materials").headers["X-RateLimit-Remaining"] for _ in range(3)]
    assert [int(figure) for figure in remaining] == [299, 298, 297]


def test_what_one_call_loads_slowly_the_others_get_as_a_miss(api: Api) -> None:
    from chalicelib.resilience.cache import Cache  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    cache = Cache(valkey())
    slow = cache.look("materials", "/materials?")
    assert slow.verdict == "fill"
    kept: dict[str, Any] = {}

    def keep_meanwhile(duration_s: float) -> None:
        del duration_s
        if not kept:
            kept["value"] = '{"items":[]}'
            cache.keep("materials", "/materials?", slow.generation, kept["value"], 300)

    from chalicelib.platform import clock as product_clock  # noqa: PLC0415

    class Meanwhile(FrozenClock):
        def sleep(self, duration_s: float) -> None:
            keep_meanwhile(duration_s)

    previous = product_clock.install(Meanwhile())
    try:
        answer = api.call("GET", "/materials")
    finally:
        product_clock.install(previous)
    assert (answer.body, answer.headers["X-Cache-Status"]) == (kept["value"], "MISS")
