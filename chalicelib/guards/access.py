"""
Who calls, and whether they may: access tokens, made at sign-in and shown as a bearer (RFC 6750) with each
call.

A token is a JWT (RFC 9068's `at+jwt`) that this product signs for itself: HS256 alone, under a key derived
for this purpose only. It says who and in which role for 15 minutes, so a call costs no look-up; who lost a
role keeps it no longer than that.
"""

import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID

from chalicelib.platform import clock, logs
from chalicelib.platform.errors import Forbidden, Unauthenticated
from chalicelib.platform.http import Call, Caller
from chalicelib.platform.settings import settings

STAFF = frozenset({"ADMIN", "MANAGER"})
EVERYBODY = STAFF | {"CONTRACTOR", "HOMEOWNER"}
VALID_FOR = timedelta(minutes=15)
_ISSUER = _AUDIENCE = "plumbline"
_ALGORITHM = "HS256"
_TYPE = "at+jwt"
_CLAIMS = ["iss", "aud", "sub", "role", "iat", "exp"]
log = logs.EventLog("access")


def _key() -> bytes:
    return hmac.digest(settings().jwt_secret.get_secret_value().encode(), b"access-token", "sha256")


def issue(user_id: UUID, role: str) -> str:
    """A token that lets *user_id* act in *role* for `VALID_FOR`."""
    import jwt  # noqa: PLC0415  only who signs in or is signed in pays for it

    now = clock.now()
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": str(user_id),
        "role": role,
        "iat": int(now.timestamp()),
        "exp": int((now + VALID_FOR).timestamp()),
    }
    return jwt.encode(claims, _key(), algorithm=_ALGORITHM, headers={"typ": _TYPE})


def verify(call: Call) -> Caller:
    """
    Who sent *call*, by its bearer token.

    Raises:
        Unauthenticated: there is none, or it is not one that we made and that is still valid.
    """
    shown = call.headers.get("authorization")
    if shown is None:
        raise Unauthenticated("Please sign in, and send the access token as a bearer.")
    scheme, _, token = shown.strip().partition(" ")
    if scheme.lower() != "bearer" or "authorization" in call.doubled_headers:
        raise Unauthenticated("Send one Authorization header, with the access token as a bearer.")
    caller = _caller_in(token.strip())
    if caller is None:
        raise Unauthenticated("Your access token is not valid; sign in again.", error="invalid_token")
    return caller


def _caller_in(token: str) -> Caller | None:
    """Whom *token* names, if we signed it as an access token and it has not ended by the product's clock."""
    import jwt  # noqa: PLC0415  only who signs in or is signed in pays for it

    options: Any = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        found = jwt.decode_complete(
            token, _key(), algorithms=[_ALGORITHM], issuer=_ISSUER, audience=_AUDIENCE, options=options
        )
        claims = found["payload"]
        if found["header"].get("typ") == _TYPE and clock.now().timestamp() < claims["exp"]:
            return Caller(UUID(claims["sub"]), claims["role"])
    except (jwt.InvalidTokenError, TypeError, ValueError):
        return None
    return None


def check_role(call: Call, caller: Caller, roles: frozenset[str]) -> None:
    """
    See that *caller* has one of *roles*.

    Raises:
        Forbidden: they have none of them.
    """
    if caller.role not in roles:
        log.warning("access.forbidden", user_id=str(caller.id), role=caller.role, path=call.route)
        refusal = Forbidden("Your account may not do this.")
        refusal.headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
        raise refusal


def caller_of(call: Call) -> Caller:
    """
    Who calls, in the view of a route with roles.

    Raises:
        Unauthenticated: the route has none, so nobody was verified.
    """
    if call.caller is None:
        raise Unauthenticated("Please sign in, and send the access token as a bearer.")
    return call.caller
