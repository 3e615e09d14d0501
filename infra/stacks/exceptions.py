"""What AWS's own rules (cdk-nag, AwsSolutions) find and we leave as it is, each with its reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

from infra.stacks.api import API_LOG_POLICY
from infra.stacks.app import AppStack
from infra.stacks.data import DataStack
from infra.stages import Stage

_OF_DATA = {
    "AwsSolutions-SMG4": (
        "RDS rotates the master user's secret each week; these are known to running containers, so a person "
        "rotates them and starts containers anew (docs/runbooks.md)"
    ),
    "AwsSolutions-RDS6": "users come through RDS Proxy with a password; only migrations reach the cluster",
    "CloudFormation-Validate::W3010": "the stage names its two zones, so that no account is asked for them",
}
_OF_APP = {
    "CloudFormation-Validate::F1020": "RestAPI.Stage is SAM's own name of the stage that it makes",
    f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{API_LOG_POLICY}]": (
        "API Gateway's own leave to write logs, which AWS keeps"
    ),
    "AwsSolutions-S1": "who fetched what is people's data; the product audits exports, and pages are public",
    "AwsSolutions-CFR1": "visitors may be anywhere",
    "AwsSolutions-CFR2": "the firewall stands before the API; pages are files that take no input",
    "AwsSolutions-CFR3": "access logs of the edge hold visitors' addresses; API Gateway logs without them",
}
# Where a stage may vanish with all it holds.
_OF_A_SMALL_STAGE = {
    "AwsSolutions-RDS10": "this stage is deleted with its data",
    "AwsSolutions-AEC4": "this stage has one machine of each kind, to be cheap",
}
_WITHOUT_A_DOMAIN = {
    "AwsSolutions-CFR4": "without a domain CloudFront shows its own certificate, whose terms are its own"
}
# Each statement with a wildcard has a reason of its own in `infra.proof.reasons`; the rules there demand it.
_OF_FUNCTIONS = ("AwsSolutions-IAM5[Resource::*]", "AwsSolutions-IAM5[Resource::<{exports}.Arn>/*]")


def give_reasons(stage: Stage, data: DataStack, app: AppStack) -> None:
    """Acknowledge what is left on purpose; anything else ends the synthesis."""
    of_data = _OF_DATA | ({} if stage.is_kept and stage.is_doubled else _OF_A_SMALL_STAGE)
    of_app = _OF_APP | ({} if stage.domain else _WITHOUT_A_DOMAIN)
    for scope, reasons in ((data, of_data), (app, of_app)):
        for rule, reason in reasons.items():
            _acknowledge(scope, rule, reason)
    for rule in _OF_FUNCTIONS:
        _acknowledge(
            app.functions, rule.format(exports=app.exports_id), "infra.proof.reasons says why, by Sid"
        )


def _acknowledge(scope: IConstruct, rule: str, reason: str) -> None:
    Validations.of(scope).acknowledge(Acknowledgment(id=rule, reason=reason))
