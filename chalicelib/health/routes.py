"""`/health` says what is away: 200 while leads can be stored, and 503 only without the database."""

from chalicelib.gateways import sqs
from chalicelib.guards.admission import Admission
from chalicelib.health.metrics import store
from chalicelib.health.models import Checks, Health, State
from chalicelib.jobs.envelope import QUEUES
from chalicelib.jobs.room import WARNING_DEPTH
from chalicelib.platform import clock, deadline
from chalicelib.platform.errors import DatabaseBusy
from chalicelib.platform.http import Answer, ApiBlueprint, Call, Unguarded
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings
from chalicelib.resilience.valkey import Valkey, ValkeyAway, valkey
from chalicelib.staff.queues.health import list_circuits

_BROKER_WITHIN_S, _DATABASE_WITHIN_S = 0.4, 3.0
api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="GET",
        path="/health",
        summary="Tell whether everything is well",
        description="200 also when degraded; 503 only without the database.",
        answer=Health,
        status=200,
        refusals=(),
        guard=Unguarded(),
        others={503: Health},
    )
)
def health(_call: Call) -> Answer:
    """Ask every dependency now; each has its own short limit."""
    queues, is_database_up = _queues()
    checks = Checks(
        database="ok" if is_database_up else "down",
        redis=_redis(valkey()),
        queues=queues,
        circuits=_circuits(),
    )
    if not is_database_up:
        return Answer.of(Health(status="down", checks=checks), status=503, headers={"Retry-After": "5"})
    whole: State = "ok" if set(checks.model_dump().values()) == {"ok"} else "degraded"
    return Answer.of(Health(status=whole, checks=checks))


def _queues() -> tuple[State, bool]:
    """How the queues are, and whether the database could tell."""
    is_broker_up = sqs.is_reachable(settings().sync_queue_url, timeout_s=_BROKER_WITHIN_S)
    try:
        with deadline.within(_DATABASE_WITHIN_S):
            rows = store.queues(database(), sorted(set(QUEUES.values())), clock.now())
    except DatabaseBusy:
        return ("degraded" if is_broker_up else "down"), False
    if not is_broker_up:
        return "down", True
    return ("degraded" if any(row["stuck"] or row["depth"] > WARNING_DEPTH for row in rows) else "ok"), True


def _redis(client: Valkey) -> State:
    try:
        client.command("PING")
    except ValkeyAway:
        return "down"
    return "ok"


def _circuits() -> State:
    return "ok" if all(circuit.state == "closed" for circuit in list_circuits()) else "degraded"


@api.operation(
    Operation(
        method="GET",
        path="/openapi.json",
        summary="Describe this API as OpenAPI 3.1",
        answer=None,
        status=200,
        refusals=(),
        guard=Admission("READS"),
    )
)
def openapi(_call: Call) -> Answer:
    """The document, made from the routes themselves."""
    from chalicelib.health.document import document  # noqa: PLC0415  only this route pays for it

    return Answer(200, document(), headers={"Cache-Control": "public, max-age=60"})


@api.operation(
    Operation(
        method="GET",
        path="/docs",
        summary="Read this documentation",
        answer=None,
        status=200,
        refusals=(),
        guard=Admission("READS"),
        media_type="text/html",
    )
)
def read_docs(_call: Call) -> Answer:
    """The same for people."""
    from chalicelib.health import reference  # noqa: PLC0415  only this route pays for it

    headers = {"Cache-Control": "public, max-age=60", "Content-Security-Policy": reference.POLICY}
    return Answer(200, reference.page(), "text/html; charset=utf-8", headers)
