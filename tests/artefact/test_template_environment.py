"""
The zip under AWS's own runtime client, each function with the handler, timeout and variables that the
production template gives it, and nothing beside them but what Lambda sets and where the emulators are.
"""

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.proof.synthesis import synthesise_once
from local.cloud.containers import Function
from local.cloud.describe import FunctionSpec
from local.cloud.faults import ContainerFaults
from local.cloud.runtime_api import Outcome
from local.cloud.settings import CloudSettings
from tests.artefact.conftest import linux_only
from tests.artefact.template_values import DeployedHere
from tests.infra.conftest import STAGES
from tests.journey.conftest import Site

pytestmark = [linux_only, pytest.mark.timeout(600)]
# Lambda's own, and where the emulators are; on AWS the latter follow from the region.
_BESIDE = (
    "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SNS",
    "AWS_ENDPOINT_URL_SESV2", "TURNSTILE_VERIFY_URL", "SHEETS_API_URL",
)  # fmt: skip


@pytest.fixture(scope="module")
def deployed(site: Site) -> DeployedHere:
    """Production's templates, with the running parts in AWS's place."""
    (templates,) = (each for each in synthesise_once(STAGES) if each.stage == "prod")
    return DeployedHere(templates, site.stack)


class Runner:
    """Runs one function of the template on one event."""

    def __init__(self, deployed: DeployedHere, site: Site, var: Path, work: Path) -> None:
        self.deployed = deployed
        self._site = site
        self._var = var
        self._work = work

    def run(self, name: str, event: Any, **other: str) -> Outcome:
        """Start a container, with *other* variables too, hand it *event*, end it; the init must succeed."""
        stack, properties = self._site.stack, self.deployed.app["Resources"][name]["Properties"]
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


@pytest.fixture
def runner(deployed: DeployedHere, site: Site, var: Path, tmp_path: Path) -> Runner:
    """The zip with the template's environment."""
    return Runner(deployed, site, var, tmp_path)


@pytest.fixture
def outcomes() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Where CloudFormation listens, and what it was told."""
    told: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", told
    server.shutdown()
    server.server_close()


def test_the_migrations_run_and_tell_cloudformation(
    runner: Runner, outcomes: tuple[str, list[dict[str, Any]]]
) -> None:
    url, told = outcomes
    identifiers = {"StackId": "s", "RequestId": "r", "LogicalResourceId": "Migrations"}
    outcome = runner.run("Migrate", {"RequestType": "Update", "ResponseURL": url, **identifiers})
    assert outcome.failure is None
    assert [each["Status"] for each in told] == ["SUCCESS"], told


def _request(method: str, resource: str, headers: dict[str, str], body: Any = None) -> dict[str, Any]:
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


def _answer(outcome: Outcome) -> tuple[int, Any]:
    assert outcome.failure is None, outcome.payload
    answer = json.loads(outcome.payload)
    return answer["statusCode"], json.loads(answer["body"])


def test_a_lead_is_taken_by_way_of_cloudfront_and_stored_by_the_products_own_user(
    runner: Runner, site: Site, phones: Callable[[], str]
) -> None:
    """The user that the migrations made may do what a lead needs; the secrets are those of the template."""
    runner.deployed.variables("APIHandler")
    (origin,) = (value for name, value in runner.deployed.secrets.items() if name.startswith("SecretsOrigin"))
    headers = {
        "Content-Type": "application/json",
        "X-Plumbline-Origin": origin,
        "CloudFront-Viewer-Address": "203.0.113.9:0",
    }
    phone = phones()
    event = _request("POST", "/leads", headers, site.new_lead(phone))
    # Production takes no token of the stand-in's host; while the captcha is away a lead is kept apart.
    outcome = runner.run("APIHandler", event, TURNSTILE_VERIFY_URL="http://127.0.0.1:9/siteverify")
    status, answer = _answer(outcome)
    assert (status, answer["status"]) == (201, "RECEIVED")
    with psycopg.connect(site.stack.database_url) as connection:
        stored = connection.execute(
            "SELECT phone, status FROM leads WHERE id = %s", (answer["id"],)
        ).fetchone()
    assert stored == (phone, "QUARANTINED")
    status, health = _answer(runner.run("APIHandler", _request("GET", "/health", headers)))
    assert status == 200
    assert health["status"] == "ok"


def test_whoever_goes_round_cloudfront_is_refused(runner: Runner) -> None:
    status, answer = _answer(runner.run("APIHandler", _request("GET", "/service-categories", {})))
    assert (status, answer["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize("queue", ["Email", "Sync", "Notification", "Webhook"])
def test_each_worker_answers_in_the_form_that_its_mapping_asks_for(runner: Runner, queue: str) -> None:
    outcome = runner.run(f"{queue}Worker", {"Records": []})
    assert outcome.failure is None, outcome.payload
    assert json.loads(outcome.payload) == {"batchItemFailures": []}


@pytest.mark.parametrize("name", ["OutboxRelay", "LeadSla", "Retention", "Rankings", "Reconcile"])
def test_each_schedule_runs(runner: Runner, name: str) -> None:
    event = {
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
    outcome = runner.run(name, event)
    assert outcome.failure is None, outcome.payload


def test_no_function_of_the_template_was_left_out(runner: Runner) -> None:
    resources = runner.deployed.app["Resources"]
    functions = {name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Function"}
    workers = {f"{queue}Worker" for queue in ("Email", "Sync", "Notification", "Webhook")}
    schedules = {"OutboxRelay", "LeadSla", "Retention", "Rankings", "Reconcile"}
    assert functions == workers | schedules | {"APIHandler", "Migrate"}
