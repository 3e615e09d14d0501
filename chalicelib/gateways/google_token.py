"""
Access tokens of a Google service account, by google-auth, over our own HTTP pool and timeouts.

google-auth retries a 5xx inside the call, which would hold the caller's lock; our transport turns it into
an error, and the job is deferred instead.
"""

import json
from typing import Any

from chalicelib.gateways.http import NoAnswer, request

_SCOPE = "https://www.googleapis.com/auth/spreadsheets"
_TIMEOUT_S = 5.0


class _Response:
    """What google-auth wants to see of an answer."""

    def __init__(self, status: int, headers: Any, data: bytes) -> None:
        self.status = status
        self.headers = headers
        self.data = data


def _transport(
    url: str, method: str = "GET", body: bytes | None = None, headers: Any = None, **_ignored: Any
) -> _Response:
    raw = body.encode() if isinstance(body, str) else body
    reply = request(method, url, raw, headers or {}, timeout_s=_TIMEOUT_S)
    if reply.status >= 500:
        raise NoAnswer(f"the token endpoint answered {reply.status}")
    return _Response(reply.status, reply.headers, reply.body)


class GoogleToken:
    """The present access token; fetched when there is none or it is about to expire."""

    def __init__(self, credentials_json: str) -> None:
        self._json = credentials_json
        self._credentials: Any = None

    def value(self) -> str:
        """
        A token that is good for the next call.

        Raises:
            NoAnswer: the token endpoint does not answer, or refuses our key (which a person has to mend).
        """
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415  100 ms that only the sync worker pays
        from google.oauth2.service_account import Credentials  # noqa: PLC0415

        if self._credentials is None:
            make: Any = Credentials.from_service_account_info
            self._credentials = make(json.loads(self._json), scopes=[_SCOPE])
        if not self._credentials.valid:
            try:
                self._credentials.refresh(_transport)
            except GoogleAuthError as error:
                raise NoAnswer(f"no access token: {type(error).__name__}") from error
        return str(self._credentials.token)

    def forget(self) -> None:
        """Drop the token after Google refused it."""
        self._credentials = None
