"""
EventBridge's schedule expressions: `rate(5 minutes)` and `cron(0 3 * * ? *)`, in UTC.

Of cron's wildcards `* , - / ?` and the names of months and days are known; `L`, `W` and `#` are refused,
since no schedule of ours uses them and a wrong guess would be worse. Source: the EventBridge user guide,
"cron and rate expressions".
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_CRON = re.compile(r"cron\(([^)]*)\)")
_UNIT_S = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_HORIZON_MINUTES = 366 * 24 * 60

NextRun = Callable[[datetime], datetime]


def parse_schedule(expression: str) -> NextRun:
    """
    A function from an instant to the next time *after* it that *expression* is due.

    Raises:
        ValueError: it is no expression that EventBridge takes, or one that we do not know.
    """
    rate = _RATE.fullmatch(expression)
    if rate is not None:
        period = timedelta(seconds=int(rate[1]) * _UNIT_S[rate[2].rstrip("s")])
        if not period:
            raise ValueError(f"{expression}: the rate must be at least 1.")
        return lambda instant: instant + period
    cron = _CRON.fullmatch(expression)
    if cron is None or len(cron[1].split()) != 6:
        raise ValueError(f"{expression} is neither rate(n unit) nor cron(with six fields).")
    minutes, hours, days, months, weekdays, years = cron[1].split()
    fields = (
        _values(minutes, 0, 59),
        _values(hours, 0, 23),
        _values(days, 1, 31),
        _values(months, 1, 12, _MONTHS),
        _values(weekdays, 1, 7, _DAYS),
        _values(years, 1970, 2199),
    )
    return lambda instant: _next(fields, instant, expression)


def _next(fields: tuple[frozenset[int], ...], instant: datetime, expression: str) -> datetime:
    minutes, hours, days, months, weekdays, years = fields
    moment = instant.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    end = moment + timedelta(minutes=_HORIZON_MINUTES)
    while moment < end:
        day_fits = (
            moment.year in years
            and moment.month in months
            and moment.day in days
            and moment.isoweekday() % 7 + 1 in weekdays
        )
        if not day_fits:
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        elif moment.hour not in hours:
            moment = moment.replace(minute=0) + timedelta(hours=1)
        elif moment.minute not in minutes:
            moment += timedelta(minutes=1)
        else:
            return moment
    raise ValueError(f"{expression} is not due within a year.")


def _values(text: str, lowest: int, highest: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    """The numbers that one field stands for; names count from *lowest*."""
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span in ("*", "?"):
            start, end = lowest, highest
        else:
            start = _number(first, lowest, names)
            end = _number(last, lowest, names) if dash else (highest if step else start)
        if not lowest <= start <= end <= highest:
            raise ValueError(f"{text} is outside of {lowest}-{highest}.")
        values.update(range(start, end + 1, int(step) if step else 1))
    return frozenset(values)


def _number(text: str, lowest: int, names: tuple[str, ...]) -> int:
    return names.index(text.upper()) + lowest if text.upper() in names else int(text)
