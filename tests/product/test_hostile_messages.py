"""Messages of any shape on any queue, to the very handlers that Lambda calls: dead letters, and no effect."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.product.conftest import LambdaContext
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from tests.product.conftest import Api
    from tests.product.job_fixtures import Jobs, Queues

pytest_plugins = ("tests.product.job_fixtures",)
WORKERS = {
    "email": "email_worker",
    "sync": "sync_worker",
    "notification": "notification_worker",
    "webhook": "webhook_worker",
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=12,
)
# For each field of an envelope, what it may not be.
WRONG = {
    "v": JSON.filter(lambda value: isinstance(value, bool) or value != 1) | st.just("1"),
    "jobId": SCALARS.filter(lambda value: not _is_uuid(value)) | st.lists(JSON, max_size=2),
    "epoch": st.integers(max_value=-1) | st.booleans() | st.text(max_size=5) | st.just(0.5) | st.none(),
    "type": st.sampled_from(["", "Google_Sheets", "google sheets", "a" * 41, "../sync", None, 7, ["in_app"]]),
    "correlationId": st.sampled_from(["", "a b", "x" * 129, "dòng\nhai", "'; DROP TABLE jobs; --", None, {}]),
}


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


@st.composite
def nearly_right(draw: st.DrawFn) -> str:
    """An envelope with a fault: a field that is wrong, missing or unknown, or no JSON any more."""
    envelope: dict[str, Any] = {
        "v": 1, "jobId": str(uuid.UUID(int=7)), "epoch": 0, "type": "google_sheets", "correlationId": "c-1",
    }  # fmt: skip
    fault = draw(st.sampled_from(["wrong", "missing", "unknown", "cut"]))
    name = draw(st.sampled_from(sorted(WRONG)))
    if fault == "wrong":
        envelope[name] = draw(WRONG[name])
    elif fault == "missing":
        del envelope[name]
    elif fault == "unknown":
        envelope[draw(st.text(max_size=12).filter(lambda text: text not in WRONG))] = draw(JSON)
    text = json.dumps(envelope, ensure_ascii=draw(st.booleans()))
    return text[: draw(st.integers(0, len(text) - 1))] if fault == "cut" else text


BODIES = st.one_of(
    nearly_right(),
    JSON.map(json.dumps),
    JSON.filter(lambda value: not isinstance(value, str)),  # SQS hands texts on; nobody relies on it
    st.text(max_size=40),
    st.text(min_size=4097, max_size=4200),
)


@pytest.fixture(scope="session")
def app(parts: Any) -> Any:
    """The module whose handlers Lambda calls."""
    del parts
    import app  # noqa: PLC0415

    return app


def _state_of(jobs: Jobs) -> list[Any]:
    """Everything that a job could change."""
    tables = (
        "jobs",
        "job_events",
        "leads",
        "deliveries",
        "notifications",
        "sheet_rows",
        "exports",
        "sheet_runs",
    )
    return [jobs.ledger.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]  # noqa: S608


@settings(PROFILE)
@given(queue=st.sampled_from(sorted(WORKERS)), bodies=st.lists(BODIES, min_size=1, max_size=10))
def test_a_message_of_any_shape_is_a_dead_letter_and_changes_nothing(
    api: Api, app: Any, jobs: Jobs, queues: Queues, queue: str, bodies: list[Any]
) -> None:
    del api
    jobs.add()  # is due, and would be done by whoever takes one of these for its call
    before = _state_of(jobs)
    records = [
        {"messageId": f"m-{uuid.uuid4()}", "receiptHandle": f"r-{uuid.uuid4()}", "body": body}
        for body in bodies
    ]
    answer = getattr(app, WORKERS[queue])({"Records": records}, LambdaContext())
    assert answer == {"batchItemFailures": []}, "none comes back"
    # Others have left letters here, too; whatever these messages became begins with their own mark.
    letters = [letter for letter in queues.dead(queue) if str(letter.get("messageId")).startswith("m-")]
    copies = {letter["messageId"]: letter for letter in letters}
    assert set(copies) == {record["messageId"] for record in records}
    assert all(copy["reason"] for copy in copies.values())
    assert _state_of(jobs) == before
