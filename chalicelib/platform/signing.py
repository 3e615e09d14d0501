"""
Signature Version 4: the header by which a call to AWS is our own, and the link by which others get an object.

Written out, since a function whose settings are secrets signs before its first answer: botocore's signer is
130 ms of processor time to load, and each signature of it is 0.1 ms. The tests hold this one against it.
Source: AWS, "Create a signed AWS API request" (IAM User Guide); for S3, "Authenticating Requests" (Amazon S3
API reference).
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlencode, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"
_S3 = "s3"


@dataclass(frozen=True)
class Identity:
    """As whom we call AWS, and where; Lambda sets it."""

    region: str
    access_key_id: str
    secret_access_key: str
    session_token: str | None

    def __repr__(self) -> str:
        return f"Identity({self.region!r})"


def signed_headers(
    identity: Identity, method: str, service: str, url: str, body: bytes, headers: Mapping[str, str]
) -> dict[str, str]:
    """*headers*, and those with which this call is *identity*'s own."""
    parts, instant, digest = urlsplit(url), _instant(), hashlib.sha256(body).hexdigest()
    sent = {**headers, "X-Amz-Date": instant}
    if identity.session_token:
        sent["X-Amz-Security-Token"] = identity.session_token
    if service == _S3:
        sent["X-Amz-Content-SHA256"] = digest
    signed = {name.lower(): " ".join(value.split()) for name, value in sent.items()} | {"host": _host(parts)}
    names = ";".join(sorted(signed))
    # S3 takes a path as it is sent; everybody else wants it encoded once more.
    path = parts.path if service == _S3 else quote(parts.path)
    scope, signature = _signature(
        identity, service, instant, [method, path, parts.query, _lines(signed), names, digest]
    )
    credential = f"{identity.access_key_id}/{scope}"
    sent["Authorization"] = (
        f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return sent


def signed_link(identity: Identity, url: str, valid_for_s: int) -> str:
    """*url* of an S3 object, with a signature of *identity* by which anybody may GET it for so long."""
    parts, instant = urlsplit(url), _instant()
    query = {
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{identity.access_key_id}/{_scope(identity, _S3, instant)}",
        "X-Amz-Date": instant,
        "X-Amz-Expires": str(valid_for_s),
        "X-Amz-SignedHeaders": "host",
    }
    if identity.session_token:
        query["X-Amz-Security-Token"] = identity.session_token
    asked = urlencode(query, quote_via=quote, safe="")
    host = _lines({"host": _host(parts)})
    _, signature = _signature(
        identity, _S3, instant, ["GET", parts.path, asked, host, "host", "UNSIGNED-PAYLOAD"]
    )
    return f"{url}?{asked}&X-Amz-Signature={signature}"


def _instant() -> str:
    """The machine's own time: AWS refuses what was signed five minutes off its own."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def _host(parts: SplitResult) -> str:
    """The host as the client's `Host` names it: without the port that goes without saying."""
    usual = ":443" if parts.scheme == "https" else ":80"
    return parts.netloc.removesuffix(usual)


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))


def _scope(identity: Identity, service: str, instant: str) -> str:
    return f"{instant[:8]}/{identity.region}/{service}/aws4_request"


def _signature(identity: Identity, service: str, instant: str, request: list[str]) -> tuple[str, str]:
    """Scope and signature of a *request*: method, path, query, headers, their names, digest of the body."""
    method, path, query, *rest = request
    named = sorted((name, value) for name, _, value in (pair.partition("=") for pair in query.split("&")))
    query = "&".join(f"{name}={value}" for name, value in named) if query else ""
    canonical = "\n".join([method, path, query, *rest])
    scope = _scope(identity, service, instant)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    told = f"{_ALGORITHM}\n{instant}\n{scope}\n{digest}"
    key = _key(identity, service, instant[:8])
    return scope, hmac.digest(key, told.encode(), "sha256").hex()


@lru_cache(maxsize=16)
def _key(identity: Identity, service: str, day: str) -> bytes:
    """The key of one day, region and service."""
    key = f"AWS4{identity.secret_access_key}".encode()
    for part in (day, identity.region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
