"""An export that is being written to a file."""

from typing import Literal
from uuid import UUID

from chalicelib.platform.models import Instant, View


class ExportView(View):
    """How far the file is; once it is there, its address answers 303 to it instead."""

    id: UUID
    state: Literal["queued", "running"]
    rows: int
    created_at: Instant
    expires_at: Instant
