"""CloudWatch's alarms and dashboard, made of the tables `limits` and `graphs`."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.stages import Stage
from infra.watch.graphs import GRAPHS, PERIOD_S, Graph, search
from infra.watch.limit import Figure, Limit, Watched
from infra.watch.limits import limits

RUNBOOKS = "docs/runbooks.md"
_WIDTH, _HEIGHT, _A_ROW = 8, 6, 3  # of 24 columns
_SIDES = {
    "above": cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    "below": cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
}


class Watch(Construct):
    """One alarm a limit, each telling *topic* when it rings and when that is over; and the dashboard."""

    def __init__(
        self, scope: Construct, name: str, stage: Stage, watched: Watched, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, name)
        told = actions.SnsAction(topic)
        found = list(limits(watched))
        for limit in found:
            alarm = self._make_alarm(stage, limit)
            alarm.add_alarm_action(told)
            alarm.add_ok_action(told)
        self._make_dashboard(stage, found)

    def _make_alarm(self, stage: Stage, limit: Limit) -> cloudwatch.Alarm:
        name = "-".join(filter(None, [limit.kind, limit.of.replace("_", "-")]))
        return cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{stage.prefix}-{name}",
            alarm_description=f"{limit.says} What to do: {RUNBOOKS}, {limit.kind}.",
            metric=_metric(limit),
            comparison_operator=_SIDES[limit.side],
            threshold=limit.threshold,
            datapoints_to_alarm=limit.datapoints,
            evaluation_periods=limit.periods,
            treat_missing_data=cloudwatch.TreatMissingData[limit.silence],
            # A percentile of a handful of answers says nothing.
            evaluate_low_sample_count_percentile="ignore" if limit.figure.statistic.startswith("p") else None,
        )

    def _make_dashboard(self, stage: Stage, found: list[Limit]) -> None:
        widgets = [_own_graph(graph, stage) for graph in GRAPHS]
        widgets += [_aws_graph(kind, of_kind) for kind, of_kind in _of_aws(found).items()]
        rows = [widgets[first : first + _A_ROW] for first in range(0, len(widgets), _A_ROW)]
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=stage.prefix,
            default_interval=Duration.hours(3),
            widgets=rows,
        )


def _series(figure: Figure, period_s: int, label: str | None = None) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=figure.namespace,
        metric_name=figure.name,
        dimensions_map=dict(figure.dimensions),
        statistic=figure.statistic,
        period=Duration.seconds(period_s),
        label=label,
    )


def _metric(limit: Limit, label: str | None = None) -> cloudwatch.IMetric:
    if not limit.expression:
        return _series(limit.figure, limit.period_s, label)
    figures = {"figure": limit.figure, **limit.others}
    return cloudwatch.MathExpression(
        expression=limit.expression,
        using_metrics={name: _series(figure, limit.period_s) for name, figure in figures.items()},
        period=Duration.seconds(limit.period_s),
        label=label or limit.kind,
    )


def _own_graph(graph: Graph, stage: Stage) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=graph.title,
        width=_WIDTH,
        height=_HEIGHT,
        left=[
            cloudwatch.MathExpression(
                expression=search(line, stage.name), label=line.label, period=Duration.seconds(PERIOD_S)
            )
            for line in graph.lines
        ],
    )


def _of_aws(found: list[Limit]) -> Mapping[str, list[Limit]]:
    """The limits of AWS's own figures by their kind; ours have their graphs."""
    by_kind: dict[str, list[Limit]] = {}
    for limit in found:
        if limit.figure.namespace.startswith("AWS/"):
            by_kind.setdefault(limit.kind, []).append(limit)
    return by_kind


def _aws_graph(kind: str, of_kind: list[Limit]) -> cloudwatch.GraphWidget:
    """The figures of one kind of limit, with the line at which somebody is called."""
    first = of_kind[0]
    return cloudwatch.GraphWidget(
        title=kind,
        width=_WIDTH,
        height=_HEIGHT,
        left=[_metric(limit, limit.of or kind) for limit in of_kind],
        left_annotations=[cloudwatch.HorizontalAnnotation(value=first.threshold)],
    )
