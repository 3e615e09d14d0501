"""What travels on a queue: which job, in which epoch. Ids only: no people's data, no secrets."""

import uuid
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

BODY_LIMIT_CHARACTERS = 4096
# Job type → the queue whose worker does it. Mail is only sent by the e-mail worker, the sheet only written by
# the sync worker, which has the most time and so writes files too; `lead_notice` and `announcement` are for
# many people and become one job for each.
QUEUES = {
    "quotation": "email",
    "notification": "email",
    "welcome": "email",
    "password_reset": "email",
    "google_sheets": "sync",
    "lead_export": "sync",
    "sheet_backfill": "sync",
    "sheet_reconcile": "sync",
    "lead_notice": "notification",
    "lead_overdue": "notification",
    "announcement": "notification",
    "in_app": "notification",
    "sms": "notification",
    "webhook": "webhook",
}


@dataclass(frozen=True)
class Job:
    """A job as it is born: one row of the ledger, and one message."""

    id: uuid.UUID
    type: str
    correlation_id: str
    epoch: int = 0

    @property
    def queue(self) -> str:
        """The queue whose worker does it."""
        return QUEUES[self.type]

    @classmethod
    def new(cls, job_type: str, correlation_id: str) -> "Job":
        """A new job of *job_type*, caused by the request of *correlation_id*."""
        return cls(uuid.uuid4(), job_type, correlation_id)


class Envelope(BaseModel):
    """The message of one job. A change of its shape raises *v*; workers refuse what they do not know."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    v: Annotated[int, Field(ge=1, le=1)]  # Literal[1] would take true for 1
    job_id: uuid.UUID
    epoch: Annotated[int, Field(ge=0)]
    type: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    correlation_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")]


_FIELDS = frozenset(field.alias for field in Envelope.model_fields.values())


class MalformedEnvelope(Exception):
    """A message that no worker can read; the text says why, without repeating what stands in it."""


def seal(job: Job) -> str:
    """The message body for *job*."""
    return Envelope(
        v=1, job_id=job.id, epoch=job.epoch, type=job.type, correlation_id=job.correlation_id
    ).model_dump_json(by_alias=True)


def unseal(body: object) -> Envelope:
    """
    Read a message body.

    Raises:
        MalformedEnvelope: with every fault by field name.
    """
    if not isinstance(body, str) or len(body) > BODY_LIMIT_CHARACTERS:
        raise MalformedEnvelope("not a text of at most 4,096 characters")
    try:
        return Envelope.model_validate_json(body, strict=True)
    except ValidationError as error:
        faults = [
            f"{_place(item['loc'])}: {item['type']}"
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise MalformedEnvelope("; ".join(faults)[:300]) from None


def _place(location: tuple[int | str, ...]) -> str:
    """The field at fault; one that we do not know is not repeated, as its name may be anything."""
    if not location:
        return "body"
    return str(location[0]) if location[0] in _FIELDS else "unknown field"
