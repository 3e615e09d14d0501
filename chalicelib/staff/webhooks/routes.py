"""Webhooks and their deliveries: staff read them, administrators write."""

from uuid import UUID

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import Conflict, NotFound
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.http.listing import id_in_address, page_of, position_in, query_of
from chalicelib.platform.models import Body
from chalicelib.platform.postgres import Row, database
from chalicelib.staff.webhooks import service, store
from chalicelib.staff.webhooks.models import (
    DeliveryPage,
    DeliveryView,
    NewWebhook,
    WebhookChange,
    WebhookList,
    WebhookView,
    WebhookWithSecret,
)
from chalicelib.webhooks.signatures import secret_of

api = ApiBlueprint(__name__)
_reads = Admission("SIGNED_IN", roles=STAFF)
_writes = Admission("SIGNED_IN", roles=frozenset({"ADMIN"}))
_PAGE = 50


def _with_secret(row: Row) -> WebhookWithSecret:
    return WebhookWithSecret(secret=secret_of(row["id"], row["secret_generation"]), **row)


@api.operation(
    Operation(
        method="GET",
        path="/admin/webhooks",
        summary="List webhooks",
        answer=WebhookList,
        status=200,
        refusals=(),
        guard=_reads,
    )
)
def list_webhooks(_call: Call) -> Answer:
    """All of them, without their secrets."""
    return Answer.of(WebhookList(items=[WebhookView(**row) for row in store.list_all(database())]))


@api.operation(
    Operation(
        method="POST",
        path="/admin/webhooks",
        summary="Add a webhook",
        description="Calls are signed as Standard Webhooks 1.0 says; the secret is in this answer only. The "
        "address must be https and on the public internet.",
        answer=WebhookWithSecret,
        status=201,
        refusals=(Conflict,),
        guard=_writes,
        body=NewWebhook,
    )
)
def create_webhook(call: Call, body: NewWebhook) -> Answer:
    """Add one."""
    return Answer.of(_with_secret(service.create(call, body)), status=201)


@api.operation(
    Operation(
        method="GET",
        path="/admin/webhooks/{id}",
        summary="Read a webhook",
        answer=WebhookView,
        status=200,
        refusals=(NotFound,),
        guard=_reads,
    )
)
def read_webhook(_call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """One webhook, without its secret."""
    return Answer.of(WebhookView(**_webhook_in(id)))


@api.operation(
    Operation(
        method="PATCH",
        path="/admin/webhooks/{id}",
        summary="Change a webhook",
        description="What is left out stays as it is. Switching it on again forgets its failures.",
        answer=WebhookView,
        status=200,
        refusals=(NotFound,),
        guard=_writes,
        body=WebhookChange,
    )
)
def change_webhook(call: Call, body: Body, id: str) -> Answer:  # noqa: A002  the address's own name
    """Change one."""
    return Answer.of(WebhookView(**service.change(call, id_in_address(id), body)))


@api.operation(
    Operation(
        method="DELETE",
        path="/admin/webhooks/{id}",
        summary="Delete a webhook",
        description="What was not delivered yet is not delivered any more.",
        answer=None,
        status=204,
        refusals=(NotFound,),
        guard=_writes,
    )
)
def delete_webhook(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """Remove one."""
    service.remove(call, id_in_address(id))
    return Answer(204)


@api.operation(
    Operation(
        method="POST",
        path="/admin/webhooks/{id}/rotate-secret",
        summary="Give a webhook a new secret",
        description="For 24 hours the old secret signs beside the new one, which is in this answer only.",
        answer=WebhookWithSecret,
        status=200,
        refusals=(NotFound,),
        guard=_writes,
    )
)
def rotate_secret(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """The next secret."""
    return Answer.of(_with_secret(service.rotate_secret(call, id_in_address(id))))


@api.operation(
    Operation(
        method="GET",
        path="/admin/webhooks/{id}/deliveries",
        summary="List the deliveries of a webhook",
        answer=DeliveryPage,
        status=200,
        refusals=(NotFound,),
        guard=_reads,
        query={"cursor": "The nextCursor of the page before."},
    )
)
def list_deliveries(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """What it was told and how that went, the latest first."""
    before = position_in(query_of(call), UUID)
    found = store.list_deliveries(database(), _webhook_in(id)["id"], before=before, limit=_PAGE + 1)
    rows, cursor = page_of(found, _PAGE, lambda row: (row["at"], row["id"]))
    return Answer.of(DeliveryPage(items=[DeliveryView(**row) for row in rows], next_cursor=cursor))


@api.operation(
    Operation(
        method="POST",
        path="/admin/webhooks/{id}/deliveries/{deliveryId}/replay",
        summary="Deliver again",
        description="Under the same id, so that a receiver which has it already can tell.",
        answer=DeliveryView,
        status=202,
        refusals=(NotFound, Conflict),
        guard=_writes,
    )
)
def replay_delivery(call: Call, id: str, deliveryId: str) -> Answer:  # noqa: A002, N803  the address's own names
    """Start a delivery afresh."""
    replayed = service.replay(call, id_in_address(id), id_in_address(deliveryId))
    return Answer.of(DeliveryView(**replayed), status=202)


def _webhook_in(written: str) -> Row:
    row = store.find(database(), id_in_address(written))
    if row is None:
        raise NotFound("There is no such webhook.")
    return row
