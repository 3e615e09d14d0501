"""
The AWS emulator of the stack: SQS, SES, SNS, S3 and Secrets Manager by the package `ministack`, on
127.0.0.1 only.

It writes its state when it is ended in order, and reads it at the next start: messages then survive. After
a kill -9 it comes back with the state of its last orderly end, so newer messages are lost and older ones
come again; the product takes both (its ledger is the truth, the relay sends again). Queues, topic and bucket
are made after every start, where missing. What is put into the bucket is a file below `s3/`.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.stack.children import ChildSpec
from local.stack.errors import StackError
from local.stack.http import answers_ok, request

ACCOUNT = "000000000000"
REGION = "ap-southeast-1"
TOPIC = "plumbline-alerts"
BUCKET = "plumbline-exports"
SECRET = "local"  # noqa: S105  nobody's
# Function timeouts in seconds; a queue's visibility is six times its function's (details page).
FUNCTION_TIMEOUTS_S = {"email": 20, "sync": 45, "notification": 20, "webhook": 20}
_MAX_RECEIVES = 50  # the outer net: the ledger counts executions
_DEAD_LETTERS_KEPT_S = 14 * 24 * 3600


def ministack_spec(data_dir: Path, port: int) -> ChildSpec:
    """How to run the emulator on *port*, with its state in *data_dir*."""
    folder = data_dir / "ministack"
    folder.mkdir(parents=True, exist_ok=True)
    return ChildSpec(
        name="ministack",
        argv=[sys.executable, "-m", "ministack"],
        is_ready=lambda: answers_ok(f"http://127.0.0.1:{port}/_ministack/health"),
        cwd=folder,
        environment={
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(folder / "state"),
            "TMPDIR": str(folder),
            "SERVICES": "sqs,sns,ses,s3,secretsmanager",
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(folder / "s3"),
            "AWS_SECRET_ACCESS_KEY": SECRET,  # it checks the signatures of links to S3
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
            "MINISTACK_REGION": REGION,
            "LOG_LEVEL": "WARNING",
        },
        stop_timeout_s=5.0,  # it lets open long polls end before it writes its state
        after_ready=lambda: create_resources(port),
    )


def queue_name(queue: str) -> str:
    """The name in AWS of the product's *queue* (`email`, `sync`, `notification`, `webhook`)."""
    return f"plumbline-{queue}"


def queue_url(port: int, name: str) -> str:
    """The address of queue *name* by way of *port*: the emulator's own, or a proxy's before it."""
    return f"http://127.0.0.1:{port}/{ACCOUNT}/{name}"


def topic_arn() -> str:
    """The topic that alerts are published to."""
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}"


def create_resources(port: int) -> None:
    """
    Make the queues, their dead-letter queues, the topic and the bucket, where they are missing, and set
    their attributes.
    """
    for queue, timeout_s in FUNCTION_TIMEOUTS_S.items():
        name = queue_name(queue)
        dead = f"{name}-dlq"
        _create_queue(port, dead, {"MessageRetentionPeriod": str(_DEAD_LETTERS_KEPT_S)})
        redrive = {
            "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{dead}",
            "maxReceiveCount": _MAX_RECEIVES,
        }
        _create_queue(
            port, name, {"VisibilityTimeout": str(6 * timeout_s), "RedrivePolicy": json.dumps(redrive)}
        )
    body = f"Action=CreateTopic&Version=2010-03-31&Name={TOPIC}".encode()
    _post(
        port, body, {"Content-Type": "application/x-www-form-urlencoded", "Authorization": _credential("sns")}
    )
    _create_bucket(port)


def call_sqs(port: int, action: str, arguments: Mapping[str, Any]) -> Any:
    """One call in SQS' JSON protocol; the emulator asks for no signature."""
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"AmazonSQS.{action}",
        "Authorization": _credential("sqs"),
    }
    answer = _post(port, json.dumps(arguments).encode(), headers)
    return json.loads(answer) if answer else None


def _create_queue(port: int, name: str, attributes: Mapping[str, str]) -> None:
    names = (call_sqs(port, "ListQueues", {"QueueNamePrefix": name}) or {}).get("QueueUrls") or []
    if not any(url.rsplit("/", 1)[1] == name for url in names):
        call_sqs(port, "CreateQueue", {"QueueName": name})
    call_sqs(port, "SetQueueAttributes", {"QueueUrl": queue_url(port, name), "Attributes": dict(attributes)})


def _create_bucket(port: int) -> None:
    status, answer = request(
        "PUT", f"http://127.0.0.1:{port}/{BUCKET}", headers={"Authorization": _credential("s3")}
    )
    if status not in {200, 409}:  # 409: it is there, and ours
        text = answer.decode(errors="replace")
        raise StackError(f"The AWS emulator refused to make the bucket ({status}): {text}")


def _post(port: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    status, answer = request("POST", f"http://127.0.0.1:{port}/", body=body, headers=headers)
    if status != 200:
        text = answer.decode(errors="replace")
        raise StackError(f"The AWS emulator refused to make queues and topic ({status}): {text}")
    return answer


def _credential(service: str) -> str:
    """The part of a signature that the emulator reads: region and service."""
    scope = f"local/20260101/{REGION}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
