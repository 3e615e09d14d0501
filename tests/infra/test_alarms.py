"""Who is called, and what they are told: the alarms of the templates, and the runbooks both ways."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.proof import watching
from infra.proof.rules import of_type
from infra.proof.synthesis import Templates

pytestmark = pytest.mark.timeout(600)
Template = dict[str, Any]
_PROJECT = Path(__file__).parents[2]


def _alarm(app: Template, name: str) -> dict[str, Any]:
    """The alarm with this name, without the stage."""
    for _, alarm in of_type(app, "AWS::CloudWatch::Alarm"):
        if alarm["AlarmName"] == f"plumbline-prod-{name}":
            return alarm  # type: ignore[return-value]
    raise AssertionError(name)


def _remove(app: Template, name: str) -> None:
    alarm = _alarm(app, name)
    app["Resources"] = {
        key: each for key, each in app["Resources"].items() if each["Properties"] is not alarm
    }


def alarms(app: Template) -> list[str]:
    return watching.alarms(app, watching.runbook_headings())


@pytest.mark.parametrize(
    ("rule", "spoil", "complaint"),
    [
        (alarms, lambda app: _alarm(app, "Slow").pop("AlarmActions"), "nobody is told (AlarmActions)"),
        (alarms, lambda app: _alarm(app, "Slow").pop("OKActions"), "nobody is told (OKActions)"),
        (
            alarms,
            lambda app: _alarm(app, "Slow").update(AlarmActions=[{"Ref": "QueuesSync"}]),
            "nobody is told (AlarmActions)",
        ),
        (
            alarms,
            lambda app: _alarm(app, "Slow").update(AlarmDescription="docs/runbooks.md, Sluggish."),
            "docs/runbooks.md has no paragraph for it",
        ),
        (alarms, lambda app: _alarm(app, "Slow").pop("TreatMissingData"), "what a missing figure means"),
        (
            watching.watched_queues,
            lambda app: _remove(app, "QueueDeep-sync"),
            "no alarm at a depth of 1000",
        ),
        (
            watching.watched_queues,
            lambda app: _alarm(app, "QueueFull-webhook").update(Threshold=50_000),
            "no alarm at a depth of 5000",
        ),
        (
            watching.watched_queues,
            lambda app: _remove(app, "DeadLetters-email"),
            "no alarm when something lies there",
        ),
        (
            watching.watched_queues,
            lambda app: _alarm(app, "DeadLetters-email").update(Threshold=10),
            "no alarm when something lies there",
        ),
        (
            watching.own_figures,
            lambda app: _alarm(app, "LeadsLate").update(MetricName="lead_lag"),
            "nobody writes lead_lag",
        ),
        (
            watching.own_figures,
            lambda app: _alarm(app, "LeadsLate")["Dimensions"].pop(),
            "queue_oldest_unfinished_seconds is not written with queue",
        ),
        (
            watching.own_figures,
            lambda app: _alarm(app, "LeadsUncalled")["Dimensions"][0].update(Value="production"),
            "no function tells of the stage production",
        ),
    ],
)
def test_a_wrong_alarm_is_caught(
    app: Template, rule: Callable[[Template], list[str]], spoil: Callable[[Template], Any], complaint: str
) -> None:
    assert rule(app) == []
    spoil(app)
    assert complaint in "\n".join(rule(app))


def test_every_alarm_has_a_paragraph_and_every_paragraph_an_alarm(written: dict[str, Templates]) -> None:
    rules = yaml.safe_load((_PROJECT / "infra/watch/prometheus-rules.yml").read_text(encoding="utf-8"))
    of_prometheus = {
        rule["alert"].removeprefix("Plumbline") for group in rules["groups"] for rule in group["rules"]
    }
    for templates in written.values():
        assert watching.kinds(templates.app()) | of_prometheus == watching.runbook_headings()


def test_each_paragraph_says_what_it_means_where_to_look_and_what_to_do() -> None:
    runbooks = (_PROJECT / "docs/runbooks.md").read_text(encoding="utf-8")
    paragraphs = runbooks.partition("## Alarms")[2].partition("\n## ")[0].split("\n### ")[1:]
    for paragraph in paragraphs:
        words = re.findall(r"\*\*(Means|Look|do|Do)\b", paragraph)
        assert [word.capitalize() for word in words] == ["Means", "Look", "Do"], paragraph


def test_every_node_function_and_source_is_watched(app: Template, written: dict[str, Templates]) -> None:
    names = {
        alarm["AlarmName"].removeprefix("plumbline-prod-")
        for _, alarm in of_type(app, "AWS::CloudWatch::Alarm")
    }
    for _, function in of_type(app, "AWS::Lambda::Function"):
        name = function["FunctionName"].removeprefix("plumbline-prod-")
        assert {f"FunctionErrors-{name}", f"FunctionThrottled-{name}"} <= names
    assert {f"CircuitOpen-{service}" for service in ("google-sheets", "email", "sms")} <= names
    assert {f"ValkeyEvicts-00{number}" for number in (1, 2)} <= names
    small = {alarm["AlarmName"] for _, alarm in of_type(written["dev"].app(), "AWS::CloudWatch::Alarm")}
    assert "plumbline-dev-ValkeyEvicts-001" in small
    assert "plumbline-dev-ValkeyEvicts-002" not in small


def test_only_the_death_of_the_schedule_is_told_by_silence(app: Template) -> None:
    """What no schedule tells keeps its alarms as they are; one alarm a source says that it is so."""
    ours = [
        alarm for _, alarm in of_type(app, "AWS::CloudWatch::Alarm") if alarm.get("Namespace") == "Plumbline"
    ]
    by_silence = {alarm["AlarmName"] for alarm in ours if alarm["TreatMissingData"] == "breaching"}
    assert by_silence == {f"plumbline-prod-SourceMissing-{source}" for source in ("postgresql", "valkey")}
    assert {alarm["TreatMissingData"] for alarm in ours} == {"breaching", "ignore"}


def test_the_dashboard_searches_the_stages_own_figures(app: Template) -> None:
    ((_, dashboard),) = of_type(app, "AWS::CloudWatch::Dashboard")
    body = json.dumps(dashboard["DashboardBody"]).replace("\\", "")
    assert body.count('MetricName="') == body.count('stage="prod"') > 15
    assert "ImportValue" in body, "the proxy and the cluster are the data stack's"


def test_every_secret_can_be_rotated_by_the_runbook(data: Template) -> None:
    rotation = (
        (_PROJECT / "docs/runbooks.md")
        .read_text(encoding="utf-8")
        .partition("**A secret is to be rotated.**")[2]
    )
    purposes = {
        secret["Name"].rpartition("/")[2] for _, secret in of_type(data, "AWS::SecretsManager::Secret")
    }
    assert len(purposes) > 5
    assert {purpose for purpose in purposes if f"| `{purpose}`" not in rotation} == set()
