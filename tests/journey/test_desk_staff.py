"""Staff tell each other something, by keyboard alone: a real browser on the real stack."""

import pytest
from playwright.sync_api import expect

from tests.journey.browser import WIDE, opened, sign_in
from tests.journey.conftest import Site

_LOGIN_WINDOW_S = 900


@pytest.fixture(autouse=True)
def fresh_windows(site: Site) -> None:
    """All browsers are one client, and sign-ins are counted."""
    site.let_pass(_LOGIN_WINDOW_S + 1)


def test_an_announcement_reaches_whom_it_names(site: Site, chromium: str) -> None:
    title = "Giờ mở cửa dịp Tết"
    reader = site.sign_in("manager")
    me = site.call("GET", "/api/me", headers=reader).json
    with opened(chromium, size=WIDE) as page:
        sign_in(page, site.url, "admin", site.stack.secrets["demo_password"], then="/admin/staff")
        page.get_by_role("checkbox", name=f"Tell {me['name']}").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Write to 1").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text(f"To: {me['name']}")).to_be_visible()
        dialog.get_by_role("checkbox", name="In the app").focus()
        for _ in range(3):  # past e-mail and text message, to the title
            page.keyboard.press("Tab")
        page.keyboard.type(title)
        page.keyboard.press("Tab")
        page.keyboard.type("Chúng tôi nghỉ từ thứ Hai.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_text("It is on its way")).to_be_visible()
        expect(page.get_by_role("button", name="Announcement")).to_be_visible()

    def is_there() -> bool:
        items = site.call("GET", "/api/me/notifications", headers=reader).json["items"]
        return title in [item["title"] for item in items]

    site.wait_for(is_there, "the notification of the manager")
    others = site.call("GET", "/api/me/notifications", headers=site.sign_in("admin")).json["items"]
    assert title not in [item["title"] for item in others]
