"""`docs/embed.html` on another site: a form without a script of ours posts a lead, and comes back."""

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journey.browser import opened, violations
from tests.journey.conftest import Site

_PAGE = Path(__file__).parents[2] / "docs" / "embed.html"
Phones = Callable[[], str]


def _as_on(origin: str, site: Site, text: str, *, onward: str) -> str:
    """The page with what its head says is to be changed."""
    for old, new in {
        "https://challenges.cloudflare.com/turnstile/v0/api.js": f"{site.url}/dev/turnstile/api.js",
        "https://www.plumbline.example": site.url,
        "YOUR-SITE-KEY": site.call("GET", "/config.json").json["turnstileSiteKey"],
        'value="https://shop.example/thanks"': f'value="{onward or origin + "/thanks"}"',
    }.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def shop(site: Site, shop_port: int) -> Iterator[str]:
    """Another site: the form at `/`, one that wants to go elsewhere at `/stray`, a page of thanks."""
    origin = f"http://127.0.0.1:{shop_port}"
    text = _PAGE.read_text(encoding="utf-8")
    pages = {
        "/": _as_on(origin, site, text, onward=""),
        "/stray": _as_on(origin, site, text, onward="https://elsewhere.example/"),
        "/thanks": "<!doctype html><title>Thanks</title><h1>Thanks</h1>",
    }

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages.get(self.path)
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((found or "").encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", shop_port), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield origin
        server.shutdown()


def test_a_form_on_another_site_posts_a_lead_and_comes_back(
    site: Site, shop: str, chromium: str, phones: Phones
) -> None:
    phone = phones()
    with opened(chromium, shop, bypass_csp=True) as page:
        expect(page.get_by_text("Success!")).to_be_visible()
        assert violations(page) == []
        page.get_by_label("Name").fill("Lê Văn Tám")
        page.get_by_label("Phone").fill(phone)
        page.get_by_label("How can we help?").fill("Tôi cần sơn lại nhà.")
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Send").click()
        page.wait_for_url(f"{shop}/thanks")
    site.wait_for(lambda: any(row[5] == f"'{phone}" for row in site.sheet()), "the lead's row")
    (row,) = [row for row in site.sheet() if row[5] == f"'{phone}"]
    assert row[2:5] == ["NEW", "CONTACT_FORM", "Lê Văn Tám"]


def test_a_form_that_would_go_on_to_a_site_nobody_allowed_is_refused(
    site: Site, shop: str, chromium: str, phones: Phones
) -> None:
    phone = phones()
    with opened(chromium, f"{shop}/stray") as page:
        expect(page.get_by_text("Success!")).to_be_visible()
        page.get_by_label("Name").fill("Lê Văn Tám")
        page.get_by_label("Phone").fill(phone)
        page.get_by_label("How can we help?").fill("Tôi cần sơn lại nhà.")
        page.get_by_role("checkbox").check()
        with page.expect_response("**/api/leads") as answered:
            page.get_by_role("button", name="Send").click()
        assert answered.value.status == 422
    site.let_pass(1)
    assert not any(row[5] == f"'{phone}" for row in site.sheet())
