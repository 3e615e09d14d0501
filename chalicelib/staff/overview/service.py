"""
Puts the overview together: two statements over the leads of 30 days, and what other desks know already.

PostgreSQL away → 503. Valkey away → the circuits as this process knows them.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

from chalicelib.platform import clock
from chalicelib.platform.postgres import Row, database
from chalicelib.staff.alerts import store as alerts
from chalicelib.staff.alerts.models import AlertView
from chalicelib.staff.leads.models import Source, Status
from chalicelib.staff.overview import store
from chalicelib.staff.overview.models import Conversion, Day, FirstContact, Open, Overview
from chalicelib.staff.queues import health

DAYS = 30
COUNTED_TO = 10_000
_ALERTS_OF = timedelta(hours=24)
_ALERTS_AT_MOST = 20
_IN_TIME = timedelta(minutes=5)


def overview() -> Overview:
    """
    Everything as it stands now.

    Raises:
        DatabaseBusy: PostgreSQL is away.
    """
    now = clock.now()
    first = now.astimezone(UTC).date() - timedelta(days=DAYS - 1)
    since = datetime.combine(first, time(), UTC)
    found = store.figures(database(), since=since, five_minutes_ago=now - _IN_TIME, at_most=COUNTED_TO)
    return Overview(
        at=now,
        days=_days(first, store.list_days(database(), since)),
        first_contact=_first_contact(found),
        conversion=Conversion(
            leads=found["leads"],
            converted=found["converted"],
            share=_share(found["converted"], found["leads"]),
        ),
        open=Open(new=found["new"], unassigned=found["unassigned"], quarantined=found["quarantined"]),
        queues=health.list_queues(),
        circuits=health.list_circuits(),
        alerts=[
            AlertView(**row)
            for row in alerts.list_alerts(database(), before=None, limit=_ALERTS_AT_MOST)
            if row["at"] > now - _ALERTS_OF
        ],
    )


def _days(first: date, rows: Sequence[Row]) -> list[Day]:
    """A day each, also those on which nobody came."""
    by_status: dict[date, Counter[str]] = {first + timedelta(days=n): Counter() for n in range(DAYS)}
    by_source: dict[date, Counter[str]] = {day: Counter() for day in by_status}
    for row in rows:
        if row["day"] in by_status:
            by_status[row["day"]][row["status"]] += row["leads"]
            by_source[row["day"]][row["source"]] += row["leads"]
    return [
        Day(
            day=day,
            leads=counted.total(),
            by_status={status: counted[status] for status in get_args(Status)},
            by_source={source: by_source[day][source] for source in get_args(Source)},
        )
        for day, counted in by_status.items()
    ]


def _first_contact(found: Row) -> FirstContact:
    median_s, p90_s = found["percentiles_s"] or (None, None)
    return FirstContact(
        leads=found["leads"],
        contacted=found["contacted"],
        median_s=median_s,
        p90_s=p90_s,
        share_within_5_min=_share(found["in_time"], found["due"]),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
