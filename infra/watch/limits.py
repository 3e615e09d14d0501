"""
The limits at which somebody is called: one `Limit` for each CloudWatch alarm.

A limit's *kind* is the heading of its paragraph in docs/runbooks.md.
"""

from collections.abc import Iterator

from chalicelib.jobs.room import FULL_DEPTH, WARNING_DEPTH
from chalicelib.platform import metrics
from chalicelib.staff.queues.health import SERVICES
from infra.watch.limit import SILENCE_IS_BAD, SILENCE_KEEPS, Figure, Limit, Watched

SOURCES = ("postgresql", "valkey")
_SERVER_ERRORS_AT_LEAST = 5  # of a quiet night a single one wakes nobody
_SERVER_ERRORS_PERCENT = 2
_SLOW_MS = 1_000
_LATE_S = 300
_MESSAGE_OLD_S = 900  # three times the longest visibility
_UNCALLED_S = 12 * 3600  # a night; who is called sooner is the setting leadSlaMinutes
_BORROW_US = 100_000
_BUSY_PERCENT = 80
_CAPACITY_PERCENT = 90


def limits(watched: Watched) -> Iterator[Limit]:
    """Every limit of one stage."""
    yield from _of_the_api(watched)
    yield from _of_what_we_call(watched)
    yield from _of_queues(watched)
    yield from _of_leads(watched)
    yield from _of_functions(watched)
    yield from _of_the_database(watched)
    yield from _of_valkey(watched)


def _of_the_api(watched: Watched) -> Iterator[Limit]:
    def figure(name: str, statistic: str) -> Figure:
        dimensions = {"ApiName": watched.api_name, "Stage": watched.api_stage}
        return Figure("AWS/ApiGateway", name, dimensions, statistic)

    yield Limit(
        "ServerErrors",
        f"More than {_SERVER_ERRORS_PERCENT} % of all answers are 5xx.",
        figure("5XXError", "Sum"),
        _SERVER_ERRORS_PERCENT,
        period_s=300,
        expression=f"IF(figure > {_SERVER_ERRORS_AT_LEAST}, 100 * figure / requests, 0)",
        others={"requests": figure("Count", "Sum")},
    )
    yield Limit(
        "Slow",
        f"One answer in twenty takes more than {_SLOW_MS} ms.",
        figure("Latency", "p95"),
        _SLOW_MS,
        period_s=300,
        datapoints=2,
        periods=3,
    )


def _of_what_we_call(watched: Watched) -> Iterator[Limit]:
    for source in SOURCES:
        yield Limit(
            "SourceMissing",
            f"{source} does not answer the relay's schedule, or the schedule does not run.",
            watched.ours(metrics.SOURCE_UP, "Minimum", source),
            1,
            of=source,
            side="below",
            datapoints=3,
            periods=3,
            silence=SILENCE_IS_BAD,
        )
    for service in SERVICES:
        yield Limit(
            "CircuitOpen",
            f"{service} is away; its jobs are deferred.",
            watched.ours(metrics.CIRCUIT, "Maximum", service),
            0,
            of=service,
            datapoints=3,
            periods=3,
            silence=SILENCE_KEEPS,
        )


def _of_queues(watched: Watched) -> Iterator[Limit]:
    for name, queue in watched.queues.items():
        depth = watched.ours(metrics.QUEUE_DEPTH, "Maximum", name)
        yield Limit(
            "QueueDeep",
            f"{name} has more than {WARNING_DEPTH} unfinished jobs.",
            depth,
            WARNING_DEPTH,
            of=name,
            datapoints=2,
            periods=2,
            silence=SILENCE_KEEPS,
        )
        yield Limit(
            "QueueFull",
            f"{name} has more than {FULL_DEPTH} unfinished jobs and refuses new ones.",
            depth,
            FULL_DEPTH,
            of=name,
            silence=SILENCE_KEEPS,
        )
        yield Limit(
            "WorkerUnavailable",
            f"Jobs of {name} are due, and none was finished for two minutes.",
            watched.ours(metrics.WORKER_UP, "Minimum", name),
            1,
            of=name,
            side="below",
            datapoints=2,
            periods=2,
            silence=SILENCE_KEEPS,
        )
        yield Limit(
            "MessagesOld",
            f"A message of {name} has waited for more than {_MESSAGE_OLD_S} s, as SQS sees it.",
            Figure("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": queue}, "Maximum"),
            _MESSAGE_OLD_S,
            of=name,
            datapoints=5,
            periods=5,
        )
    for name, queue in watched.dead_letter_queues.items():
        yield Limit(
            "DeadLetters",
            f"Something lies on the dead-letter queue of {name}.",
            Figure("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, "Maximum"),
            0,
            of=name,
            period_s=300,
        )


def _of_leads(watched: Watched) -> Iterator[Limit]:
    yield Limit(
        "LeadsLate",
        f"A lead has waited for the sheet for more than {_LATE_S} s.",
        watched.ours(metrics.SINK_LAG, "Maximum", "sync"),
        _LATE_S,
        datapoints=2,
        periods=2,
        silence=SILENCE_KEEPS,
    )
    yield Limit(
        "LeadsUncalled",
        f"A lead has waited for a first contact for more than {_UNCALLED_S // 3600} hours.",
        watched.ours(metrics.UNCALLED, "Maximum"),
        _UNCALLED_S,
        period_s=300,
        silence=SILENCE_KEEPS,
    )


def _of_functions(watched: Watched) -> Iterator[Limit]:
    for name, function in watched.functions.items():
        of_it = {"FunctionName": function}
        yield Limit(
            "FunctionErrors",
            f"{name} crashed, or ran out of time or memory.",
            Figure("AWS/Lambda", "Errors", of_it, "Sum"),
            0,
            of=name,
            period_s=300,
        )
        yield Limit(
            "FunctionThrottled",
            f"Lambda starts no more containers of {name}.",
            Figure("AWS/Lambda", "Throttles", of_it, "Sum"),
            0,
            of=name,
            datapoints=3,
            periods=5,
        )


def _of_the_database(watched: Watched) -> Iterator[Limit]:
    def proxys(name: str, statistic: str) -> Figure:
        return Figure("AWS/RDS", name, {"ProxyName": watched.proxy_name}, statistic)

    def clusters(name: str) -> Figure:
        return Figure("AWS/RDS", name, {"DBClusterIdentifier": watched.cluster_id}, "Maximum")

    yield Limit(
        "ConnectionsShort",
        f"A connection to PostgreSQL is waited for {_BORROW_US // 1000} ms on average.",
        proxys("DatabaseConnectionsBorrowLatency", "Average"),
        _BORROW_US,
        datapoints=3,
        periods=5,
    )
    yield Limit(
        "ConnectionsPinned",
        "RDS Proxy keeps connections for single sessions, which none of our statements asks for.",
        proxys("DatabaseConnectionsCurrentlySessionPinned", "Sum"),
        0,
        datapoints=5,
        periods=5,
    )
    yield Limit(
        "ConnectionsRefused",
        "PostgreSQL refuses RDS Proxy's connections.",
        proxys("DatabaseConnectionsSetupFailed", "Sum"),
        0,
        datapoints=3,
        periods=5,
    )
    yield Limit(
        "DatabaseBusy",
        f"PostgreSQL's processors are busy for more than {_BUSY_PERCENT} %.",
        clusters("CPUUtilization"),
        _BUSY_PERCENT,
        period_s=300,
        datapoints=3,
        periods=3,
    )
    yield Limit(
        "DatabaseCapacity",
        f"Aurora uses more than {_CAPACITY_PERCENT} % of the capacity that it may grow to.",
        clusters("ACUUtilization"),
        _CAPACITY_PERCENT,
        period_s=300,
        datapoints=3,
        periods=3,
    )


def _of_valkey(watched: Watched) -> Iterator[Limit]:
    for node in watched.cache_nodes:
        of_it = {"CacheClusterId": node}
        number = node.rpartition("-")[2]
        yield Limit(
            "ValkeyBusy",
            f"Valkey's one thread is busy for more than {_BUSY_PERCENT} %.",
            Figure("AWS/ElastiCache", "EngineCPUUtilization", of_it, "Maximum"),
            _BUSY_PERCENT,
            of=number,
            period_s=300,
            datapoints=3,
            periods=3,
        )
        yield Limit(
            "ValkeyMemory",
            f"Valkey uses more than {_BUSY_PERCENT} % of its memory.",
            Figure("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", of_it, "Maximum"),
            _BUSY_PERCENT,
            of=number,
            period_s=300,
            datapoints=2,
            periods=2,
        )
        yield Limit(
            "ValkeyEvicts",
            "Valkey forgets what still has a lifetime, to make room.",
            Figure("AWS/ElastiCache", "Evictions", of_it, "Sum"),
            0,
            of=number,
            period_s=300,
        )
