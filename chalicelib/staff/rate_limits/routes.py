"""Violations of the rate limits: by endpoint, the worst clients, and one client's own."""

from chalicelib.guards import violations
from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import NotFound, ServiceUnavailable
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.call import network_of
from chalicelib.platform.http.edge import Operation, Parameter
from chalicelib.staff.rate_limits.models import (
    ClientViolations,
    EndpointViolations,
    Violation,
    Violations,
    ViolationsOfClient,
)

api = ApiBlueprint(__name__)
_guard = Admission("SIGNED_IN", roles=STAFF)
_SHOWN = 10


@api.operation(
    Operation(
        method="GET",
        path="/admin/rate-limits/metrics",
        summary="Count the violations of the last hour, by endpoint",
        answer=Violations,
        status=200,
        refusals=(ServiceUnavailable,),
        guard=_guard,
    )
)
def count_violations(_call: Call) -> Answer:
    """Every endpoint with a violation, and the clients with the most."""
    return Answer.of(_tally())


@api.operation(
    Operation(
        method="GET",
        path="/admin/rate-limits/dashboard",
        summary="See the worst endpoints and clients of the last hour",
        answer=Violations,
        status=200,
        refusals=(ServiceUnavailable,),
        guard=_guard,
    )
)
def show_worst(_call: Call) -> Answer:
    """The ten endpoints and the ten clients with the most violations."""
    return Answer.of(_tally(at_most=_SHOWN))


def _tally(at_most: int | None = None) -> Violations:
    found = violations.last_hour()
    return Violations(
        since=found.since,
        endpoints=[EndpointViolations(**vars(each)) for each in found.endpoints[:at_most]],
        top_ips=[ClientViolations(ip=ip, count=count) for ip, count in found.top_ips[:at_most]],
    )


@api.operation(
    Operation(
        method="GET",
        path="/admin/rate-limits/violations/{ip}",
        address={
            "ip": Parameter("An IPv4 address, or any of the IPv6 /64.", {"type": "string"}, "203.0.113.7")
        },
        summary="List the violations of one client within the last hour",
        answer=ViolationsOfClient,
        status=200,
        refusals=(NotFound, ServiceUnavailable),
        guard=_guard,
    )
)
def list_violations(call: Call, ip: str) -> Answer:
    """A client is an IPv4 address or the /64 of an IPv6 one; any address of it will do."""
    del call
    client = network_of(ip.partition("/")[0])
    if client == "unknown":
        raise NotFound("This is no IP address.")
    items = [Violation(at=at, path=path) for at, path in violations.of_client(client)]
    return Answer.of(ViolationsOfClient(ip=client, count=len(items), items=items))
