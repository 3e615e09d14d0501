"""
The roles of the template suffice: whatever the functions ask of AWS while they do their work is allowed to
them, and what is not theirs is not.
"""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from chalicelib.jobs.envelope import Job, seal
from infra.proof.synthesis import synthesise_once
from local.stack import Stack
from local.stack.ministack import REGION
from tests.artefact.aws_recorder import Needed, Recorder, allowed, recording
from tests.artefact.conftest import linux_only
from tests.artefact.template_runner import Runner, answer_of, proxy_event, schedule_event
from tests.artefact.template_values import DeployedHere
from tests.infra.conftest import STAGES

pytestmark = [linux_only, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def recorder(parts: Stack) -> Iterator[Recorder]:
    """Every call to AWS passes here; nobody but the function under test works on the queues behind it."""
    with recording(parts.ports["ministack"]) as found:
        yield found


@pytest.fixture(scope="module")
def deployed(parts: Stack, recorder: Recorder) -> DeployedHere:
    """Production's templates."""
    (templates,) = (each for each in synthesise_once(STAGES) if each.stage == "prod")
    return DeployedHere(templates, parts, recorder.port)


@pytest.fixture(scope="module")
def runner(
    deployed: DeployedHere, parts: Stack, var: Path, tmp_path_factory: pytest.TempPathFactory
) -> Runner:
    """The zip, in the template's environment, after its migrations."""
    runner = Runner(deployed, parts, var, tmp_path_factory.mktemp("template"))
    request = {"RequestType": "Create", "StackId": "s", "RequestId": "r", "LogicalResourceId": "m"}
    site = (
        f"http://127.0.0.1:{parts.ports['world']}/dev/world/health"  # takes no PUT, and that is enough here
    )
    runner.run("Migrate", {**request, "ResponseURL": site})
    return runner


def _check(runner: Runner, recorder: Recorder, name: str, event: Any) -> tuple[Needed, Any]:
    """Run a function and see that its role allows all that it asked for."""
    recorder.take()
    aws = f"http://127.0.0.1:{recorder.port}"
    outcome = runner.run(
        name,
        event,
        AWS_ENDPOINT_URL_SECRETSMANAGER=aws,
        AWS_ENDPOINT_URL_SNS=aws,
        AWS_ENDPOINT_URL_SESV2=aws,
        TURNSTILE_HOSTNAMES="localhost,127.0.0.1",
    )
    needed = recorder.take()
    assert outcome.failure is None, outcome.payload
    assert needed - allowed(runner.deployed, name) == set()
    assert ("secretsmanager:BatchGetSecretValue", "*") in needed
    return needed, outcome


def _messages(queue: str, *bodies: str) -> dict[str, Any]:
    """SQS's event."""
    return {
        "Records": [
            {
                "messageId": str(uuid.uuid4()),
                "receiptHandle": "handle",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:plumbline-prod-{queue}",
                "awsRegion": REGION,
            }
            for body in bodies
        ]
    }


@pytest.fixture
def lead(runner: Runner, recorder: Recorder, parts: Stack) -> dict[str, str]:
    """A lead that the API has taken: the messages of its jobs, by their types."""
    world = f"http://127.0.0.1:{parts.ports['world']}"
    token = requests.post(f"{world}/dev/turnstile/token", json={"action": "lead"}, timeout=5).json()["token"]
    body = {
        "name": "Trần Văn Minh",
        "phone": f"+8491{uuid.uuid4().int % 10_000_000:07}",
        "email": f"{uuid.uuid4().hex[:8]}@example.test",
        "content": "Tôi muốn sửa lại phòng tắm.",
        "source": "CONTACT_FORM",
        "consent": {"version": "2026-01", "accepted": True},
        "turnstileToken": token,
    }
    origin = next(
        value for name, value in runner.deployed.secrets.items() if name.startswith("SecretsOrigin")
    )
    headers = {"Content-Type": "application/json", "X-Plumbline-Origin": origin}
    needed, outcome = _check(runner, recorder, "APIHandler", proxy_event("POST", "/leads", headers, body))
    status, answer = answer_of(outcome)
    assert status == 201
    assert {("sqs:SendMessage", f"queue:{queue}") for queue in ("sync", "email", "notification")} <= needed
    query = "SELECT id, type, correlation_id FROM jobs WHERE subject_id = %s"
    with psycopg.connect(parts.database_url) as connection:
        rows = connection.execute(query, (answer["id"],)).fetchall()
    return {kind: seal(Job(job_id, kind, correlation)) for job_id, kind, correlation in rows}


def test_each_worker_may_do_the_jobs_of_a_lead(
    runner: Runner, recorder: Recorder, lead: dict[str, str]
) -> None:
    assert set(lead) == {"google_sheets", "notification", "lead_notice"}
    needed, _ = _check(runner, recorder, "EmailWorker", _messages("email", lead["notification"]))
    assert ("ses:SendEmail", "sender:hello@example.com") in needed
    _check(runner, recorder, "SyncWorker", _messages("sync", lead["google_sheets"]))
    _check(runner, recorder, "NotificationWorker", _messages("notification", lead["lead_notice"]))


@pytest.mark.parametrize("queue", ["email", "sync", "notification", "webhook"])
def test_each_worker_may_bury_what_nobody_can_read_and_call_for_help(
    runner: Runner, recorder: Recorder, queue: str
) -> None:
    needed, outcome = _check(runner, recorder, f"{queue.title()}Worker", _messages(queue, "{"))
    assert ("sqs:SendMessage", f"queue:{queue}-dlq") in needed
    assert json.loads(outcome.payload) == {"batchItemFailures": []}


def test_the_relay_may_look_through_the_dead_letters(runner: Runner, recorder: Recorder) -> None:
    needed, _ = _check(runner, recorder, "OutboxRelay", schedule_event())
    assert {("sqs:ReceiveMessage", f"queue:{queue}-dlq") for queue in ("email", "sync", "webhook")} <= needed


def test_the_api_may_see_how_the_broker_is(runner: Runner, recorder: Recorder) -> None:
    needed, _ = _check(runner, recorder, "APIHandler", proxy_event("GET", "/health", {}))
    assert ("sqs:GetQueueAttributes", "queue:sync") in needed


@pytest.mark.parametrize(
    ("function", "action", "resource"),
    [
        ("EmailWorker", "sqs:ReceiveMessage", "queue:sync"),
        ("EmailWorker", "sns:Publish", "phone"),
        ("SyncWorker", "ses:SendEmail", "sender:hello@example.com"),
        ("APIHandler", "sqs:ReceiveMessage", "queue:email"),
        ("WebhookWorker", "sqs:SendMessage", "queue:email-dlq"),
        ("Migrate", "sqs:SendMessage", "queue:email"),
    ],
)
def test_what_is_not_theirs_is_not_allowed(
    deployed: DeployedHere, function: str, action: str, resource: str
) -> None:
    everything = {
        each for name in ("EmailWorker", "SyncWorker", "APIHandler") for each in allowed(deployed, name)
    }
    assert (action, resource) in everything | allowed(deployed, "NotificationWorker") | allowed(
        deployed, "OutboxRelay"
    )
    assert (action, resource) not in allowed(deployed, function)
