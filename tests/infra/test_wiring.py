"""The queues and their workers as the template wires them, deployed to an emulator and read back from it."""

import copy
import json
from typing import Any

import pytest

from local.stack.ministack import ACCOUNT, FUNCTION_TIMEOUTS_S, REGION
from tests.infra.emulator import Emulator

pytestmark = pytest.mark.timeout(600)
_KINDS = {
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
}


def wiring(app: dict[str, Any]) -> dict[str, Any]:
    """Of the expanded template what is between SQS and the workers; the functions are empty ones."""
    fed = {
        each["Properties"]["FunctionName"]["Ref"]
        for each in app["Resources"].values()
        if each["Type"] == "AWS::Lambda::EventSourceMapping"
    }
    resources = {}
    for name, resource in app["Resources"].items():
        kind = resource["Type"]
        if kind not in _KINDS or (kind == "AWS::Lambda::Function" and name not in fed):
            continue
        found = copy.deepcopy(resource)
        found.pop("DependsOn", None)
        if kind == "AWS::Lambda::Function":
            kept = ("FunctionName", "Handler", "Runtime", "Timeout", "MemorySize")
            found["Properties"] = {key: found["Properties"][key] for key in kept} | {
                "Code": {"ZipFile": "def handler(event, context): pass"},
                "Role": "arn:aws:iam::000000000000:role/any",
            }
        resources[name] = found
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


@pytest.fixture(scope="module")
def deployed(emulator: Emulator, written: dict[str, Any]) -> Emulator:
    """The emulator with production's wiring."""
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(
        StackName="plumbline-prod-app", TemplateBody=json.dumps(wiring(written["prod"].app()))
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="plumbline-prod-app", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    _set_redrive_policies(emulator, written["prod"].app())
    return emulator


def _set_redrive_policies(emulator: Emulator, app: dict[str, Any]) -> None:
    """By SQS's own call, since the emulator's CloudFormation leaves them out."""
    sqs = emulator.client("sqs")
    queues = {
        name: each["Properties"]
        for name, each in app["Resources"].items()
        if each["Type"] == "AWS::SQS::Queue"
    }
    for properties in queues.values():
        if "RedrivePolicy" in properties:
            policy = dict(properties["RedrivePolicy"])
            dead = queues[policy["deadLetterTargetArn"]["Fn::GetAtt"][0]]["QueueName"]
            policy["deadLetterTargetArn"] = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{dead}"
            url = sqs.get_queue_url(QueueName=properties["QueueName"])["QueueUrl"]
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})


@pytest.mark.parametrize("queue", sorted(FUNCTION_TIMEOUTS_S))
def test_each_queue_has_its_visibility_and_its_dead_letter_queue(deployed: Emulator, queue: str) -> None:
    sqs = deployed.client("sqs")

    def attributes(name: str) -> dict[str, str]:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return found

    found, dead = attributes(f"plumbline-prod-{queue}"), attributes(f"plumbline-prod-{queue}-dlq")
    assert int(found["VisibilityTimeout"]) == 6 * FUNCTION_TIMEOUTS_S[queue]
    redrive = json.loads(found["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == dead["QueueArn"]
    assert int(redrive["maxReceiveCount"]) == 50
    assert int(dead["MessageRetentionPeriod"]) == 14 * 24 * 3600 > int(found["MessageRetentionPeriod"])


@pytest.mark.parametrize(
    ("queue", "batch", "containers"),
    [("email", 10, 10), ("sync", 100, 2), ("notification", 10, 10), ("webhook", 10, 10)],
)
def test_each_worker_hangs_on_its_own_queue_and_answers_partially(
    deployed: Emulator, queue: str, batch: int, containers: int
) -> None:
    functions = deployed.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=f"plumbline-prod-{queue}-worker")[
        "EventSourceMappings"
    ]
    assert mapping["EventSourceArn"].endswith(f":plumbline-prod-{queue}")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == batch
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": containers}


def test_a_message_that_was_received_fifty_times_goes_to_the_dead_letter_queue(deployed: Emulator) -> None:
    sqs, functions = deployed.client("sqs"), deployed.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)  # only we receive
    url, dead = (
        sqs.get_queue_url(QueueName=f"plumbline-prod-webhook{end}")["QueueUrl"] for end in ("", "-dlq")
    )
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    receives = 0
    while sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages"):
        receives += 1
        assert receives <= 50
    assert receives == 50
    assert len(sqs.receive_message(QueueUrl=dead)["Messages"]) == 1
