"""What the sync queue's jobs do, with the parts of this process."""

import uuid
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from chalicelib.gateways.google_sheets import google_sheet
from chalicelib.platform import clock, metrics
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings
from chalicelib.resilience.valkey import valkey
from chalicelib.sheets import store
from chalicelib.sheets.service import SheetSync

_PROMOTED_AT_MOST = 1000


@cache
def sheet_sync() -> SheetSync:
    """This process's sync of the configured tab."""
    known = settings()
    return SheetSync(database(), valkey(), google_sheet(), known.spreadsheet_id, known.sheet_tab)


def sync(woken_by: Sequence[UUID]) -> None:
    """Drain everything that is due."""
    sheet_sync().drain(woken_by)


KINDS = {"google_sheets": sync}


def promote_rewrites() -> None:
    """Make jobs for rows that are due to be written again; part of the relay's schedule."""
    correlation_id = f"relay-{uuid.uuid4()}"
    promoted = store.promote_rewrites(
        database(), now=clock.now(), correlation_id=correlation_id, limit=_PROMOTED_AT_MOST
    )
    if promoted:
        metrics.count(metrics.JOBS, "sync", "queued", by=promoted)
