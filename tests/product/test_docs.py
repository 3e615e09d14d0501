"""What the API says of itself, for programs and for people: every route, every error, examples that fit."""

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import jsonschema_rs
import pytest

from tests.product.conftest import Api

METHODS = {"get", "post", "put", "patch", "delete"}
ERROR_CODES = {  # the outside, as the interface and details pages fix it
    "VALIDATION_ERROR": 422,
    "BAD_REQUEST": 400,
    "CAPTCHA_FAILED": 400,
    "CAPTCHA_UNAVAILABLE": 503,
    "IDEMPOTENCY_KEY_INVALID": 400,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "REQUEST_IN_PROGRESS": 409,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "RATE_LIMITED": 429,
    "RATE_LIMITED_USER": 429,
    "LOCK_TIMEOUT": 503,
    "QUEUE_FULL": 503,
    "SERVICE_UNAVAILABLE": 503,
    "DATABASE_BUSY": 503,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "INTERNAL_ERROR": 500,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
}


@pytest.fixture
def document(api: Api) -> Any:
    """`/openapi.json`."""
    return api.call("GET", "/openapi.json").json


def _operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


def _responses(document: Any, operation: Any) -> Iterator[tuple[str, Any]]:
    for status, answer in operation["responses"].items():
        shared = answer.get("$ref", "").rpartition("/")[2]
        yield status, document["components"]["responses"][shared] if shared else answer


def _contents(document: Any) -> Iterator[tuple[str, Any]]:
    for name, operation in _operations(document):
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} takes {media_type}", content
        for status, answer in _responses(document, operation):
            for media_type, content in answer.get("content", {}).items():
                yield f"{name} answers {status} {media_type}", content


def _fits(document: Any, schema: Any) -> Any:
    whole = {**schema, "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def test_every_body_and_answer_has_an_example_that_fits_its_schema(document: Any) -> None:
    seen = 0
    for name, content in _contents(document):
        examples = [content["example"]] if "example" in content else []
        examples += [each["value"] for each in content.get("examples", {}).values()]
        if "$ref" in str(content["schema"]):
            assert examples, name
        for example in examples:
            seen += 1
            faults = [error.message for error in _fits(document, content["schema"]).iter_errors(example)]
            assert not faults, (name, example, faults)
    assert seen > 300


def test_every_parameter_says_what_it_is_with_an_example_that_fits(document: Any) -> None:
    for name, operation in _operations(document):
        declared = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", name)), name
        if any(each["in"] == "query" for each in operation.get("parameters", ())):
            assert "422" in operation["responses"], name
        for each in operation.get("parameters", ()):
            assert each["schema"], (name, each)
            assert each["in"] == "path" or each["description"], (name, each)
            if "example" in each:
                assert _fits(document, each["schema"]).is_valid(each["example"]), (name, each)


def test_every_error_code_has_its_fixed_status_and_is_told_of(document: Any) -> None:
    from chalicelib.platform.errors import INTERNAL_ERROR, REFUSALS  # noqa: PLC0415

    known = {each.code: each.status for each in (*REFUSALS.values(), INTERNAL_ERROR)}
    assert ERROR_CODES.items() <= known.items()
    told = {
        code: int(status)
        for _, operation in _operations(document)
        for status, answer in _responses(document, operation)
        for code in answer.get("content", {}).get("application/problem+json", {}).get("examples", ())
    }
    assert told.items() <= known.items()
    for name, operation in _operations(document):
        for status, answer in _responses(document, operation):
            assert "X-Correlation-Id" in answer["headers"], name
            assert ("Retry-After" in answer["headers"]) == (status in {"429", "503"}), (name, status)
            if status == "429":
                assert {"RateLimit", "X-RateLimit-Reset"} <= set(answer["headers"]), name


def test_a_form_is_described_by_its_dotted_fields(document: Any) -> None:
    content = document["paths"]["/leads"]["post"]["requestBody"]["content"]
    form = content["application/x-www-form-urlencoded"]["schema"]
    assert set(form["required"]) == {"name", "phone", "source", "consent.version", "consent.accepted"}
    wanted = {"cf-turnstile-response", "next", "utm.first.source", "quote.kind", "quote.materialIds"}
    assert wanted <= set(form["properties"])
    assert "turnstileToken" not in form["properties"]
    assert _fits(document, form).is_valid(
        {
            "name": "Hoa",
            "phone": "0912 345 678",
            "source": "FURNITURE_QUOTE",
            "consent.version": "1",
            "consent.accepted": "on",
            "quote.kind": "furniture",
            "quote.items.0.productId": "0d9f7c52-6a0e-4d4c-9f0b-3f1c5a7e2b41",
            "quote.items.0.quantity": 2,
        }
    )
    assert document["paths"]["/leads"]["post"]["responses"]["303"]["headers"]["Location"]


def test_a_described_problem_is_what_is_answered(api: Api, document: Any) -> None:
    for path, body, status in (("/leads", {}, "422"), ("/leads", "[", "400"), ("/me", None, "401")):
        method = "GET" if body is None else "POST"
        answer = api.call(method, path, body)
        described = dict(_responses(document, document["paths"][path][method.lower()]))[status]
        schema = described["content"]["application/problem+json"]["schema"]
        assert _fits(document, schema).is_valid(answer.json)
        assert answer.json["type"] == "/problems/" + answer.json["code"].lower().replace("_", "-")
        required = {n for n in described["headers"] if document["components"]["headers"][n].get("required")}
        assert required <= set(answer.headers)


class _Page(HTMLParser):
    """What a browser and a screen reader find in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if "href" in found:
            self.links.append(str(found["href"]))
        assert not {"style", "src", "onclick"} & set(found)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_documentation_is_one_page_without_scripts_or_other_hosts(api: Api, document: Any) -> None:
    answer = api.call("GET", "/docs")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = _Page()
    page.feed(answer.body)
    page.close()
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    inside = {link for link in page.links if link.startswith("#")}
    assert set(page.links) - inside == {"openapi.json"}
    assert {link[1:] for link in inside} <= set(page.ids)
    for name, operation in _operations(document):
        assert operation["operationId"] in page.ids
        assert f"<code>{name}</code>" in answer.body
    assert set(ERROR_CODES) <= set(page.ids)
    style = answer.body.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert '<html lang="en">' in answer.body
    assert page.tags.count("h1") == page.tags.count("main") == 1
