"""What the health check answers."""

from typing import Literal

from chalicelib.platform.models import View

State = Literal["ok", "degraded", "down"]


class Checks(View):
    """Each dependency for itself."""

    database: State
    redis: State
    queues: State
    circuits: State


class Health(View):
    """The whole, and its parts."""

    status: State
    checks: Checks
