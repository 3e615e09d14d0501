"""
What each function may do on AWS: written by hand, no action with a wildcard.

A statement that must name more resources than one carries a `Sid` of `infra.proof.reasons`, which says why;
the checks of `make package` refuse any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from infra.stages import Stage


@dataclass(frozen=True)
class Resources:
    """The ARNs that functions work with."""

    queues: dict[str, str]
    dead: dict[str, str]
    topic: str
    bucket: str
    secrets: Sequence[str]


def every_function(log_group_arn: str, known: Resources) -> list[iam.PolicyStatement]:
    """What no function does without: its log, its network, its settings."""
    return [
        _allow(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{log_group_arn}"], "OwnLog"),
        _allow(
            [
                "ec2:CreateNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:DeleteNetworkInterface",
                "ec2:AssignPrivateIpAddresses",
                "ec2:UnassignPrivateIpAddresses",
            ],
            ["*"],
            "NetworkInterfaces",
        ),
        _allow(["secretsmanager:BatchGetSecretValue"], ["*"], "SecretsInOneCall"),
        _allow(["secretsmanager:GetSecretValue"], known.secrets),
    ]


def own(function: str, stack: Stack, stage: Stage, known: Resources) -> list[iam.PolicyStatement]:
    """What *function* does beyond that, by Chalice's name of it."""
    if function == "migrate":
        return []
    common = [
        _allow(["sqs:SendMessage"], list(known.queues.values())),
        _allow(["sns:Publish"], [known.topic]),
    ]
    queue = function.removesuffix("_worker")
    if queue in known.queues and queue != function:
        common += [
            _allow(
                [
                    "sqs:ReceiveMessage",
                    "sqs:DeleteMessage",
                    "sqs:ChangeMessageVisibility",
                    "sqs:GetQueueAttributes",
                ],
                [known.queues[queue]],
            ),
            _allow(["sqs:SendMessage"], [known.dead[queue]]),
        ]
    further = {
        "api_handler": [
            # With the broker away a request does itself what fits: mails, texts, burials.
            _allow(["sqs:GetQueueAttributes"], list(known.queues.values())),
            _allow(["sqs:SendMessage"], list(known.dead.values())),
            _mail(stack, stage),
            _text(),
            _allow(["s3:GetObject"], [f"{known.bucket}/*"], "ExportFiles"),
        ],
        "email_worker": [_mail(stack, stage)],
        "notification_worker": [_text()],
        "sync_worker": [
            _allow(
                ["s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"],
                [f"{known.bucket}/*"],
                "ExportFiles",
            )
        ],
        "outbox_relay": [
            _allow(
                ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
                list(known.dead.values()),
            )
        ],
        "retention": [
            _allow(["s3:DeleteObject", "s3:AbortMultipartUpload"], [f"{known.bucket}/*"], "ExportFiles")
        ],
    }
    return [*common, *further.get(function, [])]


def _mail(stack: Stack, stage: Stage) -> iam.PolicyStatement:
    names = [stage.email_from, stage.email_from.partition("@")[2]]  # SES knows the address, or its domain
    return iam.PolicyStatement(
        actions=["ses:SendEmail"],
        resources=[
            stack.format_arn(service="ses", resource="identity", resource_name=name) for name in names
        ],
        conditions={"StringEquals": {"ses:FromAddress": stage.email_from}},
    )


def _text() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="TextMessages", actions=["sns:Publish"], not_resources=["arn:aws:sns:*:*:*"]
    )


def _allow(actions: list[str], resources: Sequence[str], sid: str | None = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, actions=actions, resources=list(resources))
