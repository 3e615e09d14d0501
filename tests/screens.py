"""
`make screens`: a picture of every page, on a phone and wide, below docs/screens.

It starts a stack of its own, sends a few leads, and looks at each page as a manager (the doors: as nobody).
Pictures over 150 kB end it with an error, so that the documentation stays light.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from local.stack import Stack
from local.stack.postgres_home import remove_home
from tests.journey.browser import PHONE, WIDE, opened, sign_in
from tests.journey.conftest import Site

_FOLDER = Path(__file__).parents[1] / "docs" / "screens"
_MOST_BYTES = 150_000
_SETTLES_MS = 1500
_DOORS = {
    "landing": "/",
    "furniture": "/#furniture",
    "contact": "/#contact",
    "login": "/login",
    "register": "/register",
}
_DESK = {
    "account": "/account",
    "overview": "/admin",
    "leads": "/admin/leads",
    "catalogue": "/admin/catalogue",
    "queues": "/admin/queues",
    "rate-limits": "/admin/rate-limits",
    "rankings": "/admin/rankings",
    "sheets": "/admin/sheets",
    "circuits": "/admin/circuits",
    "webhooks": "/admin/webhooks",
    "staff": "/admin/staff",
    "alerts": "/admin/alerts",
    "audit": "/admin/audit",
}
_PEOPLE = ["Nguyễn Thị Hoa", "Trần Văn Minh", "Phạm Thị Lan", "Lê Quang Huy", "Đỗ Thị Mai"]


def _send_leads(site: Site) -> str:
    """A few leads of today; the id of the last."""
    lead_id = ""
    for place, name in enumerate(_PEOPLE):
        body = site.new_lead(f"+8491234567{place}", name=name, email=f"guest{place}@example.test")
        lead_id = site.call("POST", "/api/leads", body, address=f"127.0.7.{place + 1}").json["id"]
    site.wait_for_rows([lead_id])
    return lead_id


def _choose(page: Page) -> None:
    """A price on the landing page, since that is what it is for."""
    page.get_by_test_id("calc-category").select_option(index=2)
    page.get_by_test_id("calc-area").fill("45")


def _take(page: Page, site: Site, name: str, path: str, size_name: str) -> None:
    page.goto(site.url + path)
    if name == "landing":
        _choose(page)
    page.wait_for_timeout(_SETTLES_MS)
    file = _FOLDER / f"{name}-{size_name}.jpg"
    page.screenshot(path=file, type="jpeg", quality=72, full_page=size_name == "phone" and name in _DOORS)
    if file.stat().st_size > _MOST_BYTES:
        raise SystemExit(f"{file.name} has {file.stat().st_size} bytes; {_MOST_BYTES} are allowed")


def main() -> None:
    """Take every picture."""
    chromium = os.environ["CHROMIUM"]
    _FOLDER.mkdir(parents=True, exist_ok=True)
    data_dir = Path(tempfile.mkdtemp(prefix="plumbline-screens-"))
    try:
        with Stack(data_dir) as stack:
            site = Site(stack)
            lead = {"lead": f"/admin/leads/{_send_leads(site)}"}
            for size_name, size in (("phone", PHONE), ("wide", WIDE)):
                with opened(chromium, size=size) as page:
                    for name, path in _DOORS.items():
                        _take(page, site, name, path, size_name)
                    sign_in(page, site.url, "admin", stack.secrets["demo_password"], then="/account")
                    for name, path in {**_DESK, **lead}.items():
                        _take(page, site, name, path, size_name)
    finally:
        remove_home(data_dir)
    sys.stdout.write(f"{len(list(_FOLDER.glob('*.jpg')))} pictures in docs/screens\n")


if __name__ == "__main__":
    main()
