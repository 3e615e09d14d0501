"""What the cost table takes for a fact of the product is one: counted again, on a lead with all its jobs."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from infra.cost import facts
from tests.product.conftest import Api, LambdaContext, Ledger
from tests.product.work import SCHEDULED, drain, work_off

pytest_plugins = ("tests.product.sheet_fixtures",)
# An id, an instant or a duration may be longer or shorter by some digits, a name by some letters.
ABOUT = 0.15
_STAFF = """
INSERT INTO users (id, email, name, role, password_hash, confirmed_at, created_at)
VALUES (%s, %s, 'Staff', 'MANAGER', '', '2026-01-01', '2026-01-01')
"""
_SIZE = "SELECT coalesce(sum(pg_column_size(stored.*)), 0)::int AS size FROM {} stored"
_TABLES = ("leads", "lead_slots", "idempotency_records", "jobs", "job_events", "deliveries", "notifications",
           "sheet_rows")  # fmt: skip


def _bytes(capsys: pytest.CaptureFixture[str]) -> int:
    """Of what was logged, but for warnings: of a busy machine's slow statements there may be any number."""
    lines = capsys.readouterr().out.splitlines(keepends=True)
    return sum(len(line.encode()) for line in lines if '"level": "WARNING"' not in line)


def _serve_a_lead(api: Api, ledger: Ledger, new_lead: Callable[..., dict[str, Any]], phone: str) -> None:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    quote = {"kind": "calculator", "categoryId": category, "area": 20, "materialIds": []}
    body = new_lead(source="QUOTE_FORM", quote=quote, email="visitor@example.com", phone=phone)
    del body["content"]
    assert api.call("POST", "/leads", body, headers={"idempotency-key": str(uuid.uuid4())}).status == 201
    work_off(ledger, "sync", remaining_ms=40_000)
    drain(ledger, "email")
    drain(ledger, "notification")
    assert ledger.rows("SELECT DISTINCT state FROM jobs") == [{"state": "done"}]


def _stored(ledger: Ledger) -> tuple[int, int]:
    """How many jobs there are, and how many bytes in all tables that a lead writes to."""
    jobs: int = ledger.rows("SELECT count(*) FROM jobs")[0]["count"]
    return jobs, sum(ledger.rows(_SIZE.format(name))[0]["size"] for name in _TABLES)


def test_what_a_lead_logs_sends_and_stores(
    api: Api, new_lead: Callable[..., dict[str, Any]], ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(facts.STAFF):
        ledger.rows(_STAFF, uuid.uuid4(), f"{number}@example.com")
    _serve_a_lead(api, ledger, new_lead, "0912 345 678")  # finds the end of the sheet, which others wrote to
    jobs_before, bytes_before = _stored(ledger)
    capsys.readouterr()
    _serve_a_lead(api, ledger, new_lead, "0912 345 679")
    assert _bytes(capsys) - facts.LOG_BYTES_A_READ == pytest.approx(facts.LOG_BYTES_A_LEAD, rel=ABOUT)
    jobs, stored_bytes = _stored(ledger)
    assert jobs - jobs_before == facts.MESSAGES_A_LEAD
    assert stored_bytes - bytes_before == pytest.approx(facts.ROW_BYTES_A_LEAD, rel=ABOUT)


def test_what_a_read_logs(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    api.call("GET", "/service-categories")
    capsys.readouterr()
    api.call("GET", "/service-categories")
    assert _bytes(capsys) == pytest.approx(facts.LOG_BYTES_A_READ, rel=ABOUT)


@pytest.mark.usefixtures("sheet")
def test_what_a_quiet_minute_logs_and_how_many_metrics_it_writes(capsys: pytest.CaptureFixture[str]) -> None:
    import app  # noqa: PLC0415  the environment must stand before the app is imported

    for _ in range(2):  # what others left to be told of goes with the first
        capsys.readouterr()
        app.outbox_relay(SCHEDULED, LambdaContext())
        app.lead_sla(SCHEDULED, LambdaContext())
    lines = capsys.readouterr().out
    assert len(lines.encode()) == pytest.approx(facts.LOG_BYTES_A_MINUTE, rel=ABOUT)
    assert len(_series(lines)) == pytest.approx(facts.SERIES_AT_REST, abs=2)


def _series(lines: str) -> set[tuple[str, ...]]:
    """Every metric with the values of its dimensions, as CloudWatch counts and charges for them."""
    documents = [json.loads(line) for line in lines.splitlines() if line.startswith('{"_aws"')]
    return {
        (metric["Name"], *(str(document[name]) for name in names))
        for document in documents
        for directive in document["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
    }
