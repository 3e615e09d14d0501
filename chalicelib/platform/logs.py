"""
JSON lines on stdout: a constant event name, and data in fields that hold identifiers, never objects.

`bind` adds fields (the correlation id above all) to every line of the present call. A field whose name says
that it holds a person's data or a secret is blanked here, whoever wrote it. It never raises.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from chalicelib.platform import clock

_BLANKED = frozenset(
    {"authorization", "body", "content", "cookie", "email", "name", "password", "phone", "secret", "token"}
)
_bound: ContextVar[dict[str, Any]] = ContextVar("log_fields")


def camel(name: str) -> str:
    """`lead_id` as `leadId`, the spelling of everything that leaves the process."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def _line(level: str, event: str, fields: dict[str, Any]) -> str:
    record: dict[str, Any] = {"time": clock.rfc3339(clock.now()), "level": level, "event": event}
    for name, value in {**_bound.get({}), **fields}.items():
        record[camel(name)] = "[blanked]" if name in _BLANKED else value
    return json.dumps(record, default=str, ensure_ascii=False)


class EventLog:
    """Writes events of one part of the product; *part* tells the reader which."""

    def __init__(self, part: str) -> None:
        self._part = part

    def _write(self, level: str, event: str, fields: dict[str, Any]) -> None:
        sys.stdout.write(_line(level, event, {"part": self._part, **fields}) + "\n")
        sys.stdout.flush()

    def info(self, event: str, **fields: Any) -> None:
        """Something happened as it should."""
        self._write("INFO", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Something is degraded, and the product goes on."""
        self._write("WARNING", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Something failed that a person should look at."""
        self._write("ERROR", event, fields)

    def failure(self, event: str, error: BaseException, **fields: Any) -> None:
        """An error nobody expected: its class and our lines, never its message, which may hold values."""
        self._write(
            "ERROR", event, {**fields, "error": type(error).__name__, "trace": _places(error.__traceback__)}
        )


def _places(trace: TracebackType | None) -> list[str]:
    """File, line and function of the last frames."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-12:]]


@contextmanager
def bind(**fields: Any) -> Iterator[None]:
    """Add *fields* to every line written inside the block."""
    token = _bound.set({**_bound.get({}), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def quiet_libraries() -> None:
    """Let libraries speak only from WARNING upwards, and on stderr, so that stdout stays JSON."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
