"""
What the guards keep in PostgreSQL: idempotency records and failed sign-ins, as fragments that the statement
of a use case embeds, and how often what the cache keeps was made stale.

The records take the parameters of `Reservation.parameters`. A record is free when it has expired, or when it
is in progress and its owner has been silent for 30 s. ON CONFLICT sees the latest committed version of the
row, which a plain SELECT of the same statement would not.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.platform.postgres import Database, Row, Transaction

_EXPIRES_MS = "floor(extract(epoch FROM kept.expires_at) * 1000)::bigint AS expires_ms"

# The record that stands in the way, as jsonb, or NULL: for `SELECT (…) AS idempotency`.
FIND = f"""
SELECT to_jsonb(found) FROM (
    SELECT owner, fingerprint, status, media_type, body, {_EXPIRES_MS} FROM idempotency_records AS kept
    WHERE scope = %(idem_scope)s AND key_digest = %(idem_key)s AND expires_at > %(idem_now)s
      AND (status IS NOT NULL OR started_at > %(idem_stale)s)
) AS found
"""

_FREE = """(kept.expires_at <= %(idem_now)s OR (kept.status IS NULL AND kept.started_at <= %(idem_stale)s))"""

# Reserve before the captcha is spent (Valkey is away): a CTE named `reserved`, whose one row says who owns
# the key.
RESERVE = f"""
INSERT INTO idempotency_records AS kept (scope, key_digest, fingerprint, owner, started_at, expires_at)
VALUES (%(idem_scope)s, %(idem_key)s, %(idem_fingerprint)s, %(idem_owner)s, %(idem_now)s, %(idem_expires)s)
ON CONFLICT (scope, key_digest) DO UPDATE SET
    owner = CASE WHEN {_FREE} THEN excluded.owner ELSE kept.owner END,
    fingerprint = CASE WHEN {_FREE} THEN excluded.fingerprint ELSE kept.fingerprint END,
    started_at = CASE WHEN {_FREE} THEN excluded.started_at ELSE kept.started_at END,
    expires_at = CASE WHEN {_FREE} THEN excluded.expires_at ELSE kept.expires_at END,
    status = CASE WHEN {_FREE} THEN NULL ELSE kept.status END
RETURNING owner, fingerprint, status, media_type, body, {_EXPIRES_MS}
"""

# How a statement begins, and the expression in it for the record that stands for the key, as jsonb or NULL.
LOOK = ("", FIND)
LOOK_AND_RESERVE = (f"WITH reserved AS ({RESERVE})", "SELECT to_jsonb(reserved) FROM reserved")

_TAKE = f"""({_FREE} OR (kept.status IS NULL AND kept.fingerprint = excluded.fingerprint))"""

# Keep the answer together with what it answers: a CTE whose one row has `mine`, and the standing answer
# otherwise.
# The first to commit wins, also over a reservation of another owner for the same body.
KEEP = f"""
INSERT INTO idempotency_records AS kept
    (scope, key_digest, fingerprint, owner, status, media_type, body, started_at, expires_at)
SELECT %(idem_scope)s, %(idem_key)s, %(idem_fingerprint)s, %(idem_owner)s,
       %(answer_status)s, %(answer_media_type)s, %(answer_body)s, %(idem_now)s, %(idem_expires)s
WHERE %(idem_key)s::text IS NOT NULL
ON CONFLICT (scope, key_digest) DO UPDATE SET
    owner = CASE WHEN {_TAKE} THEN excluded.owner ELSE kept.owner END,
    fingerprint = CASE WHEN {_TAKE} THEN excluded.fingerprint ELSE kept.fingerprint END,
    status = CASE WHEN {_TAKE} THEN excluded.status ELSE kept.status END,
    media_type = CASE WHEN {_TAKE} THEN excluded.media_type ELSE kept.media_type END,
    body = CASE WHEN {_TAKE} THEN excluded.body ELSE kept.body END,
    expires_at = CASE WHEN {_TAKE} THEN excluded.expires_at ELSE kept.expires_at END
RETURNING owner = %(idem_owner)s::uuid AS mine, owner::text, fingerprint, status, media_type, body,
          {_EXPIRES_MS}
"""

NO_RESERVATION = {
    "idem_scope": None,
    "idem_key": None,
    "idem_fingerprint": None,
    "idem_owner": None,
    "idem_now": None,
    "idem_stale": None,
    "idem_expires": None,
}

_FORGET = (
    "DELETE FROM idempotency_records WHERE scope = %s AND key_digest = %s AND owner = %s AND status IS NULL"
)
_RECENT = "ARRAY(SELECT at FROM unnest(kept.failed_at) AS at WHERE at > %(failures_since)s ORDER BY at)"

# A sign-in counts as failed before its password is looked at, so that no more than the limit are ever tried,
# however many come at once: a CTE with one row if this one may be tried.
COUNT_FAILURE = f"""
INSERT INTO sign_in_failures AS kept (account_digest, failed_at, expires_at)
VALUES (%(account_digest)s, ARRAY[%(now)s::timestamptz], %(failures_until)s)
ON CONFLICT (account_digest) DO UPDATE SET
    failed_at = {_RECENT} || excluded.failed_at, expires_at = excluded.expires_at
WHERE cardinality({_RECENT}) < %(failures_limit)s
RETURNING account_digest
"""
_PLACE = "array_position(failed_at, %(now)s::timestamptz)"

# It did not fail after all: takes back the one that was counted at *now*, and no other's.
TAKE_BACK_FAILURE = f"""
UPDATE sign_in_failures SET failed_at = failed_at[:{_PLACE} - 1] || failed_at[{_PLACE} + 1:]
WHERE account_digest = %(account_digest)s AND {_PLACE} IS NOT NULL
"""

_EXPIRE_FAILURES = """
DELETE FROM sign_in_failures WHERE ctid IN (
    SELECT ctid FROM sign_in_failures WHERE expires_at <= %s ORDER BY expires_at LIMIT %s
)
RETURNING 1
"""
_EXPIRE = """
DELETE FROM idempotency_records WHERE ctid IN (
    SELECT ctid FROM idempotency_records WHERE expires_at <= %s ORDER BY expires_at LIMIT %s
)
RETURNING 1
"""
_MAKE_STALE = """
INSERT INTO cache_invalidations AS known (namespace, changes)
SELECT namespace, 1 FROM unnest(%s::text[]) AS namespace ORDER BY namespace
ON CONFLICT (namespace) DO UPDATE SET changes = known.changes + 1
RETURNING namespace, changes
"""
_UNTOLD = "SELECT namespace, changes FROM cache_invalidations WHERE told < changes"
# Locked in the order in which `_MAKE_STALE` does, so that the two never wait for each other.
_TOLD = """
UPDATE cache_invalidations AS known SET told = behind.changes
FROM (
    SELECT entry.namespace, seen.changes
    FROM unnest(%(namespaces)s::text[], %(changes)s::bigint[]) AS seen (namespace, changes)
    JOIN cache_invalidations AS entry ON entry.namespace = seen.namespace AND entry.told < seen.changes
    ORDER BY entry.namespace FOR UPDATE OF entry
) AS behind
WHERE known.namespace = behind.namespace AND known.told < behind.changes
"""


def look(database: Database, reservation: dict[str, Any], *, reserve: bool) -> dict[str, Any] | None:
    """The record that stands for the key; with *reserve* the call's own reservation, made now if free."""
    reserving, record = LOOK_AND_RESERVE if reserve else LOOK
    found = database.row(f"{reserving} SELECT ({record}) AS record", reservation)
    return found["record"] if found else None


def forget_reservation(database: Database, scope: str, key_digest: str, owner: str) -> None:
    """Free a reservation that its own owner gives up."""
    database.rows(_FORGET, [scope, key_digest, owner])


def delete_expired(database: Database, now: datetime, at_most: int) -> int:
    """Delete up to *at_most* records whose 24 hours have passed, and return how many that were."""
    return len(database.rows(_EXPIRE, [now, at_most]))


def delete_expired_failures(database: Database, now: datetime, at_most: int) -> int:
    """Delete up to *at_most* counts of failed sign-ins that are over, and return how many that were."""
    return len(database.rows(_EXPIRE_FAILURES, [now, at_most]))


def make_stale(transaction: Transaction, namespaces: Sequence[str]) -> dict[str, int]:
    """Note, with the change itself, that *namespaces* are stale; returns their numbers of changes."""
    return _by_namespace(transaction.rows(_MAKE_STALE, [list(namespaces)]))


def find_untold(database: Database) -> dict[str, int]:
    """The namespaces of which the cache does not know yet, each with its number of changes."""
    return _by_namespace(database.rows(_UNTOLD))


def mark_told(database: Database, told: Mapping[str, int]) -> None:
    """The cache knows of so many changes of each; of what came meanwhile it does not."""
    database.rows(_TOLD, {"namespaces": list(told), "changes": list(told.values())})


def _by_namespace(rows: list[Row]) -> dict[str, int]:
    return {row["namespace"]: row["changes"] for row in rows}
