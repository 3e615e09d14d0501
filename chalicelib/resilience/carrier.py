"""
Brings what this process counted to the sums of the fleet, as one more argument of the scripts that run
anyway.

A batch keeps its number until Valkey has answered, and Valkey remembers the last number of each process, so
a batch whose answer was lost is sent again and counted once. While Valkey is away the sums stay here; they
have one place a series, so they do not grow. When Valkey forgets everything, the counters start at nought
again, which Prometheus takes for a restart.
"""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.platform import metrics

SUMS_KEY, REFUSED_KEY = "metrics", "metrics:refused"
NOTHING = ""


class Carrier:
    """The batches of one process, one under way at a time."""

    def __init__(self) -> None:
        self._process = uuid.uuid4().hex
        self._number = 0
        self._batch = NOTHING
        self._under_way = threading.Lock()

    @contextmanager
    def load(self) -> Iterator[str]:
        """Lend the batch that is due, or nothing; a block that ends without an error has delivered it."""
        if not self._under_way.acquire(blocking=False):
            yield NOTHING  # another thread is on its way with it
            return
        try:
            batch = self._batch = self._batch or self._pack()
            yield batch
            self._batch = NOTHING
        finally:
            self._under_way.release()

    def _pack(self) -> str:
        sums = metrics.take_sums()
        if not sums:
            return NOTHING
        self._number += 1
        batch = [self._process, self._number, sums.shared, sums.refused]
        return json.dumps(batch, separators=(",", ":"))

    def is_loaded(self) -> bool:
        """Whether there is anything to bring."""
        return bool(self._batch) or metrics.has_sums()


carrier = Carrier()
