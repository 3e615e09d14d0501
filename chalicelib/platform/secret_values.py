"""
Secrets that stand in Secrets Manager: settings given as its ARNs, read with one call when a container starts.

`arn:aws:secretsmanager:<region>:<account>:secret:<name>` is the whole secret, the same with `#key` behind it
the text field *key* of a secret that is JSON. An address may hold such names in braces, for example
`postgresql://{arn…#username}:{arn…#password}@host/database`: user and password are put in, percent-encoded.
Nothing here is imported where no setting names a secret. What was rotated is seen by containers that start
afterwards.
"""

import http.client
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from chalicelib.platform.signing import Identity, signed_headers

_ARN = re.compile(
    r"(?P<secret>arn:aws[a-z-]*:secretsmanager:(?P<region>[a-z0-9-]+):\d{12}:secret:[\w/+=.@-]{1,512})"
    r"(#(?P<key>[\w.-]{1,100}))?"
)
_INSERTED = re.compile(r"\{(arn:[^{}]*)\}")
_CODE = re.compile(r"[A-Za-z0-9.]{1,100}")
_TIMEOUT_S = 3.0
_TRIES = 2  # a container that does not start is started again by Lambda; this spares that
_AT_ONCE = 20  # what one call may ask for
_PAGES = 10
_NOBODY = f"Secrets Manager does not answer within {_TIMEOUT_S:g} s"


class _Refused(Exception):
    """The call as a whole was not answered with secrets; the message says why, without a value."""


def resolve(
    wanted: Mapping[str, str], identity: Identity, endpoint: str | None
) -> tuple[dict[str, str], dict[str, str]]:
    """
    The values of the settings *wanted* (ARN by name), and what is wrong with the others, by name.

    Never raises; no problem holds a value.
    """
    found: dict[str, str] = {}
    problems: dict[str, str] = {}
    references: dict[str, dict[str, re.Match[str]]] = {}
    for name, written in wanted.items():
        matches = {arn: _ARN.fullmatch(arn) for arn in _INSERTED.findall(written) or [written]}
        understood = {arn: match for arn, match in matches.items() if match is not None}
        if len(understood) < len(matches):
            problems[name] = "is not the ARN of a secret, with #key behind it for a field of a JSON secret"
        elif any(match["region"] != identity.region for match in understood.values()):
            problems[name] = f"the secret must be in our own region, {identity.region}"
        else:
            references[name] = understood
    secrets = sorted({match["secret"] for matches in references.values() for match in matches.values()})
    try:
        answered = _ask(secrets, identity, endpoint) if secrets else {}
    except _Refused as refusal:
        return {}, problems | dict.fromkeys(references, str(refusal))
    for name, named in references.items():
        told = {arn: _value_of(answered.get(match["secret"]), match["key"]) for arn, match in named.items()}
        problem = next((each for _, each in told.values() if each), "")
        if problem:
            problems[name] = problem
        else:
            found[name] = _put_in(wanted[name], {arn: value for arn, (value, _) in told.items()})
    return found, problems


def _put_in(written: str, values: Mapping[str, str]) -> str:
    """The secret itself, or the address *written* with its secrets where their names stood."""
    if written in values:
        return values[written]
    return _INSERTED.sub(lambda found: quote(values[found[1]], safe=""), written)


def _value_of(answer: Mapping[str, Any] | None, key: str | None) -> tuple[str, str]:
    """The value in *answer*, or what is wrong with it."""
    if answer is None:
        return "", "Secrets Manager did not tell this secret"
    if "ErrorCode" in answer:
        return "", f"the secret cannot be read: {_safe(answer['ErrorCode'])}"
    text = answer.get("SecretString")
    if not isinstance(text, str):
        return "", "the secret is not text"
    if key is None:
        return text, ""
    try:
        document = json.loads(text)
    except ValueError:
        return "", "the secret is not JSON, so it has no fields"
    value = document.get(key) if isinstance(document, dict) else None
    return (value, "") if isinstance(value, str) else ("", "the secret has no text field of this name")


def _ask(secrets: list[str], identity: Identity, endpoint: str | None) -> dict[str, dict[str, Any]]:
    """What Secrets Manager says of each of *secrets*: the secret, or its error."""
    answered: dict[str, dict[str, Any]] = {}
    for start in range(0, len(secrets), _AT_ONCE):
        asked = secrets[start : start + _AT_ONCE]
        request: dict[str, Any] = {"SecretIdList": asked}
        for _ in range(_PAGES):
            page = _call(request, identity, endpoint)
            for each in (*page.get("SecretValues", ()), *page.get("Errors", ())):
                told = str(each.get("ARN") or each.get("SecretId"))
                # The six characters that AWS puts behind a name may be left out.
                answered |= {arn: each for arn in asked if told == arn or told[: len(arn) + 1] == f"{arn}-"}
            if not page.get("NextToken"):
                break
            request = {**request, "NextToken": page["NextToken"]}
    return answered


def _call(request: Mapping[str, Any], identity: Identity, endpoint: str | None) -> dict[str, Any]:
    url = (endpoint or f"https://secretsmanager.{identity.region}.amazonaws.com").rstrip("/") + "/"
    body = json.dumps(request).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "secretsmanager.BatchGetSecretValue",
    }
    status, body = _post(url, body, signed_headers(identity, "POST", "secretsmanager", url, body, headers))
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _Refused("Secrets Manager's answer cannot be read")
    if status != 200:
        code = str(document.get("__type", status)).rpartition("#")[2]
        raise _Refused(f"Secrets Manager refuses to tell: {_safe(code)}")
    return document


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body; a container that starts has no connection to keep."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    for _ in range(_TRIES):
        connection = kind(parts.netloc, timeout=_TIMEOUT_S)
        try:
            connection.request("POST", parts.path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    raise _Refused(_NOBODY)


def _safe(code: object) -> str:
    match = _CODE.match(str(code))
    return match[0] if match else "unknown"
