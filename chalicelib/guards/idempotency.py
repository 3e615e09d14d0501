"""
One execution for one Idempotency-Key, for 24 hours, whatever becomes of Valkey.

Valkey answers duplicates fast; PostgreSQL decides: its unique key and the kept answer commit in the
statement that stores the lead. With Valkey away the reservation itself goes to PostgreSQL, before the
captcha is spent. Source: draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import hmac
import json
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.guards import store
from chalicelib.platform import clock
from chalicelib.platform.errors import IdempotencyKeyInvalid, IdempotencyKeyReused, RequestInProgress
from chalicelib.platform.http import Answer, Call
from chalicelib.platform.settings import settings

KEPT_FOR = timedelta(hours=24)
IN_PROGRESS_FOR = timedelta(seconds=30)
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_NOT_PART = "turnstileToken"


@dataclass
class Reservation:
    """The right to execute one key's request; *in_postgres* when Valkey is away and cannot hold it."""

    scope: str
    key_digest: str
    fingerprint: str
    owner: str
    in_postgres: bool = False
    answer: Answer | None = None
    expires_ms: int = 0  # when PostgreSQL forgets the answer, and so must Valkey

    @property
    def valkey_key(self) -> str:
        """Where Valkey remembers it."""
        return f"idem:{self.scope}:{self.key_digest}"

    def parameters(self) -> dict[str, Any]:
        """What the statements of `guards.store` take."""
        now = clock.now()
        return {
            "idem_scope": self.scope,
            "idem_key": self.key_digest,
            "idem_fingerprint": self.fingerprint,
            "idem_owner": self.owner,
            "idem_now": now,
            "idem_stale": now - IN_PROGRESS_FOR,
            "idem_expires": now + KEPT_FOR,
        }


def _server_key() -> bytes:
    return hmac.digest(settings().jwt_secret.get_secret_value().encode(), b"idempotency", "sha256")


def digest_of(purpose: str, *parts: str) -> str:
    """
    An HMAC over *parts* under a server key of its own for *purpose*, so that the database holds no
    addresses.
    """
    key = hmac.digest(_server_key(), purpose.encode(), "sha256")
    return hmac.new(key, json.dumps(parts).encode(), hashlib.sha256).hexdigest()


def fingerprint_of(call: Call) -> str:
    """
    An HMAC over method, route and canonical JSON without the captcha token: a retry with a fresh token is
    the same request. Keyed, since bodies can hold passwords.
    """
    body = {name: value for name, value in call.json.items() if name != _NOT_PART}
    canonical = json.dumps([call.method, call.route, body], sort_keys=True, separators=(",", ":"))
    return hmac.new(_server_key(), canonical.encode(), hashlib.sha256).hexdigest()


def reservation_of(call: Call) -> Reservation | None:
    """
    What the call's Idempotency-Key stands for, or None where none was sent.

    Raises:
        IdempotencyKeyInvalid: not 1 to 255 printable ASCII characters, or sent twice.
    """
    key = call.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key) or "idempotency-key" in call.doubled_headers:
        raise IdempotencyKeyInvalid(
            "Send one Idempotency-Key of 1 to 255 printable ASCII characters, for example a UUID."
        )
    digest = hashlib.sha256(key.encode()).hexdigest()
    user = call.caller.id if call.caller else "public"
    return Reservation(f"{call.method} {call.route} {user}", digest, fingerprint_of(call), str(uuid.uuid4()))


def captcha_idempotency_key(reservation: Reservation | None, token: str) -> str:
    """
    Siteverify's own idempotency key: one UUID for the same request and token, so that an honest retry
    passes again; random where the client sent no key, so that a token is spent once.
    """
    if reservation is None:
        return str(uuid.uuid4())
    text = f"{reservation.scope}\n{reservation.key_digest}\n{reservation.fingerprint}\n{token}"
    return str(
        uuid.UUID(bytes=hmac.new(_server_key(), text.encode(), hashlib.sha256).digest()[:16], version=4)
    )


def reused() -> IdempotencyKeyReused:
    """The refusal for a key that belongs to another body."""
    return IdempotencyKeyReused(
        "This Idempotency-Key was used for another body; make a new key for a changed request."
    )


def running() -> RequestInProgress:
    """The refusal while the first request with this key still runs."""
    return RequestInProgress("The first request with this key is still running; ask again.", retry_after_s=1)


def replay(status: int, media_type: str, body: str) -> Answer:
    """The kept answer, byte for byte, marked as a replay."""
    return Answer(status, body, media_type, {"Idempotency-Replayed": "true"})


def found_in_postgres(record: dict[str, Any] | None, reservation: Reservation) -> Answer | None:
    """
    Judge what PostgreSQL holds for the key: an answer to replay, or None when this call may execute.

    Raises:
        IdempotencyKeyReused, RequestInProgress: as the record says.
    """
    if record is None or record["owner"] == reservation.owner:
        return None
    if record["fingerprint"] != reservation.fingerprint:
        raise reused()
    if record["status"] is None:
        raise running()
    reservation.expires_ms = record["expires_ms"]
    return replay(record["status"], record["media_type"], record["body"])


def keep_parameters(reservation: Reservation | None, answer: Answer) -> dict[str, Any]:
    """What `guards.store.KEEP` takes: *answer* to be kept for *reservation*, or nothing without one."""
    return {
        **(reservation.parameters() if reservation else store.NO_RESERVATION),
        "answer_status": answer.status,
        "answer_media_type": answer.media_type,
        "answer_body": answer.body,
    }


def settle(record: dict[str, Any] | None, reservation: Reservation | None, answer: Answer) -> Answer:
    """
    The answer that stands once the statement with `KEEP` has committed: *answer*, or an earlier one.

    *record* is what the statement returned of the key.

    Raises:
        IdempotencyKeyReused, RequestInProgress: as the record says.
    """
    if reservation is None:
        return answer
    if record is None:
        raise RuntimeError("the statement kept no answer for the key")
    if not record["mine"]:
        kept = found_in_postgres(record, reservation)
        if kept is None:
            raise RuntimeError("another's record has no answer")
        answer = kept
    reservation.answer, reservation.expires_ms = answer, record["expires_ms"]
    return answer
