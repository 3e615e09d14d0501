"""
Figures for CloudWatch: JSON lines in its embedded metric format on stdout, which cost no call.

Written once at the end of each invocation, so they are exact however long the container sleeps afterwards.
Source: "Specification: Embedded metric format" in the CloudWatch user guide.
"""

import json
import sys
from typing import Any

from chalicelib.platform import clock, metrics
from chalicelib.platform.metrics import Metric
from chalicelib.platform.settings import settings

NAMESPACE = "Plumbline"
_UNITS = {"histogram": "Seconds", "counter": "Count", "gauge": "None"}


def write() -> None:
    """Write what was counted since the last time; nothing when that was nothing."""
    for document in documents(metrics.take_told()):
        sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def documents(told: metrics.Told) -> list[dict[str, Any]]:
    """As few lines as hold *told*: one has each metric and each dimension with one value only."""
    lines: list[dict[str, Any]] = []
    for (metric, values), figures in sorted(told.items(), key=_order):
        dimensions = {"stage": settings().stage, **dict(zip(dimensions_of(metric), values, strict=True))}
        line = next((each for each in lines if _has_room(each, metric, dimensions)), None)
        if line is None:
            line = _empty_line()
            lines.append(line)
        line |= dimensions | {metric.name: figures[0] if len(figures) == 1 else figures}
        _directive(line, list(dimensions)).append({"Name": metric.name, "Unit": _unit_of(metric)})
    return lines


def _order(item: tuple[tuple[Metric, tuple[str, ...]], list[float]]) -> tuple[tuple[str, ...], str]:
    (metric, values), _ = item
    return values, metric.name


def dimensions_of(metric: Metric) -> tuple[str, ...]:
    """The labels that CloudWatch gets of *metric*, beside the stage."""
    return metric.labels if metric.told is None else metric.told


def _unit_of(metric: Metric) -> str:
    return "Seconds" if metric.name.endswith("_seconds") else _UNITS[metric.kind]


def _empty_line() -> dict[str, Any]:
    now = clock.now()
    return {
        "_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": []},
        "time": clock.rfc3339(now),
        "level": "INFO",
        "event": "metrics",
    }


def _has_room(line: dict[str, Any], metric: Metric, dimensions: dict[str, str]) -> bool:
    return metric.name not in line and all(
        line.get(name, value) == value for name, value in dimensions.items()
    )


def _directive(line: dict[str, Any], dimensions: list[str]) -> list[dict[str, str]]:
    """The metrics of the directive with these *dimensions*, made where there is none."""
    directives = line["_aws"]["CloudWatchMetrics"]
    for directive in directives:
        if directive["Dimensions"] == [dimensions]:
            return directive["Metrics"]  # type: ignore[no-any-return]
    directives.append({"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": []})
    return directives[-1]["Metrics"]  # type: ignore[no-any-return]
