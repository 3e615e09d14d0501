"""Follows the answer to each recorded message: can its sender have processed that it was accepted?

Lost for certain: the connection ended before the answer was handed to it, or the sender reset it, which the
kernel does for a process that dies with the answer unread. Lost probably: the sender hung up within a second
without a further request, or the cloud reports that a container died in an invocation during which its
connection had got the answer. A further request on the same connection is proof that the answer was read.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from local.world.sent_store import Message, SentStore

HANGS_UP_WITHIN_S = 1.0
_REMEMBERED_ENDINGS = 1000


class Watched(Protocol):
    """The sender's connection, as a delivery sees it."""

    def watch(self, delivery: Delivery) -> None:
        """Tell *delivery* what becomes of the answer that is due on this connection."""


class Deliveries:
    """All answers that are under way."""

    def __init__(self, store: SentStore) -> None:
        self.store = store
        self._endings: deque[tuple[float, str]] = deque(maxlen=_REMEMBERED_ENDINGS)

    def begin(self, message: Message, message_id: str, link: Watched | None) -> None:
        """Record the accepted *message* and follow its answer over *link* (None: asked past the proxies)."""
        self.store.record(message, message_id, "relayed" if link is None else "open")
        if link is not None:
            link.watch(Delivery(self, message_id))

    def client_died(self, since: float) -> None:
        """A client died now in the middle of what it had begun at *since* (Unix seconds)."""
        for accepted_at, message_id in self._endings:
            if accepted_at >= since:
                self.store.settle(message_id, "lost")

    def note_ending(self, accepted_at: float, message_id: str) -> None:
        """Remember a connection that ended in order, in case its client turns out to have died."""
        self._endings.append((accepted_at, message_id))


class Delivery:
    """One answer on its way."""

    def __init__(self, deliveries: Deliveries, message_id: str) -> None:
        self._deliveries = deliveries
        self._message_id = message_id
        self._accepted_at = time.time()
        self._relayed_at: float | None = None

    @property
    def is_relayed(self) -> bool:
        """Whether the client's connection has got the answer."""
        return self._relayed_at is not None

    def relayed(self) -> None:
        """The answer has been handed to the client's connection."""
        self._relayed_at = time.time()
        self._deliveries.store.settle(self._message_id, "relayed")

    def lost(self) -> None:
        """The answer does not reach the client."""
        self._deliveries.store.settle(self._message_id, "lost")

    def ended(self, *, reset: bool, by_client: bool) -> None:
        """The connection is over before the client has sent anything further."""
        relayed_at = self._relayed_at
        if relayed_at is None or (by_client and (reset or time.time() - relayed_at <= HANGS_UP_WITHIN_S)):
            self.lost()
        elif by_client:
            self._deliveries.note_ending(self._accepted_at, self._message_id)
