"""
The fault matrix: six targets, eight faults, three moments; of the 144 cells forty are run.

The moment is that of the broken call's own effect. *before*: it has none, what was asked for never reached
the target. *during*: it breaks off while the target works on it, so nobody knows. *after*: the target has
done it, and the answer is late or lost. For every other cell `why_not` says why it is not run.
"""

from dataclasses import dataclass

from tests.chaos import weather
from tests.chaos.weather import Flickering, InTurns, Killed, Repeated, Steady, Weather

TARGETS = ("postgres", "valkey", "sqs", "sheets", "email", "siteverify")
FAULTS = ("refuse", "reset", "hang", "slow", "error", "lost answer", "kill", "flush/failover")
MOMENTS = ("before", "during", "after")
_AT_ONCE, _NOW_AND_THEN = (0.05, 0.3), (0.1, 0.6)
_SHORT, _REST = (0.2, 1.0), (0.2, 0.8)


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: what is broken, how, when, and the *weather* that does it."""

    target: str
    fault: str
    moment: str
    weather: Weather
    sending_s: float = 20.0  # how long leads come in; the fault begins after a fifth of it

    @property
    def name(self) -> str:
        """As it is printed, and chosen by `--only`."""
        return f"{self.target} / {self.fault} / {self.moment}"


def _common(target: str, proxy: str) -> list[Cell]:
    """What every target behind a fault proxy is put through."""
    return [
        Cell(target, "refuse", "before", Steady(proxy, "refuse")),
        Cell(target, "hang", "before", Steady(proxy, "timeout")),
        Cell(target, "lost answer", "after", Flickering(proxy, "commit-then-timeout", _SHORT, _REST)),
    ]


def _reset(target: str) -> Cell:
    return Cell(target, "reset", "during", Flickering(target, "reset", _AT_ONCE, _NOW_AND_THEN))


def _slow(target: str, proxy: str, delay_s: float) -> Cell:
    return Cell(target, "slow", "after", Steady(proxy, "slow", {"delaySeconds": delay_s}))


def _error(target: str, proxy: str, status: int) -> Cell:
    return Cell(target, "error", "before", Steady(proxy, "error", {"status": status}))


def _failover(target: str, begin: weather.Act, end: weather.Act) -> Cell:
    return Cell(target, "flush/failover", "during", InTurns(begin, end, (0.5, 2.5), (0.5, 2)))


CELLS = [
    Cell("postgres", "refuse", "before", Steady("postgres", "refuse")),
    _reset("postgres"),
    Cell("postgres", "reset", "after", Flickering("postgres", "commit-then-reset", _SHORT, _REST)),
    Cell("postgres", "hang", "before", Flickering("postgres", "timeout", (9, 11), (2, 3)), sending_s=30.0),
    Cell("postgres", "hang", "during", Flickering("postgres", "timeout", (0.3, 2.0), (0.3, 1.0))),
    _slow("postgres", "postgres", 0.3),
    Cell("postgres", "lost answer", "after", Flickering("postgres", "commit-then-timeout", _SHORT, _REST)),
    Cell(
        "postgres", "error", "before", InTurns(weather.close_postgres, weather.open_postgres, (1, 3), (1, 2))
    ),
    Cell("postgres", "kill", "during", Killed("postgres", (5, 8))),
    _failover("postgres", weather.demote_postgres, weather.promote_postgres),
    *_common("valkey", "redis"),
    Cell("valkey", "error", "before", InTurns(weather.fill_valkey, weather.empty_valkey, (1, 3), (0.5, 1))),
    Cell("valkey", "kill", "during", Killed("valkey", (2, 4))),
    Cell("valkey", "flush/failover", "before", Repeated(weather.flush_valkey, (0.5, 2.0))),
    _failover("valkey", weather.demote_valkey, weather.promote_valkey),
    *_common("sqs", "sqs"),
    _reset("sqs"),
    _error("sqs", "sqs", 503),
    Cell("sqs", "kill", "during", Killed("ministack", (5, 8))),
    Cell("sqs", "flush/failover", "after", Repeated(weather.purge_queues, (0.3, 1.0))),
    *_common("sheets", "sheets"),
    _reset("sheets"),
    _slow("sheets", "sheets", 2.0),
    _error("sheets", "sheets", 503),
    Cell("sheets", "kill", "during", Killed("world", (5, 8))),
    *_common("email", "email"),
    _error("email", "email", 503),
    *_common("siteverify", "turnstile"),
    _slow("siteverify", "turnstile", 1.5),
    _error("siteverify", "turnstile", 500),
]


def why_not(target: str, fault: str, moment: str) -> str:
    """Why this cell is not among those that are run; empty if it is."""
    if any((cell.target, cell.fault, cell.moment) == (target, fault, moment) for cell in CELLS):
        return ""
    is_vendor = target in {"sheets", "email", "siteverify"}
    for is_meant, reason in (
        (fault == "refuse", "a connection that is refused carries no call: there is nothing during or after"),
        (fault == "lost answer", "an answer is lost after the effect by definition"),
        (fault == "error" and moment == "during", "sessions that a server ends are run as its failover"),
        (fault == "error", "an error is the answer that nothing was done, so it comes before the effect"),
        (
            fault == "slow" and moment != "after",
            "a call that is late is a slow client; an answer that is, `after`",
        ),
        (
            fault == "slow" and target in {"valkey", "sqs"},
            "not waited for: later than 0.15 or 0.4 s is `hang`",
        ),
        (fault == "slow", "a worker that waits, as in sheets / slow / after"),
        (
            fault == "kill" and is_vendor,
            "its stand-in is killed in sheets / kill / during, with all the others",
        ),
        (fault == "flush/failover" and is_vendor, "the vendor's own; from here it is refuse, reset or error"),
        (fault in {"kill", "flush/failover"}, "its random instants hit all three; named for the likeliest"),
        (fault == "reset" and moment == "before", "for the caller no other than `during`: it never knows"),
        (
            fault == "reset",
            "the caller learns sooner what `lost answer` tells it late, and does the same then",
        ),
        (fault == "hang" and moment == "after", "silence after the effect is `lost answer`"),
        (fault == "hang", "one call, one effect: silence in its middle is `before` or `lost answer`"),
    ):
        if is_meant:
            return reason
    raise LookupError((target, fault, moment))
