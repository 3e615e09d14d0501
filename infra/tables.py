"""Tables in Markdown, and the places of documents that hold what a command prints."""

import re
from collections.abc import Sequence
from pathlib import Path


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """One table; the first column is text, the others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def held_by(document: Path, command: str) -> str:
    """
    What *document* holds between `<!-- command -->` and `<!-- end -->`.

    Raises:
        ValueError: there is no such place.
    """
    return _place(document, command)[2]


def hold(document: Path, command: str, text: str) -> None:
    """Put *text* into *document* where it holds what *command* prints."""
    before, after, _ = _place(document, command)
    document.write_text(f"{before}{text}{after}", encoding="utf-8")


def _place(document: Path, command: str) -> tuple[str, str, str]:
    whole = document.read_text(encoding="utf-8")
    pattern = rf"^<!-- {re.escape(command)} -->\n(.*?)\n<!-- end -->$"
    found = re.search(pattern, whole, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"{document.name} has no place for what `{command}` prints")
    return whole[: found.start(1)], whole[found.end(1) :], found[1]
