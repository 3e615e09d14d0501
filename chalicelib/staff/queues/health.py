"""
How the queues and circuits stand, and the watch that calls people when one does not do well.

Depth is counted in the ledger; a worker is unavailable when something has been due for two minutes and
nothing was finished meanwhile.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from chalicelib.alerts import service as alerts
from chalicelib.gateways import google_sheets, ses, sns
from chalicelib.jobs.envelope import QUEUES
from chalicelib.jobs.room import FULL_DEPTH, WARNING_DEPTH
from chalicelib.platform import clock, logs
from chalicelib.platform.postgres import Row, database
from chalicelib.resilience.breaker import Breaker
from chalicelib.resilience.valkey import valkey
from chalicelib.staff.queues import store
from chalicelib.staff.queues.models import Circuit, Queue

# What staff see and redrive. How a webhook's calls went its deliveries tell, and they are replayed there.
STAFF_QUEUES = ("email", "notification", "sync")
_ALERT_WINDOW = timedelta(minutes=15)
_CALL_TIMEOUT_S = {
    "google_sheets": google_sheets.TIMEOUT_S,
    "email": ses.TIMEOUT_S,
    "sms": sns.SMS_TIMEOUT_S,
}
SERVICES = tuple(sorted(_CALL_TIMEOUT_S))  # each has a circuit
log = logs.EventLog("queues")


def list_queues(names: Sequence[str] = STAFF_QUEUES) -> list[Queue]:
    """The queues *names*, by name."""
    return [_queue_of(row) for row in store.figures(database(), names, clock.now())]


def _queue_of(row: Row) -> Queue:
    is_stuck = bool(row["stuck"])
    return Queue(
        name=row["name"],
        depth=row["depth"],
        waiting=row["depth"] - row["in_flight"] - row["delayed"],
        in_flight=row["in_flight"],
        delayed=row["delayed"],
        processing_rate_per_minute=round(row["finished"] / (store.RATE_OVER.total_seconds() / 60), 2),
        average_processing_ms=None if row["average_ms"] is None else round(float(row["average_ms"]), 1),
        failed=row["failed"],
        dead=row["dead"],
        health=_health_of(row["depth"], is_stuck=is_stuck),
        worker="unavailable" if is_stuck else "available",
    )


def _health_of(depth: int, *, is_stuck: bool) -> Literal["healthy", "warning", "critical"]:
    if is_stuck or depth > FULL_DEPTH:
        return "critical"
    return "warning" if depth > WARNING_DEPTH else "healthy"


def list_circuits() -> list[Circuit]:
    """Every circuit, by service."""
    found = []
    for service in SERVICES:
        known = Breaker(valkey(), service, _CALL_TIMEOUT_S[service]).snapshot()
        found.append(
            Circuit(
                service=service,
                state=known.state,
                failures=known.failures,
                opened_at=_instant(known.opened_at_ms),
                retry_at=_instant(known.retry_at_ms),
            )
        )
    return found


def _instant(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC)


def watch() -> None:
    """Warn and alert about queues that are deep or stand still; part of the relay's schedule."""
    for queue in list_queues(sorted(set(QUEUES.values()))):
        if queue.depth > WARNING_DEPTH:
            log.warning("queue.depth_warning", queue=queue.name, depth=queue.depth)
            body = f"{queue.depth} jobs are unfinished; {queue.processing_rate_per_minute} a minute are done."
            alerts.raise_alert("queue_depth", f"The queue {queue.name} is deep", body, window=_ALERT_WINDOW)
        if queue.worker == "unavailable":
            log.warning("worker.unavailable", queue=queue.name, depth=queue.depth)
            body = f"{queue.depth} jobs are unfinished, and none was finished for two minutes."
            alerts.raise_alert(
                "worker_unavailable", f"The worker of {queue.name} stands still", body, window=_ALERT_WINDOW
            )
