"""Every fault mode of an HTTP target, and the vendors' own words in the mode `error`.

Google: cloud.google.com/apis/design/errors. AWS: docs.aws.amazon.com, CommonErrors of SQS, SNS and SES, and
the JSON and query protocols' error forms. Cloudflare: siteverify's error codes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.world.process import WorldProcess

SHORT_S = 0.3


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def post(session: requests.Session, world: WorldProcess, data: Any = b"work", timeout_s: float = 5) -> str:
    return session.post(world.proxy_url("sqs"), data=data, timeout=timeout_s).text


def test_requests_pass_on_one_connection(
    world: WorldProcess, session: requests.Session, http_upstream: Any
) -> None:
    for size in (1, 100_000, 3_000_000):
        body = "x" * size
        assert post(session, world, body) == body
    assert len(http_upstream.seen) == 3


def test_refuse_breaks_the_kept_connection_and_refuses_new_ones(
    world: WorldProcess, session: requests.Session, set_fault: Callable[..., Any]
) -> None:
    post(session, world)
    set_fault("sqs", "refuse")
    with pytest.raises(requests.ConnectionError, match="refused"):
        post(session, world)
    world.call("DELETE", "/dev/faults")
    assert post(session, world) == "work"


def test_reset_counts_requests(
    world: WorldProcess, session: requests.Session, set_fault: Callable[..., Any], http_upstream: Any
) -> None:
    set_fault("sqs", "reset", count=2)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            post(session, world)
    assert post(session, world) == "work"
    assert http_upstream.seen == [b"work"]


def test_timeout_never_answers_not_even_on_a_kept_connection(
    world: WorldProcess, session: requests.Session, set_fault: Callable[..., Any], http_upstream: Any
) -> None:
    post(session, world)
    set_fault("sqs", "timeout", count=1)
    with pytest.raises(requests.Timeout):
        post(session, world, b"lost", SHORT_S)
    assert post(session, world, b"next") == "next"
    assert http_upstream.seen == [b"work", b"next"]


def test_commit_then_timeout_does_the_work_for_each_counted_request(
    world: WorldProcess, session: requests.Session, set_fault: Callable[..., Any], http_upstream: Any
) -> None:
    assert set_fault("sqs", "commit-then-timeout", count=2)["remaining"] == 2
    for name in (b"one", b"two"):
        with pytest.raises(requests.Timeout):
            post(session, world, name, SHORT_S)
    assert post(session, world, b"three") == "three"
    assert http_upstream.seen == [b"one", b"two", b"three"]


def test_a_request_that_hangs_is_closed_by_delete(
    world: WorldProcess, session: requests.Session, set_fault: Callable[..., Any]
) -> None:
    set_fault("sqs", "timeout", seconds=0.3)
    start = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        post(session, world, timeout_s=5)
    assert time.monotonic() - start < 2
    assert post(session, world) == "work"


def test_slow_delays_the_answer(
    world: WorldProcess, session: requests.Session, set_fault: Callable[..., Any]
) -> None:
    set_fault("sqs", "slow", delaySeconds=0.2, count=1)
    start = time.monotonic()
    assert post(session, world) == "work"
    slow_s = time.monotonic() - start
    assert post(session, world) == "work"
    assert slow_s > 0.19
    assert time.monotonic() - start - slow_s < 0.15


@pytest.mark.parametrize("chunked", [False, True])
def test_error_answers_large_requests_and_keeps_the_connection(
    world: WorldProcess,
    session: requests.Session,
    set_fault: Callable[..., Any],
    http_upstream: Any,
    chunked: bool,  # noqa: FBT001
) -> None:
    set_fault("sqs", "error", count=3)
    for _ in range(3):
        data: Any = iter([b"x" * 300_000, b"y" * 10]) if chunked else b"x" * 300_000
        assert session.post(world.proxy_url("sqs"), data=data, timeout=5).status_code == 503
    assert http_upstream.seen == []
    assert post(session, world) == "work"


def test_sheets_errors_are_googles(world: WorldProcess, set_fault: Callable[..., Any], sheet: str) -> None:
    set_fault("sheets", "error", status=500)
    answer = requests.get(sheet, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (
        500,
        {"code": 500, "message": "Internal error encountered.", "status": "INTERNAL"},
    )
    token = requests.post(world.proxy_url("sheets") + "/google/token", data={}, timeout=5)
    assert set(token.json()) == {"error", "error_description"}


def test_turnstile_errors_are_siteverifys(world: WorldProcess, set_fault: Callable[..., Any]) -> None:
    set_fault("turnstile", "error", status=502)
    answer = requests.post(world.proxy_url("turnstile") + "/turnstile/v0/siteverify", data={}, timeout=5)
    assert (answer.status_code, answer.json()) == (502, {"success": False, "error-codes": ["internal-error"]})


def test_sqs_errors_follow_the_json_protocol(world: WorldProcess, set_fault: Callable[..., Any]) -> None:
    set_fault("sqs", "error", status=500)
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"}
    answer = requests.post(world.proxy_url("sqs"), data="{}", headers=headers, timeout=5)
    assert answer.json()["__type"] == "com.amazonaws.sqs#InternalFailure"
    assert answer.headers["x-amzn-query-error"] == "InternalFailure;Receiver"


@pytest.mark.parametrize("target", ["sms", "email"])
def test_sns_and_ses_errors_follow_the_query_protocol(
    world: WorldProcess, set_fault: Callable[..., Any], target: str
) -> None:
    set_fault(target, "error", status=503)
    answer = requests.post(world.proxy_url(target), data={"Action": "Publish"}, timeout=5)
    assert answer.status_code == 503
    assert "<Code>ServiceUnavailable</Code>" in answer.text
    assert "<Type>Receiver</Type>" in answer.text


def test_s3_errors_are_xml_of_its_own(world: WorldProcess, set_fault: Callable[..., Any]) -> None:
    """Amazon S3 API reference, "Error responses": `Error` is the root, and 503 is SlowDown."""
    set_fault("s3", "error")
    answer = requests.put(world.proxy_url("s3") + "/bucket/key", data=b"x" * 200_000, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/xml")
    assert "<Error><Code>SlowDown</Code>" in answer.text
