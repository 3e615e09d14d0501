"""
Stands before the emulator and notes which IAM actions the calls that pass need, on which resource.

Resources are told by short names, as `allowed` below tells those of a template's statements: `queue:email`,
`queue:email-dlq`, `topic`, `bucket`, `secret:<ARN>`, `sender:<address>`, `phone`.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.artefact.template_values import DeployedHere

Needed = set[tuple[str, str]]
# Service Authorization Reference: a batch call needs the permission of the single one.
_SQS = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}


def needed_for(path: str, headers: Mapping[str, str], body: bytes) -> Needed:
    """The permissions that one call needs."""
    target = headers.get("X-Amz-Target", "")
    service, _, action = target.partition(".")
    if service == "AmazonSQS":
        queue = str(json.loads(body)["QueueUrl"]).rpartition("/plumbline-")[2]
        return {(f"sqs:{_SQS.get(action, action)}", f"queue:{queue}")}
    if service == "secretsmanager":
        asked = json.loads(body)["SecretIdList"]
        return {("secretsmanager:BatchGetSecretValue", "*")} | {
            ("secretsmanager:GetSecretValue", f"secret:{arn}") for arn in asked
        }
    if urlsplit(path).path == "/v2/email/outbound-emails":
        return {("ses:SendEmail", f"sender:{json.loads(body)['FromEmailAddress']}")}
    form = parse_qs(body.decode())
    assert form.get("Action") == ["Publish"], (path, body)
    return {("sns:Publish", "topic" if "TopicArn" in form else "phone")}


class Recorder:
    """Where it listens, and what was needed so far."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.needed: Needed = set()

    def take(self) -> Needed:
        """What was needed since the last time."""
        taken, self.needed = self.needed, set()
        return taken


@contextmanager
def recording(upstream_port: int) -> Iterator[Recorder]:
    """Listen in front of the emulator on *upstream_port*."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            recorder.needed |= needed_for(self.path, dict(self.headers), body)
            url = f"http://127.0.0.1:{upstream_port}{self.path}"
            answer = requests.post(url, data=body, headers=dict(self.headers), timeout=20)
            self.send_response(answer.status_code)
            for name in ("Content-Type", "x-amzn-RequestId"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorder = Recorder(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield recorder
    server.shutdown()
    server.server_close()


def allowed(deployed: DeployedHere, function: str) -> Needed:
    """What the role of *function* allows, by the same short names."""
    (role, _) = deployed.app["Resources"][function]["Properties"]["Role"]["Fn::GetAtt"]
    return {
        (action, resource)
        for policy in deployed.app["Resources"].values()
        if policy["Type"] == "AWS::IAM::Policy" and {"Ref": role} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in _listed(statement["Action"])
        for resource in _resources(deployed, statement)
    }


def _resources(deployed: DeployedHere, statement: Mapping[str, Any]) -> Iterator[str]:
    if "NotResource" in statement:
        yield "phone"
    for written in _listed(statement.get("Resource", [])):
        name = written.get("Ref") or written.get("Fn::GetAtt", [""])[0] if isinstance(written, dict) else ""
        resource = deployed.app["Resources"].get(name, {"Type": ""})
        if written == "*":
            yield "*"
        elif resource["Type"] == "AWS::SQS::Queue":
            yield "queue:" + str(resource["Properties"]["QueueName"]).split("-", 2)[2]
        elif resource["Type"] == "AWS::SNS::Topic":
            yield "topic"
        elif "identity/" in json.dumps(written):
            yield "sender:" + str(statement["Condition"]["StringEquals"]["ses:FromAddress"])
        elif "Fn::ImportValue" in written:
            yield "secret:" + deployed.value(written)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
