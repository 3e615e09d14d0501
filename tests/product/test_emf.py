"""
CloudWatch's figures: lines on stdout in its embedded metric format, the same as a scrape's.

The rules are those of "Specification: Embedded metric format" in AWS' CloudWatch user guide.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from infra.watch.graphs import GRAPHS, search
from tests.product.conftest import Api, LambdaContext

_SEARCH = re.compile(r"SEARCH\('\{Plumbline,([\w,]+)\} MetricName=\"(\w+)\" stage=\"local\"")
_EVENT = ("version", "account", "region", "detail-type", "source", "time", "id")
_UNITS = {"Seconds", "Count", "None"}  # of MetricDatum's list, those that we use


def _documents(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What CloudWatch would take figures from; each line must be one valid document."""
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    documents = [json.loads(line) for line in lines]
    for line, document in zip(lines, documents, strict=True):
        assert len(line.encode()) < 256 * 1024
        _check(document)
    return documents


def _check(document: dict[str, Any]) -> None:
    """Hold one document to the specification."""
    metadata = document["_aws"]
    assert set(metadata) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(metadata["Timestamp"], int)
    assert 1_600_000_000_000 < metadata["Timestamp"] < 10_000_000_000_000, "milliseconds"
    assert metadata["CloudWatchMetrics"]
    for directive in metadata["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= 255
        assert directive["Dimensions"]
        for dimensions in directive["Dimensions"]:
            assert 1 <= len(dimensions) <= 30
            for name in dimensions:
                assert isinstance(document[name], str)
                assert 1 <= len(document[name]) <= 1024
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert set(metric) == {"Name", "Unit"}
            assert 1 <= len(metric["Name"]) <= 1024
            assert metric["Unit"] in _UNITS
            value = document[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            assert 1 <= len(values) <= 100
            assert all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)


def _told(documents: list[dict[str, Any]], name: str, *labels: str) -> Counter[tuple[str, ...]]:
    """The sums of a counter by its dimensions, without the stage."""
    found = Counter[tuple[str, ...]]()
    for document in documents:
        for directive in document["_aws"]["CloudWatchMetrics"]:
            if name in {metric["Name"] for metric in directive["Metrics"]}:
                assert directive["Dimensions"] == [["stage", *labels]]
                found[tuple(document[label] for label in labels)] += document[name]
    return found


@pytest.mark.proves("P24")
def test_cloudwatch_is_told_what_a_scrape_shows(
    api: Api, new_lead: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """P24: the same figures by the other way, at the end of each call."""
    for _ in range(3):
        api.call("GET", "/service-categories")
    api.call("POST", "/leads", new_lead(email="hoa@example.com"))
    api.call("POST", "/leads", {"name": "x"})
    documents = _documents(capsys)
    assert _told(documents, "http_requests_total", "method", "path", "status") == {
        ("GET", "/service-categories", "200"): 3,
        ("POST", "/leads", "201"): 1,
        ("POST", "/leads", "422"): 1,
    }
    assert _told(documents, "cache_hits_total") == {(): 2}
    queued = {("email", "queued"): 1, ("notification", "queued"): 1, ("sync", "queued"): 1}
    assert _told(documents, "queue_jobs_total", "queue", "status") == queued
    durations = [document["http_request_duration_seconds"] for document in documents if "method" in document]
    assert len(durations) == 5
    assert all(0 < duration < 60 for duration in durations)


def test_a_call_is_one_line_and_tells_nobodys_address(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(11):
        api.call("POST", "/auth/login", {"email": "a@b.test", "password": "x"}, address="198.51.100.9")
    documents = _documents(capsys)
    assert len(documents) == 11
    assert _told(documents, "rate_limit_exceeded_total", "path") == {("/auth/login",): 1}
    assert "198.51" not in json.dumps(documents)
    assert {document["event"] for document in documents} == {"metrics"}


def test_a_schedule_tells_the_gauges_and_brings_its_figures_at_its_end(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    import app  # noqa: PLC0415

    app.outbox_relay({**dict.fromkeys(_EVENT, "test"), "detail": {}, "resources": []}, LambdaContext())
    documents = _documents(capsys)
    assert _told(documents, "queue_depth", "queue") == dict.fromkeys(
        [("email",), ("notification",), ("sync",), ("webhook",)], 0
    )
    assert _told(documents, "circuit_state", "service").keys() == {("email",), ("google_sheets",), ("sms",)}
    from chalicelib.resilience.carrier import carrier  # noqa: PLC0415

    assert not carrier.is_loaded()
    assert "db_query_duration_seconds_count " in api.call("GET", "/metrics").body


def test_the_dashboard_of_cloudwatch_asks_for_what_it_is_told(
    api: Api, new_lead: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each expression names the dimensions under which its metric is written, and no metric is left out."""
    import app  # noqa: PLC0415
    from chalicelib.alerts.service import raise_alert  # noqa: PLC0415
    from chalicelib.platform import metrics  # noqa: PLC0415

    for _ in range(11):
        api.call("POST", "/auth/login", {"email": "a@b.test", "password": "x"})
        api.call("GET", "/service-categories")
    api.call("POST", "/leads", new_lead())
    raise_alert("deep", "The queue is deep", "body", window=timedelta(minutes=15))
    metrics.count(metrics.CONNECTIONS_OPENED)
    app.outbox_relay({**dict.fromkeys(_EVENT, "test"), "detail": {}, "resources": []}, LambdaContext())
    written = {
        (metric["Name"], ",".join(directive["Dimensions"][0]))
        for document in _documents(capsys)
        for directive in document["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }
    lines = [line for graph in GRAPHS for line in graph.lines]
    asked = {_SEARCH.match(search(line, "local")).groups()[::-1] for line in lines}  # type: ignore[union-attr]
    assert asked == written
    assert {name for name, _ in asked} == {metric.name for metric in metrics.ALL}
