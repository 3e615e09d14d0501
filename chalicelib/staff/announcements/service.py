"""Takes an announcement as one job; the notification worker makes one for each person and channel of it."""

import json
from uuid import UUID, uuid4

from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.room import check_room
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import database
from chalicelib.staff.announcements import store
from chalicelib.staff.announcements.models import NewAnnouncement
from chalicelib.staff.audit import service as audit

_TOLD_FAULTS = 100
log = logs.EventLog("announcements")


def announce(call: Call, announcement: NewAnnouncement) -> UUID:
    """
    Store *announcement*, get it going, and return its id.

    Raises:
        QueueFull: the notification queue has no room.
        ValidationFailed: somebody whom it names does not exist; nobody is told.
    """
    check_room("notification")
    announcement_id, job = uuid4(), Job.new("announcement", call.correlation_id)
    told = {
        "fields": ["title", "content"],
        "channels": announcement.channels,
        "recipients": len(announcement.user_ids),
    }
    parameters = {
        **audit.entry(call, "announcement.created", clock.now()),
        **jobs_store.insert_parameters([job]),
        "id": announcement_id,
        "title": announcement.title,
        "content": announcement.content,
        "channels": announcement.channels,
        "user_ids": announcement.user_ids,
        "after": json.dumps(told),
    }
    missing = store.announce(database(), parameters)
    if missing:
        raise ValidationFailed(
            [
                FieldError(f"/userIds/{place}", "unknown", "Nobody has this id.")
                for place in missing[:_TOLD_FAULTS]
            ]
        )
    log.info(
        "announcement.stored", announcement_id=str(announcement_id), recipients=len(announcement.user_ids)
    )
    dispatch([job], began_s=call.began_s)
    return announcement_id
