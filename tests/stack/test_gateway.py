"""The gateway, the pages and /dev over real HTTP, in front of the toy app's containers."""

import http.client
import json
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

import pytest

from local.cloud.gateway import REQUEST_BYTES
from local.stack import Stack
from local.stack.ports import has_ipv6_loopback


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self) -> Any:
        return json.loads(self.body)


def send(
    stack: Stack,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    source: str = "127.0.0.1",
    host: str = "127.0.0.1",
) -> Answer:
    connection = http.client.HTTPConnection(host, stack.ports["site"], timeout=40, source_address=(source, 0))
    connection.request(method, path, body, dict(headers or {}))
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def assert_problem(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "instance", "code", "correlationId"}
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == "/problems/" + code.lower().replace("_", "-")
    assert answer.headers["X-Correlation-Id"] == body["correlationId"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"]
    assert "Server" not in answer.headers


def test_a_request_reaches_the_app_and_repeated_headers_come_back(running: Stack) -> None:
    answer = send(
        running, "POST", "/api/echo/x?a=1", body=b'{"b": 2}', headers={"Content-Type": "application/json"}
    )
    assert answer.status == 200
    assert answer.headers.get_all("Set-Cookie") == ["a=1; Path=/", "b=2; Path=/"]
    event = answer.json()["event"]
    assert (event["resource"], event["path"], event["body"]) == ("/echo/{name}", "/echo/x", '{"b": 2}')


def test_the_client_is_the_tcp_peer_whatever_it_says(running: Stack) -> None:
    said = {"X-Forwarded-For": "203.0.113.7"}
    event = send(running, "GET", "/api/echo/x", headers=said, source="127.0.0.9").json()["event"]
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.9"
    assert event["headers"]["X-Forwarded-For"] == "203.0.113.7, 127.0.0.9"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"] if has_ipv6_loopback() else ["127.0.0.1"])
def test_every_loopback_address_is_served(running: Stack, host: str) -> None:
    answer = send(running, "GET", "/api/echo/x", host=host, source=host)
    assert answer.json()["event"]["requestContext"]["identity"]["sourceIp"] == host


def test_what_the_gateway_refuses_is_a_problem(running: Stack) -> None:
    assert_problem(send(running, "GET", "/api/nothing"), 404, "NOT_FOUND")
    assert_problem(send(running, "GET", "/api/no%0Athing"), 404, "NOT_FOUND")
    assert send(running, "GET", "/api/echo/%0Ax").json()["event"]["pathParameters"] == {"name": "%0Ax"}
    refused = send(running, "DELETE", "/api/health")
    assert_problem(refused, 405, "METHOD_NOT_ALLOWED")
    assert refused.headers["Allow"] == "GET, OPTIONS"
    too_large = send(running, "POST", "/api/echo/x", body=b"x" * (REQUEST_BYTES + 1))
    assert_problem(too_large, 413, "PAYLOAD_TOO_LARGE")
    died = send(running, "GET", "/api/exit")
    assert_problem(died, 502, "INTERNAL_ERROR")
    assert died.headers["Retry-After"] == "1"


def test_a_well_formed_correlation_id_is_taken_and_another_is_replaced(running: Stack) -> None:
    assert (
        send(running, "GET", "/api/no", headers={"X-Correlation-Id": "a.B-9_"}).json()["correlationId"]
        == "a.B-9_"
    )
    assert (
        send(running, "GET", "/api/no", headers={"X-Correlation-Id": "a b"}).json()["correlationId"] != "a b"
    )


def test_options_goes_to_the_app_only_where_it_declares_it(running: Stack) -> None:
    own = send(running, "OPTIONS", "/api/health")
    assert (own.status, own.headers["Allow"], own.body) == (204, "GET, OPTIONS", b"")
    assert send(running, "OPTIONS", "/api/preflighted").json() == {"method": "OPTIONS"}


def test_pages_of_ours_may_read_what_the_gateway_refuses(running: Stack) -> None:
    site = running.url.rstrip("/")
    refused = [
        send(running, "GET", "/api/nothing", headers={"Origin": site}),
        send(running, "DELETE", "/api/health", headers={"Origin": site}),
        send(running, "POST", "/api/echo/x", body=b"x" * (REQUEST_BYTES + 1), headers={"Origin": site}),
        send(running, "GET", "/api/exit", headers={"Origin": site}),
    ]
    assert [answer.status for answer in refused] == [404, 405, 413, 502]
    for answer in refused:
        assert answer.headers["Access-Control-Allow-Origin"] == site
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["Vary"] == "Origin"
    for origin in ("https://evil.example", "null", f"{site}.evil.example"):
        foreign = send(running, "GET", "/api/nothing", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in foreign.headers
        assert foreign.headers["Vary"] == "Origin"


def test_pages_are_served_with_their_headers_and_keep_times(running: Stack) -> None:
    for path in ("/", "/admin/leads/7", "/index.html"):
        page = send(running, "GET", path)
        assert (page.status, page.headers["Cache-Control"]) == (200, "no-cache")
        assert b"toy" in page.body
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert (
            "'unsafe-inline'"
            not in page.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
        )
    asset = send(running, "GET", "/assets/index-abc123.js")
    assert "immutable" in asset.headers["Cache-Control"]
    for path in ("/assets/gone.js", "/robots.txt", "/..%2f..%2fetc/passwd.txt", "/%2e%2e/secrets.json"):
        assert send(running, "GET", path).status == 404
    assert send(running, "GET", "/config.json").json()["apiBaseUrl"] == "/api"
    assert send(running, "POST", "/").status == 405


def test_a_schedule_runs_on_demand(running: Stack) -> None:
    answer = send(running, "POST", "/dev/schedules/outbox-relay/run")
    assert answer.status == 200
    assert answer.json()["name"] == "outbox-relay"
    assert answer.json()["result"]["resources"][0].endswith("rule/plumbline-local-outbox-relay")
    assert_problem(send(running, "POST", "/dev/schedules/nothing/run"), 404, "NOT_FOUND")


def test_the_clock_moves_and_never_behind_the_real_one(running: Stack) -> None:
    before = send(running, "GET", "/dev/clock").json()["offsetSeconds"]
    moved = send(running, "POST", "/dev/clock", body=b'{"advanceSeconds": 60}')
    assert moved.json() == {"offsetSeconds": before + 60}
    assert float((running.data_dir / "cloud" / "clock-offset").read_text()) == before + 60
    assert send(running, "POST", "/dev/clock", body=b'{"advanceSeconds": "1"}').status == 422
    assert send(running, "POST", "/dev/clock", body=b'{"advanceSeconds": -100000}').status == 422
    assert send(running, "POST", "/dev/clock", body=b"[]").status == 400


def test_an_api_fault_hits_the_next_request_and_no_other(running: Stack) -> None:
    assert send(running, "POST", "/dev/faults", body=b'{"target": "api", "mode": "crash"}').status == 201
    assert send(running, "GET", "/dev/faults").json()["items"] == [
        {"target": "api", "mode": "crash", "count": 1}
    ]
    assert_problem(send(running, "GET", "/api/health"), 502, "INTERNAL_ERROR")
    assert send(running, "GET", "/api/health").status == 200
    started = time.monotonic()
    send(running, "POST", "/dev/faults", body=b'{"target": "api", "mode": "freeze", "seconds": 0.4}')
    assert send(running, "GET", "/api/health").status == 200
    assert time.monotonic() - started >= 0.4


def test_a_page_of_another_origin_may_not_break_anything(running: Stack) -> None:
    foreign = {"Origin": "https://example.com", "Content-Type": "application/json"}
    wish = b'{"target": "api", "mode": "crash"}'
    assert send(running, "POST", "/dev/faults", body=wish, headers=foreign).status == 403


def test_the_dev_page_lists_what_there_is_and_takes_its_own_forms(running: Stack) -> None:
    page = send(running, "GET", "/dev")
    assert page.headers["Content-Type"].startswith("text/html")
    for text in (b"plumbline-sync", b"outbox-relay", b"/dev/sheets/demo"):
        assert text in page.body
    form = urllib.parse.urlencode({"advanceSeconds": "5", "nothing": ""}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    answer = send(running, "POST", "/dev/clock", body=form, headers=headers)
    assert (answer.status, answer.headers["Location"]) == (303, "/dev#clock")


def test_without_the_world_its_addresses_say_so(running: Stack) -> None:
    assert_problem(send(running, "GET", "/dev/mail"), 502, "INTERNAL_ERROR")
