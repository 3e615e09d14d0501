"""
Pictures of what the last runs found: bench/results/*.json into docs/plots/*.svg, as far as there are results.

`python -m bench.plots` draws them again without measuring; `make bench` does so at its end.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

from bench.measure import RESULTS
from bench.svg import Bar, Curve, bars, curves

PLOTS = Path(__file__).parents[1] / "docs" / "plots"


def _found(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _points(grown: dict[str, Any], value: str, scale: float = 1) -> list[tuple[float, float]]:
    return [(float(size), each[value] * scale) for size, each in grown.items()]


def _n_log_n(points: list[tuple[float, float]]) -> Curve:
    """How the first of *points* would grow."""
    size, value = points[0]
    return Curve(
        "n log n",
        [(x, value * x * math.log(x) / (size * math.log(size))) for x, _ in points],
        is_reference=True,
    )


def _bar(row: dict[str, Any]) -> Bar:
    sign, limit = row["target"].split()
    ratio = row["ratio"]
    excess = ratio / float(limit) if sign == "≤" else float(limit) / ratio
    label = f"{row['name'].removesuffix(': ours')} / {row['peer']}"
    return Bar(label, excess, f"{ratio:.2f} × ({row['target']})")


def _ratios() -> str | None:
    known = [found for name in ("requests", "cold", "components") if (found := _found(name)) is not None]
    rows = [row for found in known for row in found["rows"] if row["ratio"] is not None and row["target"]]
    return bars("Ours beside peers, same run", [_bar(row) for row in rows]) if rows else None


def _rankings() -> str | None:
    found = _found("rankings")
    if found is None:
        return None
    grown = {int(size) * 10: each for size, each in found["growth"].items()}
    ours = _points(grown, "ours")
    drawn = [
        Curve("ours", ours),
        Curve("plain, computed only", _points(grown, "computed")),
        Curve("plain, stored", _points(grown, "stored")),
        _n_log_n(ours),
    ]
    return curves("Rankings: one run", "reviews", "seconds", drawn)


def _leads() -> str | None:
    found = _found("leads")
    if found is None or "growth" not in found:
        return None
    grown = found["growth"]
    drawn = [
        Curve("list, worst page, p95", _points(grown, "list_p95_ms")),
        Curve("search 1 in 20, p95", _points(grown, "search_p95_ms")),
        Curve("50 ms", [(x, 50) for x, _ in _points(grown, "list_p95_ms")], is_reference=True),
    ]
    return curves("The desk's lists", "leads", "milliseconds", drawn)


def _exports() -> str | None:
    found = _found("leads")
    if found is None or "growth" not in found:
        return None
    export = _points(found["growth"], "export_s")
    return curves("leads.csv", "leads", "seconds", [Curve("export", export), _n_log_n(export)])


def _clients() -> str | None:
    found = _found("growth")
    if found is None:
        return None
    memory = _points(found["clients"], "bytes", 2**-20)
    limit = Curve("256 MB", [(x, 256) for x, _ in memory], is_reference=True)
    return curves("Rate limits in Valkey", "clients in their windows", "MB", [Curve("memory", memory), limit])


def _series() -> str | None:
    found = _found("growth")
    if found is None:
        return None
    series = [Curve("series kept", _points(found["series"], "series"))]
    return curves("Figures of refused clients", "networks refused", "series", series)


def _sheet() -> str | None:
    found = _found("growth")
    if found is None:
        return None
    sheet = found["sheet"]
    drawn = [Curve("calls in all", _points(sheet, "calls")), Curve("writing calls", _points(sheet, "writes"))]
    return curves("Leads to the sheet", "leads", "calls to Google", drawn)


DRAWN = {
    "ratios": _ratios,
    "rankings": _rankings,
    "lists": _leads,
    "export": _exports,
    "clients": _clients,
    "series": _series,
    "sheet": _sheet,
}


def main() -> None:
    """Draw what there are results for."""
    PLOTS.mkdir(exist_ok=True)
    for name, draw in DRAWN.items():
        picture = draw()
        if picture is None:
            sys.stderr.write(f"  · no results for {name}.svg\n")
        else:
            (PLOTS / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
