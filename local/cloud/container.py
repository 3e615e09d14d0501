"""
What runs inside a container: a Lambda runtime client for Python in the standard library, `python -m
local.cloud.container`.

Fetches events from the Runtime API, calls the handler that `_HANDLER` names, one at a time, and reports
errors in the documented shape. `awslambdaric` speaks to the same API. Whatever it cannot report ends the
process, as on AWS.
"""

import contextlib
import http.client
import importlib
import importlib.util
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from local.cloud.log_stream import LogStream
from local.stack.tether import die_with_parent

_PREFIX = "/2018-06-01/runtime/"
Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Context:
    """Lambda's context object, as far as AWS documents it for Python."""

    aws_request_id: str
    invoked_function_arn: str
    deadline_ms: int
    function_name: str
    function_version: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this invocation, never negative."""
        return max(self.deadline_ms - int(time.time() * 1000), 0)


class RuntimeClient:
    """The runtime's side of the Runtime API at *address*, over one connection that is kept."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address)

    def next_event(self) -> tuple[bytes, http.client.HTTPMessage]:
        """Wait for the next event; no timeout, as AWS asks for."""
        self._connection.request("GET", _PREFIX + "invocation/next")
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise ConnectionError(f"The Runtime API answered {answer.status}.")
        return body, answer.headers

    def answer(self, invocation_id: str, payload: bytes) -> None:
        """Leave the handler's answer."""
        self._post(f"invocation/{invocation_id}/response", payload, {})

    def report_error(self, invocation_id: str, error: BaseException) -> None:
        """Leave an error of the handler."""
        self._post(f"invocation/{invocation_id}/error", *_error_report(error))

    def report_init_error(self, error: BaseException) -> None:
        """Say that the handler cannot be loaded."""
        self._post("init/error", *_error_report(error))

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        self._connection.request(
            "POST", _PREFIX + path, body, {"Content-Type": "application/json", **headers}
        )
        self._connection.getresponse().read()


class Container:
    """The loop of one container; *stop* ends it after the invocation that runs."""

    def __init__(self, client: RuntimeClient) -> None:
        self._client = client
        self._is_busy = False
        self._is_stopping = False

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """What SIGTERM does: leave now when idle, else after the answer."""
        self._is_stopping = True
        if not self._is_busy:
            sys.exit(0)

    def run(self, handler: Handler) -> None:
        """Serve events until told to stop."""
        while not self._is_stopping:
            event, headers = self._client.next_event()
            self._is_busy = True
            self._serve(handler, event, headers)
            self._is_busy = False

    def _serve(self, handler: Handler, event: bytes, headers: http.client.HTTPMessage) -> None:
        context = _make_context(headers)
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            answer = handler(json.loads(event), context)
            payload = json.dumps(answer, ensure_ascii=False, default=_refuse).encode()
        except Exception as error:  # noqa: BLE001  every error of a handler is Lambda's to report
            traceback.print_exc()
            self._client.report_error(context.aws_request_id, error)
        else:
            self._client.answer(context.aws_request_id, payload)


def main() -> None:
    """Load the handler and serve events until the service goes away."""
    die_with_parent(signal.SIGKILL, os.getppid())
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    sys.stdout = LogStream(Path(os.environ["CONTAINER_LOG_FILE"]))
    client = RuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"])
    container = Container(client)
    signal.signal(signal.SIGTERM, container.stop)
    try:
        _install_clock()
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:  # noqa: BLE001  an app that cannot be loaded is reported, whatever it raised
        traceback.print_exc()
        client.report_init_error(error)
        sys.exit(1)
    with contextlib.suppress(
        ConnectionError, http.client.HTTPException
    ):  # the service is gone, and so are we
        container.run(handler)


def load_handler(name: str) -> Handler:
    """The function that *name* (`module.function`, as in Lambda's handler setting) stands for."""
    module, _, attribute = name.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), attribute)
    return handler


def _install_clock() -> None:
    """Let `local.clock`, where it exists, put the movable clock in place before the app is imported."""
    if importlib.util.find_spec("local.clock") is not None:
        importlib.import_module("local.clock").install()


def _make_context(headers: http.client.HTTPMessage) -> Context:
    return Context(
        aws_request_id=headers["Lambda-Runtime-Aws-Request-Id"],
        invoked_function_arn=headers["Lambda-Runtime-Invoked-Function-Arn"],
        deadline_ms=int(headers["Lambda-Runtime-Deadline-Ms"]),
        function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        function_version=os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
        memory_limit_in_mb=os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        log_group_name=os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
    )


def _error_report(error: BaseException) -> tuple[bytes, dict[str, str]]:
    report = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    return json.dumps(report).encode(), {
        "Lambda-Runtime-Function-Error-Type": f"Runtime.{type(error).__name__}"
    }


def _refuse(value: Any) -> Any:
    raise TypeError(f"The handler's answer holds a {type(value).__name__}, which is not JSON.")


if __name__ == "__main__":
    main()
