"""
Prometheus' text format, version 0.0.4.

Source: prometheus.io/docs/instrumenting/exposition_formats. Counters without labels, and those whose labels
are known beforehand, stand there from the beginning with 0, so that `rate` sees their first step.
"""

from collections.abc import Iterable, Mapping

from chalicelib.jobs.envelope import QUEUES
from chalicelib.platform import metrics
from chalicelib.platform.metrics import Metric

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Values = tuple[str, ...]
Gauges = Mapping[Metric, Mapping[Values, float]]
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def render(sums: Mapping[str, int] | None, gauges: Gauges) -> str:
    """The page: counters and histograms of *sums* (None: they are not known now), and *gauges*."""
    known = {metric: dict(gauges[metric]) for metric in gauges}
    if sums is not None:
        known |= _by_metric(sums)
    lines: list[str] = []
    for metric in metrics.ALL:
        if metric in known:
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
            lines += _histogram(metric, known[metric]) if metric.buckets else _plain(metric, known[metric])
    return "\n".join([*lines, ""])


def _by_metric(sums: Mapping[str, int]) -> dict[Metric, dict[Values, float]]:
    found: dict[Metric, dict[Values, float]] = {
        metric: {} if metric.labels or metric.buckets else {(): 0}
        for metric in metrics.ALL
        if metric.kind != "gauge"
    }
    queues = sorted(set(QUEUES.values()))
    found[metrics.JOBS] = {(queue, status): 0 for queue in queues for status in metrics.JOB_STATUSES}
    for place, total in sums.items():
        metric = metrics.BY_NAME.get(place.partition(" ")[0])
        if metric is None or metric not in found:
            continue
        values = metrics.values_of(metric, place)
        if values is not None:
            found[metric][values] = total
    return found


def _plain(metric: Metric, samples: Mapping[Values, float]) -> Iterable[str]:
    for values, value in sorted(samples.items()):
        yield _sample(metric.name, dict(zip(metric.labels, values, strict=True)), value)


def _histogram(metric: Metric, samples: Mapping[Values, float]) -> Iterable[str]:
    series = sorted({values[:-1] for values in samples}) or ([()] if not metric.labels else [])
    for values in series:
        labels, running = dict(zip(metric.labels, values, strict=True)), 0.0
        for bound in metric.bounds:
            running += samples.get((*values, bound), 0)
            yield _sample(f"{metric.name}_bucket", {**labels, "le": bound}, running)
        total_s = metrics.seconds_of(int(samples.get((*values, metrics.SUM), 0)))
        yield _sample(f"{metric.name}_sum", labels, total_s)
        yield _sample(f"{metric.name}_count", labels, running)


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    shown = ",".join(f'{label}="{text.translate(_ESCAPED)}"' for label, text in labels.items())
    return f"{name}{{{shown}}} {value:.15g}" if shown else f"{name} {value:.15g}"
