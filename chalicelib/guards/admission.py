"""
The guard of the edge: rate limit and the look-up of key or cache in one Valkey round trip, the answer kept in
another; between the two stands who calls, which costs none.

With Valkey away a limiter of the process's own takes over, and the idempotency reservation goes to
PostgreSQL in the use case's own statement. What the edge hands it: `admit` before the body is judged,
`complete` or `abandon` after.
"""

import uuid
from pathlib import Path

from chalicelib.guards import access, idempotency, rate_limit, store
from chalicelib.guards.cached import Cached
from chalicelib.guards.idempotency import Reservation
from chalicelib.guards.rate_limit import ProcessLimiter, Window
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import CallerError, IdempotencyKeyInvalid, PlumblineError
from chalicelib.platform.http import Answer, Call
from chalicelib.platform.postgres import database
from chalicelib.resilience.cache import LOOK, Found
from chalicelib.resilience.valkey import Script, ValkeyAway, valkey

_ADMIT = Script(LOOK, Path(__file__).with_name("admission.lua"))
_END = Script(Path(__file__).with_name("idempotency_end.lua"))
_READS = "READS"
_NOT_CACHED: list[object] = ["", "", 0]
_process_limiter = ProcessLimiter()
log = logs.EventLog("admission")


class Admission:
    """
    The guard of one route: calls are counted in *group*, only people in *roles* may call; where *idempotent*,
    keys are honoured, and where *cached*, answers are shared.

    One container serves one call at a time, so the present call's reservation is kept on the guard itself.
    """

    def __init__(
        self,
        group: str,
        *,
        roles: frozenset[str] | None = None,
        idempotent: bool = False,
        cached: Cached | None = None,
    ) -> None:
        self.group = group
        self.roles = roles
        self.idempotent = idempotent
        self.cached = cached
        self.reservation: Reservation | None = None

    def admit(self, call: Call) -> Answer | None:
        """
        Count the call, see who calls, and look their key up.

        What needs no Valkey is judged first and raised last, since a full window comes before it; a call
        that will be refused reserves nothing.

        Raises:
            RateLimited, Unauthenticated, Forbidden, IdempotencyKeyInvalid, IdempotencyKeyReused,
                RequestInProgress: in this order.
        """
        self.reservation = None
        reservation, refusal = self._judge(call)
        group = _READS if isinstance(refusal, IdempotencyKeyInvalid) else self.group
        try:
            early = self._admit_by_valkey(call, group, reservation)
        except ValkeyAway:
            early = self._admit_by_process(call, group, reservation)
        if refusal is not None:
            raise refusal
        return early

    def _judge(self, call: Call) -> tuple[Reservation | None, CallerError | None]:
        """The reservation that the call asks for, or why it will be refused."""
        try:
            if self.roles is not None:
                caller = access.verify(call)
                access.check_role(call, caller, self.roles)
                call.caller = caller
            return idempotency.reservation_of(call) if self.idempotent else None, None
        except CallerError as refusal:
            return None, refusal

    def _admit_by_valkey(self, call: Call, group: str, reservation: Reservation | None) -> Answer | None:
        limit, reads = rate_limit.limit_of(group), rate_limit.limit_of(_READS)
        client, caller = call.client_address, call.caller
        user_limit = rate_limit.user_limit_of(caller.role) if caller else limit
        kept = reservation.valkey_key if reservation else self.cached.valkey_key if self.cached else ""
        found = valkey().run(
            _ADMIT,
            [
                rate_limit.window_key(group, client),
                rate_limit.window_key(_READS, client),
                rate_limit.user_window_key(caller) if caller else "",
                kept,
            ],
            [
                clock.now_ms(),
                uuid.uuid4().hex,
                limit.count,
                limit.window_s * 1000,
                reads.count,
                reads.window_s * 1000,
                user_limit.count,
                user_limit.window_s * 1000,
                reservation.fingerprint if reservation else "",
                reservation.owner if reservation else "",
                int(idempotency.IN_PROGRESS_FOR.total_seconds() * 1000),
                *(self.cached.arguments(call) if self.cached else _NOT_CACHED),
            ],
        )
        verdict, by_reads = found[0].decode(), found[1] == b"reads"
        window = Window(
            _READS if by_reads else group, reads if by_reads else limit, int(found[2]), int(found[3])
        )
        if verdict == "limited":
            call.answer_headers.update(rate_limit.headers_of(window))
            raise rate_limit.refuse(call, window)
        windows = [window]
        if caller is not None:
            windows.append(rate_limit.user_window(caller, int(found[4]), int(found[5])))
        call.answer_headers.update(rate_limit.headers_of(*windows))
        if verdict == "limited_user":
            raise rate_limit.refuse(call, windows[-1])
        if verdict == "reused":
            raise idempotency.reused()
        if verdict == "running":
            raise idempotency.running()
        if verdict == "replay":
            return idempotency.replay(int(found[6]), found[7].decode(), found[8].decode())
        self.reservation = reservation
        return self.cached.answer(call, Found.of(found[6:])) if self.cached else None

    def _admit_by_process(self, call: Call, group: str, reservation: Reservation | None) -> Answer | None:
        admitted, window = _process_limiter.hit(group, call.client_address)
        call.answer_headers.update(rate_limit.headers_of(window))
        if not admitted:
            raise rate_limit.refuse(call, window)
        if call.caller is not None:
            admitted, own = _process_limiter.hit_user(call.caller)
            call.answer_headers.update(rate_limit.headers_of(window, own))
            if not admitted:
                raise rate_limit.refuse(call, own)
        if reservation is not None:
            reservation.in_postgres = True
        self.reservation = reservation
        return None

    def complete(self, call: Call, answer: Answer) -> None:
        """Keep the answer in Valkey, if PostgreSQL keeps it; losing it there costs time, not correctness."""
        if self.cached is not None:
            self.cached.complete(call, answer)
        reservation, self.reservation = self.reservation, None
        if reservation is None or reservation.answer is None:
            return
        kept, kept_ms = reservation.answer, reservation.expires_ms - clock.now_ms()
        if kept_ms <= 0:
            return
        self._end(
            reservation,
            [
                reservation.owner,
                reservation.expires_ms,
                kept_ms,
                reservation.fingerprint,
                kept.status,
                kept.media_type,
                kept.body,
            ],
        )

    def abandon(self, call: Call, error: BaseException) -> None:  # noqa: ARG002  the edge's protocol
        """Free the key, so that the same request may be sent again at once."""
        if self.cached is not None:
            self.cached.abandon(call)
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
    keys = [rate_limit.window_key(group, call.client_address)] * 2 + ["", ""]
    limits: list[object] = [limit.count, limit.window_s * 1000]
    arguments = [clock.now_ms(), uuid.uuid4().hex, *limits * 3, "", "", 0, *_NOT_CACHED]
    try:
        found = valkey().run(_ADMIT, keys, arguments)
    except ValkeyAway:
        admitted, window = _process_limiter.hit(group, call.client_address)
    else:
        admitted = found[0] == b"pass"
        window = Window(group, limit, int(found[2]), int(found[3]))
    if not admitted:
        raise rate_limit.refuse(call, window)
