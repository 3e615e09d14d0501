"""The templates hold to every rule, and a template that is wrong in one place is caught by the rule of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from infra.proof import reasons, rules
from infra.proof.checks import check_lint, check_templates
from infra.proof.synthesis import Templates

if TYPE_CHECKING:
    from infra.package.checks import Finding

pytestmark = pytest.mark.timeout(600)
Template = dict[str, Any]


def _resource(app: Template, name: str) -> dict[str, Any]:
    """The one resource whose logical id is *name*, perhaps with the eight digits of CDK behind it."""
    (found,) = [each for key, each in app["Resources"].items() if key == name or key[:-8] == name]
    properties: dict[str, Any] = found["Properties"]
    return properties


def _mapping(app: Template) -> dict[str, Any]:
    return _resource(app, "SyncWorkerSyncWorkerSqsEventSource")


def _statement(app: Template) -> dict[str, Any]:
    (policy,) = [key for key in app["Resources"] if key.startswith("FunctionsRetentionRoleDefaultPolicy")]
    found: dict[str, Any] = app["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"][-1]
    return found


def _variables(app: Template) -> dict[str, Any]:
    found: dict[str, Any] = _resource(app, "EmailWorker")["Environment"]["Variables"]
    return found


def permissions(app: Template) -> list[str]:
    return rules.permissions(app, reasons.WILDCARDS)


def test_every_check_of_make_package_passes(written: dict[str, Templates]) -> None:
    findings: list[Finding] = check_templates(list(written.values()))
    assert {finding.name: finding.faults for finding in findings if finding.faults} == {}
    assert len(findings) >= 8


@pytest.mark.parametrize(
    ("rule", "spoil", "complaint"),
    [
        (
            rules.partial_replies,
            lambda app: _mapping(app).pop("FunctionResponseTypes"),
            "SyncWorkerSyncWorkerSqsEventSource: no ReportBatchItemFailures",
        ),
        (
            rules.queues,
            lambda app: _resource(app, "QueuesSync").update(VisibilityTimeout=6 * 45 - 1),
            "269 s of visibility are fewer than 6 × 45 s",
        ),
        (
            rules.queues,
            lambda app: _resource(app, "SyncWorker").update(Timeout=46),
            "270 s of visibility are fewer than 6 × 46 s",
        ),
        (
            rules.queues,
            lambda app: _resource(app, "QueuesSync")["RedrivePolicy"].update(maxReceiveCount=4),
            "maxReceiveCount is not 50",
        ),
        (
            rules.queues,
            lambda app: _resource(app, "QueuesSync").pop("RedrivePolicy"),
            "no dead-letter queue that keeps for 14 days",
        ),
        (
            rules.queues,
            lambda app: _mapping(app)["ScalingConfig"].update(MaximumConcurrency=1),
            "below the 2 that SQS accepts",
        ),
        (
            rules.queues,
            lambda app: _resource(app, "QueuesEmailDead").pop("SqsManagedSseEnabled"),
            "is not encrypted",
        ),
        (permissions, lambda app: _statement(app).update(Action="s3:*"), "the action s3:* is a wildcard"),
        (permissions, lambda app: _statement(app).update(Action=["s3:Get*"]), "the action s3:Get* is"),
        (permissions, lambda app: _statement(app).pop("Sid"), "is a wildcard, and no Sid says why"),
        (permissions, lambda app: _statement(app).update(Resource="*", Sid="Because"), "no Sid says why"),
        (
            permissions,
            lambda app: _resource(app, "FunctionsSyncWorkerRole").update(ManagedPolicyArns=["arn:aws:x"]),
            "takes a policy that AWS wrote",
        ),
        (rules.variables, lambda app: _variables(app).pop("REDIS_URL"), "EmailWorker: REDIS_URL is missing"),
        (
            rules.variables,
            lambda app: _variables(app).update(REDIS_ULR="x"),
            "EmailWorker: nobody knows REDIS_ULR",
        ),
        (
            rules.variables,
            lambda app: _variables(app).update(MIGRATION_DATABASE_URL="x"),
            "EmailWorker: nobody knows MIGRATION_DATABASE_URL",
        ),
        (
            rules.variables,
            lambda app: _variables(app).update(SITE_URL="x" * 4096),
            "EmailWorker: its variables take",
        ),
        (
            rules.functions,
            lambda app: _resource(app, "EmailWorker").pop("LoggingConfig"),
            "no log of its own",
        ),
        (rules.functions, lambda app: _resource(app, "EmailWorker").pop("VpcConfig"), "outside the network"),
        (
            rules.functions,
            lambda app: app["Resources"]["EmailWorker"].pop("DependsOn"),
            "EmailWorker: does not wait for the migrations",
        ),
        (
            rules.functions,
            lambda app: _resource(app, "APIHandler").update(Timeout=29),
            "outlives API Gateway",
        ),
        (
            rules.functions,
            lambda app: _resource(app, "FunctionsMigrateLog").pop("RetentionInDays"),
            "keeps its lines for ever",
        ),
    ],
)
def test_a_wrong_template_is_caught(
    app: Template, rule: Callable[[Template], list[str]], spoil: Callable[[Template], Any], complaint: str
) -> None:
    assert rule(app) == []
    spoil(app)
    assert complaint in "\n".join(rule(app))


def test_cfn_lint_sees_what_cloudformation_would_refuse(app: Template, tmp_path: Path) -> None:
    _resource(app, "QueuesSync")["VisibilityTimeout"] = "soon"
    _mapping(app)["EventSourceArn"] = {"Fn::GetAtt": ["Nowhere", "Arn"]}
    spoilt = tmp_path / "spoilt.json"
    spoilt.write_text(json.dumps(app))
    complaints = "\n".join(check_lint([spoilt]).faults)
    assert "'soon' is not of type 'integer'" in complaints
    assert "Nowhere" in complaints
