"""
SQS by its JSON protocol: send, receive and delete messages, and set when a received one comes back.

A message is a wake-up call: that it is lost, doubled or late costs time, never a lead. Calls are given 400
ms in a request and 3 s in a worker. Source: AmazonSQS API reference, SendMessageBatch,
ReceiveMessage, DeleteMessage and ChangeMessageVisibility.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.gateways import aws
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import Exchange, NoAnswer

BATCH = 10


def _begin(action: str, queue_url: str, payload: dict[str, object], timeout_s: float) -> Exchange:
    parts = urlsplit(queue_url)
    body = json.dumps({"QueueUrl": queue_url, **payload}).encode()
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
    return aws.begin("POST", "sqs", f"{parts.scheme}://{parts.netloc}/", body, headers, timeout_s=timeout_s)


def _taken(exchange: Exchange) -> dict[str, object]:
    reply = aws.taken(exchange)
    try:
        found = json.loads(reply.body or b"{}")
    except ValueError as error:
        raise NoAnswer("what answered was not SQS") from error
    return found if isinstance(found, dict) else {}


def _call(action: str, queue_url: str, payload: dict[str, object], timeout_s: float) -> dict[str, object]:
    return _taken(_begin(action, queue_url, payload, timeout_s))


def send(queue_url: str, bodies: Sequence[str], *, timeout_s: float) -> list[int]:
    """
    Send at most ten messages and return the positions of those that SQS took.

    Raises:
        NoAnswer, Refused: none of them is known to be sent.
    """
    return begin_to_send(queue_url, bodies, timeout_s=timeout_s)()


def begin_to_send(queue_url: str, bodies: Sequence[str], *, timeout_s: float) -> Callable[[], list[int]]:
    """
    Send at most ten messages; what is returned waits for SQS and then does as `send`.

    Raises:
        NoAnswer: nobody took them in time.
    """
    entries = [{"Id": str(position), "MessageBody": body} for position, body in enumerate(bodies[:BATCH])]
    exchange = _begin("SendMessageBatch", queue_url, {"Entries": entries}, timeout_s)
    return lambda: _positions(_taken(exchange))


def _positions(answer: dict[str, object]) -> list[int]:
    taken = answer.get("Successful")
    return [int(entry["Id"]) for entry in taken] if isinstance(taken, list) else []


def come_back(queue_url: str, receipt_handle: str, after_s: int, *, timeout_s: float) -> None:
    """Make a received message visible again in *after_s* seconds (0 to 43,200)."""
    visibility_s = max(0, min(after_s, 43_200))
    payload: dict[str, object] = {"ReceiptHandle": receipt_handle, "VisibilityTimeout": visibility_s}
    _call("ChangeMessageVisibility", queue_url, payload, timeout_s)


@dataclass(frozen=True)
class Received:
    """One message that was received and is hidden from others for a while."""

    receipt_handle: str
    body: str


def receive(queue_url: str, *, hidden_for_s: int, timeout_s: float) -> list[Received]:
    """
    Up to ten messages that are visible now, hidden from other receivers for *hidden_for_s* seconds.

    Raises:
        NoAnswer, Refused: none is known to be received; those that were come back by themselves.
    """
    payload: dict[str, object] = {"MaxNumberOfMessages": BATCH, "VisibilityTimeout": hidden_for_s}
    found = _call("ReceiveMessage", queue_url, payload, timeout_s).get("Messages")
    messages = found if isinstance(found, list) else []
    return [Received(str(each["ReceiptHandle"]), str(each["Body"])) for each in messages]


def delete(queue_url: str, receipt_handle: str, *, timeout_s: float) -> None:
    """
    Delete a received message.

    Raises:
        NoAnswer, Refused: it may come back.
    """
    _call("DeleteMessage", queue_url, {"ReceiptHandle": receipt_handle}, timeout_s)


def is_reachable(queue_url: str, *, timeout_s: float) -> bool:
    """Whether SQS answers for this queue right now; for the health check."""
    try:
        _call("GetQueueAttributes", queue_url, {"AttributeNames": ["QueueArn"]}, timeout_s)
    except (NoAnswer, Refused):
        return False
    return True
