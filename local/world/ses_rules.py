"""SES v2's SendEmail as AWS documents it, where the emulator takes anything: what is refused, and how.

Source: Amazon SES API v2 reference (SendEmail, Destination, Message, MessageHeader) and its developer guide
(verified identities, e-mail sending errors). Only `Content.Simple` is taken. A text that is not ASCII needs a
charset; without one its letters arrive as question marks.
"""

from __future__ import annotations

import json
import re
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from local.world.aws_refusal import AwsRefusal
from local.world.sent_store import Message

if TYPE_CHECKING:
    from collections.abc import Collection

MOST_RECIPIENTS = 50
MOST_HEADERS = 15
_LONGEST_ADDRESS, _LONGEST_LOCAL_PART = 320, 64
_LONGEST_HEADER = 996
_HEADER_NAME = re.compile(r"[!-9;-@A-~]{1,126}")
_HEADER_VALUE = re.compile(r"[ -~]{1,995}")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_CONTROL_OR_SPACE = re.compile(r"[\x00-\x20\x7f]")


def read_mail(raw: bytes, senders: Collection[str], region: str) -> Message:
    """
    The mail that the body of SendEmail asks for; *senders* are the verified identities (addresses, domains).

    Raises:
        AwsRefusal: as SES refuses it.
    """
    try:
        wish = json.loads(raw)
    except ValueError:
        raise AwsRefusal("SerializationException", "The body is not JSON.") from None
    if not isinstance(wish, dict):
        raise AwsRefusal("SerializationException", "The body is not a JSON object.")
    sender = wish.get("FromEmailAddress")
    if not isinstance(sender, str) or not sender:
        raise _bad("Missing required header 'From'.")
    from_address = _check_address(sender)
    destination = _part(wish, "Destination")
    recipients = {
        name: _addresses(destination, name) for name in ("ToAddresses", "CcAddresses", "BccAddresses")
    }
    count = sum(len(addresses) for addresses in recipients.values())
    if not count:
        raise _bad("Missing required header 'To'.")
    if count > MOST_RECIPIENTS:
        raise _bad(f"Recipient count exceeds {MOST_RECIPIENTS}.")
    content = _read_content(_part(wish, "Content"))
    if not _is_verified(from_address, senders):
        raise AwsRefusal(
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region"
            f" {region.upper()}: {sender}",
        )
    return Message("mail", {"to": recipients["ToAddresses"], **content})


def _read_content(content: dict[str, Any]) -> dict[str, str]:
    if not content.get("Simple"):
        raise _bad("Content must have Simple; this stand-in takes neither Raw nor Template.")
    simple = _part(content, "Simple")
    subject = _text(simple, "Subject")
    if not subject:
        raise _bad("Missing required header 'Subject'.")
    if "\n" in subject or "\r" in subject:
        raise _bad("Header 'Subject' contains a line break.")
    body = _part(simple, "Body")
    text, html = _text(body, "Text"), _text(body, "Html")
    if not text and not html:
        raise _bad("The message has no body: Text or Html must be given.")
    return {"subject": subject, "text": text, "html": html, "correlationId": _correlation_id(simple)}


def _correlation_id(simple: dict[str, Any]) -> str:
    """The value of `X-Correlation-Id`, empty if absent; every header is checked."""
    headers = simple.get("Headers") or []
    if not isinstance(headers, list) or len(headers) > MOST_HEADERS:
        raise _bad(f"Headers must be a list of {MOST_HEADERS} at most.")
    found = ""
    for header in headers:
        name, value = (header.get("Name"), header.get("Value")) if isinstance(header, dict) else (None, None)
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise _bad("Invalid header name.")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise _bad(f"Invalid value of header '{name}'.")
        if len(name) + len(value) > _LONGEST_HEADER:
            raise _bad(f"Header '{name}' is longer than {_LONGEST_HEADER} characters.")
        if name.lower() == "x-correlation-id":
            found = value
    return found


def _addresses(destination: dict[str, Any], name: str) -> list[str]:
    addresses = destination.get(name) or []
    if not isinstance(addresses, list) or not all(isinstance(address, str) for address in addresses):
        raise AwsRefusal("SerializationException", f"{name} must be a list of texts.")
    for address in addresses:
        _check_address(address)
    return addresses


def _check_address(written: str) -> str:
    """The bare address in *written*, which may have a display name; refused in SES's words."""
    if not written.isascii():
        raise _bad("Local address contains illegal character")  # no SMTPUTF8, domains in Punycode only
    address = written if "<" not in written and '"' not in written else parseaddr(written)[1]
    if not address:
        raise _bad(f"Invalid email address {written}.")
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    problems = (
        (not at, "Missing final '@domain'"),
        (_CONTROL_OR_SPACE.search(local), "Local address contains control or whitespace"),
        (_CONTROL_OR_SPACE.search(domain), "Domain contains control or whitespace"),
        (not local, "Missing local name"),
        (not _LOCAL_PART.fullmatch(local), "Local address contains illegal character"),
        (len(local) > _LONGEST_LOCAL_PART, "Local address is too long"),
        (not labels[-1], "Missing domain"),
        (len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)), "Domain contains illegal character"),
        (len(address) > _LONGEST_ADDRESS, "Email address is too long"),
    )
    for is_wrong, message in problems:
        if is_wrong:
            raise _bad(message)
    return address


def _is_verified(address: str, senders: Collection[str]) -> bool:
    """Whether the address itself, its domain, or a domain above it is verified (*senders* in lower case)."""
    labels = address.lower().rpartition("@")[2].split(".")
    names = {address.lower(), *(".".join(labels[start:]) for start in range(len(labels)))}
    return not names.isdisjoint(senders)


def _part(parent: dict[str, Any], name: str) -> dict[str, Any]:
    part = parent.get(name)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise AwsRefusal("SerializationException", f"{name} must be an object.")
    return part


def _text(parent: dict[str, Any], name: str) -> str:
    content = _part(parent, name)
    data, charset = content.get("Data"), content.get("Charset")
    if data is None:
        return ""
    if not isinstance(data, str):
        raise AwsRefusal("SerializationException", f"{name}.Data must be a text.")
    try:
        data.encode(charset or "ascii")
    except LookupError:
        raise _bad(f"{name}.Charset {charset} is not known.") from None
    except UnicodeEncodeError:
        return data.encode(charset or "ascii", "replace").decode(charset or "ascii")
    return data


def _bad(message: str) -> AwsRefusal:
    return AwsRefusal("BadRequestException", message)
