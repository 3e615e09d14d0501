"""Dead letters as staff see them."""

from uuid import UUID

from chalicelib.platform.models import Instant, View


class Payload(View):
    """What the job was given: whom and what it is about, by ids only."""

    subject_id: UUID
    recipient_id: UUID | None
    epoch: int


class DeadLetter(View):
    """A job that cannot be done: after how many attempts, when and why it was given up."""

    job_id: UUID
    type: str
    attempts: int
    failed_at: Instant
    reason: str | None
    correlation_id: str
    payload: Payload


class DeadLetterPage(View):
    """A page of dead letters, the latest first."""

    items: list[DeadLetter]
    next_cursor: str | None


class Redriven(View):
    """How many jobs were brought back to life, and how many of the queue are still dead."""

    redriven: int
    remaining: int
