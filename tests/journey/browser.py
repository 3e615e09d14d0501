"""The browser of the journeys: pages as a phone shows them, and what axe says of one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = (360, 740)
WIDE = (1280, 800)


@contextmanager
def opened(
    chromium: str, url: str = "about:blank", *, size: tuple[int, int] = PHONE, bypass_csp: bool = False
) -> Iterator[Page]:
    """A page of a new browser; *bypass_csp* lets axe look, and is for nothing else."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-GB", bypass_csp=bypass_csp
        )
        page = context.new_page()
        page.goto(url)
        yield page
        browser.close()


def violations(page: Page) -> list[tuple[str, str]]:
    """What breaks WCAG 2.2 AA on the page as it is laid out, as far as axe can see."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=_AXE)
    found = page.evaluate(f"axe.run({{runOnly: {_TAGS}, resultTypes: ['violations']}})")
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]


def sign_in(page: Page, url: str, name: str, password: str, *, then: str = "/") -> None:
    """Sign in at the door as the demo account *name*, and go on to the address *then*."""
    page.goto(f"{url}/login?next={then}")
    page.get_by_label("E-mail").fill(f"{name}@plumbline.test")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}{then}")
