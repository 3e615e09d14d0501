"""
The guard of the edge: rate limit and idempotency look-up in one Valkey round trip, the answer kept in
another.

With Valkey away a limiter of the process's own takes over, and the idempotency reservation goes to
PostgreSQL in the use case's own statement. What the edge hands it: `admit` before the body is judged,
`complete` or `abandon` after.
"""

import uuid
from pathlib import Path

from chalicelib.guards import idempotency, rate_limit, store
from chalicelib.guards.idempotency import Reservation
from chalicelib.guards.rate_limit import ProcessLimiter, Window
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import IdempotencyKeyInvalid, PlumblineError
from chalicelib.platform.http import Answer, Call
from chalicelib.platform.postgres import database
from chalicelib.resilience.valkey import Script, ValkeyAway, valkey

_ADMIT = Script(Path(__file__).with_name("admission.lua"))
_END = Script(Path(__file__).with_name("idempotency_end.lua"))
_READS = "READS"
_process_limiter = ProcessLimiter()
log = logs.EventLog("admission")


class Admission:
    """
    The guard of one route: calls are counted in *group*, and where *idempotent*, keys are honoured.

    One container serves one call at a time, so the present call's reservation is kept on the guard itself.
    """

    def __init__(self, group: str, *, idempotent: bool = False) -> None:
        self.group = group
        self.idempotent = idempotent
        self.reservation: Reservation | None = None

    def admit(self, call: Call) -> Answer | None:
        """
        Count the call and look its key up.

        Raises:
            RateLimited, IdempotencyKeyInvalid, IdempotencyKeyReused, RequestInProgress: in this order.
        """
        self.reservation = None
        reservation, invalid = self._reservation_of(call)
        group = _READS if invalid else self.group
        try:
            early = self._admit_by_valkey(call, group, reservation)
        except ValkeyAway:
            early = self._admit_by_process(call, group, reservation)
        if invalid is not None:
            raise invalid
        return early

    def _reservation_of(self, call: Call) -> tuple[Reservation | None, IdempotencyKeyInvalid | None]:
        if not self.idempotent:
            return None, None
        try:
            return idempotency.reservation_of(call), None
        except IdempotencyKeyInvalid as error:
            return None, error

    def _admit_by_valkey(self, call: Call, group: str, reservation: Reservation | None) -> Answer | None:
        limit, reads = rate_limit.limit_of(group), rate_limit.limit_of(_READS)
        client = call.client_address
        keys = [rate_limit.window_key(group, client), rate_limit.window_key(_READS, client)]
        if reservation is not None:
            keys.append(reservation.valkey_key)
        found = valkey().run(
            _ADMIT,
            keys,
            [
                clock.now_ms(),
                uuid.uuid4().hex,
                limit.count,
                limit.window_s * 1000,
                reads.count,
                reads.window_s * 1000,
                reservation.fingerprint if reservation else "",
                reservation.owner if reservation else "",
                int(idempotency.IN_PROGRESS_FOR.total_seconds() * 1000),
            ],
        )
        verdict, counted_in = found[0].decode(), found[1].decode()
        by_reads = counted_in == "reads"
        window = Window(
            _READS if by_reads else group, reads if by_reads else limit, int(found[2]), int(found[3])
        )
        call.answer_headers.update(window.headers())
        if verdict == "limited":
            raise rate_limit.refuse(call, window)
        if verdict == "reused":
            raise idempotency.reused()
        if verdict == "running":
            raise idempotency.running()
        if verdict == "replay":
            return idempotency.replay(int(found[4]), found[5].decode(), found[6].decode())
        self.reservation = reservation
        return None

    def _admit_by_process(self, call: Call, group: str, reservation: Reservation | None) -> Answer | None:
        admitted, window = _process_limiter.hit(group, call.client_address)
        call.answer_headers.update(window.headers())
        if not admitted:
            raise rate_limit.refuse(call, window)
        if reservation is not None:
            reservation.in_postgres = True
        self.reservation = reservation
        return None

    def complete(self, call: Call, answer: Answer) -> None:  # noqa: ARG002  the edge's protocol
        """Keep the answer in Valkey, if PostgreSQL keeps it; losing it there costs time, not correctness."""
        reservation, self.reservation = self.reservation, None
        if reservation is None or reservation.answer is None:
            return
        kept, kept_ms = reservation.answer, int(idempotency.KEPT_FOR.total_seconds() * 1000)
        self._end(
            reservation,
            [
                reservation.owner,
                clock.now_ms() + kept_ms,
                kept_ms,
                reservation.fingerprint,
                kept.status,
                kept.media_type,
                kept.body,
            ],
        )

    def abandon(self, call: Call, error: BaseException) -> None:  # noqa: ARG002  the edge's protocol
        """Free the key, so that the same request may be sent again at once."""
        reservation, self.reservation = self.reservation, None
        if reservation is None:
            return
        self._end(reservation, [reservation.owner, 0, 0])
        if reservation.in_postgres:
            try:
                store.forget_reservation(
                    database(), reservation.scope, reservation.key_digest, reservation.owner
                )
            except PlumblineError:
                log.warning("idempotency.reservation_left", expires_in_s=30)

    def _end(self, reservation: Reservation, arguments: list[object]) -> None:
        try:
            valkey().run(_END, [reservation.valkey_key], arguments)
        except ValkeyAway:
            log.warning("idempotency.not_remembered")


def hit(group: str, call: Call) -> None:
    """
    Count one call in *group* beside the route's own, where only some calls of a route fall under it.

    Raises:
        RateLimited: the window is full.
    """
    limit = rate_limit.limit_of(group)
    keys = [rate_limit.window_key(group, call.client_address)] * 2
    window_ms = limit.window_s * 1000
    arguments = [clock.now_ms(), uuid.uuid4().hex, limit.count, window_ms, limit.count, window_ms, "", "", 0]
    try:
        found = valkey().run(_ADMIT, keys, arguments)
    except ValkeyAway:
        admitted, window = _process_limiter.hit(group, call.client_address)
    else:
        admitted = found[0] == b"pass"
        window = Window(group, limit, int(found[2]), int(found[3]))
    if not admitted:
        raise rate_limit.refuse(call, window)
