"""
Writes leads as CSV: up to 4 MB into the answer, more into a file on S3 that the answer leads to.

Leads are read in keyset pages, each a statement of its own, so no connection is held and memory stays flat
however many there are. A file is written by jobs, a slice each: what a slice has put to S3 is committed with
its end, together with the job of the next one, so a worker that dies loses a slice and no more. S3 puts only
the parts together whose tags were committed, so an overtaken worker cannot get old parts into the file.

What fails how: PostgreSQL away → 503; S3 away → 503 before anything is stored; S3 away while a job writes →
deferred, for up to 24 hours.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chalicelib.gateways import s3
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.guards.access import caller_of
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.room import check_room
from chalicelib.jobs.runner import Effect, Impossible, Later, Refusal
from chalicelib.platform import clock, deadline, logs
from chalicelib.platform.errors import Conflict, NotFound, ServiceUnavailable
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import Database, Row, Transaction, database
from chalicelib.staff.audit import service as audit
from chalicelib.staff.exports import rules, store
from chalicelib.staff.leads import rules as lead_rules
from chalicelib.staff.leads import store as leads

INLINE_BYTES = 4_000_000
_ANSWER_BYTES = 5_900_000  # of 6 MB that Lambda answers, which count the text as a string of JSON
_PAGE = 1_000
_PART_BYTES = 8 * 1024 * 1024
_PARTS_A_SLICE = 2
UNFINISHED_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(hours=1)
_LINK_VALID_FOR_S = 300
WAIT_S = 8.0
_LOOK_AGAIN_S = 0.25
_S3_AGAIN_AFTER_S = 30
_GONE = frozenset({"NoSuchUpload", "InvalidPart", "InvalidPartOrder", "EntityTooSmall"})
_FORGOTTEN_AT_ONCE = 100
_RESERVE_S = 10.0
log = logs.EventLog("exports")
Position = tuple[datetime, UUID]


def pages(source: Database, query: dict[str, str], after: Position | None) -> Iterator[list[Row]]:
    """The leads that *query* leaves, in pages, the latest first, behind the position *after*."""
    filters = lead_rules.filters_in(query)
    while True:
        rows = leads.list_leads(source, filters, before=after, limit=_PAGE)
        if rows:
            yield rows
        if len(rows) < _PAGE:
            return
        after = (rows[-1]["created_at"], rows[-1]["id"])


def text_of(source: Database, query: dict[str, str]) -> tuple[str, int] | None:
    """All leads that *query* leaves as one CSV, and how many they are; None if they do not fit an answer."""
    chunks, count = [rules.header()], 0
    size = answer_size = len(chunks[0].encode())
    for rows in pages(source, query, None):
        chunk = rules.lines_of(rows)
        size += len(chunk.encode())
        answer_size += len(json.dumps(chunk, ensure_ascii=False).encode())
        if size > INLINE_BYTES or answer_size > _ANSWER_BYTES:
            return None
        chunks.append(chunk)
        count += len(rows)
    return "".join(chunks), count


def export(call: Call, query: dict[str, str]) -> str | UUID:
    """
    The CSV itself, or the id of the export whose file will have it; either is in the audit log.

    Raises:
        ValidationFailed: a filter means nothing.
        QueueFull: there is no room for the job.
        ServiceUnavailable: S3 is away, and the leads do not fit into an answer.
    """
    found = text_of(database(), query)
    if found is None:
        return _under_way(call, query)
    text, count = found
    with database().transaction() as transaction:
        _audit(transaction, call, query, "leads", {"rows": count})
    log.info("leads.exported", rows=count)
    return text


def _audit(
    transaction: Transaction, call: Call, query: dict[str, str], target: str, more: dict[str, Any]
) -> None:
    after = {"filters": rules.told(query), **more}
    audit.record(
        transaction, call, "leads.exported", target=target, before=None, after=after, now=clock.now()
    )


def _under_way(call: Call, query: dict[str, str]) -> UUID:
    """The export that this person has already asked for and that is not finished, or else a new one."""
    requested_by, now = caller_of(call).id, clock.now()
    known = store.find_under_way(database(), requested_by, query, now)
    if known is not None:
        return known
    check_room("sync")
    export_id, job = uuid4(), Job.new("lead_export", call.correlation_id)
    try:
        upload_id = _begin(export_id)
    except (NoAnswer, Refused) as error:
        log.warning("files.unavailable", reason=str(error))
        raise ServiceUnavailable(
            "These leads are too many for one answer, and the file store does not answer now. Try again in "
            f"{_S3_AGAIN_AFTER_S} s, or ask for fewer with `from` and `to`.",
            retry_after_s=_S3_AGAIN_AFTER_S,
        ) from error
    with database().transaction() as transaction:
        store.create(
            transaction,
            export_id=export_id,
            requested_by=requested_by,
            filters=query,
            upload_id=upload_id,
            job=job,
            correlation_id=call.correlation_id,
            now=now,
            expires_at=now + UNFINISHED_FOR,
        )
        _audit(transaction, call, query, f"exports/{export_id}", {"file": True})
    dispatch([job], began_s=call.began_s)
    return export_id


def _key_of(export_id: UUID) -> str:
    return f"leads/{export_id}.csv"


def _begin(export_id: UUID) -> str:
    return s3.begin(_key_of(export_id), media_type=rules.MEDIA_TYPE, file_name=rules.FILE_NAME)


def find(call: Call, export_id: UUID) -> Row:
    """
    An export that the caller has asked for.

    Raises:
        NotFound: there is none, it is another's, or it is over.
        Conflict: its file could not be written.
    """
    row = store.find(database(), export_id, clock.now())
    if row is None or row["requested_by"] != caller_of(call).id:
        raise NotFound("There is no such export, or it is over; ask for a new one.")
    if row["completed_at"] is None and row["job_state"] == "dead":
        raise Conflict("This file could not be written; we have been told. Ask for a new one.")
    return row


def wait_for(call: Call, export_id: UUID) -> str | None:
    """A link to the file, valid for five minutes, as soon as it is there; None if that takes too long."""
    ends_at = clock.now() + timedelta(seconds=WAIT_S)
    while True:
        if find(call, export_id)["completed_at"] is not None:
            return s3.link(_key_of(export_id), valid_for_s=_LINK_VALID_FOR_S)
        if clock.now() >= ends_at or deadline.remaining_s(WAIT_S) < 1:
            return None
        clock.sleep(_LOOK_AGAIN_S)


@dataclass
class _Slice:
    """What one job puts to S3: up to so many parts of the file, behind those that are there."""

    export: Row
    tags: list[str] = field(default_factory=list)
    rows: int = 0
    position: Position | None = None
    buffer: bytearray = field(default_factory=bytearray)

    def write(self) -> bool:
        """Put the parts, and say whether the file ends with them."""
        row = self.export
        before = (row["position_at"], row["position_id"]) if row["position_at"] else None
        if before is None:
            self.buffer += rules.header().encode()
        for rows in pages(database(), row["filters"], before):
            self.buffer += rules.lines_of(rows).encode()
            self.rows += len(rows)
            self.position = (rows[-1]["created_at"], rows[-1]["id"])
            if len(self.buffer) >= _PART_BYTES:
                self._put()
                if len(self.tags) == _PARTS_A_SLICE:
                    return False
        if self.buffer:
            self._put()
        return True

    def _put(self) -> None:
        number = len(self.export["parts"]) + len(self.tags) + 1
        key = _key_of(self.export["id"])
        self.tags.append(s3.put_part(key, self.export["upload_id"], number, bytes(self.buffer)))
        self.buffer.clear()


def write_slice(job: Claimed, _claim: Claim) -> Effect:
    """
    Write the next slice of an export, or the last one and so the file.

    Raises:
        Later: S3 is away.
        Refusal: S3 refused it; what it no longer knows is begun again.
        Impossible: S3 refused us.
    """
    export = store.find(database(), job.subject_id, clock.now())
    if export is None or export["completed_at"] is not None:
        return Effect(note="the export is over")
    piece = _Slice(export)
    try:
        is_last = piece.write()
        if is_last:
            s3.finish(_key_of(export["id"]), export["upload_id"], [*export["parts"], *piece.tags])
    except NoAnswer as error:
        raise Later(f"S3: {error}", _S3_AGAIN_AFTER_S) from error
    except Refused as error:
        raise _judged(export["id"], error) from error
    return Effect(lambda transaction: _advance(transaction, job, piece, is_last=is_last))


def _judged(export_id: UUID, error: Refused) -> Exception:
    if error.status >= 500 or error.status == 429:
        return Later(f"S3: {error}", _S3_AGAIN_AFTER_S)
    if error.code not in _GONE:
        return Impossible(f"S3: {error}")
    try:
        store.begin_again(database(), export_id, _begin(export_id))
    except (NoAnswer, Refused) as again:
        return Later(f"S3: {again}", _S3_AGAIN_AFTER_S)
    return Refusal(f"S3: {error}; begun again")


def _advance(transaction: Transaction, job: Claimed, piece: _Slice, *, is_last: bool) -> list[Job]:
    export_id, now = piece.export["id"], clock.now()
    if is_last or piece.position is None:
        store.complete(transaction, export_id, rows=piece.rows, now=now, expires_at=now + KEPT_FOR)
        return []
    store.advance(transaction, export_id, tags=piece.tags, rows=piece.rows, position=piece.position)
    following = Job.new("lead_export", job.correlation_id)
    jobs_store.insert_children(transaction, job.id, [(following, None)], now)
    return [following]


def forget_over(context: Any) -> None:
    """Delete files that are over, and what is left of those that were never finished."""
    budget_s = deadline.left_of(context) - _RESERVE_S
    with deadline.within(budget_s):
        for row in store.list_over(database(), clock.now(), _FORGOTTEN_AT_ONCE):
            if deadline.remaining_s(budget_s) < 1:
                return
            try:
                s3.delete(_key_of(row["id"]), row["upload_id"])
            except (NoAnswer, Refused) as error:
                log.warning("files.unavailable", reason=str(error))
                return
            store.delete(database(), row["id"])
