"""
Leases in Valkey: at most one holder while Valkey keeps its data, and a holder that dies is forgotten after
its TTL.

A lease alone proves nothing (a holder may sleep past its TTL, Valkey may fail over), so whatever is written
under one carries a fencing number that PostgreSQL issued; see `resilience.store`. With Valkey away the lock
is skipped with a warning, and the fence keeps the data right.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.platform import clock, deadline, logs
from chalicelib.platform.errors import LockTimeout
from chalicelib.resilience.valkey import Script, Valkey, ValkeyAway

TTL_S = 30.0
WAIT_S = 5.0
_POLL_S = 0.1
_ACQUIRE = Script(Path(__file__).with_name("lock_acquire.lua"))
_RELEASE = Script(Path(__file__).with_name("lock_release.lua"))
log = logs.EventLog("lock")


@dataclass
class Lease:
    """
    The right to work on *name* until its TTL has passed; *skipped* when Valkey was away and only the fence
    guards.
    """

    valkey: Valkey
    name: str
    holder: str
    ttl_s: float
    skipped: bool = False

    def extend(self) -> bool:
        """Renew the lease for another TTL; False when another holds it by now, and the work must stop."""
        return self._take()

    def _take(self) -> bool:
        try:
            taken = self.valkey.run(
                _ACQUIRE, [f"lock:{self.name}"], [self.holder, clock.now_ms(), int(self.ttl_s * 1000)]
            )
        except ValkeyAway:
            if not self.skipped:
                self.skipped = True
                log.warning("lock.skipped", lock=self.name)
            return True
        return bool(taken)

    def release(self) -> None:
        """Give the lease back, if it is still ours."""
        try:
            self.valkey.run(_RELEASE, [f"lock:{self.name}"], [self.holder])
        except ValkeyAway:
            log.warning("lock.not_released", lock=self.name)


@contextmanager
def held(valkey: Valkey, name: str, *, ttl_s: float = TTL_S, wait_s: float = WAIT_S) -> Iterator[Lease]:
    """
    Hold the lock *name* for the block.

    Raises:
        LockTimeout: another holder kept it for longer than *wait_s* seconds.
    """
    lease = Lease(valkey, name, uuid.uuid4().hex, ttl_s)
    gives_up_at = clock.now().timestamp() + deadline.remaining_s(wait_s)
    while not lease._take():  # noqa: SLF001  the same module
        if clock.now().timestamp() >= gives_up_at:
            raise LockTimeout("Another run holds the lock; try again in a moment.", retry_after_s=5)
        clock.sleep(_POLL_S)
    try:
        yield lease
    finally:
        lease.release()
