"""What staff hear of a recalculation."""

from uuid import UUID

from chalicelib.platform.models import Instant, View


class Recalculated(View):
    """The run that has just been made; visitors see it from now on."""

    run_id: UUID
    calculated_at: Instant
    contractors: int
    weights_version: int
