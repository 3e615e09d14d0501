"""
Who is refused how often: noted in Valkey for an hour, by client and by endpoint, and told to people beyond
a measure.

More than ten violations of one client within five minutes are one alert. With Valkey away they are only
logged. Memory is bounded: a thousand instants a client, some thousand counts a minute.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.alerts import service as alerts
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import ServiceUnavailable
from chalicelib.resilience.valkey import Script, ValkeyAway, valkey

ALERT_ABOVE = 10
ALERT_WINDOW = timedelta(minutes=5)
KEPT_FOR = timedelta(hours=1)
_FIELDS_AT_MOST = 2_000
_OTHER = "other"
_NOTE = Script(Path(__file__).with_name("violation.lua"))
_READ = Script(Path(__file__).with_name("violations_read.lua"))
log = logs.EventLog("rate_limit")


@dataclass(frozen=True)
class Endpoint:
    """How often calls of *path* were refused, and of how many clients (at least)."""

    path: str
    count: int
    unique_ips: int


@dataclass(frozen=True)
class Tally:
    """The violations since *since*: by endpoint, and the clients with the most, each the worst first."""

    since: datetime
    endpoints: list[Endpoint]
    top_ips: list[tuple[str, int]]


def note(client: str, path: str) -> None:
    """Note one refused call of *client*, and alert when that was one too many. Never raises."""
    now_ms = clock.now_ms()
    arguments = [
        now_ms,
        f"{now_ms} {path} {uuid.uuid4().hex[:8]}",
        path,
        client,
        _ms(ALERT_WINDOW),
        ALERT_ABOVE,
        _ms(KEPT_FOR),
        _FIELDS_AT_MOST,
    ]
    try:
        recent, is_alert_due = valkey().run(_NOTE, [_client_key(client), _minute_key(now_ms)], arguments)
    except ValkeyAway:
        return
    if is_alert_due:
        log.warning("rate_limit.alert", ip=client, violations=int(recent))
        alerts.raise_alert(
            "rate_limit",
            f"{client} is over its limits",
            f"{recent} calls were refused within five minutes, the last one of {path}.",
            window=ALERT_WINDOW,
        )


def last_hour() -> Tally:
    """
    The violations of the last hour, in whole minutes.

    Raises:
        ServiceUnavailable: Valkey, which alone knows, is away.
    """
    now_ms = clock.now_ms()
    minutes = range(_ms(KEPT_FOR) // 60_000)
    keys = [_minute_key(now_ms - minute * 60_000) for minute in minutes]
    found = _ask(lambda: valkey().run(_READ, keys))
    by_path, by_client, clients_of = Counter[str](), Counter[str](), dict[str, set[str]]()
    for field, count in zip(found[::2], found[1::2], strict=True):
        path, _, client = field.decode().rpartition(" ")
        by_path[path] += int(count)
        by_client[client] += int(count)
        clients_of.setdefault(path, set()).add(client)
    del by_client[_OTHER]
    return Tally(
        since=datetime.fromtimestamp((now_ms // 60_000 - len(minutes) + 1) * 60, UTC),
        endpoints=[Endpoint(path, count, len(clients_of[path])) for path, count in by_path.most_common()],
        top_ips=by_client.most_common(20),
    )


def of_client(client: str) -> list[tuple[datetime, str]]:
    """
    When and where calls of *client* were refused within the last hour, the latest first, a thousand at the
    most.

    Raises:
        ServiceUnavailable: Valkey, which alone knows, is away.
    """
    oldest_ms = clock.now_ms() - _ms(KEPT_FOR)
    words = ("ZRANGE", _client_key(client), "+inf", f"({oldest_ms}", "BYSCORE", "REV")
    found = _ask(lambda: valkey().command(*words))
    told = []
    for member in found:
        at_ms, path, _ = member.decode().split(" ", 2)
        told.append((datetime.fromtimestamp(int(at_ms) / 1000, UTC), path))
    return told


def _ask(question: Callable[[], list[bytes]]) -> list[bytes]:
    try:
        return question()
    except ValkeyAway:
        raise ServiceUnavailable(
            "Violations are counted in Valkey, which does not answer; try again.", retry_after_s=2
        ) from None


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)


def _client_key(client: str) -> str:
    return f"violations:of:{client}"


def _minute_key(at_ms: int) -> str:
    return f"violations:in:{at_ms // 60_000}"
