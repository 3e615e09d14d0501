"""Staff at work on leads: a real browser, or two of them, on the real stack."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journey.browser import PHONE, WIDE, opened, sign_in, violations
from tests.journey.conftest import Site

Phones = Callable[[], str]
_LOGIN_WINDOW_S = 900


@pytest.fixture(autouse=True)
def fresh_windows(site: Site) -> None:
    """All browsers are one client, and sign-ins are counted."""
    site.let_pass(_LOGIN_WINDOW_S + 1)


def _arrived(site: Site, phone: str, **fields: object) -> str:
    answer = site.call("POST", "/api/leads", site.new_lead(phone, **fields))
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def _enter(page: Page, site: Site, path: str, name: str = "manager") -> None:
    sign_in(page, site.url, name, site.stack.secrets["demo_password"], then=path)


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_a_lead_is_found_by_phone_read_and_worked_on(
    site: Site, chromium: str, phones: Phones, size: tuple[int, int]
) -> None:
    phone = phones()
    lead_id = _arrived(site, phone, name="Hoàng Thị Mai", email="mai@example.test")
    site.wait_for_rows([lead_id])
    with opened(chromium, size=size, bypass_csp=True) as page:
        _enter(page, site, "/admin/leads")
        page.get_by_test_id("lead-search").fill(phone)
        page.wait_for_url("**/admin/leads?search=*")
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_role("link", name="Hoàng Thị Mai").click()
        expect(page.get_by_text("The lead was stored for good.")).to_be_visible()
        row = page.locator(".story__job", has_text="Row in the Google Sheet")
        expect(row).to_contain_text("Done")
        page.get_by_label("Status").select_option(label="Contacted")
        page.get_by_label("Note").fill("Hẹn gặp thứ Hai.")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        expect(page.get_by_text("Hẹn gặp thứ Hai.")).to_be_visible()
        expect(page.get_by_text("Status: New → Contacted")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="Work is under way")).to_have_count(
            0, timeout=15_000
        )
        assert violations(page) == []
        for button in ("Merge", "Erase the person"):
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role("dialog")).to_be_visible()
            assert violations(page) == [], button
            page.keyboard.press("Escape")
        page.go_back()
        expect(page.get_by_test_id("lead-search")).to_have_value(phone)
    detail = site.call("GET", f"/api/admin/leads/{lead_id}", headers=site.sign_in("manager")).json
    assert detail["status"] == "CONTACTED"
    assert [note["text"] for note in detail["notes"]] == ["Hẹn gặp thứ Hai."]


def test_one_in_quarantine_is_released_and_causes_what_a_lead_causes(
    site: Site, chromium: str, phones: Phones
) -> None:
    lead_id = _arrived(site, phones(), name="Ngô Văn Nhanh", elapsedMs=100)
    with opened(chromium, size=WIDE) as page:
        _enter(page, site, "/admin/leads?status=QUARANTINED")
        page.get_by_role("button", name="Release: Ngô Văn Nhanh").click()
        page.get_by_role("dialog").get_by_role("button", name="Release").click()
        expect(page.get_by_role("button", name="Release: Ngô Văn Nhanh")).to_have_count(0)
    site.wait_for_rows([lead_id])


def test_two_of_staff_at_once_save_nothing_over_each_other(site: Site, chromium: str, phones: Phones) -> None:
    lead_id = _arrived(site, phones(), name="Bùi Thị Sen")
    address, headers = f"/admin/leads/{lead_id}", site.sign_in("admin")
    with opened(chromium, size=WIDE) as page:
        _enter(page, site, address)
        page.get_by_label("Status").select_option(label="Cancelled")
        changed = site.call("PATCH", f"/api{address}", {"status": "CONVERTED"}, headers=headers)
        assert changed.status == 200
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("Somebody else has changed this lead")
        expect(page.get_by_label("Status").locator("option:checked")).to_have_text("Converted (stays)")
    assert site.call("GET", f"/api{address}", headers=headers).json["status"] == "CONVERTED"


def test_the_leads_are_saved_as_a_file(site: Site, chromium: str, phones: Phones) -> None:
    phone = phones()
    _arrived(site, phone, name="Lý Thị Cúc")
    with opened(chromium, size=WIDE) as page:
        _enter(page, site, f"/admin/leads?search={phone[1:]}")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as CSV").click()
        text = download.value.path().read_text(encoding="utf-8-sig")
    header, *rows = text.splitlines()
    assert header.startswith("id,createdAt,status")
    assert len(rows) == 1
    assert "Lý Thị Cúc" in rows[0]
