"""Runs functions of the zip under AWS's runtime client, in the environment that a template gives them."""

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

from local.cloud.containers import Function
from local.cloud.describe import FunctionSpec
from local.cloud.faults import ContainerFaults
from local.cloud.runtime_api import Outcome
from local.cloud.settings import CloudSettings
from local.stack import Stack
from tests.artefact.template_values import DeployedHere

# Lambda's own, and where the emulators are; on AWS the latter follow from the region.
_BESIDE = (
    "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SNS",
    "AWS_ENDPOINT_URL_SESV2", "TURNSTILE_VERIFY_URL", "SHEETS_API_URL",
)  # fmt: skip


class Runner:
    """Runs one function of the template on one event."""

    def __init__(self, deployed: DeployedHere, stack: Stack, var: Path, work: Path) -> None:
        self.deployed = deployed
        self._stack = stack
        self._var = var
        self._work = work

    def run(self, name: str, event: Any, **other: str) -> Outcome:
        """Start a container, with *other* variables too, hand it *event*, end it; the init must succeed."""
        stack, properties = self._stack, self.deployed.app["Resources"][name]["Properties"]
        beside = {key: stack.environment[key] for key in _BESIDE}
        vault = f"http://127.0.0.1:{stack.ports['ministack']}"
        environment = {
            **beside,
            "AWS_ENDPOINT_URL_SECRETSMANAGER": vault,
            **self.deployed.variables(name),
            **other,
        }
        settings = CloudSettings(
            port=0,
            data_dir=self._work,
            log_dir=self._work,
            world_url="",
            site_dir=self._work,
            app_dir=self._work,
            sqs_endpoint_url="",
            api_containers=1,
            container_environment=environment,
            artefact_dir=self._var,
        )
        spec = FunctionSpec(name, properties["Handler"], properties["Timeout"], properties["MemorySize"])

        async def once() -> Outcome:
            function = Function(
                spec, settings, concurrency=1, warm=True, faults=ContainerFaults(), kind="worker"
            )
            try:
                await function.start()
                return await function.invoke(json.dumps(event).encode())
            finally:
                await function.stop()

        return asyncio.run(once())


def proxy_event(method: str, resource: str, headers: dict[str, str], body: Any = None) -> dict[str, Any]:
    """API Gateway's event."""
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": resource,
            "path": f"/api{resource}",
            "identity": {"sourceIp": "198.51.100.1"},
            "requestId": str(uuid.uuid4()),
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def answer_of(outcome: Outcome) -> tuple[int, Any]:
    """The status and the body of an API function's answer."""
    assert outcome.failure is None, outcome.payload
    answer = json.loads(outcome.payload)
    return answer["statusCode"], json.loads(answer["body"])


def schedule_event() -> dict[str, Any]:
    """EventBridge's event."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-01-01T00:00:00Z",
        "region": "ap-southeast-1",
        "resources": [],
        "detail": {},
    }
