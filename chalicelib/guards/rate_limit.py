"""
Moving-window rate limits: exact, counted in Valkey by `admission.lua`, with a bounded limiter of the
process's own while Valkey is away.

A refused call is not counted, so a client that backs off is let in as soon as its oldest counted call
leaves. Header fields: `X-RateLimit-*` (Unix seconds) and the IETF draft's `RateLimit` and
`RateLimit-Policy` (seconds).
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

from chalicelib.guards import violations
from chalicelib.platform import clock, logs, metrics
from chalicelib.platform.errors import RateLimited, RateLimitedUser
from chalicelib.platform.http import Call, Caller
from chalicelib.platform.settings import RateLimit, settings

_CLIENTS_REMEMBERED = 10_000
_USER = "USER"
_TIMES_AS_MANY = {"ADMIN": 5, "MANAGER": 3}
_HALVED_WITHOUT_VALKEY = frozenset({"LOGIN", "SIGNUP"})  # each container counts for itself then
log = logs.EventLog("rate_limit")


@dataclass(frozen=True)
class Window:
    """How one client (or, in the group USER, one person) stands in one group after a call was judged."""

    group: str
    limit: RateLimit
    remaining: int
    reset_ms: int

    @property
    def reset_in_s(self) -> int:
        """Whole seconds until the oldest counted call leaves; at least 1."""
        return max(1, -(-(self.reset_ms - clock.now_ms()) // 1000))


def headers_of(*windows: Window) -> dict[str, str]:
    """The header fields that every answer of a limited route carries."""
    fields = {}
    for window in windows:
        name = "X-RateLimit-User" if window.group == _USER else "X-RateLimit"
        fields[f"{name}-Limit"] = str(window.limit.count)
        fields[f"{name}-Remaining"] = str(max(0, window.remaining))
        fields[f"{name}-Reset"] = str(-(-window.reset_ms // 1000))
    policies = [f'"{each.group.lower()}";q={each.limit.count};w={each.limit.window_s}' for each in windows]
    states = [f'"{each.group.lower()}";r={max(0, each.remaining)};t={each.reset_in_s}' for each in windows]
    return {**fields, "RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}


def limit_of(group: str) -> RateLimit:
    """The limit of *group*, from the settings."""
    return settings().rate_limits[group]


def user_limit_of(role: str) -> RateLimit:
    """The limit of one person in *role*: ADMIN five times, MANAGER three times the common one."""
    common = limit_of(_USER)
    return RateLimit(count=common.count * _TIMES_AS_MANY.get(role, 1), window_s=common.window_s)


def window_key(group: str, client: str) -> str:
    """The Valkey key of one client's window in *group*: an address, or in the group USER a person's id."""
    return f"rl:{group}:{client}"


def user_window_key(caller: Caller) -> str:
    """The Valkey key of one person's window."""
    return window_key(_USER, str(caller.id))


def user_window(caller: Caller, remaining: int, reset_ms: int) -> Window:
    """How *caller* stands."""
    return Window(_USER, user_limit_of(caller.role), remaining, reset_ms)


def refuse(call: Call, window: Window) -> RateLimited:
    """Log and note the violation, and return the error to raise."""
    log.warning("rate_limit.violation", ip=call.client_address, path=call.route, group=window.group)
    metrics.count(metrics.RATE_LIMITED, metrics.network_of(call.client_address), call.route)
    violations.note(call.client_address, call.route)
    wait_s = window.reset_in_s
    if window.group == _USER:
        return RateLimitedUser(
            f"Too many requests of your account; try again in {wait_s} s.", retry_after_s=wait_s
        )
    return RateLimited(f"Too many requests; try again in {wait_s} s.", retry_after_s=wait_s)


class ProcessLimiter:
    """
    The same rule for this process alone, over at most 10,000 clients; the least recently seen are forgotten
    first. Sign-in and sign-up have half of their limit, since every container counts for itself.
    """

    def __init__(self) -> None:
        self._calls: OrderedDict[str, deque[int]] = OrderedDict()

    def hit(self, group: str, client_address: str) -> tuple[bool, Window]:
        """Count one call; the first value tells whether it was admitted."""
        limit = limit_of(group)
        if group in _HALVED_WITHOUT_VALKEY:
            limit = RateLimit(count=max(1, limit.count // 2), window_s=limit.window_s)
        return self._hit(window_key(group, client_address), group, limit)

    def hit_user(self, caller: Caller) -> tuple[bool, Window]:
        """Count one call of *caller*."""
        return self._hit(user_window_key(caller), _USER, user_limit_of(caller.role))

    def _hit(self, key: str, group: str, limit: RateLimit) -> tuple[bool, Window]:
        now_ms = clock.now_ms()
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
