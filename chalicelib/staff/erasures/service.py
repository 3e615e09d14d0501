"""
Does recorded erasures again, so that a restore from a backup brings nobody back.

The record is ids alone: the table `erasures` of the database that was lost, if it can still be read, and the
log's `erasure.recorded`, which no restore turns back.
"""

import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from chalicelib.accounts.me import service as accounts
from chalicelib.platform.errors import Conflict, Unauthenticated
from chalicelib.staff.leads.erasure import service as leads

_TARGET = re.compile(r"(leads|users)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_EVENT = "erasure.recorded"


@dataclass
class Replay:
    """What became of it: *erased* now, *forgotten* already or never there, *kept* and why."""

    erased: int = 0
    forgotten: int = 0
    kept: int = 0


def targets_in(lines: Iterable[str]) -> list[tuple[str, UUID]]:
    """
    What *lines* say was erased: `leads/<id>` or `users/<id>` alone on a line, or a log line of that event.

    Anything else is passed over: a line that merely mentions a lead erases nobody.
    """
    found: dict[tuple[str, UUID], None] = {}
    for line in lines:
        written = _TARGET.fullmatch(_target_of(line.strip()))
        if written is not None:
            found[written[1], UUID(written[2])] = None
    return list(found)


def _target_of(line: str) -> str:
    if not line.startswith("{"):
        return line
    try:
        event = json.loads(line)
    except ValueError:
        return ""
    return str(event.get("target")) if event.get("event") == _EVENT else ""


def replay(lines: Iterable[str]) -> Replay:
    """
    Erase once more what *lines* say was erased. It may be run as often as one likes.

    Raises:
        DatabaseBusy: PostgreSQL is away; what was done stays done, and the next run goes on.
    """
    done, correlation_id = Replay(), f"replay-{uuid.uuid4()}"
    for kind, target_id in targets_in(lines):
        if kind == "leads":
            is_erased = leads.erase_unasked(target_id, "replay", correlation_id)
        else:
            try:
                accounts.erase(target_id, correlation_id)
                is_erased = True
            except Unauthenticated:
                is_erased = False
            except Conflict:
                done.kept += 1
                continue
        done.erased += is_erased
        done.forgotten += not is_erased
    return done
