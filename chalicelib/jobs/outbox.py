"""
Sends the messages of committed jobs: all queues in parallel, 400 ms in all. What was not sent is the
relay's.

Nothing is marked here: a job stays `waiting` until a worker claims it or the relay sends it, so a request
spends no round trip on bookkeeping, and a lost message costs a minute at the most.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache

from chalicelib.gateways import sqs
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.jobs.envelope import Job, seal
from chalicelib.platform import logs
from chalicelib.platform.settings import settings

REQUEST_BUDGET_S = 0.4
log = logs.EventLog("outbox")


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=6, thread_name_prefix="outbox")


def send(jobs: Iterable[Job], *, budget_s: float = REQUEST_BUDGET_S) -> list[Job]:
    """Put one message for each job on its queue and return those that are known to be sent. Never raises."""
    batches = list(_batches(jobs))
    if len(batches) == 1:
        return _send_batch(*batches[0], budget_s)
    pending: list[Future[list[Job]]] = [
        _threads().submit(copy_context().run, _send_batch, queue, batch, budget_s) for queue, batch in batches
    ]
    done, late = wait(pending, timeout=budget_s * max(1, -(-len(batches) // 6)))
    if late:
        log.warning("broker.unavailable", reason="slow", batches=len(late))
    return [job for future in done for job in future.result()]


def _batches(jobs: Iterable[Job]) -> Iterable[tuple[str, Sequence[Job]]]:
    by_queue: dict[str, list[Job]] = {}
    for job in jobs:
        by_queue.setdefault(job.queue, []).append(job)
    for queue, found in by_queue.items():
        for start in range(0, len(found), sqs.BATCH):
            yield queue, found[start : start + sqs.BATCH]


def _send_batch(queue: str, batch: Sequence[Job], budget_s: float) -> list[Job]:
    try:
        sent = sqs.send(settings().queue_url(queue), [seal(job) for job in batch], timeout_s=budget_s)
    except (NoAnswer, Refused) as error:
        log.warning("broker.unavailable", queue=queue, reason=str(error), jobs=len(batch))
        return []
    return [batch[position] for position in sent]
