"""The three forms of the landing page in a real browser: what a visitor does, and what must not get lost."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from tests.journey.browser import PHONE, WIDE, opened, violations
from tests.journey.conftest import Site

Phones = Callable[[], str]
_A_PERSON_TAKES_MS = 2100  # a form that is filled in within 2 s is quarantined as a robot's
_LEADS_A_MINUTE = 30
_SOURCES = {"quote": "QUOTE_FORM", "furniture": "FURNITURE_QUOTE", "contact": "CONTACT_FORM"}
_WAYS = pytest.mark.parametrize("way", _SOURCES)


def _choose(page: Page, way: str) -> None:
    """What is the form's own."""
    if way == "quote":
        page.get_by_test_id("calc-category").select_option(index=1)
        page.get_by_test_id("calc-area").fill("20")
        expect(page.get_by_test_id("calc-total")).to_contain_text(re.compile(r"\d"))
    elif way == "furniture":
        page.get_by_test_id("furniture-product").select_option(index=1)
        page.get_by_test_id("furniture-length").fill("2,4")
        width = page.get_by_test_id("furniture-width")
        if width.count():
            width.fill("0,6")
        expect(page.get_by_test_id("furniture-total")).to_contain_text(re.compile(r"\d"))
    else:
        page.get_by_test_id("lead-content").fill("Tôi muốn sửa lại nhà bếp.")


def _fill(page: Page, way: str, phone: str) -> None:
    _choose(page, way)
    page.get_by_test_id("lead-name").fill("Phạm Thị Lan")
    page.get_by_test_id("lead-phone").fill(phone)
    page.get_by_test_id("lead-consent").check()
    page.wait_for_timeout(_A_PERSON_TAKES_MS)


def _submitted(page: Page) -> str:
    reference = page.get_by_test_id("lead-reference")
    expect(reference).to_be_visible(timeout=20_000)
    return reference.inner_text()


@_WAYS
def test_a_double_click_while_offline_becomes_one_lead(
    site: Site, chromium: str, phones: Phones, way: str
) -> None:
    with opened(chromium, f"{site.url}/#{way}") as page:
        _fill(page, way, phones())
        page.context.set_offline(offline=True)
        page.get_by_test_id("lead-submit").dblclick()
        expect(page.get_by_text("No connection")).to_be_visible()
        expect(page.get_by_test_id("lead-name")).to_have_value("Phạm Thị Lan")
        page.context.set_offline(offline=False)
        lead_id = _submitted(page)
        assert page.get_by_test_id("lead-price").count() == (way != "contact")
    site.wait_for_rows([lead_id])
    (row,) = site.rows_of(lead_id)
    assert row[3] == _SOURCES[way]
    assert row[10] == "1"


@_WAYS
def test_a_reload_brings_back_what_was_chosen_and_no_contact_details(
    site: Site, chromium: str, way: str
) -> None:
    with opened(chromium, f"{site.url}/#{way}") as page:
        _choose(page, way)
        page.get_by_test_id("lead-name").fill("Phạm Thị Lan")
        page.reload()
        expect(page.get_by_test_id("toast")).to_contain_text("back")
        chosen = {"quote": "calc-area", "furniture": "furniture-length", "contact": "lead-content"}[way]
        expect(page.get_by_test_id(chosen)).not_to_have_value("")
        expect(page.get_by_test_id("lead-name")).to_have_value("")
        page.get_by_test_id("lead-name").fill("Phạm Thị Lan")
        page.get_by_test_id("remember-me").check()
        page.reload()
        expect(page.get_by_test_id("lead-name")).to_have_value("Phạm Thị Lan")
        page.get_by_test_id("clear-form").click()
        expect(page.get_by_test_id(chosen)).to_have_value("")
        assert page.evaluate("localStorage.getItem(`plumbline:${location.hash.slice(1)}`)") is None


@_WAYS
def test_an_expired_captcha_is_replaced_by_a_fresh_one(
    site: Site, chromium: str, phones: Phones, way: str
) -> None:
    sent: list[str] = []
    issued: list[str] = []

    def note(answer: Response) -> None:
        if "/turnstile/token" in answer.url:
            issued.append(answer.json()["token"])
        if answer.url.endswith("/api/leads"):
            sent.append(json.loads(answer.request.post_data or "")["turnstileToken"])

    with opened(chromium) as page:
        page.on("response", note)
        page.clock.install()
        page.goto(f"{site.url}/#{way}")
        _fill(page, way, phones())
        page.clock.fast_forward(310_000)
        page.get_by_test_id("lead-submit").click()
        _submitted(page)
    assert issued[0] not in sent


def test_too_many_requests_are_said_and_waited_out(site: Site, chromium: str, phones: Phones) -> None:
    # By its IPv4 address, so that the browser is the client that `call` is, too.
    with opened(chromium, f"{site.url.replace('localhost', '127.0.0.1')}/#contact") as page:
        _fill(page, "contact", phones())
        for _ in range(_LEADS_A_MINUTE):
            site.call("POST", "/api/leads", {})
        page.get_by_test_id("lead-submit").click()
        expect(page.get_by_text("Too many requests")).to_be_visible()
        expect(page.get_by_text(re.compile(r"Next try in \d+ s"))).to_be_visible()
        expect(page.get_by_test_id("lead-name")).to_have_value("Phạm Thị Lan")
        site.let_pass(61)
        page.get_by_role("button", name="Try now").click()
        site.wait_for_rows([_submitted(page)])


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
@_WAYS
def test_nobody_is_kept_out(site: Site, chromium: str, way: str, size: tuple[int, int]) -> None:
    with opened(chromium, f"{site.url}/#{way}", size=size, bypass_csp=True) as page:
        expect(page.get_by_test_id("lead-name")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert violations(page) == []
        required = page.locator("main [role=tabpanel]:not([hidden]) :is(input, select, textarea)[required]")
        for control in required.all():
            control.focus()
        page.get_by_test_id("clear-form").focus()
        expect(page.get_by_test_id("error-consent")).to_be_visible()
        assert violations(page) == []
        _choose(page, way)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
