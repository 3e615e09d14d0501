"""
One cell of the matrix: leads come in, the weather breaks what it breaks, processes of the product are killed
at random instants; then everybody waits until all has arrived, and a little longer, and the checker has its
say.

Seeded, as far as real processes can be repeated: which fault when, who is killed, who jitters how.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPException

from tests.chaos.browser import Browser, Passing, Submission
from tests.chaos.cells import Cell
from tests.chaos.checker import Findings, judge
from tests.chaos.desk import Desk
from tests.chaos.killer import Killer
from tests.chaos.outcome import Course, Outcome, outcome_of
from tests.journey.conftest import Site

# Time passes at most ten times as fast as it does, and Google's quota of 60 calls a minute is as much larger.
_STEP_S, _STEP_TAKES_S = 5.0, 0.5
SHEETS_QUOTA_PER_MINUTE = 600
_STEPS_TO_SETTLE = 13  # what would come a second time comes within a minute
_GIVE_UP_S = 240.0  # of real time; what is not there by then has an end of its own
_CALM = 0.2  # of the time in which leads come in
_NO_ADDRESS_EACH = 5  # every fifth visitor leaves no address


class Run:
    """Cells, one after the other, on one running *site*; what all of them sent is judged again at the end."""

    def __init__(self, site: Site, *, seed: int, leads: int) -> None:
        self._site = site
        self._seed = seed
        self._leads = leads
        self._desk = Desk(site)
        self._forms = self._desk.forms()
        self._desk.sign_in()
        self._desk.tend()  # what is dead or held back from before is no cell's doing
        self._desk.tended()
        self.sent: list[Submission] = []
        self.say: Callable[[str], None] = lambda _line: None

    def cell(self, cell: Cell) -> Outcome:
        """Run *cell* to its end and say what became of it."""
        began, chosen = time.monotonic(), random.Random(f"{self._seed} {cell.name}")  # noqa: S311  repeatable
        passing, over = Passing(), threading.Event()
        sent = [self._submission(len(self.sent) + position) for position in range(self._leads)]
        self.sent += sent
        killer = Killer(self._site, random.Random(chosen.random()))  # noqa: S311
        storm = _Storm(self._site, cell, random.Random(chosen.random()))  # noqa: S311
        with ThreadPoolExecutor(self._leads) as pages:
            killer.start()
            storm.begin_after(cell.sending_s * _CALM)
            waiting: list[Future[None]] = []
            for position, submission in enumerate(sent):
                page = Browser(self._site, passing, random.Random(chosen.random()))  # noqa: S311
                form = self._forms[position % len(self._forms)]
                waiting.append(pages.submit(page.submit, submission, form, over))
                self.say(f"{position + 1} of {len(sent)} sent")
                time.sleep(cell.sending_s / len(sent) * chosen.uniform(0.5, 1.5))
            broken_from_s, broken_until_s = storm.end()
            converged_s = self._converge(sent, waiting, passing, killer)
            over.set()
            passing.moved(10_000)  # nobody waits any longer
        findings = self._settle(sent)
        released, redriven = self._desk.tended()
        took_s = time.monotonic() - began
        course = Course(broken_from_s, broken_until_s, converged_s, killer.killed, released, redriven, took_s)
        return outcome_of(cell, sent, findings, course)

    def last_look(self) -> dict[str, list[str]]:
        """What is wrong when all cells are over, with everything that any of them sent."""
        self._desk.sign_in()
        return judge(self.sent, self._desk.records(None)).faults

    def _submission(self, number: int) -> Submission:
        """The *number*th visitor, with a phone and a client address that nobody else has."""
        has_email = number % _NO_ADDRESS_EACH != _NO_ADDRESS_EACH - 1
        return Submission(
            phone=f"+8494{number:07d}",
            email=f"visitor-{self._seed}-{number}@example.test" if has_email else None,
            address=f"127.{10 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}",
        )

    def _converge(
        self, sent: Sequence[Submission], waiting: Sequence[Future[None]], passing: Passing, killer: Killer
    ) -> float | None:
        """
        Let time pass until everybody is answered, which ends the killing, and every lead is in every sink;
        returns how long that took, of the product's time, or None.
        """
        began, began_s = time.monotonic(), passing.now_s()
        while time.monotonic() - began < _GIVE_UP_S:
            with contextlib.suppress(OSError, HTTPException, AssertionError):
                is_answered = all(page.done() for page in waiting)
                if is_answered:
                    killer.stop()
                self._desk.sign_in()
                findings = self._look(sent)
                answered = sum(each.lead_id is not None for each in sent)
                self.say(f"{answered} of {len(sent)} answered, {findings.missing} effects to come")
                if is_answered and not findings.missing:
                    return passing.now_s() - began_s
                self._desk.let_pass(_STEP_S)
                passing.moved(_STEP_S)
            time.sleep(_STEP_TAKES_S)
        killer.stop()
        return None

    def _settle(self, sent: Sequence[Submission]) -> Findings:
        for _ in range(_STEPS_TO_SETTLE):
            self._desk.let_pass(_STEP_S)
            time.sleep(_STEP_TAKES_S)
        self._desk.sign_in()
        return self._look(sent)

    def _look(self, sent: Sequence[Submission]) -> Findings:
        """Staff release what is held back and redrive what is dead, as they are told to; then compare."""
        self._desk.tend()
        return judge(sent, self._desk.records({each.lead_id for each in sent if each.lead_id}))


class _Storm:
    """The weather of a cell, on a thread of its own."""

    def __init__(self, site: Site, cell: Cell, chosen: random.Random) -> None:
        self._site = site
        self._cell = cell
        self._chosen = chosen
        self._over = threading.Event()
        self._delay_s = self._began_s = 0.0
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def begin_after(self, delay_s: float) -> None:
        """Let it begin then."""
        self._delay_s = delay_s
        self._thread.start()

    def end(self) -> tuple[float, float]:
        """Mend everything; from when until when something was broken."""
        self._over.set()
        self._thread.join()
        ended_s = time.monotonic()
        while True:  # whoever mends may be dead himself
            with contextlib.suppress(OSError, HTTPException):
                if self._site.call("DELETE", "/dev/faults", timeout_s=10).status == 204:
                    break
            time.sleep(0.2)
        if self._error is not None:
            raise self._error
        return self._began_s, ended_s

    def _run(self) -> None:
        self._over.wait(self._delay_s)
        self._began_s = time.monotonic()
        try:
            self._cell.weather.blow(self._site, self._chosen, self._over)
        except Exception as error:  # noqa: BLE001  whoever ends it is told
            self._error = error
