# mypy: disable-error-code="misc,untyped-decorator,attr-defined,union-attr"
# ruff: noqa: T201
"""
A small Chalice app with every kind of function, for the tests of the stack; copied to a folder of its own
as `app.py`.

Its handlers do on request what a handler must never do: end the process, sleep past the timeout, raise.
"""

import http.client
import json
import os
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalice import Chalice, Rate, Response

app = Chalice("toy")


@app.route("/health")
def health() -> dict[str, Any]:
    return {"pid": os.getpid()}


@app.route("/echo/{name}", methods=["GET", "POST", "PUT"], content_types=["application/json", "text/plain"])
def echo(name: str) -> Response:
    event = app.current_request.to_original_event()
    cookies = ["a=1; Path=/", "b=2; Path=/"]
    return Response(json.dumps({"name": name, "event": event}), headers={"Set-Cookie": cookies})


@app.route("/preflighted", methods=["GET", "OPTIONS"])
def preflighted() -> dict[str, str]:
    return {"method": app.current_request.method}


@app.route("/exit")
def leave() -> None:
    os._exit(3)


@app.on_sqs_message(queue="plumbline-sync", batch_size=20, maximum_batching_window_in_seconds=1)
def sync_worker(event: Any) -> dict[str, Any]:
    records = event.to_dict()["Records"]
    failed = [record["messageId"] for record in records if record["body"] == "bad"]
    for record in records:
        if record["body"].startswith("{"):
            mail_and_wait(json.loads(record["body"]))
    with Path(os.environ["RECORD_FILE"]).open("a") as file:
        file.write(json.dumps([record["body"] for record in records]) + "\n")
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


@app.schedule(Rate(1, unit=Rate.HOURS))
def outbox_relay(event: Any) -> dict[str, Any]:
    return {"resources": event.to_dict()["resources"]}


def mail_and_wait(wish: dict[str, Any]) -> None:
    """Send the mail *wish*, stay for longer than a client that died at once, and die if it is to."""
    connection = http.client.HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL_SESV2"]).netloc)
    connection.request("POST", "/v2/email/outbound-emails", json.dumps(wish["mail"]))
    connection.getresponse().read()
    time.sleep(1.2)
    if wish["dies"]:
        os.kill(os.getpid(), signal.SIGKILL)
    connection.close()


def serve(event: dict[str, Any], context: Any) -> Any:
    """A handler without Chalice: does what *event* says."""
    match event["do"]:
        case "describe":
            return {
                "pid": os.getpid(),
                "id": context.aws_request_id,
                "arn": context.invoked_function_arn,
                "name": context.function_name,
                "memory": context.memory_limit_in_mb,
                "left": context.get_remaining_time_in_millis(),
            }
        case "raise":
            raise LookupError("there is no such thing")
        case "exit":
            os._exit(event["code"])
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "log":
            print('{"event": "hello"}')
            print("not json")
        case "sleep":
            time.sleep(event["seconds"])
        case "unserialisable":
            return {"value": object()}
    return {"done": event["do"], "pid": os.getpid()}
