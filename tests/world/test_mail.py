"""`/dev/mail`: what SES accepted, as the reader gets it; what SES refuses, seen by AWS's own SDK."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.exceptions import ClientError, HTTPClientError

from tests.world.sending import SENDER, AwsWorld, Connection, mail, running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def ses(aws_world: AwsWorld) -> Any:
    return aws_world.client("sesv2")


def send_refused(ses: Any, **wish: Any) -> tuple[str, int, str]:
    """The SDK's view of a refusal: code, status, message."""
    with pytest.raises(ClientError) as caught:
        ses.send_email(**wish)
    answer = caught.value.response
    assert answer["ResponseMetadata"]["RequestId"]
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_an_accepted_mail_is_in_the_mailbox_with_its_correlation_id(aws: AwsWorld, ses: Any) -> None:
    message_id = ses.send_email(**mail())["MessageId"]
    (item,) = aws.items("mail")
    at = item.pop("at")
    assert item == {
        "id": message_id,
        "to": ["lan@example.com"],
        "subject": "Báo giá của bạn",
        "text": "Chào Lan,",
        "html": "<p>Chào Lan,</p>",
        "correlationId": "abc-1",
        "answerLost": False,
    }
    assert at.endswith("Z")
    assert aws.world.call("GET", f"/dev/mail/{message_id}")[1] == {**item, "at": at}
    assert aws.world.call("GET", "/dev/mail/nothing")[0] == 404


def test_the_newest_mail_is_last_and_a_limit_leaves_the_newest(aws: AwsWorld, ses: Any) -> None:
    for name in "abc":
        ses.send_email(**mail(f"{name}@example.com"))
    assert [item["to"] for item in aws.items("mail")] == [[f"{name}@example.com"] for name in "abc"]
    assert [item["to"] for item in aws.items("mail?limit=2")] == [[f"{name}@example.com"] for name in "bc"]
    assert aws.world.call("GET", "/dev/mail?limit=two")[0] == 422
    aws.world.call("DELETE", "/dev/mail")
    assert aws.items("mail") == []


def test_the_html_is_shown_without_scripts_and_its_links_leave_the_frame(aws: AwsWorld, ses: Any) -> None:
    body = {"Html": {"Data": "<!doctype html><html><head></head><body><a href=x>x</a></body></html>"}}
    message_id = ses.send_email(**mail(Body=body))["MessageId"]
    answer = requests.get(f"{aws.world.url}/dev/mail/{message_id}/html", timeout=5)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert answer.text == body["Html"]["Data"].replace("<head>", '<head><base target="_blank">')
    message_id = ses.send_email(**mail(Body={"Text": {"Data": "only text"}}))["MessageId"]
    assert aws.world.call("GET", f"/dev/mail/{message_id}/html")[0] == 404


def test_letters_without_a_charset_arrive_as_question_marks(aws: AwsWorld, ses: Any) -> None:
    ses.send_email(**mail(Subject={"Data": "Báo giá"}))
    assert aws.items("mail")[0]["subject"] == "B?o gi?"


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(wish: dict[str, Any]) -> None:
        for name in path[:-1]:
            wish = wish[name]
        del wish[path[-1]]

    return change


def put(value: Any, *path: str) -> Callable[[dict[str, Any]], None]:
    def change(wish: dict[str, Any]) -> None:
        for name in path[:-1]:
            wish = wish[name]
        wish[path[-1]] = value

    return change


SIMPLE = ("Content", "Simple")
TO = ("Destination", "ToAddresses")
REFUSALS = [
    ("no sender", without("FromEmailAddress"), "Missing required header 'From'."),
    ("no recipient", put([], *TO), "Missing required header 'To'."),
    ("an empty recipient", put([""], *TO), "Invalid email address ."),
    ("no @", put(["lan"], *TO), "Missing final '@domain'"),
    ("no name", put(["@example.com"], *TO), "Missing local name"),
    ("no domain", put(["lan@example.com."], *TO), "Missing domain"),
    ("a space in the name", put(["la n@example.com"], *TO), "Local address contains control or whitespace"),
    ("a line break", put(["lan@example.com\r\nBcc: x@y.test"], *TO), "contains control or whitespace"),
    ("two addresses in one", put(["a@example.com, b@example.com"], *TO), "contains control or whitespace"),
    ("two dots", put(["l..n@example.com"], *TO), "Local address contains illegal character"),
    ("letters beyond ASCII", put(["nguyễn@example.com"], *TO), "Local address contains illegal character"),
    ("a bad domain", put(["lan@exa_mple.com"], *TO), "Domain contains illegal character"),
    ("one good, one bad", put(["lan@example.com", "x"], *TO), "Missing final '@domain'"),
    ("51 recipients", put([f"a{n}@example.com" for n in range(51)], *TO), "Recipient count exceeds 50."),
    ("an empty subject", put("", *SIMPLE, "Subject", "Data"), "Missing required header 'Subject'."),
    ("a subject of two lines", put("a\nBcc: b", *SIMPLE, "Subject", "Data"), "contains a line break"),
    ("an empty body", put({}, *SIMPLE, "Body"), "The message has no body"),
    ("a bad header", put([{"Name": "a:b", "Value": "c"}], *SIMPLE, "Headers"), "Invalid header name."),
    ("a header of two lines", put([{"Name": "a", "Value": "b\nc"}], *SIMPLE, "Headers"), "Invalid value"),
    ("no content", put({}, "Content"), "Content must have Simple"),
]


@pytest.mark.parametrize(("change", "message"), [case[1:] for case in REFUSALS], ids=[c[0] for c in REFUSALS])
def test_a_request_that_is_wrong_is_refused_and_not_recorded(
    aws: AwsWorld, ses: Any, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    wish = copy.deepcopy(mail())
    change(wish)
    code, status, said = send_refused(ses, **wish)
    assert (code, status) == ("BadRequestException", 400)
    assert message in said
    assert aws.items("mail") == []


def test_only_a_verified_identity_may_send(aws: AwsWorld, ses: Any) -> None:
    said = send_refused(ses, **{**mail(), "FromEmailAddress": "other@plumbline.test"})
    assert said[:2] == ("MessageRejected", 400)
    assert said[2] == (
        "Email address is not verified. The following identities failed the check in region"
        " AP-SOUTHEAST-1: other@plumbline.test"
    )
    ses.send_email(**{**mail("Lan <lan@example.com>"), "FromEmailAddress": f"Plumbline <{SENDER}>"})
    assert [item["to"] for item in aws.items("mail")] == [["Lan <lan@example.com>"]]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "BadRequestException"),
        (404, "NotFoundException"),
        (429, "TooManyRequestsException"),
        (500, "InternalServiceErrorException"),
        (503, "ServiceUnavailable"),
    ],
)
def test_the_mode_error_speaks_as_ses_does(aws: AwsWorld, ses: Any, status: int, code: str) -> None:
    aws.fault("email", "error", status=status, count=1)
    assert send_refused(ses, **mail())[:2] == (code, status)
    ses.send_email(**mail())
    assert len(aws.items("mail")) == 1


def test_mail_survives_kill_9_of_world_and_emulator(tmp_path: Path) -> None:
    with running(tmp_path) as aws:
        with Connection(aws) as connection:
            connection.send()
            connection.read()
            before = aws.items("mail")
            aws.kill_emulator()
            aws.world.kill()
        aws.start()
        assert aws.items("mail") == before
        with Connection(aws) as connection:
            connection.send()
            connection.read()
        assert len(aws.items("mail")) == 2


def test_without_the_emulator_the_connection_breaks_and_nothing_is_recorded(tmp_path: Path) -> None:
    with running(tmp_path) as aws:
        ses = aws.client("sesv2")
        ses.send_email(**mail())
        aws.kill_emulator()
        with pytest.raises(HTTPClientError):
            ses.send_email(**mail())
        assert len(aws.items("mail")) == 1
        aws.start_emulator()
        ses.send_email(**mail())
        assert len(aws.items("mail")) == 2
