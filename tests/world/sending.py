"""What tests of mail and SMS share: a world with an AWS emulator, and a client that can die at any point."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import psutil

from local.stack.children import Child
from local.stack.ministack import REGION, ministack_spec
from local.world.process import WorldProcess, free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SENDER = "hello@plumbline.test"


class AwsWorld:
    """A world whose SES and SNS have a real emulator behind them, both on the data of *folder*."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.emulator = Child(ministack_spec(folder, self.port), folder / "logs")
        self.world = WorldProcess(
            folder / "world",
            {"email": ("http", 0), "sms": ("http", 0)},
            {"WORLD_AWS_PORT": str(self.port), "WORLD_SES_IDENTITIES": SENDER},
        )

    def start(self) -> None:
        self.start_emulator()
        self.world.start()

    def start_emulator(self) -> None:
        self.emulator.start()
        self.emulator.wait_ready(lambda: False)
        if self.emulator.spec.after_ready:
            self.emulator.spec.after_ready()

    def kill_emulator(self) -> None:
        self.emulator.kill()
        self.emulator.wait_stopped(time.monotonic() + 5)

    def pause_emulator(self) -> None:
        """From now on it accepts nothing, until `resume_emulator`."""
        assert self.emulator.pid is not None
        os.kill(self.emulator.pid, signal.SIGSTOP)

    def resume_emulator(self) -> None:
        assert self.emulator.pid is not None
        os.kill(self.emulator.pid, signal.SIGCONT)

    def emulator_has_a_call(self) -> bool:
        """Whether somebody is connected to it."""
        connections = psutil.net_connections("tcp")
        return any(
            one.raddr and one.raddr.port == self.port and one.status == psutil.CONN_ESTABLISHED
            for one in connections
        )

    def stop(self) -> None:
        self.world.stop()
        self.emulator.request_stop()
        self.emulator.wait_stopped(time.monotonic() + 5)

    def items(self, what: str) -> list[dict[str, Any]]:
        """`GET /dev/<what>`."""
        items: list[dict[str, Any]] = self.world.call("GET", f"/dev/{what}")[1]["items"]
        return items

    def empty(self) -> None:
        for what in ("mail", "sms", "alerts"):
            self.world.call("DELETE", f"/dev/{what}")

    def fault(self, target: str, mode: str, **more: Any) -> None:
        status, answer = self.world.call("POST", "/dev/faults", {"target": target, "mode": mode, **more})
        assert status == 201, answer

    def mend(self) -> None:
        self.world.call("DELETE", "/dev/faults")

    def client(self, service: str) -> Any:
        """AWS's own SDK, without retries; it keeps its connection."""
        import boto3  # noqa: PLC0415  slow to import
        from botocore.config import Config  # noqa: PLC0415

        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.world.proxy_url("email" if service == "sesv2" else "sms"),
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=5),
        )


def mail(to: str = "lan@example.com", **fields: Any) -> dict[str, Any]:
    """The arguments of SendEmail as the product fills them in."""
    return {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": [to]},
        "Content": {
            "Simple": {
                "Subject": {"Data": "Báo giá của bạn", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": "Chào Lan,", "Charset": "UTF-8"},
                    "Html": {"Data": "<p>Chào Lan,</p>", "Charset": "UTF-8"},
                },
                "Headers": [{"Name": "X-Correlation-Id", "Value": "abc-1"}],
                **fields,
            }
        },
    }


class Connection:
    """A connection to SES that sends mail to addresses of its own and can be left in any state."""

    def __init__(self, aws: AwsWorld) -> None:
        self._aws = aws
        self.socket = socket.create_connection(("127.0.0.1", aws.world.listen["email"]), timeout=10)
        self.address = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *headers: str) -> None:
        """Send a mail without waiting for its answer."""
        self.address = f"{uuid.uuid4().hex}@example.com"
        body = json.dumps(mail(self.address)).encode()
        head = [
            "POST /v2/email/outbound-emails HTTP/1.1",
            "Host: email",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *headers,
        ]
        self.socket.sendall("\r\n".join([*head, "", ""]).encode() + body)

    def read(self) -> str:
        """Read the whole answer: the mail's id."""
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        answer = json.loads(response.read())
        assert response.status == 200, answer
        return str(answer["MessageId"])

    def is_marked(self) -> bool | None:
        """`answerLost` of the last mail that was sent here; None: it has not been accepted yet."""
        found = [item["answerLost"] for item in self._aws.items("mail") if item["to"] == [self.address]]
        assert len(found) <= 1
        return found[0] if found else None

    def wait_until_accepted(self) -> None:
        until(lambda: self.is_marked() is not None)


def until(condition: Callable[[], bool], timeout_s: float = 5) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def running(folder: Path) -> Iterator[AwsWorld]:
    aws = AwsWorld(folder)
    try:
        aws.start()
        yield aws
    finally:
        aws.stop()
