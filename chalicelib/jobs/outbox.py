"""
Sends the messages of committed jobs: to all queues at once, 400 ms in all. What was not sent is the relay's.

One thread does it: it writes every call to a connection of its own, and then reads the answers, so all of
them together are one wait.

Nothing is marked here: a job stays `waiting` until a worker claims it or the relay sends it, so a request
spends no round trip on bookkeeping, and a lost message costs a minute at the most.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from chalicelib.gateways import sqs
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.jobs.envelope import Job, seal
from chalicelib.platform import deadline, logs
from chalicelib.platform.settings import settings

REQUEST_BUDGET_S = 0.4
_AT_ONCE = 6
Batch = tuple[str, Sequence[Job]]
log = logs.EventLog("outbox")


def send(jobs: Iterable[Job], *, budget_s: float = REQUEST_BUDGET_S) -> list[Job]:
    """
    Put one message for each job on its queue and return those that are known to be sent. Never raises.

    As many batches as `_AT_ONCE` have *budget_s* together.
    """
    batches = list(_batches(jobs))
    sent: list[Job] = []
    for start in range(0, len(batches), _AT_ONCE):
        with deadline.within(budget_s):
            sent += _send_at_once(batches[start : start + _AT_ONCE], budget_s)
    return sent


def _batches(jobs: Iterable[Job]) -> Iterable[Batch]:
    by_queue: dict[str, list[Job]] = {}
    for job in jobs:
        by_queue.setdefault(job.queue, []).append(job)
    for queue, found in by_queue.items():
        for start in range(0, len(found), sqs.BATCH):
            yield queue, found[start : start + sqs.BATCH]


def _send_at_once(batches: Sequence[Batch], budget_s: float) -> list[Job]:
    """Every batch is on its way before the first answer is waited for."""
    under_way: list[tuple[Batch, Callable[[], list[int]]]] = []
    sent: list[Job] = []
    for batch in batches:
        queue, jobs = batch
        with _warned(batch):
            bodies = [seal(job) for job in jobs]
            answer = sqs.begin_to_send(settings().queue_url(queue), bodies, timeout_s=budget_s)
            under_way.append((batch, answer))
    for batch, answer in under_way:
        with _warned(batch):
            sent += [batch[1][position] for position in answer()]
    return sent


@contextmanager
def _warned(batch: Batch) -> Iterator[None]:
    """Nobody but the log hears of a failure: the jobs are stored."""
    try:
        yield
    except (NoAnswer, Refused) as error:
        queue, jobs = batch
        log.warning("broker.unavailable", queue=queue, reason=str(error), jobs=len(jobs))
