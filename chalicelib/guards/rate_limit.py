"""
Moving-window rate limits: exact, counted in Valkey by `admission.lua`, with a bounded limiter of the
process's own while Valkey is away.

A refused call is not counted, so a client that backs off is let in as soon as its oldest counted call
leaves. Header fields: `X-RateLimit-*` (Unix seconds) and the IETF draft's `RateLimit` and
`RateLimit-Policy` (seconds).
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

from chalicelib.platform import clock, logs
from chalicelib.platform.errors import RateLimited
from chalicelib.platform.http import Call
from chalicelib.platform.settings import RateLimit, settings

_CLIENTS_REMEMBERED = 10_000
log = logs.EventLog("rate_limit")


@dataclass(frozen=True)
class Window:
    """How one client stands in one group after a call was judged."""

    group: str
    limit: RateLimit
    remaining: int
    reset_ms: int

    @property
    def reset_in_s(self) -> int:
        """Whole seconds until the oldest counted call leaves; at least 1."""
        return max(1, -(-(self.reset_ms - clock.now_ms()) // 1000))

    def headers(self) -> dict[str, str]:
        """The header fields that every answer of a limited route carries."""
        name = self.group.lower()
        return {
            "X-RateLimit-Limit": str(self.limit.count),
            "X-RateLimit-Remaining": str(max(0, self.remaining)),
            "X-RateLimit-Reset": str(-(-self.reset_ms // 1000)),
            "RateLimit-Policy": f'"{name}";q={self.limit.count};w={self.limit.window_s}',
            "RateLimit": f'"{name}";r={max(0, self.remaining)};t={self.reset_in_s}',
        }


def limit_of(group: str) -> RateLimit:
    """The limit of *group*, from the settings."""
    return settings().rate_limits[group]


def window_key(group: str, client_address: str) -> str:
    """The Valkey key of one client's window in *group*."""
    return f"rl:{group}:{client_address}"


def refuse(call: Call, window: Window) -> RateLimited:
    """Log the violation and return the error to raise."""
    log.warning("rate_limit.violation", ip=call.client_address, path=call.route, group=window.group)
    wait_s = window.reset_in_s
    return RateLimited(f"Too many requests; try again in {wait_s} s.", retry_after_s=wait_s)


class ProcessLimiter:
    """
    The same rule for this process alone, over at most 10,000 clients; the least recently seen are forgotten
    first.
    """

    def __init__(self) -> None:
        self._calls: OrderedDict[str, deque[int]] = OrderedDict()

    def hit(self, group: str, client_address: str) -> tuple[bool, Window]:
        """Count one call; the first value tells whether it was admitted."""
        limit, now_ms = limit_of(group), clock.now_ms()
        key = window_key(group, client_address)
        calls = self._calls.setdefault(key, deque())
        self._calls.move_to_end(key)
        if len(self._calls) > _CLIENTS_REMEMBERED:
            self._calls.popitem(last=False)
        while calls and calls[0] <= now_ms - limit.window_s * 1000:
            calls.popleft()
        admitted = len(calls) < limit.count
        if admitted:
            calls.append(now_ms)
        return admitted, Window(group, limit, limit.count - len(calls), calls[0] + limit.window_s * 1000)
