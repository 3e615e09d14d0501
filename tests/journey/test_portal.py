"""Accounts and the desk as people use them: a real browser, the real stack, the mail box."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journey.browser import WIDE, opened, sign_in, violations
from tests.journey.conftest import Site

Phones = Callable[[], str]
_LOGIN_WINDOW_S = 900
_PASSWORD = "ba con gà trống trắng"


@pytest.fixture(autouse=True)
def fresh_windows(site: Site) -> None:
    """All browsers are one client, and this file signs in more often than one may."""
    site.let_pass(_LOGIN_WINDOW_S + 1)


def _link_in_mail(site: Site, address: str, path: str) -> str:
    """Where the latest mail to *address* leads."""
    links: list[str] = []

    def found() -> bool:
        items = site.call("GET", "/dev/mail").json["items"]
        texts = [item["text"] for item in items if item["to"] == [address]]
        links[:] = [match for text in texts for match in re.findall(rf"\S+{path}\?token=[\w.-]+", text)]
        return bool(links)

    site.wait_for(found, f"a mail with a link to {path}", passing_s=0)
    return links[-1][links[-1].index(path) :]


def _fill_in(page: Page, address: str) -> None:
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Name").fill("Trần Thị Bình")
    page.get_by_label("New password").fill(_PASSWORD)


def test_from_sign_up_to_deletion(site: Site, chromium: str) -> None:
    address = "binh.portal@example.test"
    with opened(chromium, f"{site.url}/register") as page:
        _fill_in(page, address)
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_role("heading", name="Look into your mail box")).to_be_visible(timeout=20_000)
        page.goto(site.url + _link_in_mail(site, address, "/verify"))
        expect(page.get_by_text("Your account is confirmed")).to_be_visible()
        page.get_by_role("main").get_by_role("link", name="Sign in").click()
        page.get_by_label("E-mail").fill(address)
        page.get_by_label("Password", exact=True).fill("not the one")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("not right")
        page.get_by_label("Password", exact=True).fill(_PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="My account")).to_be_visible()
        page.reload()
        expect(page.get_by_text(address)).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download my data").click()
        assert address in download.value.path().read_text(encoding="utf-8")
        page.get_by_role("button", name="Delete my account").click()
        page.get_by_label("Type DELETE to confirm").fill("DELETE")
        page.get_by_role("button", name="Delete for good").click()
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()
        page.goto(f"{site.url}/account")
        page.wait_for_url(f"{site.url}/login?next=%2Faccount")


def test_a_forgotten_password_is_set_anew_and_ends_the_session_of_every_tab(
    site: Site, chromium: str
) -> None:
    with opened(chromium) as page:
        sign_in(page, site.url, "homeowner", site.stack.secrets["demo_password"], then="/account")
        other = page.context.new_page()
        other.goto(f"{site.url}/forgot")
        other.get_by_label("E-mail").fill("homeowner@plumbline.test")
        other.get_by_role("button", name="Send the link").click()
        expect(other.get_by_text("a mail with a link is on its way")).to_be_visible()
        other.goto(site.url + _link_in_mail(site, "homeowner@plumbline.test", "/reset"))
        other.get_by_label("New password").fill(site.stack.secrets["demo_password"])
        other.get_by_role("button", name="Set password").click()
        expect(other.get_by_text("Your new password is set")).to_be_visible()
        page.wait_for_url(f"{site.url}/login?next=%2Faccount")
        other.reload()
        other.get_by_label("New password").fill(_PASSWORD)
        other.get_by_role("button", name="Set password").click()
        expect(other.get_by_role("alert")).to_contain_text("no longer good")


def test_the_desk_is_shut_for_others(site: Site, chromium: str) -> None:
    with opened(chromium) as page:
        sign_in(page, site.url, "contractor", site.stack.secrets["demo_password"], then="/account")
        page.goto(f"{site.url}/admin/queues")
        expect(page.get_by_role("heading", name="This page is for staff")).to_be_visible()


def test_sign_in_leads_to_no_other_site(site: Site, chromium: str) -> None:
    with opened(chromium) as page:
        for next_page in ("https://evil.example/", "//evil.example/", "/\\evil.example/"):
            page.context.clear_cookies()
            page.goto(f"{site.url}/nowhere")
            page.evaluate("localStorage.clear()")
            page.goto(f"{site.url}/login?next={next_page}")
            page.get_by_label("E-mail").fill("manager@plumbline.test")
            page.get_by_label("Password", exact=True).fill(site.stack.secrets["demo_password"])
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("link", name="My account")).to_be_visible()
            assert page.url.startswith(f"{site.url}/admin")


def test_staff_try_a_dead_letter_again(site: Site, chromium: str, phones: Phones) -> None:
    site.fault("email", "error", status=400)
    answer = site.call("POST", "/api/leads", site.new_lead(phones(), email="dead.letter@example.test"))
    assert answer.status == 201
    headers = site.sign_in("manager")
    lead_id = answer.json["id"]

    def list_letters() -> list[str]:
        found = site.call("GET", "/api/admin/queues/email/dead-letters", headers=headers).json["items"]
        return [item["jobId"] for item in found if item["payload"]["subjectId"] == lead_id]

    site.wait_for(lambda: bool(list_letters()), "a dead letter", passing_s=61)
    letters = list_letters()
    site.mend()
    with opened(chromium, size=WIDE, bypass_csp=True) as page:
        sign_in(page, site.url, "manager", site.stack.secrets["demo_password"], then="/admin/queues")
        page.get_by_role("button", name="Dead letters: E-mail").click()
        page.get_by_role("button", name="Look at it").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("Correlation id")
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Try again").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("runs again from the beginning")
        assert violations(page) == []
        page.get_by_role("dialog").get_by_role("button", name="Try again").click()
        expect(page.get_by_test_id("toast")).to_contain_text("It is being tried again.")
    before = len(letters)
    site.wait_for(lambda: len(list_letters()) < before, "it is none any more", passing_s=2)


def test_an_editors_change_is_on_the_landing_page_at_once(site: Site, chromium: str) -> None:
    with opened(chromium, size=WIDE, bypass_csp=True) as page:
        page.goto(site.url)
        expect(page.get_by_test_id("calc-category").locator("option", has_text="Sơn nhà")).to_have_count(1)
        sign_in(page, site.url, "manager", site.stack.secrets["demo_password"], then="/admin/catalogue")
        page.get_by_role("button", name="Edit: Sơn nhà").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Formula").fill("AREA * NOBODY_KNOWS")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog.get_by_test_id("error-formula")).to_contain_text("NOBODY_KNOWS")
        expect(dialog.get_by_label("Formula")).to_be_focused()
        assert violations(page) == []
        dialog.get_by_label("Formula").fill("AREA * 123457")
        dialog.get_by_label("Coefficient").fill("1")
        dialog.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved. Visitors see it now.")).to_be_visible()
        page.goto(site.url)
        page.get_by_test_id("calc-category").select_option(label="Sơn nhà")
        page.get_by_test_id("calc-area").fill("10")
        expect(page.get_by_test_id("calc-total")).to_contain_text("1,234,570")


def test_staff_see_who_reached_a_limit_and_share_what_they_see(site: Site, chromium: str) -> None:
    address = "127.9.7.1"
    statuses = [site.call("POST", "/api/leads", {}, address=address).status for _ in range(32)]
    assert statuses[-2:] == [429, 429]
    with opened(chromium, bypass_csp=True) as page:
        sign_in(page, site.url, "manager", site.stack.secrets["demo_password"], then="/admin/rate-limits")
        page.get_by_role("button", name=f"Look closer: {address}").click()
        dialog = page.get_by_role("dialog", name=f"Refused: {address}")
        expect(dialog).to_contain_text("2 requests were refused")
        assert violations(page) == []
        page.reload()
        expect(dialog.get_by_role("row")).to_have_count(3)
        page.keyboard.press("Escape")
        page.wait_for_url(f"{site.url}/admin/rate-limits")


def test_a_run_over_the_sheet_waits_for_google_and_goes_on_by_itself(
    site: Site, chromium: str, phones: Phones
) -> None:
    lead_id = site.call("POST", "/api/leads", site.new_lead(phones())).json["id"]
    site.wait_for_rows([lead_id])
    site.fault("sheets", "error", status=503)
    with opened(chromium, bypass_csp=True) as page:
        sign_in(page, site.url, "manager", site.stack.secrets["demo_password"], then="/admin/sheets")
        page.get_by_role("button", name="Start: Write every lead again").click()
        page.get_by_role("dialog").get_by_role("button", name="Start").click()
        expect(page.get_by_test_id("toast")).to_contain_text("It has begun")
        run = page.get_by_role("row", name="Write every lead again").first
        expect(run).to_contain_text("Google does not answer", timeout=20_000)
        assert violations(page) == []
        page.reload()
        expect(run).to_contain_text("Running")
        site.mend()
        site.wait_for(lambda: run.get_by_text("Done").count() > 0, "the run is done", passing_s=31)
