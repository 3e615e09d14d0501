"""
How benchmarks are measured and shown: alternating rounds, medians, ratios to a named peer of the same run.

Machines are noisy, so no figure stands alone: in each round every subject has its turn, and what is compared
are the medians of the rounds.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass
class Row:
    """
    One line of a table: *value* in *unit*, as a ratio to the value of *peer* where there is one.

    *target* is the most (or, for rates, the least) that the ratio should be; *note* says what else is known.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    ratio: float | None = None
    target: str = ""
    is_met: bool | None = None
    note: str = ""


@dataclass
class Table:
    """What one benchmark found."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)

    def text(self) -> str:
        """The table for people, as Markdown."""
        heads = ["what", "figure", "ratio", "peer", "target", "met", "note"]
        return f"\n{self.title}\n\n" + markdown(heads, [_cells(row) for row in self.rows])

    def write(self) -> Path:
        """Keep it as JSON below bench/results."""
        return keep(self.name, asdict(self))


def _cells(row: Row) -> list[str]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    verdict = {None: "", True: "met", False: "**short**"}[row.is_met]
    figure = f"{_figure(row.value)} {row.unit}".strip()
    return [row.name.strip(), figure, ratio, row.peer, row.target, verdict, row.note]


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown whose columns stand below each other, so that it can be read as it is, too."""
    widths = [max(3, *(len(row[column]) for row in (heads, *rows))) for column in range(len(heads))]
    lines = [heads, ["-" * width for width in widths], *rows]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def keep(name: str, found: dict[str, Any]) -> Path:
    """Write *found* below bench/results, with the instant."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    document = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **found}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def show(measure: Callable[..., Table], **options: int) -> None:
    """Be a benchmark's command line: *options* with their defaults, then measure, keep and print."""
    parser = argparse.ArgumentParser()
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    table = measure(**vars(parser.parse_args()))
    table.write()
    print(table.text())


def say(line: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"  · {line}\n")


def rates(subjects: dict[str, Callable[[], Any]], *, rounds: int, calls: int) -> dict[str, float]:
    """Calls a second of each of *subjects*: the median of *rounds* in turn, of *calls* in a row each."""
    for work in subjects.values():
        for _ in range(20):
            work()
    found: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, work in subjects.items():
            started = time.perf_counter()
            for _ in range(calls):
                work()
            found[name].append(calls / (time.perf_counter() - started))
    return {name: statistics.median(each) for name, each in found.items()}


def quantile(times: Sequence[float], part: float) -> float:
    """The value that *part* of *times* do not exceed (nearest rank)."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, max(0, -(-int(part * 1000 * len(ordered)) // 1000) - 1))]


def no_faster_than(value: float, peer: float, limit: float) -> tuple[float, bool]:
    """The ratio of two costs, and whether it is at most *limit*."""
    ratio = value / peer
    return ratio, ratio <= limit
