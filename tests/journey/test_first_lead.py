"""A visitor's first lead, in a real browser, and what is left of it after a restart."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journey.browser import opened
from tests.journey.conftest import Site

Phones = Callable[[], str]
_A_PERSON_TAKES_MS = 2100  # a form that is filled in within 2 s is quarantined as a robot's


@pytest.fixture
def page(chromium: str, site: Site) -> Iterator[Page]:
    """A phone of 360 px with the site open."""
    with opened(chromium, site.url) as page:
        yield page


def _fill(page: Page, phone: str) -> None:
    page.get_by_test_id("calc-category").select_option(index=1)
    page.get_by_test_id("calc-area").fill("20")
    page.get_by_test_id("calc-materials").get_by_role("checkbox").first.check()
    expect(page.get_by_test_id("calc-total")).to_contain_text(re.compile(r"\d"))
    page.get_by_test_id("lead-name").fill("Phạm Thị Lan")
    page.get_by_test_id("lead-phone").fill(phone)
    page.get_by_test_id("lead-consent").check()
    page.wait_for_timeout(_A_PERSON_TAKES_MS)


def _submitted(page: Page) -> str:
    reference = page.get_by_test_id("lead-reference")
    expect(reference).to_be_visible(timeout=20_000)
    return reference.inner_text()


def test_a_form_submitted_in_a_browser_becomes_one_row_that_survives_a_restart(
    site: Site, page: Page, phones: Phones
) -> None:
    phone = phones()
    _fill(page, phone)
    page.get_by_test_id("lead-submit").dblclick()
    lead_id = _submitted(page)
    site.wait_for_rows([lead_id])
    (row,) = site.rows_of(lead_id)
    assert row[2:6] == ["NEW", "QUOTE_FORM", "Phạm Thị Lan", f"'{phone}"]
    assert int(row[8]) > 0
    rows_before = site.sheet()
    site.stack.stop()
    site.stack.start()
    site.let_pass(61)
    assert site.sheet() == rows_before


def test_a_reload_in_the_middle_of_a_submission_makes_no_second_lead(
    site: Site, page: Page, phones: Phones
) -> None:
    phone = phones()
    _fill(page, phone)
    site.fault("turnstile", "slow", delaySeconds=1.5)
    page.get_by_test_id("lead-submit").click()
    page.wait_for_timeout(500)
    page.reload()
    lead_id = _submitted(page)
    site.wait_for_rows([lead_id])
    assert [row[10] for row in site.sheet() if row[5] == f"'{phone}"] == ["1"]


def test_going_offline_in_the_middle_loses_nothing(site: Site, page: Page, phones: Phones) -> None:
    _fill(page, phones())
    page.context.set_offline(offline=True)
    page.get_by_test_id("lead-submit").click()
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("lead-name")).to_have_value("Phạm Thị Lan")
    page.context.set_offline(offline=False)
    site.wait_for_rows([_submitted(page)])
