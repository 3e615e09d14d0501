"""One kept-alive HTTP pool for every gateway: explicit timeouts, and no hidden retries."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import urllib3

from chalicelib.platform import deadline


class NoAnswer(Exception):
    """
    Nobody answered within the time: whether the call took effect is not known.

    Unless *was_sent* is false: then no connection came about, and it certainly took none.
    """

    def __init__(self, reason: str, *, was_sent: bool = True) -> None:
        super().__init__(reason)
        self.was_sent = was_sent


@dataclass(frozen=True)
class Reply:
    """What a service answered."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=8, maxsize=8, retries=False)


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float) -> Reply:
    """POST *body* to *url*; see `request`."""
    return request("POST", url, body, headers, timeout_s=timeout_s)


def request(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, timeout_s: float
) -> Reply:
    """
    Make one call within *timeout_s* seconds in all, and within the present call's deadline.

    Raises:
        NoAnswer: refused, reset, or silent.
    """
    total_s = max(0.05, deadline.remaining_s(timeout_s))
    timeout = urllib3.Timeout(total=total_s)
    try:
        answer: Any = _pool().request(
            method, url, body=body, headers=dict(headers), timeout=timeout, redirect=False, retries=False
        )
    except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
        raise NoAnswer(type(error).__name__, was_sent=False) from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise NoAnswer(type(error).__name__) from error
    return Reply(answer.status, answer.data, answer.headers)
