"""The documentation in a real browser: it keeps to its own policy, on a phone and for a screen reader."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journey.conftest import Site

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_documentation_has_no_accessibility_violation(browser: Browser, site: Site, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # so that axe may look
    )
    page = context.new_page()
    page.goto(f"{site.url}/api/docs")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.add_script_tag(path=_AXE)
    found = page.evaluate(f"axe.run({{runOnly: {_TAGS}}})")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_documentation_asks_for_nothing_and_breaks_no_policy(browser: Browser, site: Site) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/api/docs")
    page.get_by_role("link", name="leads", exact=True).first.click()
    assert page.get_by_role("heading", name="POST /leads").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"
    assert complaints == []
    assert {url.partition("#")[0] for url in asked} == {f"{site.url}/api/docs"}
