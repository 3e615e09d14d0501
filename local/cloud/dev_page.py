"""The page `/dev`: one look at everything behind the site, in plain HTML that needs no script."""

from collections.abc import Sequence
from html import escape
from typing import Any

from local.cloud.containers import Function
from local.cloud.describe import ScheduleSpec

_LINKS = (
    ("/dev/sheets/demo", "Demo sheet", "its tabs, rows and calls"),
    ("/dev/faults", "Faults", "what is broken on purpose now"),
    ("/dev/cloud/health", "Containers", "the processes that stand for Lambda's containers"),
    ("/api/health", "Health", "the product's own view"),
    ("/api/openapi.json", "API reference", "every address of the API, as OpenAPI 3.1"),
)
_TARGETS = ("sheets", "turnstile", "email", "sms", "sqs", "redis", "postgres", "worker", "api")
_MODES = ("error", "timeout", "reset", "refuse", "slow", "commit-then-timeout", "flush", "crash", "freeze")
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1c1917;background:#fafaf9}
body{margin:0 auto;max-width:62rem;padding:1.5rem}h1{margin:0}h2{margin:2rem 0 .5rem;font-size:1.15rem}
a{color:#9a3412}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #e7e5e4;vertical-align:top}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}label{display:grid;font-size:.85rem}
input,select,button{font:inherit;padding:.3rem .5rem}input{width:7rem}.wide{overflow-x:auto}
"""


def render(
    *,
    functions: Sequence[Function],
    schedules: Sequence[ScheduleSpec],
    queues: Sequence[tuple[str, dict[str, str]]],
    faults: Sequence[dict[str, Any]],
    offset_s: float,
) -> str:
    """The whole page as HTML."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Plumbline: behind the site</title><style>{_STYLE}</style></head><body><main>
<h1>Behind the site</h1><p>Only under <code>make run</code>. <a href="/">To the site</a></p>
<h2>Look</h2>{_table(("What", ""), [_link_row(*link) for link in _LINKS])}
<h2>Queues</h2>{_table(("Queue", "Waiting", "In flight", "Delayed"), [_queue_row(*one) for one in queues])}
<h2>Functions</h2>{_table(("Function", "Timeout", "Containers"), [_function_row(one) for one in functions])}
<h2>Schedules</h2>{_table(("Schedule", "Rule", ""), [_schedule_row(spec) for spec in schedules])}
<h2>Faults</h2>{_faults(faults)}{_fault_form()}
<h2>Clock</h2><p>The product's clock is {offset_s:,.0f} s ahead.</p>
<form method="post" action="/dev/clock">
<label>Seconds<input name="advanceSeconds" type="number" min="1" value="3600"></label>
<button>Move it</button></form>
</main></body></html>"""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th scope=col>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _link_row(url: str, name: str, text: str) -> tuple[str, ...]:
    return f'<a href="{url}">{name}</a>', text


def _queue_row(name: str, figures: dict[str, str]) -> tuple[str, ...]:
    counted = ("", "NotVisible", "Delayed")
    return (
        escape(name),
        *(escape(figures.get(f"ApproximateNumberOfMessages{kind}", "?")) for kind in counted),
    )


def _function_row(function: Function) -> tuple[str, ...]:
    containers = ", ".join(f"{one.pid} {one.state}" for one in function.list_containers()) or "none yet"
    return escape(function.spec.name), f"{function.spec.timeout_s:g} s", escape(containers)


def _schedule_row(spec: ScheduleSpec) -> tuple[str, ...]:
    name = escape(spec.name)
    button = f'<form method="post" action="/dev/schedules/{name}/run"><button>Run {name} now</button></form>'
    return name, f"<code>{escape(spec.expression)}</code>", button


def _faults(faults: Sequence[dict[str, Any]]) -> str:
    if not faults:
        return "<p>Nothing is broken on purpose.</p>"
    rows = [
        (escape(str(fault.get("target"))), escape(str(fault.get("mode"))), escape(str(fault)))
        for fault in faults
    ]
    return _table(("Target", "Mode", "All of it"), rows)


def _fault_form() -> str:
    targets = "".join(f"<option>{name}</option>" for name in _TARGETS)
    modes = "".join(f"<option>{name}</option>" for name in _MODES)
    return f"""<form method="post" action="/dev/faults">
<label>Target<select name="target">{targets}</select></label>
<label>Mode<select name="mode">{modes}</select></label>
<label>Count<input name="count" type="number" min="1"></label>
<label>Seconds<input name="seconds" type="number" min="1"></label>
<label>Status<input name="status" type="number" min="400" max="599"></label><button>Break it</button></form>
<p>Neither count nor seconds: until <code>DELETE /dev/faults</code>.</p>"""
