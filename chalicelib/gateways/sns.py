"""
SNS: an alert to the engineers' topic, or a text message to one phone.

SNS knows no idempotency either: a call without an answer may have taken effect. Source: Amazon SNS API
reference, Publish.
"""

import re
from urllib.parse import urlencode

from chalicelib.gateways.aws import signed_post
from chalicelib.gateways.http import NoAnswer
from chalicelib.platform.settings import settings

ALERT_TIMEOUT_S = 2.0
SMS_TIMEOUT_S = 5.0
_NOT_PRINTABLE = re.compile(r"[^ -~]")
_SUBJECT_LIMIT = 99
_MESSAGE_ID = re.compile(rb"<MessageId>([^<]{1,200})</MessageId>")


def publish(topic_arn: str, kind: str, subject: str, body: str) -> None:
    """
    Publish *body* under *subject* (fewer than 100 ASCII characters of one line, as SNS wants it), with the
    attribute *kind*.

    Raises:
        NoAnswer, Refused: the topic has not taken it as far as we know.
    """
    form = {
        "TopicArn": topic_arn,
        "Subject": _NOT_PRINTABLE.sub("?", subject)[:_SUBJECT_LIMIT],
        "Message": body,
        "MessageAttributes.entry.1.Name": "kind",
        "MessageAttributes.entry.1.Value.DataType": "String",
        "MessageAttributes.entry.1.Value.StringValue": kind,
    }
    _publish(form, ALERT_TIMEOUT_S)


def text(phone: str, message: str) -> str:
    """
    Send *message* to *phone* (E.164) and return its message id.

    Raises:
        NoAnswer: it may have been accepted, or certainly not where *was_sent* is false.
        Refused: SNS answered with an error; 429 or a throttling code is throttling.
    """
    return _publish({"PhoneNumber": phone, "Message": message}, SMS_TIMEOUT_S)


def _publish(form: dict[str, str], timeout_s: float) -> str:
    known = settings()
    endpoint = known.aws_endpoint_url_sns or f"https://sns.{known.aws_region}.amazonaws.com"
    body = urlencode({"Action": "Publish", "Version": "2010-03-31", **form}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    reply = signed_post("sns", f"{endpoint}/", body, headers, timeout_s=timeout_s)
    found = _MESSAGE_ID.search(reply.body)
    if found is None:
        raise NoAnswer("what answered was not SNS")
    return found[1].decode(errors="replace")
