"""Queues and circuits as they stand; dead letters, listed and brought back to life one by one or all."""

from uuid import UUID

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.jobs import store as jobs_store
from chalicelib.platform.errors import Conflict, NotFound, QueueFull
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation, Parameter
from chalicelib.platform.http.listing import id_in_address, page_of, position_in, query_of
from chalicelib.platform.postgres import Row, database
from chalicelib.staff.queues import health, service
from chalicelib.staff.queues.models import (
    CircuitList,
    DeadLetter,
    DeadLetterPage,
    Payload,
    QueueList,
    Redriven,
)

api = ApiBlueprint(__name__)
_guard = Admission("SIGNED_IN", roles=STAFF)
_PAGE = 50
_QUEUE = {"queue": Parameter("Which queue.", {"enum": ["email", "sync", "notification"]})}


@api.operation(
    Operation(
        method="GET",
        path="/admin/queues",
        summary="See how each queue stands",
        answer=QueueList,
        status=200,
        refusals=(),
        guard=_guard,
    )
)
def list_queues(_call: Call) -> Answer:
    """Depth, rate, times and failures of each queue, and whether its worker works."""
    return Answer.of(QueueList(items=health.list_queues()))


@api.operation(
    Operation(
        method="GET",
        path="/admin/circuits",
        summary="See how each circuit stands",
        answer=CircuitList,
        status=200,
        refusals=(),
        guard=_guard,
    )
)
def list_circuits(_call: Call) -> Answer:
    """The breakers before the services that workers call."""
    return Answer.of(CircuitList(items=health.list_circuits()))


@api.operation(
    Operation(
        method="GET",
        path="/admin/queues/{queue}/dead-letters",
        address=_QUEUE,
        summary="List the dead letters of a queue",
        answer=DeadLetterPage,
        status=200,
        refusals=(NotFound,),
        guard=_guard,
        query={"cursor": "The nextCursor of the page before."},
    )
)
def list_dead_letters(call: Call, queue: str) -> Answer:
    """The dead jobs of the queue, those that died last first."""
    name = service.known_queue(queue)
    before = position_in(query_of(call), UUID)
    found = jobs_store.list_dead(database(), name, before=before, limit=_PAGE + 1)
    rows, cursor = page_of(found, _PAGE, lambda row: (row["finished_at"], row["id"]))
    return Answer.of(DeadLetterPage(items=[_dead_letter(row) for row in rows], next_cursor=cursor))


def _dead_letter(row: Row) -> DeadLetter:
    return DeadLetter(job_id=row["id"], failed_at=row["finished_at"], payload=Payload(**row), **row)


@api.operation(
    Operation(
        method="POST",
        path="/admin/queues/{queue}/dead-letters/{jobId}/redrive",
        address=_QUEUE,
        summary="Redrive a dead letter",
        description="The job starts afresh, with all its attempts.",
        answer=Redriven,
        status=202,
        refusals=(NotFound, Conflict, QueueFull),
        guard=_guard,
    )
)
def redrive(call: Call, queue: str, jobId: str) -> Answer:  # noqa: N803  the address's own name
    """Bring one dead job back to life."""
    redriven = service.redrive(call, service.known_queue(queue), id_in_address(jobId))
    return Answer.of(redriven, status=202)


@api.operation(
    Operation(
        method="POST",
        path="/admin/queues/{queue}/redrive-all",
        address=_QUEUE,
        summary="Redrive the dead letters of a queue",
        description="Up to 1,000 a call, those that died first; `remaining` says how many are left.",
        answer=Redriven,
        status=202,
        refusals=(NotFound, QueueFull),
        guard=_guard,
    )
)
def redrive_all(call: Call, queue: str) -> Answer:
    """Bring the dead jobs of the queue back to life."""
    return Answer.of(service.redrive_all(call, service.known_queue(queue)), status=202)
