"""Queues, circuits and dead letters as staff see them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import CorrelationId, Instant, View


class Queue(View):
    """
    One queue: *depth* is everything unfinished; of it *delayed* wait for their time, *in_flight* run.

    *processing_rate_per_minute* is of the last five minutes, *average_processing_ms* and *failed* executions
    are of the last hour.
    """

    name: str = Field(examples=["sync"])
    depth: int
    waiting: int
    in_flight: int
    delayed: int
    processing_rate_per_minute: float
    average_processing_ms: float | None
    failed: int
    dead: int
    health: Literal["healthy", "warning", "critical"]
    worker: Literal["available", "unavailable"]


class QueueList(View):
    """All of them."""

    items: list[Queue]
    next_cursor: None = None


class Circuit(View):
    """The breaker before one service, as the fleet sees it; *failures* are consecutive ones."""

    service: str = Field(examples=["google_sheets"])
    state: Literal["closed", "open", "half_open"]
    failures: int
    opened_at: Instant | None
    retry_at: Instant | None


class CircuitList(View):
    """All of them."""

    items: list[Circuit]
    next_cursor: None = None


class Payload(View):
    """What the job was given: whom and what it is about, by ids only."""

    subject_id: UUID
    recipient_id: UUID | None
    epoch: int


class DeadLetter(View):
    """A job that cannot be done: after how many attempts, when and why it was given up."""

    job_id: UUID
    type: str = Field(examples=["google_sheets"])
    attempts: int = Field(examples=[4])
    failed_at: Instant
    reason: str | None = Field(examples=["400 INVALID_ARGUMENT"])
    correlation_id: CorrelationId
    payload: Payload


class DeadLetterPage(View):
    """A page of dead letters, the latest first."""

    items: list[DeadLetter]
    next_cursor: str | None


class Redriven(View):
    """How many jobs were brought back to life, and how many of the queue are still dead."""

    redriven: int
    remaining: int
