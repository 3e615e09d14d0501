"""
What the routes of lists and of single things share: ids in addresses, queries, pages and their cursors.

A list is read by the position of its last item (instant and id), never by counting, so that what comes in
meanwhile neither repeats nor hides anything. A cursor is opaque to callers and holds no secret.
"""

import base64
import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from chalicelib.platform.errors import FieldError, NotFound, ValidationFailed
from chalicelib.platform.http.call import Call

_QUERY_CHARACTERS = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?", re.ASCII | re.IGNORECASE
)
Key = TypeVar("Key")
Item = TypeVar("Item")


def id_in_address(written: str) -> UUID:
    """
    The id that stands in an address.

    Raises:
        NotFound: it is no UUID, so nothing can have it.
    """
    try:
        return UUID(written)
    except ValueError:
        raise NotFound("There is nothing at this address; its id is not a UUID.") from None


def check_names(call: Call, known: Collection[str]) -> None:
    """
    See that the query names nothing but what the route knows: a filter that is misspelt must not be ignored.

    Raises:
        ValidationFailed: it names something that is not *known*.
    """
    unknown = sorted(set(call.query) - set(known))
    if unknown:
        told = "There is no such parameter."
        raise ValidationFailed([FieldError(f"/{name}"[:100], "extra_forbidden", told) for name in unknown])


def query_of(call: Call) -> dict[str, str]:
    """
    The parameters of the query that were given; an empty one counts as not given.

    The edge has seen to it that the route knows them.

    Raises:
        ValidationFailed: one is given twice, too long, or has control characters.
    """
    errors: list[FieldError] = []
    found: dict[str, str] = {}
    for name, values in call.query.items():
        pointer = f"/{name}"[:100]
        if len(values) > 1:
            errors.append(FieldError(pointer, "doubled", "Give this parameter once."))
        elif len(values[0]) > _QUERY_CHARACTERS or _CONTROL.search(values[0]):
            errors.append(FieldError(pointer, "text", "Use at most 200 characters, all of them printable."))
        elif values[0].strip():
            found[name] = values[0].strip()
    if errors:
        raise ValidationFailed(errors)
    return found


def one_of(query: dict[str, str], name: str, known: Collection[str]) -> str | None:
    """
    The parameter *name*, if it was given.

    Raises:
        ValidationFailed: it is none of *known*.
    """
    value = query.get(name)
    if value is not None and value not in known:
        told = f"This is one of {', '.join(sorted(known))}."
        raise ValidationFailed([FieldError(f"/{name}", "enum", told)])
    return value


def id_in(query: dict[str, str], name: str) -> UUID | None:
    """
    The id that the parameter *name* gives, if it was given.

    Raises:
        ValidationFailed: it is no UUID.
    """
    written = query.get(name)
    if written is None:
        return None
    try:
        return UUID(written)
    except ValueError:
        raise ValidationFailed([FieldError(f"/{name}", "uuid", "Give an id, which is a UUID.")]) from None


def moment_in(query: dict[str, str], name: str, *, is_end: bool = False) -> datetime | None:
    """
    The instant that the parameter *name* gives, as RFC 3339, or by its day in UTC: that day's beginning, or
    its end where the parameter *is_end*.

    Raises:
        ValidationFailed: it is neither a day nor an instant.
    """
    written = query.get(name)
    if written is None:
        return None
    try:
        if not _MOMENT.fullmatch(written):
            raise ValueError("other forms of ISO 8601 are not read")
        moment = datetime.fromisoformat(written.upper())
        if moment.tzinfo is not None:
            return moment  # PostgreSQL knows more years than Python, so this needs no other zone
        moment = moment.replace(tzinfo=UTC)
        return moment if not is_end or moment.date() == date.max else moment + timedelta(days=1)
    except ValueError:
        told = "Give a day, like 2026-01-31, or an instant, like 2026-01-31T09:30:00Z."
        raise ValidationFailed([FieldError(f"/{name}", "moment", told)]) from None


def cursor_of(at: datetime, key: object) -> str:
    """The cursor of the item at this position."""
    text = f"{at.astimezone(UTC).isoformat()} {key}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def position_in(query: dict[str, str], key: Callable[[str], Key]) -> tuple[datetime, Key] | None:
    """
    The position that the query's `cursor` stands for, its key read by *key*; None for the first page.

    Raises:
        ValidationFailed: it is none of our cursors.
    """
    cursor = query.get("cursor")
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        moment, _, written = text.partition(" ")
        at = datetime.fromisoformat(moment)
        if at.tzinfo != UTC:
            raise ValueError("a cursor of ours is in UTC")
        return at, key(written)
    except ValueError:
        told = "Give the nextCursor of an earlier page as it was, or none."
        raise ValidationFailed([FieldError("/cursor", "cursor", told)]) from None


def page_of(
    found: Sequence[Item], size: int, position: Callable[[Item], tuple[datetime, Any]]
) -> tuple[Sequence[Item], str | None]:
    """
    The first *size* of *found* and the cursor behind them; None when there is no more.

    One more than *size* must have been looked for.
    """
    items = found[:size]
    return items, cursor_of(*position(items[-1])) if len(found) > size else None
