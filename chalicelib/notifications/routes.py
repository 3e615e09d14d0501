"""A person's own notifications."""

from uuid import UUID

from chalicelib.guards.access import EVERYBODY, caller_of
from chalicelib.guards.admission import Admission
from chalicelib.notifications import rules, store
from chalicelib.notifications.models import Notification, NotificationList
from chalicelib.platform import clock
from chalicelib.platform.errors import NotFound
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.http.listing import id_in_address, page_of, position_in, query_of
from chalicelib.platform.postgres import database

PAGE = 50
api = ApiBlueprint(__name__)
_guard = Admission("SIGNED_IN", roles=EVERYBODY)


@api.operation(
    Operation(
        method="GET",
        path="/me/notifications",
        summary="List your notifications, the latest first",
        answer=NotificationList,
        status=200,
        refusals=(),
        guard=_guard,
        query={"cursor": "The nextCursor of the page before."},
    )
)
def list_notifications(call: Call) -> Answer:
    """The caller's own, a page at a time."""
    before = position_in(query_of(call), UUID)
    found = store.list_of(database(), caller_of(call).id, before=before, limit=PAGE + 1)
    rows, cursor = page_of(found, PAGE, lambda row: (row["created_at"], row["id"]))
    items = []
    for row in rows:
        title, content = rules.words_of(row)
        items.append(
            Notification(
                id=row["id"],
                type="announcement" if row["lead_id"] is None else "lead",
                title=title,
                content=content,
                lead_id=row["lead_id"],
                read_at=row["read_at"],
                created_at=row["created_at"],
            )
        )
    return Answer.of(NotificationList(items=items, next_cursor=cursor))


@api.operation(
    Operation(
        method="POST",
        path="/me/notifications/{id}/read",
        summary="Note that you have read a notification",
        description="A second time changes nothing.",
        answer=None,
        status=204,
        refusals=(NotFound,),
        guard=_guard,
    )
)
def read_notification(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """Only one's own; another's is not there."""
    if not store.mark_read(database(), caller_of(call).id, id_in_address(id), clock.now()):
        raise NotFound("You have no such notification.")
    return Answer(204)
