"""
The four queues and their dead-letter queues.

A message hides for six times its function's timeout, as AWS asks of queues that feed Lambda. 50 receives are
the outer net only: the ledger counts executions. A message's age counts from its first day, so the
dead-letter queue keeps it longer than the queue does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.stages import Stage

QUEUES = ("email", "sync", "notification", "webhook")
MAX_RECEIVES = 50
KEPT_DAYS = 4
DEAD_KEPT_DAYS = 14
VISIBILITY_FACTOR = 6


@dataclass(frozen=True)
class Pair:
    """A queue and its dead-letter queue."""

    queue: sqs.Queue
    dead: sqs.Queue


class Queues(Construct):
    """Every pair by its queue's name, for workers with these *timeouts_s*."""

    def __init__(self, scope: Construct, name: str, stage: Stage, timeouts_s: Mapping[str, int]) -> None:
        super().__init__(scope, name)
        self.pairs = {queue: self._make(queue, stage, timeouts_s[queue]) for queue in QUEUES}

    def _make(self, name: str, stage: Stage, timeout_s: int) -> Pair:
        dead = sqs.Queue(
            self,
            f"{name.title()}Dead",
            queue_name=f"{stage.prefix}-{name}-dlq",
            retention_period=Duration.days(DEAD_KEPT_DAYS),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        queue = sqs.Queue(
            self,
            name.title(),
            queue_name=f"{stage.prefix}-{name}",
            visibility_timeout=Duration.seconds(VISIBILITY_FACTOR * timeout_s),
            retention_period=Duration.days(KEPT_DAYS),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=MAX_RECEIVES),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        return Pair(queue, dead)

    @property
    def queue_arns(self) -> list[str]:
        """Where jobs are sent."""
        return [pair.queue.queue_arn for pair in self.pairs.values()]

    @property
    def dead_arns(self) -> list[str]:
        """Where the dead lie."""
        return [pair.dead.queue_arn for pair in self.pairs.values()]

    def environment(self) -> dict[str, str]:
        """The variables that tell functions where the queues are."""
        return {
            f"{name.upper()}_{kind}_URL": queue.queue_url
            for name, pair in self.pairs.items()
            for kind, queue in (("QUEUE", pair.queue), ("DLQ", pair.dead))
        }
