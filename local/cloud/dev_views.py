"""
What the pages below `/dev` show, as HTML: the templates in `pages`, and what they are filled with.

Knows no HTTP; `dev_pages` gathers the data. Lists come with the newest last and are shown the other way
round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from local.cloud.containers import Function
from local.cloud.describe import ScheduleSpec
from local.cloud.faults import MODES, QUEUES, TARGETS
from local.stack.environment import PROXIED
from local.world.faults import DEFAULT_DELAY_S, DEFAULT_STATUS, modes_of

_FOLDER = Path(__file__).with_name("pages")
_SHEET_ROWS, _SHEET_COLUMNS, _SHEET_CALLS = 8, 6, 100
_COUNTED = ("", "NotVisible", "Delayed")


@dataclass(frozen=True)
class QueueFigures:
    """A queue's attributes and its dead-letter queue's, as SQS gives them; empty where it does not answer."""

    name: str
    own: Mapping[str, str]
    dead: Mapping[str, str]


@dataclass(frozen=True)
class Overview:
    """Everything behind the site at a glance."""

    mails: Sequence[Mapping[str, Any]]
    texts: Sequence[Mapping[str, Any]]
    alerts: Sequence[Mapping[str, Any]]
    sheet: Mapping[str, Any]
    faults: Sequence[Mapping[str, Any]]
    queues: Sequence[QueueFigures]
    functions: Sequence[Function]
    schedules: Sequence[ScheduleSpec]
    offset_s: float


def overview(view: Overview) -> str:
    """The page `/dev`."""
    tabs = view.sheet.get("tabs") or [{"rows": []}]
    heads, *rows = tabs[0]["rows"] or [[]]
    rows = [row for row in rows if row]
    return _render(
        "overview.html",
        mails=view.mails[::-1],
        texts=view.texts[::-1],
        alerts=view.alerts[::-1],
        heads=heads[:_SHEET_COLUMNS],
        rows=[row[:_SHEET_COLUMNS] for row in rows[: -_SHEET_ROWS - 1 : -1]],
        row_count=len(rows),
        call_count=len(view.sheet.get("calls", ())),
        queues=[_queue_row(queue) for queue in view.queues],
        functions=[_function_row(function) for function in view.functions],
        schedules=view.schedules,
        offset_s=view.offset_s,
        product_time=f"{datetime.now(UTC) + timedelta(seconds=view.offset_s):%Y-%m-%d %H:%M:%S}",
        ahead=str(timedelta(seconds=round(view.offset_s))) if view.offset_s else "",
        faults=view.faults,
        fault_modes={target: modes_of(target, kind) for target, (kind, _) in PROXIED.items()}
        | dict.fromkeys(TARGETS, MODES),
        queue_names=QUEUES,
        default_status=DEFAULT_STATUS,
        default_delay_s=f"{DEFAULT_DELAY_S:g}",
    )


def mail(item: Mapping[str, Any]) -> str:
    """One mail: as its reader sees it, as text, and where it came from."""
    return _render("mail.html", mail=item, url=f"/dev/mail/{quote(item['id'], safe='')}")


def sheet(sheet_id: str, book: Mapping[str, Any]) -> str:
    """A spreadsheet: each tab's rows with their numbers, and the newest calls."""
    calls = [
        (call["at"][11:23], call["method"], call["rows"], call["status"] or "no answer", call["note"])
        for call in book["calls"][: -_SHEET_CALLS - 1 : -1]
    ]
    return _render(
        "sheet.html",
        sheet_id=sheet_id,
        url=f"/dev/sheets/{quote(sheet_id, safe='')}",
        tabs=[_tab(tab) for tab in book["tabs"]],
        calls=calls,
        call_count=len(book["calls"]),
    )


def refusal(detail: str) -> str:
    """Why something was not done."""
    return _render("refusal.html", detail=detail)


def style() -> str:
    """How all of them look."""
    return (_FOLDER / "page.css").read_text()


def _render(template: str, **values: Any) -> str:
    return _TEMPLATES.get_template(template).render(**values)


def _queue_row(queue: QueueFigures) -> tuple[str, ...]:
    own = [queue.own.get(f"ApproximateNumberOfMessages{kind}", "?") for kind in _COUNTED]
    return queue.name, *own, queue.dead.get("ApproximateNumberOfMessages", "?")


def _function_row(function: Function) -> tuple[str, ...]:
    containers = ", ".join(f"{one.pid} {one.state}" for one in function.list_containers())
    return function.spec.name, f"{function.spec.timeout_s:g} s", containers or "none yet"


def _tab(tab: Mapping[str, Any]) -> dict[str, Any]:
    first, *rest = tab["rows"] or [[]]
    width = max((len(row) for row in tab["rows"]), default=0)
    heads = ["", *first, *[""] * (width - len(first))]
    rows = [[number, *row] for number, row in enumerate(rest, start=2) if row]
    return {"title": tab["title"], "heads": heads, "rows": rows}


def _words(fault: Mapping[str, Any]) -> str:
    """How long a fault still lasts, and what it does."""
    left = fault.get("remaining", fault.get("count"))
    words = {
        "status": f"status {fault.get('status')}",
        "delaySeconds": f"{fault.get('delaySeconds', 0):g} s late",
        "queue": f"queue {fault.get('queue')}",
        "seconds": f"for {fault.get('seconds', 0):g} s",
    }
    said = [text for name, text in words.items() if name in fault]
    if left is not None:
        said.append("the next call" if left == 1 else f"the next {left} calls")
    if "until" in fault:
        said.append(f"until {fault['until'][11:19]}")
    elif left is None:
        said.append("until it is mended")
    return ", ".join(said)


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["words"] = _words
