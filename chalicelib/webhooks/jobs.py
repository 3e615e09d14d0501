"""
What the webhook queue's jobs do: every receiver has a lane of its own, so none waits for another.

In a lane calls go one after the other; lanes run side by side, and while a slow one is waited for, what
becomes due for the others is begun.
"""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from chalicelib.gateways import webhook_receiver
from chalicelib.jobs.runner import OneByOne
from chalicelib.platform import clock, deadline
from chalicelib.platform.postgres import database
from chalicelib.webhooks import rules, service, store

WEBHOOKS_AT_MOST = 16  # so that there is a lane for each
_IN_A_ROW = 20
_LOOK_AGAIN_S = 0.25
_KEPT_FOR = timedelta(days=30)
_BATCH = 1000
_RESERVE_S = 5.0


@dataclass(frozen=True)
class SideBySide:
    """The work of one job type in lanes, by webhook."""

    kind: OneByOne

    def __call__(self, woken_by: Sequence[UUID]) -> None:  # noqa: ARG002  a message is only a wake-up call
        """Drain everything that is due, as far as the deadline allows."""
        running: dict[UUID, Future[None]] = {}
        with ThreadPoolExecutor(WEBHOOKS_AT_MOST, thread_name_prefix="webhook") as threads:
            while True:
                if self._has_time():
                    for row in store.list_due(database(), now=clock.now(), limit=_IN_A_ROW):
                        if row["lane"] not in running:
                            running[row["lane"]] = threads.submit(
                                copy_context().run, self._run_lane, row["job_ids"]
                            )
                if not running:
                    return
                wait(running.values(), timeout=_LOOK_AGAIN_S, return_when=FIRST_COMPLETED)
                for lane in [lane for lane, work in running.items() if work.done()]:
                    running.pop(lane).result()

    def _run_lane(self, job_ids: Sequence[UUID]) -> None:
        for job_id in job_ids:
            if not self._has_time():
                return
            self.kind.do_one(job_id)

    def _has_time(self) -> bool:
        return deadline.remaining_s(60) > self.kind.reserve_s


KINDS = {
    "webhook": SideBySide(
        OneByOne(
            "webhook",
            service.call,
            reserve_s=webhook_receiver.TIMEOUT_S + 2,
            retry_after_s=rules.RETRY_AFTER_S,
        )
    )
}


def forget_old(context: Any) -> None:
    """Delete deliveries of more than 30 days ago, in small statements."""
    budget_s = deadline.left_of(context) - _RESERVE_S
    with deadline.within(budget_s):
        before = clock.now() - _KEPT_FOR
        while deadline.remaining_s(budget_s) > 1 and (
            store.delete_old(database(), before=before, limit=_BATCH) == _BATCH
        ):
            pass
