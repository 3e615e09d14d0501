"""
What a limit is: a figure, the value at which somebody is called, and what a missing figure means.

SILENCE_IS_GOOD where AWS writes nothing when nothing happens. SILENCE_IS_BAD for the one limit that sees that
the relay's schedule tells anything at all. SILENCE_KEEPS for everything else that this schedule tells: its
death is one alarm and not thirty, and an alarm that rings does not end because nobody looks any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.platform import emf
from chalicelib.platform.metrics import Metric
from infra.watch.graphs import STAGE

SILENCE_IS_GOOD, SILENCE_IS_BAD, SILENCE_KEEPS = "NOT_BREACHING", "BREACHING", "IGNORE"


@dataclass(frozen=True)
class Figure:
    """One series of CloudWatch by one statistic."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str


@dataclass(frozen=True)
class Limit:
    """
    Somebody is called when *figure* is above (or below) *threshold* in *datapoints* of the last *periods*.

    With an *expression* its value counts, which is made of *figure* as `figure` and of *others* by name.
    """

    kind: str
    says: str
    figure: Figure
    threshold: float
    of: str = ""
    side: Literal["above", "below"] = "above"
    period_s: int = 60
    datapoints: int = 1
    periods: int = 1
    silence: str = SILENCE_IS_GOOD
    expression: str = ""
    others: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched:
    """The names by which CloudWatch knows the parts of one *stage*."""

    stage: str
    api_name: str
    api_stage: str
    functions: Mapping[str, str]
    queues: Mapping[str, str]
    dead_letter_queues: Mapping[str, str]
    proxy_name: str
    cluster_id: str
    cache_nodes: Sequence[str]

    def ours(self, metric: Metric, statistic: str, *values: str) -> Figure:
        """A figure that the product itself writes, with its label *values*."""
        labels = dict(zip(emf.dimensions_of(metric), values, strict=True))
        return Figure(emf.NAMESPACE, metric.name, {STAGE: self.stage, **labels}, statistic)
