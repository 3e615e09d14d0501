"""
Tells people, once per kind, subject and window: a row in PostgreSQL, a line in the log, a message on the
topic.
"""

from datetime import timedelta

from chalicelib.alerts import store
from chalicelib.gateways import sns
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import DatabaseBusy
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings

ONCE = "/once"  # how the key of an alert ends that is raised once and never again
log = logs.EventLog("alerts")


def key_of(kind: str, subject: str) -> str:
    """How the key of an alert begins; its window follows."""
    return f"{kind}/{subject}"


def raise_alert(kind: str, subject: str, body: str, *, window: timedelta | None) -> None:
    """
    Alert about *subject* unless the same was said in this *window*, or ever if that is None. Never raises.

    With PostgreSQL away nothing remembers what was said, so the alert goes out every time; one that may be
    said only once is left to whoever finds its reason again.
    """
    now = clock.now()
    slot = ONCE if window is None else f"/{now.timestamp() // window.total_seconds():.0f}"
    try:
        key = f"{key_of(kind, subject)}{slot}"
        if not store.record_alert(database(), kind=kind, dedupe_key=key, subject=subject, body=body, now=now):
            return
    except DatabaseBusy:
        log.warning("alert.not_recorded", kind=kind)
        if window is None:
            return
    log.warning("alert.raised", kind=kind, subject=subject)
    try:
        sns.publish(settings().alert_topic_arn, kind, f"Plumbline: {subject}", body)
    except (NoAnswer, Refused) as error:
        log.warning("alert.not_published", kind=kind, reason=str(error))
