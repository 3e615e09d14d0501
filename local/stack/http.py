"""A look at an HTTP address of the loopback, never by way of a proxy of the environment."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def answers_ok(url: str, timeout_s: float = 2.0) -> bool:
    """Whether *url* answers 200 now."""
    try:
        return request("GET", url, timeout_s=timeout_s)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def get_json(url: str, timeout_s: float = 5.0) -> Any:
    """
    What *url* answers, decoded.

    Raises:
        OSError: nobody listens, or the answer is not 200.
    """
    status, body = request("GET", url, timeout_s=timeout_s)
    if status != 200:
        raise OSError(f"{url} answered {status}")
    return json.loads(body)


def request(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 10.0,
) -> tuple[int, bytes]:
    """One request on a connection of its own; status and body of the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout_s)
    try:
        connection.request(method, parts.path or "/", body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
