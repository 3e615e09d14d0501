"""Which pages of other origins may call: the site with cookies, pages with our forms without, nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.product.conftest import Api

SITE = "https://plumbline.example"
APP = "https://app.plumbline.example"
FORM = "https://landing.partner.example"
RETURN = "https://other.example:8443"
STRANGERS = (
    "https://evil.example",
    "null",
    "https://plumbline.example.evil.example",
    "https://plumbline.example/",
    "http://landing.partner.example",
    "http://[",
    "https://landing.partner.example@evil.example",
)
EXPOSED = {
    "X-Correlation-Id",
    "Idempotency-Replayed",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Cache-Status",
}


@pytest.fixture
def public(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API as it stands on the internet: its site elsewhere, forms on pages of others."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    monkeypatch.setenv("STAGE", "prod")
    monkeypatch.setenv("SITE_URL", SITE)
    monkeypatch.setenv("ALLOWED_ORIGINS", f"{APP},https://second.example")
    monkeypatch.setenv("TURNSTILE_HOSTNAMES", "plumbline.example,landing.partner.example")
    monkeypatch.setenv("FORM_RETURN_ORIGINS", RETURN)
    monkeypatch.setenv("RATE_LIMIT_LEADS", "2/60")
    settings.cache_clear()
    yield api
    monkeypatch.undo()
    settings.cache_clear()


def _every_path() -> list[tuple[str, set[str]]]:
    from app import app  # noqa: PLC0415

    return [(path, set(methods)) for path, methods in app.routes.items()]


def test_every_path_answers_a_preflight_for_its_own_methods(public: Api) -> None:
    for path, methods in _every_path():
        asked = {"origin": SITE, "access-control-request-method": "GET"}
        answer = public.call("OPTIONS", path.replace("{", "").replace("}", ""), headers=asked, resource=path)
        assert (answer.status, answer.body) == (204, ""), path
        headers = answer.headers
        assert "OPTIONS" in methods
        assert set(headers["Allow"].split(", ")) == methods
        assert set(headers["Access-Control-Allow-Methods"].split(", ")) == methods - {"OPTIONS"}
        assert headers["Access-Control-Allow-Origin"] == SITE
        assert headers["Access-Control-Allow-Credentials"] == "true"
        named = headers["Access-Control-Allow-Headers"].split(", ")
        assert {"Authorization", "Content-Type", "Idempotency-Key", "X-Correlation-Id"} <= set(named)
        assert int(headers["Access-Control-Max-Age"]) > 0
        assert "Origin" in headers["Vary"].split(", ")
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("origin", [SITE, APP])
def test_pages_of_ours_may_read_every_answer_with_cookies(public: Api, origin: str) -> None:
    refused = [public.call("POST", "/leads", {}, headers={"origin": origin}) for _ in range(3)]
    answers = [
        public.call("GET", "/service-categories", headers={"origin": origin}),
        public.call("GET", "/me", headers={"origin": origin}),
        public.call("POST", "/leads", "[", headers={"origin": origin}),
        public.call("POST", "/leads", "x" * 70_000, headers={"origin": origin}),
        *refused,
    ]
    assert [each.status for each in answers] == [200, 401, 400, 413, 422, 422, 429]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["Vary"] == "Origin"
        assert set(answer.headers["Access-Control-Expose-Headers"].split(", ")) >= EXPOSED


@pytest.mark.parametrize("origin", [FORM, RETURN])
def test_pages_with_our_forms_may_call_what_is_open_and_never_with_cookies(public: Api, origin: str) -> None:
    for method, path, body in (("GET", "/materials", None), ("POST", "/leads", {})):
        answer = public.call(method, path, body, headers={"origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = {"origin": origin, "access-control-request-method": "POST"}
    assert public.call("OPTIONS", "/leads", headers=asked).headers["Access-Control-Allow-Methods"] == "POST"
    for method, path in (("GET", "/me"), ("GET", "/admin/leads"), ("OPTIONS", "/me")):
        answer = public.call(method, path, headers={"origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers, path


@pytest.mark.parametrize("origin", STRANGERS)
def test_other_pages_are_told_nothing(public: Api, origin: str) -> None:
    for method, path, body in (
        ("GET", "/materials", None),
        ("POST", "/leads", {}),
        ("OPTIONS", "/leads", None),
    ):
        answer = public.call(method, path, body, headers={"origin": origin})
        assert not [name for name in answer.headers if name.startswith("Access-Control-")], (path, origin)
        assert "Origin" in answer.headers["Vary"]
    assert public.call("POST", "/auth/refresh", headers={"origin": origin}).status == 403


def test_a_program_without_an_origin_is_served_as_ever(public: Api) -> None:
    answer = public.call("GET", "/materials")
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]


def test_every_answer_has_its_security_headers(public: Api) -> None:
    answers: list[Any] = [
        public.call("GET", "/health"),
        public.call("POST", "/leads", {}),
        public.call("OPTIONS", "/leads"),
        public.call("GET", "/docs"),
    ]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"]
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert [answer.headers["Cache-Control"] == "no-store" for answer in answers] == [True, True, True, False]


def test_head_is_answered_where_get_is(api: Api) -> None:
    from app import app  # noqa: PLC0415

    for path, methods in app.routes.items():
        assert ("HEAD" in methods) == ("GET" in methods), path
    got, headed = api.call("GET", "/settings"), api.call("HEAD", "/settings")
    assert (got.status, headed.status) == (200, 200)
    assert got.headers["Content-Type"] == headed.headers["Content-Type"]
