"""
The unpacked zip under AWS's own runtime client, fed by API Gateway's and SQS's events, seen from outside.

There is no `awslambdaric` for macOS, so there the zip is built and checked but not run.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import psutil
import psycopg
import pytest

from chalicelib.jobs.envelope import Job, seal
from infra.package.checks import example_environment
from local.cloud.containers import Function
from local.cloud.describe import FunctionSpec
from local.cloud.faults import ContainerFaults
from local.cloud.settings import CloudSettings
from tests.artefact.conftest import contents, linux_only
from tests.journey.conftest import Site

Phones = Callable[[], str]
pytestmark = [linux_only, pytest.mark.timeout(300)]  # the first one may have to fetch the wheels


def _submit(site: Site, phone: str, position: int = 0, **fields: Any) -> str:
    """Post a lead and return its id."""
    body = site.new_lead(phone, **fields)
    reply = site.call("POST", "/api/leads", body, address=f"127.5.0.{position + 1}")
    assert reply.status == 201
    return str(reply.json["id"])


def _sqs(site: Site) -> Any:
    environment = site.stack.environment
    endpoint = f"http://127.0.0.1:{site.stack.ports['ministack']}"
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return boto3.client("sqs", endpoint_url=endpoint, region_name=environment["AWS_REGION"], **credentials)


def _queue(site: Site, name: str) -> str:
    """The URL of a queue, straight at the emulator."""
    return f"http://127.0.0.1:{site.stack.ports['ministack']}/000000000000/{name}"


def _containers(site: Site) -> list[psutil.Process]:
    """The processes that run a handler now."""
    children = psutil.Process(site.stack.pid("cloud")).children()
    return [child for child in children if "awslambdaric" in child.cmdline()]


def test_a_lead_is_stored_and_becomes_one_row(site: Site, phones: Phones) -> None:
    phone = phones()
    lead_id = _submit(site, phone)
    site.wait_for_rows([lead_id])
    (row,) = site.rows_of(lead_id)
    assert row[2:6] == ["NEW", "CONTACT_FORM", "Trần Văn Minh", f"'{phone}"]


def _libraries(process: psutil.Process) -> list[Path]:
    """The shared libraries that a process has loaded; none of one that is gone."""
    try:
        mapped = [Path(each.path) for each in process.memory_maps()]
    except psutil.NoSuchProcess:
        return []
    return [path for path in mapped if ".so" in path.name]


def test_every_function_runs_from_the_zip_and_sees_nothing_beside_it(site: Site, var: Path) -> None:
    task, expected = var / "task", {"_pydantic_core", "_psycopg"}

    def of_the_zip(process: psutil.Process) -> bool:
        own = {path.name.split(".")[0] for path in _libraries(process) if task in path.parents}
        return expected <= own

    def started() -> dict[str, psutil.Process]:
        return {each.cmdline()[-1]: each for each in _containers(site) if of_the_zip(each)}

    site.wait_for(lambda: {"app.app", "app.sync_worker"} <= set(started()), "both have loaded what they need")
    for process in started().values():
        assert process.cwd() == str(task)
        beside = [path for path in _libraries(process) if "site-packages" in path.parts]
        assert {path.name.split(".")[0] for path in beside} <= {"runtime_client", "_speedups"}


def test_twenty_leads_at_once_are_twenty_rows(site: Site, phones: Phones) -> None:
    numbers = [phones() for _ in range(20)]
    with ThreadPoolExecutor(20) as threads:
        lead_ids = list(threads.map(lambda p: _submit(site, numbers[p], p), range(20)))
    assert len(set(lead_ids)) == 20
    site.wait_for_rows(lead_ids)


def test_poison_in_a_batch_is_dead_lettered_with_its_reason_and_its_neighbours_are_done(
    site: Site, phones: Phones
) -> None:
    site.fault("sqs", "refuse")
    lead_id = _submit(site, phones(), 30)
    site.mend()
    with psycopg.connect(site.stack.database_url) as connection:
        query = "SELECT id, correlation_id FROM jobs WHERE subject_id = %s AND queue = 'sync'"
        ((job_id, correlation_id),) = connection.execute(query, (lead_id,)).fetchall()
    bodies = ["{", seal(Job(id=job_id, type="google_sheets", correlation_id=correlation_id)), '{"v": 9}']
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    sqs = _sqs(site)
    assert not sqs.send_message_batch(QueueUrl=_queue(site, "plumbline-sync"), Entries=entries).get("Failed")
    site.wait_for_rows([lead_id])
    letters: dict[str, str] = {}

    def are_buried() -> bool:
        dead = sqs.receive_message(QueueUrl=_queue(site, "plumbline-sync-dlq"), MaxNumberOfMessages=10)
        for message in dead.get("Messages", []):
            letter = json.loads(message["Body"])
            letters[letter["body"]] = letter["reason"]
        return len(letters) >= 2

    site.wait_for(are_buried, "two dead letters")
    assert letters.keys() == {"{", '{"v": 9}'}
    assert "jobId: missing" in letters['{"v": 9}']
    assert len(site.rows_of(lead_id)) == 1


def test_the_mail_of_a_lead_is_made_of_the_templates_in_the_zip(site: Site, phones: Phones) -> None:
    _submit(site, phones(), 33, email="artefact@example.test")

    def mails() -> list[dict[str, Any]]:
        items = site.call("GET", "/dev/mail").json["items"]
        return [item for item in items if item["to"] == ["artefact@example.test"]]

    site.wait_for(lambda: bool(mails()), "a mail")
    assert "</html>" in json.dumps(mails())


def test_somebody_signs_in_and_is_let_in(site: Site, phones: Phones) -> None:
    path = f"/api/admin/leads/{_submit(site, phones(), 34)}/timeline"
    assert site.call("GET", path).status == 401
    assert site.call("GET", path, headers=site.sign_in("admin")).status == 200


def test_the_clock_of_the_laptop_does_not_move_it(site: Site, phones: Phones) -> None:
    assert site.call("POST", "/dev/clock", {"advanceSeconds": 86_400}).status == 200
    lead_id = _submit(site, phones(), 31)
    site.call("POST", "/dev/clock", {"advanceSeconds": -86_400})
    site.wait_for_rows([lead_id])
    stored = datetime.fromisoformat(site.rows_of(lead_id)[0][1])
    assert abs(datetime.now(UTC) - stored) < timedelta(minutes=10)


def test_a_schedule_runs(site: Site) -> None:
    assert site.call("POST", "/dev/schedules/outbox-relay/run").status == 200


def test_the_zip_brings_its_own_migrations(site: Site, var: Path) -> None:
    command = [sys.executable, "-S", "-m", "chalicelib.platform.migrations"]
    done = subprocess.run(
        command, cwd=var / "task", env=site.stack.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_missing_setting_ends_the_init_with_its_name(var: Path, tmp_path: Path) -> None:
    environment = example_environment()
    del environment["REDIS_URL"]
    settings = CloudSettings(
        port=0,
        data_dir=tmp_path,
        log_dir=tmp_path,
        world_url="",
        site_dir=tmp_path,
        app_dir=tmp_path,
        sqs_endpoint_url="",
        api_containers=1,
        container_environment=environment,
        artefact_dir=var,
    )
    spec = FunctionSpec("api", "app.app", 5, 128)

    async def start() -> None:
        function = Function(spec, settings, concurrency=1, warm=True, faults=ContainerFaults(), kind="api")
        try:
            await function.start()
        finally:
            await function.stop()

    with pytest.raises(RuntimeError, match="REDIS_URL: is missing"):
        asyncio.run(start())


def test_sigterm_ends_a_waiting_function_in_order_with_its_connections_closed(
    site: Site, phones: Phones
) -> None:
    _submit(site, phones(), 32)
    (process, *_) = [one for one in _containers(site) if "app.app" in one.cmdline()]
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    psutil.wait_procs([process], timeout=5)
    assert not process.is_running()
    assert time.monotonic() - started < 1.5
    broken = "unexpected EOF on client connection"
    assert broken not in (site.stack.logs / "postgres.log").read_text(errors="replace")
    site.wait_for(lambda: site.call("GET", "/api/health").status == 200, "a successor")


def test_nothing_was_written_into_the_code_folder(
    site: Site, var: Path, untouched: dict[str, tuple[str, int, int]]
) -> None:
    assert len(_containers(site)) > 1
    assert contents(var / "task") == untouched
