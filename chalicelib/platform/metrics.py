"""
The names of everything that is measured, and what this process has counted of it since it last told anybody.

Sums are integers (durations in microseconds), so that adding them up in any order gives the same. Nothing
here waits, fails or grows: a sum has one place a series, and series are bounded by routes and statuses.
`resilience.carrier` brings the sums to the fleet's, `emf` writes them for CloudWatch.
"""

import ipaddress
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

_MICROSECONDS = 1_000_000
_REFUSED_AT_MOST = 200  # clients by name that one batch may bring
OTHER = "other"
SUM = "sum"


@dataclass(frozen=True, eq=False)  # one object a name, found by its identity
class Metric:
    """
    One metric; *told* are the labels that CloudWatch gets too, where each value of each costs money.

    A histogram has *buckets*, the upper bounds in seconds without the infinite one.
    """

    name: str
    help: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    told: tuple[str, ...] | None = None

    @cached_property
    def bounds(self) -> tuple[str, ...]:
        """The upper bounds of all buckets as they are written."""
        return (*(f"{bound:g}" for bound in self.buckets), "+Inf")

    def field(self, *values: str) -> str:
        """Where a sum stands among the fleet's; no value of ours has a space in it."""
        return " ".join((self.name, *values))


HTTP_DURATION = Metric(
    "http_request_duration_seconds",
    "How long the product took for a request.",
    "histogram",
    ("method", "path"),
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10),
)
HTTP_REQUESTS = Metric(
    "http_requests_total", "Requests answered, by route.", "counter", ("method", "path", "status")
)
DB_DURATION = Metric(
    "db_query_duration_seconds",
    "How long PostgreSQL took for a statement, as its caller saw it.",
    "histogram",
    (),
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 8),
)
CACHE_HITS = Metric("cache_hits_total", "Answers that came from the cache.", "counter")
CACHE_MISSES = Metric("cache_misses_total", "Answers that had to be made.", "counter")
JOBS = Metric(
    "queue_jobs_total",
    "What became of jobs: queued once (again when redriven), then each execution's end.",
    "counter",
    ("queue", "status"),
)
QUEUE_DEPTH = Metric("queue_depth", "Jobs that are not finished, without the dead.", "gauge", ("queue",))
QUEUE_LAG = Metric("queue_oldest_due_seconds", "How long the oldest due job has waited.", "gauge", ("queue",))
SINK_LAG = Metric(
    "queue_oldest_unfinished_seconds",
    "How long ago the oldest unfinished job was caused, deferred or not: how far a sink is behind its leads.",
    "gauge",
    ("queue",),
)
UNCALLED = Metric(
    "lead_oldest_uncalled_seconds",
    "How long the lead that waits longest has been without a first contact.",
    "gauge",
)
WORKER_UP = Metric(
    "queue_worker_available",
    "0 when jobs are due and none was finished for two minutes.",
    "gauge",
    ("queue",),
)
RATE_LIMITED = Metric(
    "rate_limit_exceeded_total",
    "Calls refused by a limit, by the client's network.",
    "counter",
    ("ip", "path"),
    told=("path",),
)
CIRCUIT = Metric("circuit_state", "0 closed, 1 half-open, 2 open.", "gauge", ("service",))
POOL = Metric("db_pool_connections", "Connections to PostgreSQL, of all processes.", "gauge", ("state",))
CONNECTIONS_OPENED = Metric(
    "db_connections_opened_total", "Connections to PostgreSQL that were opened.", "counter"
)
ALERTS = Metric(
    "alerts_raised_total", "What people were told to look at, once a window.", "counter", ("kind",)
)
SOURCE_UP = Metric(
    "metrics_source_up", "0 when the figures of this source are missing in this scrape.", "gauge", ("source",)
)
ALL = (
    HTTP_DURATION,
    HTTP_REQUESTS,
    DB_DURATION,
    CACHE_HITS,
    CACHE_MISSES,
    JOBS,
    QUEUE_DEPTH,
    QUEUE_LAG,
    SINK_LAG,
    UNCALLED,
    WORKER_UP,
    RATE_LIMITED,
    CIRCUIT,
    POOL,
    CONNECTIONS_OPENED,
    ALERTS,
    SOURCE_UP,
)
JOB_STATUSES = ("queued", "completed", "failed", "retried", "deferred", "dead")


@dataclass
class Sums:
    """What was counted: the sums by field, and those of refused clients, whose number has a bound."""

    shared: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.shared or self.refused)


Told = dict[tuple[Metric, tuple[str, ...]], list[float]]
_TOLD_AT_MOST = 100  # values of one metric in one line, as EMF has it
_guard = threading.Lock()
_sums = Sums()
_told: Told = {}


def count(metric: Metric, *values: str, by: int = 1) -> None:
    """Count *by* more of the series of *metric* with these label *values*."""
    place = metric.field(*values)
    with _guard:
        if metric is not RATE_LIMITED:
            _sums.shared[place] += by
        elif place in _sums.refused or len(_sums.refused) < _REFUSED_AT_MOST:
            _sums.refused[place] += by
        else:
            _sums.refused[metric.field(OTHER, *values[1:])] += by
        told = _told.setdefault((metric, _told_values(metric, values)), [0])
        told[0] += by


def observe(metric: Metric, duration_s: float, *values: str) -> None:
    """Put one duration into the histogram *metric*."""
    bound = metric.bounds[bisect_left(metric.buckets, duration_s)]
    with _guard:
        _sums.shared[metric.field(*values, bound)] += 1
        _sums.shared[metric.field(*values, SUM)] += round(duration_s * _MICROSECONDS)
        told = _told.setdefault((metric, values), [])
        if len(told) < _TOLD_AT_MOST:
            told.append(round(duration_s, 6))


def show(metric: Metric, value: float, *values: str) -> None:
    """Tell CloudWatch the present *value* of a gauge; for a scrape it is read where it is true."""
    with _guard:
        _told[metric, values] = [value]


def _told_values(metric: Metric, values: tuple[str, ...]) -> tuple[str, ...]:
    if metric.told is None:
        return values
    named = dict(zip(metric.labels, values, strict=True))
    return tuple(named[label] for label in metric.told)


def take_sums() -> Sums:
    """What was counted since the last time; the caller answers for it from here on."""
    global _sums
    with _guard:
        taken, _sums = _sums, Sums()
    return taken


def has_sums() -> bool:
    """Whether anything was counted since the last time."""
    return bool(_sums)


def take_told() -> Told:
    """What CloudWatch has not been told yet."""
    global _told
    with _guard:
        taken, _told = _told, {}
    return taken


def seconds_of(microseconds: int) -> float:
    """The sum of a histogram as it is shown."""
    return microseconds / _MICROSECONDS


def network_of(client: str) -> str:
    """The /24 of an IPv4 client; an IPv6 one is a /64 already."""
    try:
        return str(ipaddress.ip_network((client, 24), strict=False)) if ":" not in client else client
    except ValueError:
        return "unknown"


def values_of(metric: Metric, place: str) -> tuple[str, ...] | None:
    """The label values (and bucket) of a field; None where another version of the product wrote it."""
    _, *values = place.split(" ")
    wanted = len(metric.labels) + bool(metric.buckets)
    return tuple(values) if len(values) == wanted else None


BY_NAME: Mapping[str, Metric] = {metric.name: metric for metric in ALL}
