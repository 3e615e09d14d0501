"""
SES: one mail, accepted or not. SES knows no idempotency, so a call without an answer may have sent it.

Five seconds, one attempt. Source: Amazon SES API v2 reference, SendEmail.
"""

import json
from dataclasses import dataclass

from chalicelib.gateways.aws import signed_post
from chalicelib.gateways.http import NoAnswer
from chalicelib.platform.settings import settings

TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Mail:
    """One mail as the reader gets it, in HTML and in plain text."""

    to: str
    subject: str
    html: str
    text: str


def send(mail: Mail, correlation_id: str) -> str:
    """
    Hand *mail* over to SES and return its message id; the header `X-Correlation-Id` goes with it.

    Raises:
        NoAnswer: it may have been accepted, or certainly not where *was_sent* is false.
        Refused: SES answered with an error; 429 is throttling.
    """
    known = settings()
    endpoint = known.aws_endpoint_url_sesv2 or f"https://email.{known.aws_region}.amazonaws.com"
    payload = {
        "FromEmailAddress": known.email_from,
        "Destination": {"ToAddresses": [mail.to]},
        "Content": {
            "Simple": {
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": mail.text, "Charset": "UTF-8"},
                    "Html": {"Data": mail.html, "Charset": "UTF-8"},
                },
                "Headers": [{"Name": "X-Correlation-Id", "Value": correlation_id}],
            }
        },
    }
    body = json.dumps(payload).encode()
    url = f"{endpoint}/v2/email/outbound-emails"
    reply = signed_post("ses", url, body, {"Content-Type": "application/json"}, timeout_s=TIMEOUT_S)
    try:
        return str(json.loads(reply.body)["MessageId"])
    except (ValueError, KeyError, TypeError) as error:
        raise NoAnswer("what answered was not SES") from error
