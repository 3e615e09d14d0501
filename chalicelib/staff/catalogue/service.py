"""
Changes the catalogue: check, write, audit entry and stale namespaces in one transaction, then the cache is
told.

Changes go one after the other (`store.take_turn`), so what a check saw still holds when its change commits.
"""

from uuid import UUID, uuid4

from chalicelib.guards import store as guards_store
from chalicelib.guards.invalidations import tell_cache
from chalicelib.platform import clock
from chalicelib.platform.errors import Conflict, NotFound
from chalicelib.platform.http import Call
from chalicelib.platform.models import Body
from chalicelib.platform.postgres import Row, Transaction, database
from chalicelib.staff.audit import service as audit
from chalicelib.staff.catalogue import store
from chalicelib.staff.catalogue.sections import Section


def create(call: Call, section: Section, body: Body) -> Row:
    """
    Add what *body* says, and return it.

    Raises:
        ValidationFailed, Conflict: it cannot stand beside what there is; nothing is stored.
    """
    wanted = section.row_of(body, uuid4())
    with database().transaction() as transaction:
        store.take_turn(transaction)
        _check(transaction, section, None, wanted)
        after = store.insert(transaction, section.table, section.columns, wanted)
        stale = _record(transaction, call, section, None, after)
    tell_cache(stale)
    return after


def change(call: Call, section: Section, row_id: UUID, body: Body) -> Row:
    """
    Change the fields that *body* names, and return the whole; a change to what is there already is none.

    Raises:
        NotFound: there is nothing with this id.
        ValidationFailed, Conflict: it could not stand beside what there is; nothing is changed.
    """
    with database().transaction() as transaction:
        store.take_turn(transaction)
        before = _get(transaction, section, row_id)
        wanted = {**before, **body.model_dump(exclude_unset=True)}
        if wanted == before:
            return before
        _check(transaction, section, before, wanted)
        after = store.update(transaction, section.table, section.columns, wanted)
        stale = _record(transaction, call, section, before, after)
    tell_cache(stale)
    return after


def remove(call: Call, section: Section, row_id: UUID) -> None:
    """
    Remove it.

    Raises:
        NotFound: there is nothing with this id.
        Conflict: it is in use; the sentence says what to do.
    """
    with database().transaction() as transaction:
        store.take_turn(transaction)
        before = _get(transaction, section, row_id)
        _check(transaction, section, before, None)
        store.delete(transaction, section.table, row_id)
        stale = _record(transaction, call, section, before, None)
    tell_cache(stale)


def _get(transaction: Transaction, section: Section, row_id: UUID) -> Row:
    row = store.find(transaction, section.table, section.columns, row_id)
    if row is None:
        raise NotFound(f"There is no such {section.word}.")
    return row


def _check(transaction: Transaction, section: Section, before: Row | None, after: Row | None) -> None:
    column = section.unique
    if after is not None and column and store.has_another(transaction, section.table, column, after):
        raise Conflict(f"There is a {section.word} with this {column} already; choose another {column}.")
    section.check(transaction, before, after)


def _record(
    transaction: Transaction, call: Call, section: Section, before: Row | None, after: Row | None
) -> dict[str, int]:
    """Write down who did it and what is stale by it; returns the stale namespaces."""
    done = "created" if before is None else "deleted" if after is None else "changed"
    row = after or before or {}
    audit.record(
        transaction,
        call,
        f"{section.word.replace(' ', '_')}.{done}",
        target=f"{section.address}/{row['id']}",
        before=section.show(before) if before else None,
        after=section.show(after) if after else None,
        now=clock.now(),
    )
    return guards_store.make_stale(transaction, section.stale)
