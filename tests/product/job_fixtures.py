"""Jobs straight in the ledger, the real queues, and workers that do what a test tells them."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID

import boto3
import pytest

from local.stack import Stack
from tests.product.conftest import FrozenClock, LambdaContext, Ledger

if TYPE_CHECKING:
    from chalicelib.jobs.outcome import Claimed, Outcome

Verdict = Callable[["Claimed"], "Outcome"]
_INSERT = """
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at, sent_at,
                  lease_until, claim_token, epoch)
VALUES (%s, 'sync', 'google_sheets', %s, %s, %s, 'test', %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class Queues:
    """The sync queue and its dead-letter queue, reached past the fault proxy."""

    sqs: Any
    sync_url: str
    dlq_url: str

    def purge(self) -> None:
        """Empty both."""
        for url in (self.sync_url, self.dlq_url):
            self.sqs.purge_queue(QueueUrl=url)

    def take(self, url: str, *, wait_s: int = 0) -> list[dict[str, Any]]:
        """Receive everything that is visible, as the records of an SQS event."""
        records: list[dict[str, Any]] = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_s)
            found = answer.get("Messages", [])
            if not found:
                return records
            records += [
                {"messageId": each["MessageId"], "receiptHandle": each["ReceiptHandle"], "body": each["Body"]}
                for each in found
            ]
            wait_s = 0

    def sent(self) -> list[UUID]:
        """The jobs whose messages lie on the sync queue."""
        return [UUID(json.loads(record["body"])["jobId"]) for record in self.take(self.sync_url)]

    def dead(self, queue: str = "sync") -> list[dict[str, Any]]:
        """What lies on the dead-letter queue of *queue*; taken off it."""
        url = self.dlq_url.replace("plumbline-sync", f"plumbline-{queue}")
        records = self.take(url)
        for record in records:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])
        return [json.loads(record["body"]) for record in records]


@dataclass(frozen=True)
class Jobs:
    """Makes jobs and runs batches over them."""

    ledger: Ledger
    clock: FrozenClock

    def add(self, state: str = "waiting", *, due_in_s: float = 0, **more: Any) -> UUID:
        """One job of the ledger; *sent_at*, *lease_until*, *claim_token* and *epoch* may be given."""
        now, job_id = self.clock.now(), uuid.uuid4()
        due = now.timestamp() + due_in_s
        columns = [more.get(name) for name in ("sent_at", "lease_until", "claim_token")]
        self.ledger.rows(
            _INSERT.replace("%s, 'test'", "to_timestamp(%s), 'test'"),
            job_id, uuid.uuid4(), state, due, now, *columns, more.get("epoch", 0),
        )  # fmt: skip
        return job_id

    def one(self, job_id: UUID) -> dict[str, Any]:
        """The job's row."""
        return self.ledger.rows("SELECT * FROM jobs WHERE id = %s", job_id)[0]

    def states(self, job_type: str = "google_sheets") -> dict[UUID, str]:
        """The state of each job of *job_type*."""
        found = self.ledger.rows("SELECT id, state FROM jobs WHERE type = %s", job_type)
        return {row["id"]: row["state"] for row in found}

    @staticmethod
    def message(job_id: UUID, *, epoch: int = 0) -> dict[str, Any]:
        """An SQS record that wakes *job_id*, with ids of its own."""
        from chalicelib.jobs.envelope import Job, seal  # noqa: PLC0415

        body = seal(Job(job_id, "google_sheets", "test", epoch))
        return {"messageId": f"m-{uuid.uuid4()}", "receiptHandle": f"r-{uuid.uuid4()}", "body": body}

    @staticmethod
    def run(records: Sequence[dict[str, Any]], verdict: Verdict) -> list[str]:
        """Run one batch whose work claims what is due and settles it by *verdict*; returns what is kept."""
        from chalicelib.jobs import batch, ledger  # noqa: PLC0415
        from chalicelib.platform.postgres import database  # noqa: PLC0415

        def work(_woken_by: Sequence[UUID]) -> None:
            claim = ledger.claim_due(database(), "sync", "google_sheets", 100)
            ledger.settle(database(), claim, [verdict(job) for job in claim.jobs])

        answer = batch.run({"Records": list(records)}, LambdaContext(), "sync", {"google_sheets": work})
        assert set(answer) == {"batchItemFailures"}
        assert all(set(item) == {"itemIdentifier"} for item in answer["batchItemFailures"])
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


@dataclass
class RecordingQueue:
    """An SQS of the test's own: keeps what it is asked, and answers what the test wants."""

    answer: bytes = b"{}"
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def visibilities(self) -> list[int]:
        """Seconds after which messages were asked to come back."""
        return [
            int(payload["VisibilityTimeout"])
            for action, payload in self.calls
            if action == "AmazonSQS.ChangeMessageVisibility"
        ]


@pytest.fixture(scope="session")
def queues_of_session(parts: Stack) -> Queues:
    """The queues."""
    endpoint = f"http://127.0.0.1:{parts.ports['ministack']}"
    known = parts.environment
    client = boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name=known["AWS_REGION"],
        aws_access_key_id=known["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
    )
    urls = [f"{endpoint}/{known[name].split('/', 3)[3]}" for name in ("SYNC_QUEUE_URL", "SYNC_DLQ_URL")]
    return Queues(client, *urls)


@pytest.fixture
def queues(queues_of_session: Queues) -> Queues:
    """The queues, empty."""
    queues_of_session.purge()
    return queues_of_session


@pytest.fixture
def jobs(ledger: Ledger, clock: FrozenClock) -> Jobs:
    """An empty ledger."""
    return Jobs(ledger, clock)


@pytest.fixture
def recording_queue(parts: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordingQueue]:
    """Takes the sync queue's place."""
    del parts
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    recording = RecordingQueue()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            recording.calls.append((self.headers["X-Amz-Target"], payload))
            self.send_response(200)
            self.send_header("Content-Length", str(len(recording.answer)))
            self.end_headers()
            self.wfile.write(recording.answer)

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(
        "SYNC_QUEUE_URL", f"http://127.0.0.1:{server.server_address[1]}/000000000000/plumbline-sync"
    )
    settings.cache_clear()
    yield recording
    monkeypatch.undo()
    settings.cache_clear()
    server.shutdown()
    server.server_close()
