"""POST /leads with headers and forms of any shape: a clear answer, and nothing stored but what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.product.conftest import Api, Ledger, Reply

REFUSALS = {400, 401, 403, 409, 413, 415, 422, 429}
TEXT = st.text(max_size=60) | st.text(st.characters(max_codepoint=127), max_size=60)
NAMES_OF_HEADERS = [
    "accept",
    "authorization",
    "cloudfront-viewer-address",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "idempotency-key",
    "if-none-match",
    "origin",
    "referer",
    "x-correlation-id",
    "x-forwarded-for",
    "x-http-method-override",
    "x-origin-secret",
]
NAMES_OF_FIELDS = [
    "name",
    "phone",
    "email",
    "content",
    "source",
    "consent",
    "consent.version",
    "consent.accepted",
    "utm.first",
    "utm.first.source",
    "quote.kind",
    "quote.area",
    "quote.materialIds",
    "quote.items",
    "quote.items.0.productId",
    "locale",
    "elapsedMs",
    "website",
    "next",
    "cf-turnstile-response",
    "__proto__",
    "a.b.c.d",
    "name.x",
    "..",
]
SAID = ["Bearer ", "Bearer a.b.c", "application/json; charset=utf-16", "a" * 9000, "null"]
HEADERS = st.dictionaries(
    st.sampled_from(NAMES_OF_HEADERS), TEXT | st.sampled_from(SAID), min_size=1, max_size=5
)
NAMES = st.sampled_from([*NAMES_OF_FIELDS, ""])
PAIRS = st.lists(
    st.tuples(
        NAMES | TEXT, TEXT | st.sampled_from(["on", "1e999", "-1", "CONTACT_FORM", "calculator", "/x"])
    ),
    max_size=12,
)
FORMS = st.one_of(
    PAIRS.map(lambda pairs: "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)),
    st.text(st.characters(max_codepoint=255), max_size=200),
    st.sampled_from(["&" * 5000, "=" * 500, "%", "%zz=%ff", "name=%00", "a=1&" * 3000, "name[]=1", ";"]),
)


def _quoted(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def _check(answer: Reply, ledger: Ledger, before: int) -> None:
    """Done and stored, or refused as a problem that says what, and nothing stored."""
    stored = ledger.rows("SELECT count(*) AS n FROM leads")[0]["n"] - before
    if answer.status in REFUSALS:
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status
        assert problem["code"]
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert stored == 0
    else:
        assert answer.status in {201, 303}
        assert stored == ("Idempotency-Replayed" not in answer.headers)


def _count(ledger: Ledger) -> int:
    return int(ledger.rows("SELECT count(*) AS n FROM leads")[0]["n"])


@settings(PROFILE)
@given(headers=HEADERS, number=st.integers(0, 65_000))
def test_headers_of_any_shape_get_a_clear_answer(
    api: Api, ledger: Ledger, new_lead: Callable[..., dict[str, Any]], headers: dict[str, str], number: int
) -> None:
    before = _count(ledger)
    address = f"10.2.{number // 250}.{number % 250 + 1}"
    _check(api.call("POST", "/leads", new_lead(), headers=headers, address=address), ledger, before)


@settings(PROFILE)
@given(
    form=FORMS,
    accept=st.sampled_from(["text/html", "application/json", "*/*"]),
    number=st.integers(0, 65_000),
)
def test_forms_of_any_shape_get_a_clear_answer(
    api: Api, ledger: Ledger, form: str, accept: str, number: int
) -> None:
    before = _count(ledger)
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": accept}
    address = f"10.3.{number // 250}.{number % 250 + 1}"
    _check(api.call("POST", "/leads", form, headers=headers, address=address), ledger, before)
