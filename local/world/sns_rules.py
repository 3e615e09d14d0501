"""SNS's Publish as AWS documents it, where the emulator takes anything: what is refused, and how.

With PhoneNumber it is an SMS, with TopicArn an alert, whose kind is the message attribute `kind`. Source:
Amazon SNS API reference (Publish) and developer guide (SMS, message attributes). Unknown topics are the
emulator's to refuse.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.world.aws_refusal import AwsRefusal
from local.world.sent_store import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SMS_CHARACTERS = 1600
_SUBJECT_CHARACTERS_BELOW = 100
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def read_publish(form: Mapping[str, str]) -> Message:
    """
    The message that *form*, the fields of Publish, asks for.

    Raises:
        AwsRefusal: as SNS refuses it.
    """
    targets = [name for name in ("TopicArn", "TargetArn", "PhoneNumber") if form.get(name)]
    if not targets:
        raise _invalid("TopicArn or TargetArn Reason: no value for required parameter")
    if len(targets) > 1:
        raise _invalid(f"{' and '.join(targets)} Reason: only one of them may be given")
    text, attributes = form.get("Message", ""), read_attributes(form)
    if not text:
        raise _invalid("Empty message")
    if targets == ["PhoneNumber"]:
        return _read_sms(form["PhoneNumber"], text)
    subject = form.get("Subject")
    if subject is not None and not _is_subject(subject):
        raise _invalid("Subject")
    return Message("alert", {"kind": attributes.get("kind", ""), "subject": subject or "", "body": text})


def read_attributes(form: Mapping[str, str]) -> dict[str, str]:
    """
    The message attributes by name, as text.

    Raises:
        AwsRefusal: one has no type, or no value.
    """
    found = {}
    number = 1
    while name := form.get(f"MessageAttributes.entry.{number}.Name"):
        value = f"MessageAttributes.entry.{number}.Value"
        kind = form.get(f"{value}.DataType", "")
        text = form.get(f"{value}.BinaryValue" if kind.startswith("Binary") else f"{value}.StringValue", "")
        if not kind:
            raise _bad_attribute(f"The message attribute '{name}' must contain a non-empty attribute type.")
        if not text:
            raise _bad_attribute(
                f"The message attribute '{name}' must contain non-empty message attribute value for message"
                f" attribute type '{kind}'."
            )
        found[name] = text
        number += 1
    return found


def _read_sms(number: str, text: str) -> Message:
    if not _E164.fullmatch(number):
        raise _invalid(f"PhoneNumber Reason: {number} is not valid to publish to")
    if len(text) > LONGEST_SMS_CHARACTERS:
        raise _invalid("Message too long")
    return Message("sms", {"to": number, "text": text})


def _is_subject(subject: str) -> bool:
    return 0 < len(subject) < _SUBJECT_CHARACTERS_BELOW and not _CONTROL.search(subject)


def _invalid(what: str) -> AwsRefusal:
    return AwsRefusal("InvalidParameter", f"Invalid parameter: {what}")


def _bad_attribute(message: str) -> AwsRefusal:
    return AwsRefusal("ParameterValueInvalid", message)
