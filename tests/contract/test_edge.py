"""Preflights, HEAD and what the gateway refuses by itself, over HTTP on every route."""

import re
from typing import Any

import pytest
import requests

from local.stack import Stack

ID = "0d9f7c52-6a0e-4d4c-9f0b-3f1c5a7e2b41"


@pytest.fixture
def site(stack: Stack) -> str:
    """The site's origin."""
    return stack.url


@pytest.fixture
def paths(site: str) -> dict[str, Any]:
    """Every path that is described, with its methods."""
    found: dict[str, Any] = requests.get(f"{site}/api/openapi.json", timeout=30).json()["paths"]
    return found


def test_a_browser_may_ask_before_it_calls_any_route(site: str, paths: dict[str, Any]) -> None:
    for path, item in paths.items():
        url = f"{site}/api{re.sub(r'{[^}]+}', ID, path)}"
        for method in item:
            asked = {"Origin": site, "Access-Control-Request-Method": method.upper()}
            answer = requests.options(url, headers=asked, timeout=30)
            assert (answer.status_code, answer.content) == (204, b""), path
            assert answer.headers["Access-Control-Allow-Origin"] == site
            assert method.upper() in answer.headers["Access-Control-Allow-Methods"].split(", ")
            assert answer.headers["X-Correlation-Id"]


def test_head_is_get_without_its_body(site: str) -> None:
    for path in ("/settings", "/health", "/docs", "/openapi.json"):
        url = f"{site}/api{path}"
        got, headed = requests.get(url, timeout=30), requests.head(url, timeout=30)
        assert (headed.status_code, headed.content) == (got.status_code, b"")
        assert headed.headers["Content-Type"] == got.headers["Content-Type"]


def test_what_no_route_takes_is_a_problem_that_our_pages_may_read(site: str, paths: dict[str, Any]) -> None:
    origin = {"Origin": site}
    for path, item in paths.items():
        url = f"{site}/api{re.sub(r'{[^}]+}', ID, path)}"
        answer = requests.request("TRACE", url, headers=origin, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED"), path
        assert {method.upper() for method in item} < set(answer.headers["Allow"].split(", "))
        assert answer.headers["Access-Control-Allow-Origin"] == site
    for path in ("/api/nothing", "/api/leads/nothing/at/all", "/api"):
        answer = requests.get(f"{site}{path}", headers=origin, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Access-Control-Allow-Origin"] == site
