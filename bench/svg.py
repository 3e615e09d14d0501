"""
Two kinds of picture, each as one small SVG: bars beside a target, and curves over sizes.

Both scales of the curves are logarithmic, so that growth is a slope: what grows with n rises like n's line.
Colours are told apart by people who see few of them (Okabe and Ito).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_MET, _SHORT, _INK, _FAINT = "#0072b2", "#d55e00", "#333", "#ccc"
_COLOURS = (_MET, _SHORT, "#009e73", "#cc79a7", "#56b4e9")
_WIDTH, _LINE = 760, 22


@dataclass(frozen=True)
class Bar:
    """*excess* is the figure as a multiple of what its target allows: 1 just meets it, less is better."""

    label: str
    excess: float
    told: str


@dataclass(frozen=True)
class Curve:
    """Values by size; *is_reference*: dashed, for comparison only."""

    label: str
    points: Sequence[tuple[float, float]]
    is_reference: bool = False


def _text(x: float, y: float, words: str, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str = _FAINT) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _picture(title: str, height: float, parts: Sequence[str]) -> str:
    size = f'width="{_WIDTH}" height="{height:.0f}" viewBox="0 0 {_WIDTH} {height:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" font-size="12">',
        f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#fff"/>',
        _text(12, 24, title, more=f'font-size="15" font-weight="bold" fill="{_INK}"'),
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Left of the line the target is met, right of it the figure is short; the scale is logarithmic."""
    left, right, top = 330.0, _WIDTH - 150.0, 62.0
    reach = max(math.log10(2), *(abs(math.log10(row.excess)) for row in rows)) * 1.05
    middle, bottom = (left + right) / 2, top + _LINE * len(rows)
    parts = [
        _text(middle - 8, 50, "target met", "end", f'fill="{_MET}"'),
        _text(middle + 8, 50, "short of it", "start", f'fill="{_SHORT}"'),
    ]
    for place, row in enumerate(rows):
        y = top + place * _LINE
        length = math.log10(row.excess) / reach * (right - left) / 2
        colour = _SHORT if row.excess > 1 else _MET
        box = f'x="{min(middle, middle + length):.1f}" width="{max(1, abs(length)):.1f}"'
        parts += [
            _text(left - 10, y + 14, row.label, "end", f'fill="{_INK}"'),
            f'<rect {box} y="{y + 3:.1f}" height="14" fill="{colour}"/>',
            _text(right + 10, y + 14, row.told, "start", f'fill="{_INK}"'),
        ]
    return _picture(title, bottom + 14, [*parts, _rule(middle, top - 8, middle, bottom + 4, _INK)])


def _decades(values: Sequence[float]) -> list[int]:
    """The powers of ten around *values*."""
    return list(range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)) - 1e-9) + 1))


def curves(title: str, across: str, up: str, shown: Sequence[Curve]) -> str:
    """*up* over *across*, each with its unit."""
    left, right, top, bottom = 70.0, _WIDTH - 200.0, 56.0, 300.0
    wide = _decades([x for each in shown for x, _ in each.points])
    high = _decades([y for each in shown for _, y in each.points])

    def x_of(value: float) -> float:
        return left + (math.log10(value) - wide[0]) / max(1, wide[-1] - wide[0]) * (right - left)

    def y_of(value: float) -> float:
        return bottom - (math.log10(value) - high[0]) / max(1, high[-1] - high[0]) * (bottom - top)

    parts = [
        _text(left, 46, up, more=f'fill="{_INK}"'),
        _text(right, bottom + 36, across, "end", f'fill="{_INK}"'),
    ]
    for power in wide:
        parts.append(_rule(x_of(10.0**power), top, x_of(10.0**power), bottom))
        parts.append(_text(x_of(10.0**power), bottom + 18, f"{10**power:,}", "middle", f'fill="{_INK}"'))
    for power in high:
        parts.append(_rule(left, y_of(10.0**power), right, y_of(10.0**power)))
        parts.append(_text(left - 6, y_of(10.0**power) + 4, f"{10.0**power:,.12g}", "end", f'fill="{_INK}"'))
    below = 0.0
    for place, each in sorted(enumerate(shown), key=lambda one: y_of(one[1].points[-1][1])):
        colour = _COLOURS[place % len(_COLOURS)]
        dashes = 'stroke-dasharray="5 4"' if each.is_reference else ""
        path = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in each.points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" {dashes}/>')
        if not each.is_reference:
            spots = [f'cx="{x_of(x):.1f}" cy="{y_of(y):.1f}"' for x, y in each.points]
            parts += [f'<circle {spot} r="3.5" fill="{colour}"/>' for spot in spots]
        below = max(below, y_of(each.points[-1][1]) + 4)
        parts.append(_text(right + 10, below, each.label, "start", f'fill="{colour}"'))
        below += 15
    return _picture(title, bottom + 50, parts)
