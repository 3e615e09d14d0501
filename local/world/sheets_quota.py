"""The Sheets API's quotas: 300 read and 300 write requests a minute and project, 60 each a user.

As documented on developers.google.com/workspace/sheets/api/limits: refilled every minute, a batch counts
once, over it 429 RESOURCE_EXHAUSTED. The demo account is the only user of the only project.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from local.world.sheets_grid import GoogleError

if TYPE_CHECKING:
    from collections.abc import Iterable

PER_PROJECT, PER_USER = 300, 60
PROJECT_NUMBER = "100000000001"


class Quota:
    """Counts this minute's requests, reads and writes apart."""

    def __init__(self, override_per_minute: int | None = None) -> None:
        self._limits = (
            (
                "PerMinutePerUser",
                "per minute per user",
                "1/min/{project}/{user}",
                override_per_minute or PER_USER,
            ),
            ("PerMinutePerProject", "per minute", "1/min/{project}", override_per_minute or PER_PROJECT),
        )
        self._minute = 0
        self._used: Counter[str] = Counter()

    def restore(self, kinds: Iterable[str]) -> None:
        """Take up the count of a minute that a restart cut in two; *kinds* are its `Read`s and `Write`s."""
        self._minute = int(time.time() // 60)
        self._used.update(kinds)

    def spend(self, kind: str) -> None:
        """
        Count one request of *kind* (`Read` or `Write`).

        Raises:
            GoogleError: 429, the minute's quota is used up; the refused request is not counted.
        """
        minute = int(time.time() // 60)
        if minute != self._minute:
            self._minute = minute
            self._used.clear()
        for name, words, unit, limit in self._limits:
            if self._used[kind] >= limit:
                raise _exhausted(kind, name, words, unit, limit)
        self._used[kind] += 1


def _exhausted(kind: str, name: str, words: str, unit: str, limit: int) -> GoogleError:
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests {words}' of service"
        f" 'sheets.googleapis.com' for consumer 'project_number:{PROJECT_NUMBER}'."
    )
    metadata = {
        "consumer": f"projects/{PROJECT_NUMBER}",
        "quota_limit": f"{kind}Requests{name}",
        "quota_limit_value": str(limit),
        "quota_location": "global",
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        "quota_unit": unit,
        "service": "sheets.googleapis.com",
    }
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": metadata,
    }
    return GoogleError(429, message, [info])
