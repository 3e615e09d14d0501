"""`/dev/sms` and `/dev/alerts`: what SNS accepted; what SNS refuses, seen by AWS's own SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from local.stack.ministack import topic_arn

if TYPE_CHECKING:
    from tests.world.sending import AwsWorld

TOPIC, PHONE = topic_arn(), "+84912345678"
KIND = {"kind": {"DataType": "String", "StringValue": "job_dead"}}


@pytest.fixture(scope="module")
def sns(aws_world: AwsWorld) -> Any:
    return aws_world.client("sns")


def test_an_sms_is_recorded_with_its_number_and_text(aws: AwsWorld, sns: Any) -> None:
    message_id = sns.publish(PhoneNumber=PHONE, Message="Mã của bạn: 1234 & <5>")["MessageId"]
    (item,) = aws.items("sms")
    assert item.pop("at").endswith("Z")
    assert item == {
        "id": message_id,
        "to": PHONE,
        "text": "Mã của bạn: 1234 & <5>",
        "answerLost": False,
    }
    assert aws.items("alerts") == []
    assert aws.items("mail") == []


def test_an_alert_is_recorded_with_its_kind(aws: AwsWorld, sns: Any) -> None:
    first = sns.publish(TopicArn=TOPIC, Subject="A job", Message="It died.", MessageAttributes=KIND)
    second = sns.publish(TopicArn=TOPIC, Message="Without a kind.")
    told, bare = aws.items("alerts")
    assert told.pop("at").endswith("Z")
    assert told == {
        "id": first["MessageId"],
        "kind": "job_dead",
        "subject": "A job",
        "body": "It died.",
        "answerLost": False,
    }
    assert (bare["id"], bare["kind"], bare["subject"]) == (second["MessageId"], "", "")
    assert aws.items("sms") == []


@pytest.mark.parametrize(
    ("wish", "code", "message"),
    [
        (
            {"PhoneNumber": "0912345678", "Message": "x"},
            "InvalidParameter",
            "0912345678 is not valid to",
        ),
        ({"PhoneNumber": "+84 912", "Message": "x"}, "InvalidParameter", "PhoneNumber Reason:"),
        (
            {"PhoneNumber": PHONE, "Message": ""},
            "InvalidParameter",
            "Invalid parameter: Empty message",
        ),
        ({"PhoneNumber": PHONE, "Message": "x" * 1601}, "InvalidParameter", "Message too long"),
        (
            {"Message": "x"},
            "InvalidParameter",
            "no value for required parameter",
        ),
        (
            {"TopicArn": TOPIC, "PhoneNumber": PHONE, "Message": "x"},
            "InvalidParameter",
            "only one",
        ),
        (
            {"TopicArn": TOPIC, "Subject": "", "Message": "x"},
            "InvalidParameter",
            "Invalid parameter: Subject",
        ),
        ({"TopicArn": TOPIC, "Subject": "a\nb", "Message": "x"}, "InvalidParameter", "Subject"),
        ({"TopicArn": TOPIC, "Subject": "x" * 100, "Message": "x"}, "InvalidParameter", "Subject"),
        (
            {
                "TopicArn": TOPIC,
                "Message": "x",
                "MessageAttributes": {"kind": {"DataType": "String", "StringValue": ""}},
            },
            "ParameterValueInvalid",
            "must contain non-empty message attribute value",
        ),
    ],
)
def test_what_is_wrong_is_refused_and_not_recorded(
    aws: AwsWorld, sns: Any, wish: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(ClientError) as caught:
        sns.publish(**wish)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Type"]) == (code, "Sender")
    assert message in error["Message"]
    assert aws.items("sms") + aws.items("alerts") == []


def test_a_topic_that_does_not_exist_is_the_emulators_refusal(aws: AwsWorld, sns: Any) -> None:
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.publish(TopicArn=f"{TOPIC}-not", Message="x")
    assert aws.items("alerts") == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "InvalidParameter"), (429, "Throttled"), (500, "InternalError"), (503, "ServiceUnavailable")],
)
def test_the_mode_error_speaks_as_sns_does(aws: AwsWorld, sns: Any, status: int, code: str) -> None:
    aws.fault("sms", "error", status=status, count=1)
    with pytest.raises(ClientError) as caught:
        sns.publish(PhoneNumber=PHONE, Message="x")
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert aws.items("sms") == []


def test_an_sms_whose_answer_is_swallowed_is_marked_and_a_mail_fault_does_not_touch_it(
    aws: AwsWorld, sns: Any
) -> None:
    aws.fault("email", "commit-then-timeout")
    sns.publish(PhoneNumber=PHONE, Message="heard")
    aws.fault("sms", "commit-then-timeout", count=1, seconds=0.2)
    with pytest.raises(HTTPClientError):
        sns.publish(PhoneNumber=PHONE, Message="not heard")
    assert [(item["text"], item["answerLost"]) for item in aws.items("sms")] == [
        ("heard", False),
        ("not heard", True),
    ]


def test_emptying_one_list_leaves_the_others(aws: AwsWorld, sns: Any) -> None:
    sns.publish(PhoneNumber=PHONE, Message="x")
    sns.publish(TopicArn=TOPIC, Message="x")
    assert aws.world.call("DELETE", "/dev/sms")[0] == 204
    assert (len(aws.items("sms")), len(aws.items("alerts"))) == (0, 1)
