"""Every page beyond the landing page, in a real browser: laid out, and looked at by axe."""

import gzip

import pytest
from playwright.sync_api import Page, expect

from tests.journey.browser import PHONE, WIDE, opened, sign_in, violations
from tests.journey.conftest import Site

_DOORS = ["/login", "/register", "/forgot", "/verify?token=x", "/reset?token=x", "/nowhere"]
_DESK = [
    "/account",
    "/admin",
    "/admin/leads",
    "/admin/leads?status=QUARANTINED",
    "/admin/catalogue",
    "/admin/catalogue/settings",
    "/admin/queues",
    "/admin/rate-limits",
    "/admin/rankings",
    "/admin/sheets",
    "/admin/circuits",
    "/admin/webhooks",
    "/admin/staff",
    "/admin/alerts",
    "/admin/audit",
]
# A dialog of each kind: where, and the button that opens it.
_DIALOGS = {
    "/account": "Delete my account",
    "/admin/catalogue": "Add",
    "/admin/catalogue/settings": "Edit: ",
    "/admin/rankings": "Why this score: ",
    "/admin/sheets": "Compare with the sheet",
    "/admin/webhooks": "Add a webhook",
    "/admin/staff": "Announcement",
}


@pytest.fixture(autouse=True)
def fresh_windows(site: Site) -> None:
    """All browsers are one client; what they did before counts no more."""
    site.let_pass(901)


def _look(page: Page, site: Site, path: str) -> None:
    page.goto(site.url + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    assert violations(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} is too wide"


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_doors_break_no_rule_of_accessibility(site: Site, chromium: str, size: tuple[int, int]) -> None:
    with opened(chromium, size=size, bypass_csp=True) as page:
        for path in _DOORS:
            _look(page, site, path)
        page.goto(f"{site.url}/register")
        for label in ("E-mail", "Name", "New password"):
            page.get_by_label(label, exact=True).focus()
        page.get_by_label("E-mail").focus()
        expect(page.get_by_test_id("error-password")).to_be_visible()
        assert violations(page) == []


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_account_and_desk_break_none_with_their_dialogs_open(
    site: Site, chromium: str, size: tuple[int, int]
) -> None:
    with opened(chromium, size=size, bypass_csp=True) as page:
        sign_in(page, site.url, "admin", site.stack.secrets["demo_password"], then="/account")
        for path in _DESK:
            _look(page, site, path)
            for here in page.locator("nav [aria-current=page]").all():
                expect(here).to_be_in_viewport()
            if path in _DIALOGS:
                page.get_by_role("button", name=_DIALOGS[path]).first.click()
                expect(page.get_by_role("dialog")).to_be_visible()
                assert violations(page) == [], f"{path} with its dialog"
                page.keyboard.press("Escape")
                expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_desk_speaks_vietnamese(site: Site, chromium: str) -> None:
    with opened(chromium, bypass_csp=True) as page:
        sign_in(page, site.url, "manager", site.stack.secrets["demo_password"], then="/admin/queues")
        page.get_by_test_id("lang-switch").click()
        expect(page.get_by_role("heading", name="Hàng đợi")).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == "vi"
        assert violations(page) == []


def test_pages_are_compressed_for_whoever_takes_it(site: Site) -> None:
    plain = site.call("GET", "/")
    packed = site.call("GET", "/", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["Content-Security-Policy"] == plain.headers["Content-Security-Policy"]
