"""
The graphs of CloudWatch's dashboard that show the product's own figures.

They name the product's own metrics, so a graph of a figure that nobody writes cannot be put down here; a test
(`tests/product/test_emf.py`) sees that every figure has its graph.
"""

from dataclasses import dataclass

from chalicelib.platform import emf, metrics
from chalicelib.platform.metrics import Metric

STAGE = "stage"  # the dimension that every figure of the product has
PERIOD_S = 60


@dataclass(frozen=True)
class Line:
    """Every series of one metric by one statistic; *where* narrows the search, *label* names a single one."""

    metric: Metric
    statistic: str
    where: str = ""
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """One graph with its title."""

    title: str
    lines: tuple[Line, ...]


GRAPHS = (
    Graph("Answers by route and status", (Line(metrics.HTTP_REQUESTS, "Sum"),)),
    Graph(
        "Answers 5xx",
        (Line(metrics.HTTP_REQUESTS, "Sum", where='status=("500" OR "502" OR "503" OR "504")'),),
    ),
    Graph("Duration by route, p95", (Line(metrics.HTTP_DURATION, "p95"),)),
    Graph("Time to the first contact, longest wait", (Line(metrics.UNCALLED, "Maximum", label="seconds"),)),
    Graph("Lag of the sinks, seconds", (Line(metrics.SINK_LAG, "Maximum"),)),
    Graph("Oldest due job, seconds", (Line(metrics.QUEUE_LAG, "Maximum"),)),
    Graph("Queue depth", (Line(metrics.QUEUE_DEPTH, "Maximum"),)),
    Graph("Jobs by outcome", (Line(metrics.JOBS, "Sum"),)),
    Graph("Workers, 0 = unavailable", (Line(metrics.WORKER_UP, "Minimum"),)),
    Graph("Circuits, 0 closed, 1 half-open, 2 open", (Line(metrics.CIRCUIT, "Maximum"),)),
    Graph(
        "Cache",
        (
            Line(metrics.CACHE_HITS, "Sum", label="hits"),
            Line(metrics.CACHE_MISSES, "Sum", label="misses"),
        ),
    ),
    Graph("Refused by limits", (Line(metrics.RATE_LIMITED, "Sum"),)),
    Graph("Statements, p95", (Line(metrics.DB_DURATION, "p95"),)),
    Graph(
        "Connections to PostgreSQL",
        (
            Line(metrics.POOL, "Maximum"),
            Line(metrics.CONNECTIONS_OPENED, "Sum", label="opened"),
        ),
    ),
    Graph("Alerts raised", (Line(metrics.ALERTS, "Sum"),)),
    Graph("Sources of the gauges", (Line(metrics.SOURCE_UP, "Minimum"),)),
)


def search(line: Line, stage: str) -> str:
    """CloudWatch's search expression that finds all series of *line* in one *stage*."""
    schema = ",".join((emf.NAMESPACE, STAGE, *emf.dimensions_of(line.metric)))
    wanted = " ".join(filter(None, [f'MetricName="{line.metric.name}"', f'{STAGE}="{stage}"', line.where]))
    return f"SEARCH('{{{schema}}} {wanted}', '{line.statistic}', {PERIOD_S})"
