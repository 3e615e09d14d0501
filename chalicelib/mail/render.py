"""
Makes a mail of a letter: HTML by the one template, plain text by the one function.

Jinja2 is imported and the template compiled at the first letter, since `app.py` imports this package in every
container; `is_warm` tells whether that has happened. Everything is escaped, and what is missing is an error.
"""

from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from chalicelib.mail.letters import Letter, Line
from chalicelib.mail.words import say

if TYPE_CHECKING:
    from jinja2 import Template

_TEXT_WIDTH = 46  # a phone shows so much of a line of plain text


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  off the cold path

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("letter.html")


@cache
def _begin_to_warm_up() -> None:
    Thread(target=_template, name="mail-warm-up", daemon=True).start()


def is_warm() -> bool:
    """Whether a letter can be rendered at once; the first who asks in vain begins the warming up."""
    if _template.cache_info().currsize:
        return True
    _begin_to_warm_up()
    return False


def to_html(letter: Letter, site: str) -> str:
    """The letter for a mail client: tables, inline styles, nothing from elsewhere. *site* is our address."""
    return _template().render(letter=letter, site=site, t=lambda key: say(letter.language, key))


def to_text(letter: Letter, site: str) -> str:
    """The same in plain text, figures below each other; paragraphs are for the reader's window to wrap."""
    blocks = [letter.heading, *letter.paragraphs]
    if letter.lines:
        rule = ["-" * _TEXT_WIDTH, *_in_columns(letter.total)] if letter.total else []
        blocks.append("\n".join([*(row for line in letter.lines for row in _in_columns(line)), *rule]))
    if letter.button:
        blocks.append(f"{letter.button.label}:\n{letter.button.value}")
    if letter.steps:
        steps = [f"{number}. {step}" for number, step in enumerate(letter.steps, start=1)]
        blocks.append("\n".join([say(letter.language, "next") + ":", *steps]))
    if letter.reference:
        blocks.append(f"{say(letter.language, 'reference')}: {letter.reference}")
    blocks += [*letter.notes, "-" * _TEXT_WIDTH, letter.why, f"Plumbline · {site}"]
    return "\n\n".join(blocks) + "\n"


def _in_columns(line: Line) -> list[str]:
    """The label on the left and the value on the right, on two lines where one is too short."""
    gap = _TEXT_WIDTH - len(line.label) - len(line.value)
    first = [line.label + " " * gap + line.value] if gap > 1 else [line.label, line.value.rjust(_TEXT_WIDTH)]
    return [*first, f"  {line.detail}"] if line.detail else first
