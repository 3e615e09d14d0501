"""Exports that are too large for an answer: a job writes a file to S3, and the way leads there."""

import threading
import tracemalloc
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.stack import Stack
from tests.product.conftest import Faults, FrozenClock, LambdaContext, Ledger, Reply
from tests.product.export_files import (
    CSV,
    EXPORT,
    cells,
    export_id_in,
    exported,
    exports,
    fetched,
    location_of,
)
from tests.product.work import work_off

if TYPE_CHECKING:
    from tests.product.export_fixtures import Crowd
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.export_fixtures")
LARGE, WORDS = 2500, 70  # some 6 MB: too much for an answer, a part of a file
WORK_MS = 44_000


@pytest.fixture
def large(crowd: "Crowd") -> "Crowd":
    """More leads than an answer holds."""
    crowd.fill(LARGE, words=WORDS)
    return crowd


@pytest.fixture
def s3(parts: Stack) -> Any:
    """S3 past the fault proxy."""
    port = parts.ports["ministack"]
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}")


def _work(ledger: Ledger) -> list[str]:
    return work_off(ledger, "sync", remaining_ms=WORK_MS)


def _one_slice(ledger: Ledger) -> None:
    from chalicelib.staff.exports.jobs import KINDS  # noqa: PLC0415

    (job,) = ledger.rows("SELECT id FROM jobs WHERE state NOT IN ('done', 'dead')")
    KINDS["lead_export"].do_one(job["id"])


def _asked(desk: "Desk", export_id: str, **more: Any) -> Reply:
    return desk.call("GET", EXPORT, id=export_id, **more)


def _retain() -> None:
    from app import retention  # noqa: PLC0415

    event = dict.fromkeys(("version", "account", "region", "detail-type", "source", "time", "id"), "x")
    retention({**event, "detail": {}, "resources": []}, LambdaContext())


@pytest.mark.usefixtures("large")
def test_over_4_mb_the_way_leads_to_an_export_and_from_there_to_the_file(
    desk: "Desk", ledger: Ledger
) -> None:
    answer = desk.call("GET", CSV)
    assert answer.headers["Retry-After"] == "5"
    export_id = export_id_in(answer)
    waiting = _asked(desk, export_id)
    assert (waiting.status, waiting.headers["Retry-After"]) == (202, "5")
    assert waiting.json["state"] == "queued"
    assert (waiting.json["id"], waiting.json["rows"]) == (export_id, 0)
    assert _work(ledger) == []
    file = fetched(location_of(_asked(desk, export_id)))
    assert (file.status_code, file.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert file.headers["Content-Disposition"] == 'attachment; filename="leads.csv"'
    listed = desk.every("/admin/leads")
    assert [row["id"] for row in cells(file.content.decode())] == [item["id"] for item in listed]


@pytest.mark.usefixtures("large")
def test_a_file_that_is_there_soon_is_where_the_way_leads_at_once(
    desk: "Desk", ledger: Ledger, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def let_the_worker_work(duration_s: float) -> None:
        clock.advance(duration_s)
        worker = threading.Thread(target=_work, args=(ledger,))  # the request's own time is not the worker's
        worker.start()
        worker.join()

    monkeypatch.setattr(clock, "sleep", let_the_worker_work)
    file = fetched(location_of(desk.call("GET", CSV, query={"from": ["2020-01-01"]})))
    assert len(cells(file.content.decode())) == LARGE * 9 // 10


def test_a_file_is_written_in_slices_and_what_a_dead_worker_put_is_put_again(
    desk: "Desk", crowd: "Crowd", ledger: Ledger, clock: FrozenClock, s3: Any
) -> None:
    crowd.fill(9_000, words=WORDS)
    export_id = export_id_in(desk.call("GET", CSV))
    _one_slice(ledger)
    (export,) = exports(ledger)
    assert (len(export["parts"]), export["completed_at"]) == (2, None)
    assert _asked(desk, export_id).json["state"] == "running"
    key = f"leads/{export_id}.csv"
    s3.upload_part(  # by a worker that was overtaken after that
        Bucket="plumbline-exports",
        Key=key,
        UploadId=export["upload_id"],
        PartNumber=3,
        Body=b"old" * 2_000_000,
    )
    clock.advance(60)
    _work(ledger)
    rows = cells(fetched(location_of(_asked(desk, export_id))).content.decode())
    assert len({row["id"] for row in rows}) == len(rows) == 8_100
    (export,) = exports(ledger)
    assert export["rows_written"] == 8_100
    assert [row["state"] for row in ledger.rows("SELECT state FROM jobs")] == ["done", "done"]


def test_old_parts_of_an_overtaken_worker_never_get_into_the_file(
    desk: "Desk", crowd: "Crowd", ledger: Ledger, clock: FrozenClock, s3: Any
) -> None:
    crowd.fill(9_000, words=WORDS)
    export_id = export_id_in(desk.call("GET", CSV))
    _one_slice(ledger)
    (export,) = exports(ledger)
    s3.upload_part(
        Bucket="plumbline-exports",
        Key=f"leads/{export_id}.csv",
        UploadId=export["upload_id"],
        PartNumber=1,
        Body=b"old" * 2_000_000,
    )
    for _ in range(4):
        clock.advance(10)
        _work(ledger)
    file = fetched(location_of(_asked(desk, export_id)))
    assert b"oldold" not in file.content
    assert len(cells(file.content.decode())) == 8_100


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("mode", ["refuse", "timeout", "error"])
def test_with_s3_away_a_large_export_is_503_and_nothing_is_begun(
    desk: "Desk", ledger: Ledger, faults: Faults, mode: str
) -> None:
    faults.set("s3", mode)
    answer = desk.call("GET", CSV)
    assert (answer.status, answer.json["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "30"
    assert "file store" in answer.json["detail"]
    assert exports(ledger) == ledger.rows("SELECT id FROM jobs") == desk.audit() == []
    assert len(exported(desk, status="SPAM")) > 0


@pytest.mark.usefixtures("large")
def test_a_job_waits_for_s3_and_spends_no_attempt(
    desk: "Desk", ledger: Ledger, clock: FrozenClock, faults: Faults
) -> None:
    export_id = export_id_in(desk.call("GET", CSV))
    faults.set("s3", "refuse")
    _work(ledger)
    (job,) = ledger.rows("SELECT state, attempts, reason FROM jobs")
    assert (job["state"], job["attempts"]) == ("deferred", 0)
    assert job["reason"].startswith("S3: ")
    faults.mend()
    clock.advance(31)
    _work(ledger)
    assert fetched(location_of(_asked(desk, export_id))).status_code == 200


@pytest.mark.usefixtures("large")
def test_an_upload_that_s3_has_forgotten_is_begun_again(
    desk: "Desk", ledger: Ledger, clock: FrozenClock, s3: Any
) -> None:
    export_id = export_id_in(desk.call("GET", CSV))
    (export,) = exports(ledger)
    s3.abort_multipart_upload(
        Bucket="plumbline-exports", Key=f"leads/{export_id}.csv", UploadId=export["upload_id"]
    )
    _work(ledger)
    clock.advance(2)
    _work(ledger)
    assert len(cells(fetched(location_of(_asked(desk, export_id))).content.decode())) == LARGE * 9 // 10


@pytest.mark.usefixtures("large")
def test_who_asks_again_meanwhile_is_led_to_the_same_export_and_nobody_else_is(
    desk: "Desk", ledger: Ledger
) -> None:
    export_id = export_id_in(desk.call("GET", CSV))
    assert export_id_in(desk.call("GET", CSV)) == export_id
    assert export_id_in(desk.call("GET", CSV, query={"from": ["2020-01-01"]})) != export_id
    assert export_id_in(desk.call("GET", CSV, role="ADMIN")) != export_id
    assert _asked(desk, export_id, role="ADMIN").status == 404
    assert _asked(desk, str(uuid.uuid4())).status == 404
    assert len(ledger.rows("SELECT id FROM jobs WHERE type = 'lead_export'")) == 3
    assert desk.audit()[0]["target"] == f"exports/{export_id}"


@pytest.mark.usefixtures("large")
def test_a_file_is_kept_for_an_hour_and_what_was_searched_for_until_it_is_there(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    export_id = export_id_in(desk.call("GET", CSV, query={"search": ["849"]}))
    assert exports(ledger)[0]["filters"] == {"search": "849"}
    _work(ledger)
    assert exports(ledger)[0]["filters"] == {}
    link = location_of(_asked(desk, export_id))
    clock.advance(timedelta(minutes=59).total_seconds())
    _retain()
    assert fetched(link).status_code == 200
    clock.advance(61)
    assert _asked(desk, export_id).status == 404
    _retain()
    assert fetched(link).status_code == 404
    assert exports(ledger) == []


@pytest.mark.usefixtures("large")
def test_an_erasure_of_anybody_ends_what_was_exported_before_it(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    export_id = export_id_in(desk.call("GET", CSV))
    _work(ledger)
    link = location_of(_asked(desk, export_id))
    clock.advance(60)
    (lead,) = ledger.rows("SELECT id FROM leads WHERE merged_into IS NULL LIMIT 1")
    assert desk.call("POST", "/admin/leads/{id}/erase", role="ADMIN", id=lead["id"]).status < 300
    assert _asked(desk, export_id).status == 404
    _retain()
    assert fetched(link).status_code == 404
    again = export_id_in(desk.call("GET", CSV))
    _work(ledger)
    rows = {row["id"]: row for row in cells(fetched(location_of(_asked(desk, again))).content.decode())}
    assert (rows[str(lead["id"])]["name"], rows[str(lead["id"])]["phone"]) == ("", "")


@pytest.mark.usefixtures("large")
def test_with_s3_away_nothing_is_forgotten_that_is_still_there(
    desk: "Desk", ledger: Ledger, clock: FrozenClock, faults: Faults, s3: Any
) -> None:
    export_id = export_id_in(desk.call("GET", CSV))
    clock.advance(timedelta(hours=25).total_seconds())
    faults.set("s3", "refuse")
    _retain()
    assert len(exports(ledger)) == 1
    faults.mend()
    _retain()
    assert exports(ledger) == []
    uploads = s3.list_multipart_uploads(Bucket="plumbline-exports").get("Uploads", [])
    assert export_id not in str(uploads)


@pytest.mark.usefixtures("large")
def test_an_export_whose_job_is_dead_says_so_and_another_can_be_asked_for(
    desk: "Desk", ledger: Ledger
) -> None:
    export_id = export_id_in(desk.call("GET", CSV))
    ledger.rows("UPDATE jobs SET state = 'dead', finished_at = now()")
    answer = _asked(desk, export_id)
    assert (answer.status, answer.json["code"]) == (409, "CONFLICT")
    assert export_id_in(desk.call("GET", CSV)) != export_id


def test_memory_stays_flat_however_many_leads_there_are(desk: "Desk", crowd: "Crowd", ledger: Ledger) -> None:
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from chalicelib.staff.exports import service  # noqa: PLC0415

    crowd.fill(25_000, words=40)

    def peak_of(work: Callable[[], object]) -> int:
        tracemalloc.start()
        try:
            work()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak_of(lambda: service.text_of(database(), {})) < 24_000_000
    export_id = export_id_in(desk.call("GET", CSV))
    while not exports(ledger)[0]["completed_at"]:
        assert peak_of(lambda: _work(ledger)) < 32_000_000
    size = int(fetched(location_of(_asked(desk, export_id))).headers["Content-Length"])
    assert size > 32_000_000
