"""Whatever is lost on the way to Google and back: every lead ends as one row that says the latest."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.product.conftest import FrozenClock
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = ("tests.product.sheet_fixtures",)
ID = 0  # its column
SEQUENCES = 50
LOST_ANSWERS = 1000
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.integers(0, 4), st.none()),  # a phone: known → merged, else new
        st.tuples(
            st.just("drain"),
            st.sampled_from(["write", "write", "write", "ids_at", "row_count"]),  # which call it hits
            st.sampled_from(
                [
                    None,
                    {"mode": "commit-then-timeout"},
                    {"mode": "commit-then-timeout"},
                    {"mode": "timeout"},
                    {"mode": "reset"},
                    {"mode": "refuse"},
                    {"mode": "error", "status": 500},
                    {"mode": "error", "status": 503},
                    {"mode": "error", "status": 429},
                ]
            ),
        ),
        st.tuples(st.just("wait"), st.sampled_from([1, 16, 31, 62]), st.none()),
        st.tuples(st.just("another container"), st.none(), st.none()),
    ),
    min_size=4,
    max_size=16,
)


class _Aim:
    """Breaks the one call that is aimed at, and mends it when it is over."""

    def __init__(self, sheet: "Sheet") -> None:
        self._sheet = sheet
        self.at: tuple[str, dict[str, Any]] | None = None

    def __call__(self, name: str, _argument: Any, call: Callable[[], Any]) -> Any:
        if self.at is None or self.at[0] != name:
            return call()
        fault, self.at = self.at[1], None
        self._sheet.faults.set("sheets", **fault)
        try:
            return call()
        finally:
            self._sheet.faults.mend()


@pytest.mark.usefixtures("unhurried")  # of thousands of calls to Valkey one may meet a busy machine
@settings(PROFILE, max_examples=SEQUENCES)
@given(steps=STEPS)
def test_after_any_sequence_of_faults_every_lead_is_one_row_with_its_latest_words(
    sheet: "Sheet", steps: list[tuple[str, Any, Any]]
) -> None:
    sheet = sheet.afresh()
    aim = _Aim(sheet)
    sync = sheet.sync(aim, timeout_s=0.1)
    for number, (step, what, fault) in enumerate(steps):
        if step == "submit":
            sheet.submit(what, f"These are the words of submission {number}.")
        elif step == "wait":
            sheet.clock.advance(what)
            sheet.promote_rewrites()
        elif step == "another container":
            sync = sheet.sync(aim, timeout_s=0.1)
        else:
            aim.at = fault and (what, fault)
            sheet.drain(sync)
            assert set(sheet.contents()) <= set(sheet.wanted())  # nor is an id ever there twice
    aim.at = None
    sheet.settle(sheet.sync())
    assert sheet.contents() == sheet.wanted()
    assert {(job["state"], job["attempts"]) for job in sheet.jobs()} <= {("done", 1)}
    assert sheet.alerts("job_dead") == 0


@pytest.mark.timeout(300)
def test_a_thousand_answers_that_are_lost_after_google_committed_double_no_row(sheet: "Sheet") -> None:
    """R14.4: the fake does the write, as Google did, and then keeps the answer to itself."""
    from chalicelib.gateways.http import NoAnswer  # noqa: PLC0415

    lost = 0

    def meddle(name: str, _argument: Any, call: Callable[[], Any]) -> Any:
        nonlocal lost
        answer = call()
        if name == "write" and lost < LOST_ANSWERS:
            lost += 1
            raise NoAnswer("it is done, but who says so?")
        return answer

    sync = sheet.sync(meddle)
    for number in range(10_000):
        if number % 100 == 0 and lost < LOST_ANSWERS:
            sheet.store_leads(1)
            sheet.submit(number // 500, f"These are the words of submission {number}.")
        sheet.drain(sync)
        sheet.clock.advance(16 if number % 5 < 4 else 31)  # the fifth failure opened the circuit
        if lost == LOST_ANSWERS:
            break
    assert lost == LOST_ANSWERS
    sheet.settle(sync)
    assert sheet.contents() == sheet.wanted()
    assert {(job["state"], job["attempts"]) for job in sheet.jobs()} == {("done", 1)}
    assert len(sheet.contents()) == len(sheet.rows()) - 1


class _Freezer:
    """Freezes the worker that is about to write rows, until it thaws: after its checks, before its call."""

    def __init__(self) -> None:
        self.is_frozen, self.thaws = threading.Event(), threading.Event()

    def __call__(self, name: str, _argument: Any, call: Callable[[], Any]) -> Any:
        if name == "write":
            self.is_frozen.set()
            assert self.thaws.wait(20)
        return call()


def test_what_a_frozen_worker_writes_late_is_written_over_once_nothing_more_of_it_can_land(
    sheet: "Sheet", clock: FrozenClock
) -> None:
    lead = sheet.submit(1, "The words of the beginning.")
    sheet.drain(sheet.sync())
    sheet.submit(1, "The words of the middle, frozen on their way.")
    freezer, successor = _Freezer(), sheet.sync()
    with ThreadPoolExecutor(1) as threads:
        frozen = threads.submit(sheet.drain, sheet.sync(freezer))
        assert freezer.is_frozen.wait(10)
        clock.advance(31)  # its lease is over
        sheet.submit(1, "The words of the end.")
        sheet.drain(successor)
        assert sheet.contents() == sheet.wanted()  # written again at once, with the latest
        freezer.thaws.set()
        frozen.result(20)
    assert sheet.contents()[lead][0] == "The words of the middle, frozen on their way."
    clock.advance(51)
    sheet.promote_rewrites()
    sheet.drain(successor)
    assert sheet.contents() == sheet.wanted()


def test_a_call_without_an_answer_that_lands_late_is_written_over_once_no_other_can_follow(
    sheet: "Sheet", clock: FrozenClock
) -> None:
    on_their_way: list[Callable[[], Any]] = []

    def hold_back(name: str, _argument: Any, call: Callable[[], Any]) -> Any:
        from chalicelib.gateways.http import NoAnswer  # noqa: PLC0415

        if name == "write":
            on_their_way.append(call)
            raise NoAnswer("it is still on its way")
        return call()

    lead = sheet.submit(1, "The words of the beginning.")
    sheet.drain(sheet.sync())
    sheet.submit(1, "The words that are late.")
    sheet.drain(sheet.sync(hold_back))
    clock.advance(16)
    sheet.submit(1, "The words of the end.")
    sync = sheet.sync()
    sheet.drain(sync)
    assert sheet.contents() == sheet.wanted()
    assert sheet.states() == {"done": 3}
    on_their_way.pop()()
    assert sheet.contents()[lead][0] == "The words that are late."
    clock.advance(64)
    sheet.promote_rewrites()
    sheet.drain(sync)
    assert sheet.contents() != sheet.wanted()  # too early: function timeout + call timeout + 5 s are not over
    clock.advance(1)
    sheet.promote_rewrites()
    sheet.drain(sync)
    assert sheet.contents() == sheet.wanted()


def test_the_word_of_a_worker_that_lost_its_fence_is_not_taken(
    sheet: "Sheet", clock: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet.submit(1, "The words of the beginning.")
    freezer = _Freezer()
    with ThreadPoolExecutor(1) as threads:
        frozen = threads.submit(sheet.drain, sheet.sync(_after_header(freezer)))
        assert freezer.is_frozen.wait(10)
        before = sheet.jobs()
        clock.advance(31)
        sheet.drain(sheet.sync())
        assert sheet.jobs() == before  # its lease on the job itself is not over yet
        freezer.thaws.set()
        frozen.result(20)
    assert '"event": "sheets.fence_lost"' in capsys.readouterr().out
    assert sheet.jobs() == before
    clock.advance(55)
    sheet.settle(sheet.sync())
    assert sheet.contents() == sheet.wanted()
    assert sheet.states() == {"done": 2}  # and the second writing


def _after_header(freezer: _Freezer) -> Callable[[str, Any, Callable[[], Any]], Any]:
    """Freezes at the first call that writes a lead, not at the header."""

    def meddle(name: str, argument: Any, call: Callable[[], Any]) -> Any:
        return call() if name == "write" and argument[0].number == 1 else freezer(name, argument, call)

    return meddle


def test_a_worker_that_died_between_its_checks_and_its_call_costs_no_lead_its_row(
    sheet: "Sheet", clock: FrozenClock
) -> None:
    def die(name: str, rows: Any, call: Callable[[], Any]) -> Any:
        if name == "write" and rows[0].number > 1:
            raise KeyboardInterrupt
        return call()

    leads = sheet.store_leads(120)
    with pytest.raises(KeyboardInterrupt):
        sheet.drain(sheet.sync(die))
    sheet.drain(sheet.sync())  # writes what was left in flight, and the 20 that nobody had claimed
    assert sorted(sheet.contents()) == sorted(leads)
    assert sheet.states() == {"running": 100, "done": 20}
    clock.advance(56)
    sheet.settle(sheet.sync())
    assert sheet.contents() == sheet.wanted()
    assert {(job["state"], job["attempts"]) for job in sheet.jobs()} == {("done", 1)}


def test_two_containers_at_once_share_the_work_and_double_nothing(sheet: "Sheet") -> None:
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415

    leads = sheet.store_leads(250)
    barrier = threading.Barrier(2)

    def container() -> None:
        barrier.wait(10)
        for _ in range(3):
            sheet.drain(sheet.sync())

    previous = product_clock.install(product_clock.SystemClock())  # they wait for one another's lock
    sheet.ledger.rows("UPDATE jobs SET due_at = '2026-01-01'")
    try:
        with ThreadPoolExecutor(2) as threads:
            for running in [threads.submit(container) for _ in range(2)]:
                running.result(60)
    finally:
        product_clock.install(previous)
    assert sorted(sheet.contents()) == sorted(leads)
    assert sheet.batch_sizes() == [100, 100, 50]
    assert sheet.states() == {"done": 250}


def test_a_merged_submission_updates_the_row_of_its_lead(sheet: "Sheet") -> None:
    sync = sheet.sync()
    lead = sheet.submit(1, "I would like a new kitchen.")
    other = sheet.submit(2, "I would like a new bathroom.")
    sheet.drain(sync)
    for words in ("A bigger kitchen, please.", "And a table in it."):
        assert sheet.submit(1, words) == lead
        sheet.drain(sync)
    assert sheet.contents() == {
        lead: ("And a table in it.", "3"),
        other: ("I would like a new bathroom.", "1"),
    }
    assert [row[ID] for row in sheet.rows()[1:]] == [lead, other]
