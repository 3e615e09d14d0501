"""The overview as staff read it."""

from datetime import date

from chalicelib.platform.models import Instant, View
from chalicelib.staff.alerts.models import AlertView
from chalicelib.staff.queues.models import Circuit, Queue


class Day(View):
    """The leads that came in on one day (UTC), by the status that they have now and by source."""

    day: date
    leads: int
    by_status: dict[str, int]
    by_source: dict[str, int]


class FirstContact(View):
    """
    How soon leads of these days were called, counted from when they came in or were let out of quarantine.

    *leads* are those that were to be called (neither quarantined nor spam), *contacted* those that were.
    *median_s* and *p90_s* are of the contacted; *share_within_5_min* is of those that are five minutes old.
    """

    leads: int
    contacted: int
    median_s: float | None
    p90_s: float | None
    share_within_5_min: float | None


class Conversion(View):
    """What became of the leads of these days, without quarantined ones and spam."""

    leads: int
    converted: int
    share: float | None


class Open(View):
    """What waits for staff now, whatever its age; each is counted up to 10,000."""

    new: int
    unassigned: int
    quarantined: int


class Overview(View):
    """The last 30 days (UTC, today among them), what waits now, and how the product does."""

    at: Instant
    days: list[Day]
    first_contact: FirstContact
    conversion: Conversion
    open: Open
    queues: list[Queue]
    circuits: list[Circuit]
    alerts: list[AlertView]
