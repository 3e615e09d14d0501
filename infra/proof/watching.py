"""
What must be true of the alarms: nothing that can fill up is unwatched, whoever is called is told what to do,
and every figure of ours that an alarm waits for is one that the product writes.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from chalicelib.jobs.room import FULL_DEPTH, WARNING_DEPTH
from chalicelib.platform import emf, metrics
from infra.package.target import PROJECT
from infra.proof.rules import Template, listed, of_type, target
from infra.watch.graphs import STAGE

_RUNBOOKS = PROJECT / "docs" / "runbooks.md"
_POINTS_AT = re.compile(r"docs/runbooks\.md, (\w+)\.$")
_DEAD = ("AWS/SQS", "ApproximateNumberOfMessagesVisible")


def runbook_headings() -> set[str]:
    """The kinds of alarm that docs/runbooks.md has a paragraph for: its headings under "Alarms"."""
    _, _, section = _RUNBOOKS.read_text(encoding="utf-8").partition("\n## Alarms\n")
    return set(re.findall(r"^### (\w+)$", section.partition("\n## ")[0], re.MULTILINE))


def kinds(template: Template) -> set[str]:
    """The paragraphs that the alarms of *template* name."""
    found = (_POINTS_AT.search(alarm.get("AlarmDescription", "")) for _, alarm in _alarms(template))
    return {match[1] for match in found if match}


def alarms(template: Template, headings: Collection[str]) -> list[str]:
    """Each tells a topic of ours when it rings and when that is over, and has its paragraph to read."""
    faults = []
    topics = {name for name, _ in of_type(template, "AWS::SNS::Topic")}
    for name, alarm in _alarms(template):
        faults += [
            f"{name}: nobody is told ({moment})"
            for moment in ("AlarmActions", "OKActions")
            if not topics & {target(action) for action in listed(alarm.get(moment, []))}
        ]
        found = _POINTS_AT.search(alarm.get("AlarmDescription", ""))
        if not found or found[1] not in headings:
            faults.append(f"{name}: docs/runbooks.md has no paragraph for it")
        if "TreatMissingData" not in alarm:
            faults.append(f"{name}: nobody has chosen what a missing figure means")
    return faults


def watched_queues(template: Template) -> list[str]:
    """Each queue has alarms at both depths, each dead-letter queue one as soon as anything lies there."""
    faults = []
    depths, dead = set(), set()
    for _, alarm in _alarms(template):
        dimensions = _dimensions(alarm)
        if alarm.get("MetricName") == metrics.QUEUE_DEPTH.name:
            depths.add((dimensions.get("queue"), alarm["Threshold"]))
        if (alarm.get("Namespace"), alarm.get("MetricName"), alarm["Threshold"]) == (*_DEAD, 0):
            dead.add(target(dimensions.get("QueueName")))
    for name, queue in of_type(template, "AWS::SQS::Queue"):
        if "RedrivePolicy" in queue:
            own_name = str(queue["QueueName"]).rpartition("-")[2]
            faults += [
                f"{name}: no alarm at a depth of {depth}"
                for depth in (WARNING_DEPTH, FULL_DEPTH)
                if (own_name, depth) not in depths
            ]
        elif name not in dead:
            faults.append(f"{name}: no alarm when something lies there")
    return faults


def own_figures(template: Template) -> list[str]:
    """Every figure of ours is one that the product writes, with exactly these dimensions and this stage."""
    faults = []
    stages = {
        function["Environment"]["Variables"]["STAGE"]
        for _, function in of_type(template, "AWS::Lambda::Function")
    }
    for name, alarm in _alarms(template):
        if alarm.get("Namespace") != emf.NAMESPACE:
            continue
        metric, dimensions = metrics.BY_NAME.get(alarm["MetricName"]), _dimensions(alarm)
        if metric is None:
            faults.append(f"{name}: nobody writes {alarm['MetricName']}")
        elif set(dimensions) != {STAGE, *emf.dimensions_of(metric)}:
            faults.append(f"{name}: {metric.name} is not written with {', '.join(sorted(dimensions))}")
        elif {dimensions[STAGE]} != stages:
            faults.append(f"{name}: no function tells of the stage {dimensions[STAGE]}")
    return faults


def _alarms(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return of_type(template, "AWS::CloudWatch::Alarm")


def _dimensions(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
