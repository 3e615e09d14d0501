"""Violations as staff see them."""

from pydantic import Field

from chalicelib.platform.models import Instant, View


class EndpointViolations(View):
    """How often calls of one endpoint were refused, and of how many clients."""

    path: str = Field(examples=["/leads"])
    count: int
    unique_ips: int


class ClientViolations(View):
    """How often calls of one client (an IPv4 address, or an IPv6 /64) were refused."""

    ip: str = Field(examples=["203.0.113.7"])
    count: int


class Violations(View):
    """The violations since *since*, within the last hour; the worst come first."""

    since: Instant
    endpoints: list[EndpointViolations]
    top_ips: list[ClientViolations]


class Violation(View):
    """One refused call."""

    at: Instant
    path: str = Field(examples=["/leads"])


class ViolationsOfClient(View):
    """The refused calls of one client within the last hour, the latest first."""

    ip: str = Field(examples=["203.0.113.7"])
    count: int
    items: list[Violation]
    next_cursor: None = None
