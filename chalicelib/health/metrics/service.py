"""
Gathers the figures where they are true: sums and circuits in Valkey, queues and connections in PostgreSQL.

What cannot be asked now is left out, and `metrics_source_up` says so: a page with a gap is worth more than
none, and Prometheus goes on where the counters were.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from chalicelib.health.metrics import exposition, store
from chalicelib.health.metrics.exposition import Gauges, Values
from chalicelib.jobs.envelope import QUEUES
from chalicelib.leads.sla import service as sla
from chalicelib.platform import clock, deadline, metrics
from chalicelib.platform.errors import DatabaseBusy
from chalicelib.platform.metrics import Metric
from chalicelib.platform.postgres import database
from chalicelib.resilience.carrier import REFUSED_KEY, SUMS_KEY, carrier
from chalicelib.resilience.flusher import flush
from chalicelib.resilience.valkey import Script, ValkeyAway, valkey
from chalicelib.staff.queues.health import list_circuits

_SUMS = Script(Path(__file__).with_name("sums.lua"))
_POSTGRES_WITHIN_S = 3.0
_CIRCUIT = {"closed": 0, "half_open": 1, "open": 2}


def page() -> str:
    """Everything that is known now."""
    sums = _sums()
    return exposition.render(sums, _gauges(is_valkey_up=sums is not None))


def tell_cloudwatch() -> None:
    """Let CloudWatch have the gauges, which are read and not counted; part of the relay's schedule."""
    for metric, samples in _gauges(is_valkey_up=flush()).items():
        for values, value in samples.items():
            metrics.show(metric, value, *values)


def _sums() -> dict[str, int] | None:
    try:
        found = valkey().run(_SUMS, [SUMS_KEY, REFUSED_KEY])
        if carrier.is_loaded():  # the trip took a batch that had been sent in vain before
            found = valkey().run(_SUMS, [SUMS_KEY, REFUSED_KEY])
    except ValkeyAway:
        return None
    pairs = (zip(each[::2], each[1::2], strict=True) for each in found)
    return {field.decode(): int(total) for each in pairs for field, total in each}


def _gauges(*, is_valkey_up: bool) -> Gauges:
    found: dict[Metric, dict[Values, float]] = {}
    if is_valkey_up:
        found[metrics.CIRCUIT] = {(each.service,): _CIRCUIT[each.state] for each in list_circuits()}
    try:
        with deadline.within(_POSTGRES_WITHIN_S):
            found |= _of_postgres(clock.now())
    except DatabaseBusy:
        is_postgres_up = False
    else:
        is_postgres_up = True
    found[metrics.SOURCE_UP] = {("postgresql",): int(is_postgres_up), ("valkey",): int(is_valkey_up)}
    return found


def _of_postgres(now: datetime) -> dict[Metric, dict[Values, float]]:
    queues = {row["queue"]: row for row in store.queues(database(), sorted(set(QUEUES.values())), now)}
    states = {row["state"]: row["connections"] for row in store.connections(database())}

    def of_queues(figure: Callable[[Any], float]) -> dict[Values, float]:
        return {(queue,): figure(row) for queue, row in queues.items()}

    return {
        metrics.QUEUE_DEPTH: of_queues(lambda row: row["depth"]),
        metrics.QUEUE_LAG: of_queues(lambda row: _age_s(row["oldest_due_at"], now)),
        metrics.SINK_LAG: of_queues(lambda row: _age_s(row["oldest_caused_at"], now)),
        metrics.UNCALLED: {(): _age_s(sla.oldest_uncalled_at(), now)},
        metrics.WORKER_UP: of_queues(lambda row: int(not row["stuck"])),
        metrics.POOL: {(state,): states.get(state, 0) for state in ("active", "idle", "in_transaction")},
    }


def _age_s(instant: datetime | None, now: datetime) -> float:
    """How long ago that was; 0 where there is nothing, or it is still to come."""
    return 0.0 if instant is None else max(0.0, (now - instant).total_seconds())
