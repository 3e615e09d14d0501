"""
What comes in: one API Gateway call, with the caller's true address and a correlation id.

The address is API Gateway's `sourceIp`, which no header can change. Behind CloudFront `sourceIp` is an
edge; there `CloudFront-Viewer-Address` counts, and only with the secret header that our distribution adds
(ORIGIN_SECRET).
"""

import hmac
import ipaddress
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from chalicelib.platform import clock
from chalicelib.platform.errors import Forbidden
from chalicelib.platform.settings import settings

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
ORIGIN_HEADER = "x-plumbline-origin"


@dataclass(frozen=True)
class Caller:
    """Who calls, as a verified access token says."""

    id: uuid.UUID
    role: str


@dataclass
class Call:
    """
    One request as the product sees it; guards add *answer_headers* for every answer, also refusals, and
    *caller* where the route is for people who are signed in.
    """

    method: str
    route: str
    path: str
    path_parameters: dict[str, str]
    query: dict[str, list[str]]
    headers: dict[str, str]
    raw_body: bytes
    source_address: str
    correlation_id: str
    received_at: datetime
    began_s: float = field(default_factory=time.perf_counter)
    json: dict[str, Any] = field(default_factory=dict)
    doubled_headers: frozenset[str] = frozenset()
    is_form: bool = False
    form_only: dict[str, str] = field(default_factory=dict)
    answer_headers: dict[str, str] = field(default_factory=dict)
    caller: Caller | None = None

    @classmethod
    def from_chalice(cls, request: Any) -> "Call":
        """Read a `chalice.app.Request`; header names become lower case, path parameters are decoded."""
        headers = {name.lower(): value for name, value in dict(request.headers).items()}
        several = request.to_original_event().get("multiValueHeaders") or {}
        context = request.context
        offered = headers.get("x-correlation-id", "")
        query = request.query_params
        return cls(
            method=request.method,
            route=context["resourcePath"],
            path=context.get("path", request.path),
            path_parameters={name: unquote(value) for name, value in (request.uri_params or {}).items()},
            query={name: query.getlist(name) for name in query} if query else {},
            headers=headers,
            raw_body=request.raw_body,
            source_address=context["identity"]["sourceIp"],
            correlation_id=offered if _CORRELATION_ID.fullmatch(offered) else str(uuid.uuid4()),
            received_at=clock.now(),
            doubled_headers=frozenset(name.lower() for name, values in several.items() if len(values) > 1),
        )

    @property
    def client_address(self) -> str:
        """
        The caller's network as one string: an IPv4 address, or the /64 of an IPv6 one.

        Raises:
            Forbidden: the call went round our CloudFront distribution.
        """
        return network_of(self._claimed_address())

    def _claimed_address(self) -> str:
        secret = settings().origin_secret
        if secret is None:
            return self.source_address
        shown = self.headers.get(ORIGIN_HEADER, "").encode("utf-8", "surrogatepass")
        # While it is rotated, the setting holds the new secret and the old one, with a space between.
        known = secret.get_secret_value().split()
        if not any(hmac.compare_digest(shown, each.encode()) for each in known):
            raise Forbidden("Please use the site's own address.")
        viewer = self.headers.get("cloudfront-viewer-address", "")
        return viewer.rpartition(":")[0] or self.source_address


def network_of(address: str) -> str:
    """What counts as one client: the address for IPv4 (also when mapped into IPv6), the /64 for IPv6."""
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
