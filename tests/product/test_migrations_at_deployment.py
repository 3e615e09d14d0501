"""Migrations as CloudFormation runs them: told of either way, with a user of the product's own."""

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.product.database_fixtures import Fresh

pytest_plugins = ("tests.product.database_fixtures",)


@dataclass
class CloudFormation:
    """The address that outcomes are sent to, and what was sent there."""

    url: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    refusals_left: int = 0


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    """CloudFormation's side of a custom resource."""
    state = CloudFormation()

    class Listener(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert not self.headers["Content-Type"]
            state.refusals_left -= 1
            if state.refusals_left < 0:
                state.told.append(json.loads(body))
            self.send_response(200 if state.refusals_left < 0 else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}/outcome"
    yield state
    server.shutdown()
    server.server_close()


def _run(cloudformation: CloudFormation, kind: str = "Create") -> dict[str, Any]:
    from chalicelib.platform.migrations import deployment  # noqa: PLC0415

    request = {
        "RequestType": kind,
        "ResponseURL": cloudformation.url,
        "StackId": "stack",
        "RequestId": str(uuid.uuid4()),
        "LogicalResourceId": "Migrations",
    }
    deployment.run(request, "log-stream")
    told = cloudformation.told.pop()
    assert {name: told[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
        name: request[name] for name in ("StackId", "RequestId", "LogicalResourceId")
    }
    return told


def test_it_migrates_an_empty_database_and_lets_the_products_user_read_and_write_only(
    fresh: "Fresh", cloudformation: CloudFormation
) -> None:
    assert _run(cloudformation)["Status"] == "SUCCESS"
    with psycopg.connect(fresh.users_url, autocommit=True) as connection:
        connection.execute("INSERT INTO fences (name, number) VALUES ('x', 1)")
        assert connection.execute("DELETE FROM fences WHERE name = 'x'").rowcount == 1
        for forbidden in (
            "CREATE TABLE mine (id int)",
            "DROP TABLE leads",
            "ALTER TABLE leads ADD COLUMN x int",
            "TRUNCATE leads",
            "DELETE FROM schema_migrations",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


def test_a_person_who_runs_it_reads_the_outcome_from_its_answer(
    fresh: "Fresh", monkeypatch: pytest.MonkeyPatch
) -> None:
    """`aws lambda invoke --function-name …-migrate`, as docs/runbooks.md has it."""
    import app  # noqa: PLC0415

    class Context:
        log_stream_name = "log-stream"

    assert app.migrate({}, Context()) == {"Status": "SUCCESS", "Reason": ""}
    psycopg.connect(fresh.users_url).close()
    monkeypatch.setenv("MIGRATION_DATABASE_URL", "")
    failed = app.migrate({}, Context())
    assert failed["Status"] == "FAILED"
    assert failed["Reason"].endswith("(log: log-stream)")


def test_it_may_run_again_and_a_rotated_password_becomes_true(
    fresh: "Fresh", cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    first = _run(cloudformation)
    rotated = fresh.users_url.replace("a-pass%27word", "another")
    monkeypatch.setenv("DATABASE_URL", rotated)
    settings.cache_clear()
    second = _run(cloudformation, "Update")
    assert second["Status"] == "SUCCESS"
    assert second["PhysicalResourceId"] == first["PhysicalResourceId"]
    psycopg.connect(rotated).close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(fresh.users_url)


def test_a_migration_that_fails_is_told_of_and_nothing_of_it_stays(
    fresh: "Fresh", cloudformation: CloudFormation
) -> None:
    with psycopg.connect(fresh.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE leads (is_in_the_way int)")
        told = _run(cloudformation)
        assert told["Status"] == "FAILED"
        assert told["Reason"] == "PostgreSQL refused: DuplicateTable 42P07 (log: log-stream)"
        assert connection.execute("SELECT count(*) FROM schema_migrations").fetchone() == (0,)


def test_a_database_that_is_away_is_told_of_without_its_password(
    fresh: "Fresh", cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fresh
    monkeypatch.setenv("MIGRATION_DATABASE_URL", "postgresql://migrations:hidden@127.0.0.1:9/plumbline")
    told = _run(cloudformation)
    assert told["Status"] == "FAILED"
    assert told["Reason"].startswith("PostgreSQL refused: OperationalError")
    assert "hidden" not in json.dumps(told)


def test_deleting_the_stack_changes_nothing(fresh: "Fresh", cloudformation: CloudFormation) -> None:
    assert _run(cloudformation, "Delete")["Status"] == "SUCCESS"
    with psycopg.connect(fresh.url) as connection:
        assert connection.execute("SELECT to_regclass('leads')").fetchone() == (None,)


def test_an_outcome_that_was_not_taken_is_told_again(fresh: "Fresh", cloudformation: CloudFormation) -> None:
    assert fresh
    cloudformation.refusals_left = 2
    assert _run(cloudformation, "Delete")["Status"] == "SUCCESS"
