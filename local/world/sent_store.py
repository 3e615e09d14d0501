"""Keeps what was sent to people: mails, SMS and alerts that AWS accepted, and what became of each acceptance.

One table for the three. A message is committed before its sender hears that it was accepted. Its answer is
`open` until it has been handed to the sender's connection (`relayed`), or is `lost` for good; what a kill -9
finds open is lost.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from local.world.store import transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

Kind = Literal["mail", "sms", "alert"]
Answer = Literal["open", "relayed", "lost"]
KEPT_MESSAGES = 50_000


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: *content* are the fields that /dev shows of its *kind*."""

    kind: Kind
    content: Mapping[str, Any]


class SentStore:
    """All messages there are."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("UPDATE sent_messages SET answer = 'lost' WHERE answer = 'open'")

    def record(self, message: Message, message_id: str, answer: Answer) -> None:
        """Keep *message*, which was accepted as *message_id*; the oldest go when there are too many."""
        content = json.dumps(dict(message.content), ensure_ascii=False)
        with transaction(self._database):
            cursor = self._database.execute(
                "INSERT INTO sent_messages (kind, id, at, content, answer) VALUES (?, ?, ?, ?, ?)",
                (message.kind, message_id, time.time(), content, answer),
            )
            last = cursor.lastrowid or 0
            if last % 1000 == 0:
                self._database.execute("DELETE FROM sent_messages WHERE n <= ?", (last - KEPT_MESSAGES,))

    def settle(self, message_id: str, answer: Answer) -> None:
        """Note what became of the answer."""
        self._database.execute("UPDATE sent_messages SET answer = ? WHERE id = ?", (answer, message_id))

    def items(self, kind: Kind, limit: int | None = None) -> list[dict[str, Any]]:
        """The messages of *kind*, the newest last; at most the *limit* newest."""
        rows = self._database.execute(
            "SELECT id, at, content, answer FROM sent_messages WHERE kind = ? ORDER BY n DESC LIMIT ?",
            (kind, -1 if limit is None else limit),
        ).fetchall()
        return [_item(*row) for row in reversed(rows)]

    def find(self, kind: Kind, message_id: str) -> dict[str, Any] | None:
        """One message, None if there is none of that id."""
        row = self._database.execute(
            "SELECT id, at, content, answer FROM sent_messages WHERE kind = ? AND id = ?", (kind, message_id)
        ).fetchone()
        return None if row is None else _item(*row)

    def empty(self, kind: Kind) -> None:
        """Forget the messages of *kind*."""
        self._database.execute("DELETE FROM sent_messages WHERE kind = ?", (kind,))


def _item(message_id: str, at: float, content: str, answer: Answer) -> dict[str, Any]:
    when = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"id": message_id, "at": when, **json.loads(content), "answerLost": answer == "lost"}
