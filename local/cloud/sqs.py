"""
SQS as the pollers need it: receive, delete, figures, in its JSON protocol, straight to the emulator (no
fault proxy).

The event source mapping is AWS's, so faults of the product's own SQS calls do not touch it. Fails with
`SqsError`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from local.cloud.containers import ACCOUNT

_EXTRA_WAIT_S = 10.0


class SqsError(Exception):
    """SQS did not answer, or not with 200."""


class Queues:
    """The queues behind *endpoint_url*, by their names."""

    def __init__(self, endpoint_url: str, region: str, session: aiohttp.ClientSession) -> None:
        self.region = region
        self._endpoint_url = endpoint_url.rstrip("/")
        self._session = session

    def arn(self, queue: str) -> str:
        """The ARN of *queue*."""
        return f"arn:aws:sqs:{self.region}:{ACCOUNT}:{queue}"

    async def receive(self, queue: str, *, count: int, wait_s: int) -> list[dict[str, Any]]:
        """At most *count* (10 is SQS' limit) messages, waiting up to *wait_s* for the first."""
        answer = await self._call(
            "ReceiveMessage",
            {
                "QueueUrl": self._url(queue),
                "MaxNumberOfMessages": count,
                "WaitTimeSeconds": wait_s,
                "AttributeNames": ["All"],
                "MessageSystemAttributeNames": ["All"],
                "MessageAttributeNames": ["All"],
            },
            wait_s,
        )
        messages: list[dict[str, Any]] = answer.get("Messages") or []
        return messages

    async def delete(self, queue: str, messages: Sequence[Mapping[str, Any]]) -> None:
        """Acknowledge *messages*."""
        for start in range(0, len(messages), 10):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages[start : start + 10])
            ]
            answer = await self._call(
                "DeleteMessageBatch", {"QueueUrl": self._url(queue), "Entries": entries}
            )
            if answer.get("Failed"):
                raise SqsError(f"{queue}: not all messages were deleted: {answer['Failed']}")

    async def figures(self, queue: str) -> dict[str, str]:
        """All attributes of *queue*."""
        arguments = {"QueueUrl": self._url(queue), "AttributeNames": ["All"]}
        attributes: dict[str, str] = (await self._call("GetQueueAttributes", arguments)).get(
            "Attributes"
        ) or {}
        return attributes

    def _url(self, queue: str) -> str:
        return f"{self._endpoint_url}/{ACCOUNT}/{queue}"

    async def _call(self, action: str, arguments: Mapping[str, Any], wait_s: float = 0) -> dict[str, Any]:
        credential = (
            f"Credential=local/20260101/{self.region}/sqs/aws4_request, SignedHeaders=host, Signature=0"
        )
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"AmazonSQS.{action}",
            "Authorization": f"AWS4-HMAC-SHA256 {credential}",
        }
        try:
            async with self._session.post(
                f"{self._endpoint_url}/",
                data=json.dumps(arguments),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=wait_s + _EXTRA_WAIT_S),
            ) as answer:
                body = await answer.read()
                if answer.status != 200:
                    raise SqsError(
                        f"{action} answered {answer.status}: {body.decode(errors='replace')[:300]}"
                    )
                decoded: dict[str, Any] = json.loads(body) if body else {}
                return decoded
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SqsError(f"{action}: {type(error).__name__}: {error}") from error
