"""Google's `fields` parameter: the part of an answer that the caller wants; pure.

As documented on developers.google.com/workspace/sheets/api/guides/field-masks: paths separated by commas,
members by dots or slashes, several members of one by parentheses, `*` for all.
"""

from __future__ import annotations

import re
from typing import Any

Mask = dict[str, "Mask"]
_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[(),./]")


def parse_fields(text: str) -> Mask:
    """
    Read a mask; a name with nothing below it means all of it.

    Raises:
        ValueError: it is not a mask.
    """
    tokens = _TOKEN.findall(text.replace(" ", ""))
    if not tokens or "".join(tokens) != text.replace(" ", ""):
        raise ValueError(text)
    mask, rest = _group(tokens)
    if rest:
        raise ValueError(text)
    return mask


def select(value: Any, mask: Mask) -> Any:
    """The part of *value* that *mask* names; in a list, of every item."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [select(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: select(value[name], inner) for name, inner in mask.items() if name in value}


def _group(tokens: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        name, tokens = _name(tokens)
        inner = mask.setdefault(name, {})
        while tokens and tokens[0] in "./":
            name, tokens = _name(tokens[1:])
            inner = inner.setdefault(name, {})
        if tokens and tokens[0] == "(":
            below, tokens = _group(tokens[1:])
            inner.update(below)
            if not tokens or tokens[0] != ")":
                raise ValueError("a parenthesis is left open")
            tokens = tokens[1:]
        if not tokens or tokens[0] != ",":
            return mask, tokens
        tokens = tokens[1:]


def _name(tokens: list[str]) -> tuple[str, list[str]]:
    if not tokens or tokens[0] in "(),./":
        raise ValueError("a name is missing")
    return tokens[0], tokens[1:]
