"""Exports of leads, read as a spreadsheet reads them."""

import csv
import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from tests.product.conftest import Ledger, Reply

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

CSV = "/admin/leads.csv"
EXPORT = "/admin/exports/{id}"


def cells(text: str) -> list[dict[str, str]]:
    """The rows of a CSV, by Python's own reader."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def exported(desk: "Desk", **query: str) -> list[dict[str, str]]:
    """The rows of an export that fits into its answer."""
    answer = desk.call("GET", CSV, query={name: [value] for name, value in query.items()})
    assert answer.status == 200, answer.body
    return cells(answer.body)


def location_of(answer: Reply) -> str:
    """Where a 303 leads."""
    assert (answer.status, answer.body) == (303, "")
    return answer.headers["Location"]


def fetched(link: str) -> requests.Response:
    """The file that a link leads to, asked for as a browser does that knows no token."""
    assert urlsplit(link).query
    return requests.get(link, timeout=30)


def export_id_in(answer: Reply) -> str:
    """The export that a 303 leads to while its file is not there."""
    base, _, export_id = location_of(answer).rpartition("/")
    assert base == "/api/admin/exports"
    return export_id


def exports(ledger: Ledger) -> list[dict[str, Any]]:
    """What is known of exports."""
    return ledger.rows("SELECT * FROM exports ORDER BY created_at")
