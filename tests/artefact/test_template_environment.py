"""
The zip under AWS's own runtime client, each function with the handler, timeout and variables that the
production template gives it, and nothing beside them but what Lambda sets and where the emulators are.
"""

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
from tests.artefact.conftest import linux_only
from tests.artefact.template_runner import Runner, answer_of, proxy_event, schedule_event
from tests.artefact.template_values import DeployedHere
from tests.infra.conftest import STAGES
from tests.journey.conftest import Site

pytestmark = [linux_only, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def deployed(site: Site) -> DeployedHere:
    """Production's templates, with the running parts in AWS's place."""
    (templates,) = (each for each in synthesise_once(STAGES) if each.stage == "prod")
    return DeployedHere(templates, site.stack)


@pytest.fixture
def runner(deployed: DeployedHere, site: Site, var: Path, tmp_path: Path) -> Runner:
    """The zip with the template's environment."""
    return Runner(deployed, site.stack, var, tmp_path)


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
    event = proxy_event("POST", "/leads", headers, site.new_lead(phone))
    # Production takes no token of the stand-in's host; while the captcha is away a lead is kept apart.
    outcome = runner.run("APIHandler", event, TURNSTILE_VERIFY_URL="http://127.0.0.1:9/siteverify")
    status, answer = answer_of(outcome)
    assert (status, answer["status"]) == (201, "RECEIVED")
    with psycopg.connect(site.stack.database_url) as connection:
        stored = connection.execute(
            "SELECT phone, status FROM leads WHERE id = %s", (answer["id"],)
        ).fetchone()
    assert stored == (phone, "QUARANTINED")
    status, health = answer_of(runner.run("APIHandler", proxy_event("GET", "/health", headers)))
    assert status == 200
    assert health["status"] == "ok"


def test_whoever_goes_round_cloudfront_is_refused(runner: Runner) -> None:
    status, answer = answer_of(runner.run("APIHandler", proxy_event("GET", "/service-categories", {})))
    assert (status, answer["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize("queue", ["Email", "Sync", "Notification", "Webhook"])
def test_each_worker_answers_in_the_form_that_its_mapping_asks_for(runner: Runner, queue: str) -> None:
    outcome = runner.run(f"{queue}Worker", {"Records": []})
    assert outcome.failure is None, outcome.payload
    assert json.loads(outcome.payload) == {"batchItemFailures": []}


@pytest.mark.parametrize("name", ["OutboxRelay", "LeadSla", "Retention", "Rankings", "Reconcile"])
def test_each_schedule_runs(runner: Runner, name: str) -> None:
    outcome = runner.run(name, schedule_event())
    assert outcome.failure is None, outcome.payload


def test_erasures_are_repeated_by_a_function_that_a_person_calls(runner: Runner) -> None:
    outcome = runner.run("RepeatErasures", {"lines": [f"leads/{uuid.uuid4()}", "nothing of ours"]})
    assert outcome.failure is None, outcome.payload
    assert json.loads(outcome.payload) == {"erased": 0, "forgotten": 1, "kept": 0}


def test_no_function_of_the_template_was_left_out(runner: Runner) -> None:
    resources = runner.deployed.app["Resources"]
    functions = {name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Function"}
    workers = {f"{queue}Worker" for queue in ("Email", "Sync", "Notification", "Webhook")}
    schedules = {"OutboxRelay", "LeadSla", "Retention", "Rankings", "Reconcile"}
    assert functions == workers | schedules | {"APIHandler", "Migrate", "RepeatErasures"}
