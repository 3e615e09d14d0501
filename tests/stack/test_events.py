"""The events have the shapes that AWS documents (the examples of its developer guides, beside this file)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from local.cloud.cron import parse_schedule
from local.cloud.describe import RouteSpec
from local.cloud.pollers import failed_ids, sqs_event
from local.cloud.proxy_event import MalformedAnswerError, build_event, read_answer
from local.cloud.routes import RouteTable
from local.cloud.runtime_api import Outcome
from local.cloud.schedules import scheduled_event

# Objects whose keys are the client's and not the format's.
_FREE = {
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
}


def example(name: str) -> Any:
    return json.loads((Path(__file__).parent / "aws_examples" / f"{name}.json").read_text())


def shape(value: Any, name: str = "") -> Any:
    """The keys and the kinds of values of *value*, without the values."""
    if isinstance(value, dict):
        inner = {key: shape(item, key) for key, item in value.items()}
        return sorted({repr(item) for item in inner.values()}) if name in _FREE else inner
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def rest_event(path: str, *, table: RouteTable, body: bytes = b"Hello from Lambda!") -> dict[str, Any]:
    headers = {"Host": "localhost:8000", "User-Agent": "test", "X-Two": "1", "Content-Type": "text/plain"}
    request = make_mocked_request("GET", path, headers)
    raw_path = request.rel_url.raw_path.removeprefix("/api")
    match = table.find(raw_path)
    assert match is not None
    return build_event(request, match, body, raw_path=raw_path, port=8000, binary_types={"image/png"})


@pytest.fixture
def table() -> RouteTable:
    patterns = ("/", "/my/path/{name}", "/my/path/fixed", "/{any}/path/fixed", "/my/{a}/{b}/end")
    return RouteTable([RouteSpec(pattern, ("GET", "POST"), {}) for pattern in patterns])


def test_the_rest_proxy_event_has_the_documented_shape(table: RouteTable) -> None:
    event = rest_event("/api/my/path/x?parameter1=value1&parameter1=value2&parameter2=value", table=table)
    documented = example("rest-proxy")
    assert shape(event) == shape(documented)
    for name in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "resource",
        "path",
    ):
        assert event[name] == documented[name]
    assert event["requestContext"]["path"] == documented["requestContext"]["path"]


def test_what_a_request_does_not_have_is_null(table: RouteTable) -> None:
    event = rest_event("/api/", table=table, body=b"")
    for name in ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body"):
        assert event[name] is None


def test_path_parameters_stay_encoded_and_query_values_do_not(table: RouteTable) -> None:
    event = rest_event("/api/my/path/a%2Fb%20c?q=%C3%A9%20x", table=table)
    assert event["pathParameters"] == {"name": "a%2Fb%20c"}
    assert event["path"] == "/my/path/a%2Fb%20c"
    assert event["queryStringParameters"] == {"q": "é x"}


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/my/path/fixed", "/my/path/fixed"),
        ("/my/path/other", "/my/path/{name}"),
        ("/your/path/fixed", "/{any}/path/fixed"),
        ("/my/1/2/end", "/my/{a}/{b}/end"),
        ("/my/path/x/", "/my/path/{name}"),
        ("", "/"),
    ],
)
def test_a_literal_segment_wins_over_a_parameter(table: RouteTable, path: str, pattern: str) -> None:
    match = table.find(path)
    assert match is not None
    assert match.route.pattern == pattern


def test_a_path_without_resource_is_none(table: RouteTable) -> None:
    for path in ("/nothing", "/my/path", "/my//2/end", "/my/path/x/y"):
        assert table.find(path) is None


def test_the_sqs_event_has_the_documented_shape() -> None:
    documented = example("sqs")
    record = documented["Records"][0]
    message = {
        "MessageId": record["messageId"],
        "ReceiptHandle": record["receiptHandle"],
        "Body": record["body"],
        "MD5OfBody": record["md5OfBody"],
        "Attributes": record["attributes"],
        "MessageAttributes": {"myAttribute": {"StringValue": "myValue", "DataType": "String"}},
    }
    assert sqs_event([message], record["eventSourceARN"], record["awsRegion"]) == documented


def test_the_scheduled_event_has_the_documented_shape() -> None:
    event = scheduled_event("outbox-relay", "us-east-1", datetime(2015, 10, 8, 16, 53, 6, tzinfo=UTC))
    assert shape(event) == shape(example("schedule"))
    assert event["time"] == "2015-10-08T16:53:06Z"
    assert event["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/plumbline-local-outbox-relay"]


@pytest.mark.parametrize(
    "answer", ["", "null", "{}", '{"batchItemFailures": []}', '{"batchItemFailures": null}']
)
def test_nothing_reported_means_that_all_succeeded(answer: str) -> None:
    assert failed_ids(Outcome(answer.encode()), {"a", "b"}) == set()


@pytest.mark.parametrize(
    "answer",
    [
        "not json",
        '"text"',
        "[]",
        '{"batchItemFailures": "a"}',
        '{"batchItemFailures": {"itemIdentifier": "a"}}',
        '{"batchItemFailures": ["a"]}',
        '{"batchItemFailures": [{"itemIdentifier": ""}]}',
        '{"batchItemFailures": [{"itemIdentifier": null}]}',
        '{"batchItemFailures": [{"itemIdentifier": ["a"]}]}',
        '{"batchItemFailures": [{"itemIdentifierX": "a"}]}',
        '{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "c"}]}',
    ],
)
def test_what_cannot_be_understood_means_that_all_failed(answer: str) -> None:
    assert failed_ids(Outcome(answer.encode()), {"a", "b"}) is None


def test_only_what_is_reported_failed() -> None:
    answer = b'{"batchItemFailures": [{"itemIdentifier": "a"}]}'
    assert failed_ids(Outcome(answer), {"a", "b"}) == {"a"}
    assert failed_ids(Outcome(answer, "function"), {"a", "b"}) is None


def test_an_answer_keeps_repeated_headers_and_merges_both_lists() -> None:
    answer = {
        "statusCode": 201,
        "headers": {"X-One": "single", "Set-Cookie": "lost=1", "Connection": "close", "Content-Length": "99"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        "body": "aGk=",
        "isBase64Encoded": True,
    }
    response = read_answer(json.dumps(answer).encode())
    assert isinstance(response, web.Response)
    assert response.status == 201
    assert response.body == b"hi"
    assert response.headers.getall("Set-Cookie") == ["a=1", "b=2"]
    assert response.headers["X-One"] == "single"
    assert response.headers["Content-Type"] == "application/json"
    assert "Connection" not in response.headers


@pytest.mark.parametrize(
    "payload",
    [
        b"nonsense",
        b"[]",
        b'{"body": "no status"}',
        b'{"statusCode": 99}',
        b'{"statusCode": 200, "body": {}}',
        b'{"statusCode": 200, "headers": ["X"]}',
        b'{"statusCode": 200, "headers": {"X": "a\\r\\nY: b"}}',
        b'{"statusCode": 200, "body": "?", "isBase64Encoded": true}',
    ],
)
def test_a_malformed_answer_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        read_answer(payload)


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("rate(1 minute)", "2026-01-31T23:59:30", "2026-02-01T00:00:30"),
        ("rate(2 hours)", "2026-01-01T00:00:00", "2026-01-01T02:00:00"),
        ("cron(0 3 * * ? *)", "2026-01-01T03:00:00", "2026-01-02T03:00:00"),
        ("cron(0/15 * * * ? *)", "2026-01-01T10:46:00", "2026-01-01T11:00:00"),
        ("cron(30 8 ? * MON-FRI *)", "2026-01-02T09:00:00", "2026-01-05T08:30:00"),
        ("cron(0 0 1 JAN,JUL ? *)", "2026-01-01T00:00:00", "2026-07-01T00:00:00"),
    ],
)
def test_a_schedule_is_due_when_eventbridge_says(expression: str, after: str, due: str) -> None:
    next_run = parse_schedule(expression)
    assert next_run(datetime.fromisoformat(after).replace(tzinfo=UTC)) == datetime.fromisoformat(due).replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize(
    "expression",
    ["rate(0 minutes)", "rate(5 weeks)", "cron(0 3 * * ?)", "cron(0 0 L * ? *)", "cron(61 * * * ? *)", ""],
)
def test_an_unknown_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_schedule(expression)
