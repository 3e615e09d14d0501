"""
Tells people, once per kind, subject and window: a row in PostgreSQL, a line in the log, a message on the
topic.

What the topic did not take is tried again by the relay's schedule for a day. A message whose answer was lost
may come twice, which is better than not at all.
"""

from collections import OrderedDict
from datetime import timedelta

from chalicelib.alerts import store
from chalicelib.gateways import sns
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.platform import clock, logs, metrics
from chalicelib.platform.errors import DatabaseBusy
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings

ONCE = "/once"  # how the key of an alert ends that is raised once and never again
_TOLD_AGAIN_AFTER = timedelta(seconds=30)  # until then whoever raised it may still be at it
_TOLD_AGAIN_FOR = timedelta(days=1)
_AT_ONCE = 20
_REMEMBERED = 1_000
_said: OrderedDict[str, None] = OrderedDict()
log = logs.EventLog("alerts")


def key_of(kind: str, subject: str) -> str:
    """How the key of an alert begins; its window follows."""
    return f"{kind}/{subject}"


def raise_alert(kind: str, subject: str, body: str, *, window: timedelta | None) -> None:
    """
    Alert about *subject* unless the same was said in this *window*, or ever if that is None. Never raises.

    With PostgreSQL away each process remembers for itself what it said; an alert that may be said only once
    is left to whoever finds its reason again.
    """
    now = clock.now()
    slot = ONCE if window is None else f"/{now.timestamp() // window.total_seconds():.0f}"
    key = f"{key_of(kind, subject)}{slot}"
    alert_id = None
    try:
        alert_id = store.record_alert(
            database(), kind=kind, dedupe_key=key, subject=subject, body=body, now=now
        )
        if alert_id is None:
            return
    except DatabaseBusy:
        if key in _said:
            return
        log.warning("alert.not_recorded", kind=kind)
        if window is None:
            return
    _remember(key)
    metrics.count(metrics.ALERTS, kind)
    log.warning("alert.raised", kind=kind, subject=subject)
    if _publish(kind, subject, body) and alert_id is not None:
        _mark_told([alert_id])


def tell_untold() -> None:
    """Publish what the topic did not take; part of the relay's schedule, and ends when it refuses again."""
    now = clock.now()
    told = []
    for row in store.find_untold(
        database(), since=now - _TOLD_AGAIN_FOR, until=now - _TOLD_AGAIN_AFTER, limit=_AT_ONCE
    ):
        if not _publish(row["kind"], row["subject"], row["body"]):
            break
        told.append(row["id"])
    if told:
        _mark_told(told)


def _remember(key: str) -> None:
    _said[key] = None
    if len(_said) > _REMEMBERED:
        _said.popitem(last=False)


def _publish(kind: str, subject: str, body: str) -> bool:
    try:
        sns.publish(settings().alert_topic_arn, kind, f"Plumbline: {subject}", body)
    except (NoAnswer, Refused) as error:
        log.warning("alert.not_published", kind=kind, reason=str(error))
        return False
    return True


def _mark_told(ids: list[int]) -> None:
    try:
        store.mark_told(database(), ids, clock.now())
    except DatabaseBusy:
        log.warning("alert.may_come_twice", alerts=len(ids))
