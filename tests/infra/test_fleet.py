"""The fleet fits together: connections, time limits, and queues that drain; what does not fit is named."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.gateways import siteverify
from infra.fleet import connections, drain, timeouts
from infra.fleet.__main__ import COMMAND, DOCUMENT, report
from infra.package.target import PROJECT
from infra.proof.checks import check_connections, check_timeouts
from infra.stages import STAGES, Stage, load
from infra.tables import held_by

PRODUCT = sorted((PROJECT / "chalicelib").rglob("*.py"))
_LIMITS = re.compile(r"timeout|budget")


def _sink(queue: str, stage: Stage | None = None) -> drain.Sink:
    (found,) = [sink for sink in drain.sinks(stage or load("prod")) if sink.queue == queue]
    return found


def test_the_document_holds_what_the_command_prints() -> None:
    assert held_by(DOCUMENT, COMMAND) == report()


@pytest.mark.parametrize("name", STAGES)
def test_all_containers_of_a_stage_have_enough_of_the_fifty_connections(name: str) -> None:
    assert connections.faults(load(name)) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"database_connections": 60}, "60 connections are more than 50"),
        ({"webhook_concurrency": 20}, r"\d+ connections are needed of 50"),
        ({"requests_per_second": 2000}, r"\d+ connections are needed of 50"),
        ({"database_connections": 40}, r"\d+ connections are needed of 40"),
    ],
)
def test_a_stage_that_asks_for_too_many_is_refused(change: dict[str, int], complaint: str) -> None:
    stage = replace(load("prod"), **change)  # type: ignore[arg-type]
    (fault,) = check_connections([stage]).faults
    assert re.fullmatch(f"prod: {complaint}", fault)


def test_every_function_but_the_migrations_is_counted() -> None:
    counted = set(connections.containers(load("prod")))
    assert counted == set(connections.function_timeouts_s()) - {"migrate"}
    handlers = re.findall(r"^def (\w+)\(", (PROJECT / "app.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert counted == {"api_handler", *handlers} - {"migrate"}


def test_every_time_limit_ends_before_what_it_runs_in() -> None:
    assert check_timeouts().faults == []
    names = {each.name for each in timeouts.limits()}
    assert set(timeouts.LONGER) <= names
    for known in (
        "gateways.siteverify.TIMEOUT_S",
        "resilience.valkey.TIMEOUT_S",
        "platform.pool.CONNECT_TIMEOUT_S",
    ):
        assert known in names


def test_a_call_that_outlives_its_request_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siteverify, "TIMEOUT_S", 25.0)
    assert check_timeouts().faults == ["gateways.siteverify.TIMEOUT_S: 25 s in a request, which has 20 s"]


def test_a_ledger_that_is_wrong_about_a_function_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.jobs import ledger  # noqa: PLC0415

    monkeypatch.setitem(ledger.FUNCTION_TIMEOUT_S, "sync", 44)
    (fault,) = check_timeouts().faults
    assert fault == "jobs.ledger.FUNCTION_TIMEOUT_S.sync: 44 s in sync_worker, which has 45 s"


def test_no_time_limit_is_a_number_without_a_name() -> None:
    """Else it would be in no table: zero apart, every limit that is handed on is a constant."""
    assert [fault for file in PRODUCT for fault in _nameless(file)] == []


def _nameless(file: Path) -> list[str]:
    """Where *file* hands on a number as `…timeout…=` or `…budget…=`, or as what `within` gives a block."""
    calls = [
        node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    handed_on = [word.value for call in calls for word in call.keywords if _LIMITS.search(word.arg or "")]
    handed_on += [value for call in calls if ast.unparse(call.func).endswith("within") for value in call.args]
    numbers = [value for value in handed_on if isinstance(value, ast.Constant) and value.value]
    return [f"{file.relative_to(PROJECT)}:{value.lineno}" for value in numbers]


def test_a_number_without_a_name_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "PROJECT", tmp_path)
    file = tmp_path / "new.py"
    file.write_text("ask(timeout_s=4)\nwith deadline.within(3.0): pass\nask(timeout=0, retries=3)\n")
    assert _nameless(file) == ["new.py:1", "new.py:2"]


def test_the_sheet_drains_within_five_minutes_at_ten_million_leads_a_month() -> None:
    """R8.4, with what the waking takes."""
    found = drain.drain_s(_sink("sync"), 231)
    assert found is not None
    assert found < 300


@given(leads_a_minute=st.integers(1, 400), seed=st.integers(0, 3))
def test_no_queue_drains_faster_than_the_other_side_allows(leads_a_minute: int, seed: int) -> None:
    sink = _sink("sync")
    found = drain.drain_s(sink, leads_a_minute, seed)
    assert found is not None
    rows_a_minute = sink.jobs_a_call * sink.calls_a_minute
    assert found - drain.WAKE_S >= 60 * (leads_a_minute * 55 / rows_a_minute - 1)


def test_what_comes_faster_than_it_can_go_never_drains() -> None:
    sink = _sink("email")
    assert drain.drain_s(sink, sink.calls_a_minute + 10) is None


def test_more_workers_drain_faster_where_they_are_what_is_short() -> None:
    few = _sink("webhook", replace(load("prod"), webhook_concurrency=5))
    slow, quick = drain.drain_s(few, 100), drain.drain_s(_sink("webhook"), 100)
    assert slow is not None
    assert quick is not None
    assert slow - drain.WAKE_S > 1.8 * (quick - drain.WAKE_S)
