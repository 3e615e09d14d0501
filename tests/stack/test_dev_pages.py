"""`/dev` in front of a whole stack: the pages and their forms, and what only the cloud can tell the world."""

import http.client
import json
import re
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.cloud.dev_pages import read_fault_form
from local.stack import Stack
from local.stack.environment import EMAIL_FROM
from local.stack.ministack import call_sqs, queue_url, topic_arn


@dataclass(frozen=True)
class Answer:
    """An answer of the site."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Site:
    """The running copy as a program or as a browser without scripts uses it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._email = http.client.HTTPConnection("127.0.0.1", stack.ports["email-proxy"], timeout=10)
        self._sms = http.client.HTTPConnection("127.0.0.1", stack.ports["sms-proxy"], timeout=10)

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.ports["site"], timeout=40)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read().decode())
        connection.close()
        return answer

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: Any) -> Answer:
        return self.send("POST", path, json.dumps(body), {"Content-Type": "application/json"})

    def submit(self, path: str, **fields: str) -> Answer:
        """Send a form as the page's buttons do."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html,*/*"}
        return self.send("POST", path, urllib.parse.urlencode(fields), headers)

    def mail(self, to: str, subject: str = "Hello", html: str = "<p>Hello</p>", text: str = "Hello") -> str:
        body = {"Html": {"Data": html, "Charset": "UTF-8"}, "Text": {"Data": text, "Charset": "UTF-8"}}
        wish = mail_to(to)
        wish["Content"]["Simple"] |= {"Subject": {"Data": subject, "Charset": "UTF-8"}, "Body": body}
        self._email.request("POST", "/v2/email/outbound-emails", json.dumps(wish))
        return str(json.loads(self._email.getresponse().read())["MessageId"])

    def publish(self, **fields: str) -> None:
        form = urllib.parse.urlencode({"Action": "Publish", "Version": "2010-03-31", **fields})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": "AWS4-HMAC-SHA256 Credential=l/20260101/ap-southeast-1/sns/aws4_request",
        }
        self._sms.request("POST", "/", form, headers)
        answer = self._sms.getresponse()
        assert (answer.status, answer.read()[:5]) == (200, b"<?xml")


def mail_to(address: str) -> dict[str, Any]:
    content = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}
    return {
        "FromEmailAddress": EMAIL_FROM,
        "Destination": {"ToAddresses": [address]},
        "Content": {"Simple": content},
    }


@pytest.fixture
def site(running_with_world: Stack) -> Iterator[Site]:
    """The copy with empty lists and nothing broken, before and after."""
    site = Site(running_with_world)
    for path in ("/dev/mail", "/dev/sms", "/dev/alerts", "/dev/faults"):
        assert site.send("DELETE", path).status == 204
    yield site
    site.send("DELETE", "/dev/faults")


def assert_strict(page: Answer) -> None:
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy
    assert "<script" not in page.text
    assert not re.search(r'(src|href)="(https?:)?//', page.text)


def test_the_page_shows_mail_sms_alerts_queues_schedules_and_the_clock(site: Site) -> None:
    port = site.stack.ports["ministack"]
    for subject in ("The older <b>one</b>", "Báo giá"):
        site.mail("hoa@example.com", subject)
    site.publish(PhoneNumber="+84912345678", Message="Mã: 1234")
    site.publish(TopicArn=topic_arn(), Subject="A job is dead", Message="Four times.")
    call_sqs(port, "SendMessage", {"QueueUrl": queue_url(port, "plumbline-sync-dlq"), "MessageBody": "dead"})
    page = site.get("/dev")
    assert_strict(page)
    assert page.text.index("Báo giá") < page.text.index("The older &lt;b&gt;one&lt;/b&gt;")
    for text in ("hoa@example.com", "+84912345678", "Mã: 1234", "A job is dead", "Four times."):
        assert text in page.text
    row = re.search(r"<tr><td>plumbline-sync</td>(.*?)</tr>", page.text)
    assert row is not None
    assert re.findall(r"<td>(.*?)</td>", row[1])[-1] == "1"
    assert "answer lost" not in page.text
    assert "the real time" in page.text
    assert 'action="/dev/schedules/outbox-relay/run"' in page.text
    assert site.get("/dev/page.css").headers["Content-Type"].startswith("text/css")


def test_a_mail_opens_with_its_html_in_a_frame_without_scripts_and_its_text(site: Site) -> None:
    message_id = site.mail("hoa@example.com", "Báo giá", "<p>Chào <b>Hoa</b></p>", "Chào Hoa <3")
    (address,) = re.findall(r'href="(/dev/mail/[^"]+/page)"', site.get("/dev").text)
    page = site.get(address)
    assert_strict(page)
    frame = re.search(r"<iframe ([^>]*)>", page.text)
    assert frame is not None
    assert f'src="/dev/mail/{message_id}/html"' in frame[1]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame[1]
    assert "Chào Hoa &lt;3" in page.text
    html = site.get(f"/dev/mail/{message_id}/html")
    assert html.text.endswith("<p>Chào <b>Hoa</b></p>") or html.text.startswith("<p>Chào <b>Hoa</b></p>")
    assert html.headers["Content-Security-Policy"].startswith("sandbox ")
    assert site.get("/dev/mail/nothing/page").status == 404


def test_a_sheet_opens_as_a_table_with_its_row_numbers_and_calls(site: Site) -> None:
    site.send("PUT", "/dev/sheets/demo/rows/1", '{"cells": ["id", "name"]}')
    site.send("PUT", "/dev/sheets/demo/rows/3", '{"cells": ["a-1", "Hoa <b>"]}')
    page = site.get("/dev/sheets/demo/page")
    assert_strict(page)
    assert "<tr><td>3</td><td>a-1</td><td>Hoa &lt;b&gt;</td></tr>" in page.text
    assert "a-1" in site.get("/dev").text
    assert site.get("/dev/sheets/nothing/page").status == 404


def test_the_form_for_faults_knows_every_target_and_mode_and_each_of_them_is_taken(site: Site) -> None:
    buttons = re.findall(r'name="fault" value="([^"]+)"', site.get("/dev").text)
    found = {
        target: [mode for one, _, mode in map(split, buttons) if one == target]
        for target, _, _ in map(split, buttons)
    }
    common = ["refuse", "reset", "timeout", "slow", "commit-then-timeout", "commit-then-reset"]
    http_modes = [*common, "error"]
    assert found == {
        "postgres": common,
        "redis": [*common, "flush"],
        **dict.fromkeys(("sqs", "s3", "email", "sms", "sheets", "turnstile"), http_modes),
        "worker": ["crash", "freeze"],
        "api": ["crash", "freeze"],
    }
    everything = {"count": "2", "seconds": "30", "status": "429", "delaySeconds": "0.5", "queue": "email"}
    for button in buttons:
        answer = site.submit("/dev/faults", fault=button, **everything)
        assert (answer.status, answer.headers["Location"]) == (303, "/dev#faults"), (button, answer.text)
    shown = {(item["target"], item["mode"]): item for item in site.get("/dev/faults").json["items"]}
    assert len(shown) == 10
    assert shown[("sheets", "error")]["status"] == 429
    assert shown[("worker", "freeze")] == {
        "target": "worker", "mode": "freeze", "count": 2, "queue": "email", "seconds": 30.0,
    }  # fmt: skip
    page = site.get("/dev").text
    assert "Broken on purpose" in page
    assert "status 429, the next 2 calls" in page
    assert site.submit("/dev/faults/clear").headers["Location"] == "/dev#faults"
    assert site.get("/dev/faults").json == {"items": []}
    assert "Nothing is broken on purpose." in site.get("/dev").text


def split(button: str) -> tuple[str, str, str]:
    return button.partition("/")


def test_fields_that_do_not_go_with_the_chosen_fault_are_left_out() -> None:
    fields = {"count": 1, "seconds": 2, "status": 500, "delaySeconds": 3, "queue": "sync"}
    common = {"count": 1, "seconds": 2}
    for fault, kept in (
        ("sheets/error", {**common, "status": 500}),
        ("redis/slow", {**common, "delaySeconds": 3}),
        ("redis/flush", {}),
        ("worker/crash", {**common, "queue": "sync"}),
        ("api/crash", common),
    ):
        target, _, mode = fault.partition("/")
        assert read_fault_form({"fault": fault, **fields}) == {"target": target, "mode": mode, **kept}


def test_what_a_form_is_refused_is_said_on_a_page(site: Site) -> None:
    for path, fields, sentence in (
        ("/dev/faults", {"fault": "moon/error"}, "The target must be one of"),
        ("/dev/faults", {"fault": "sheets/error", "status": "200"}, "The status must be"),
        ("/dev/faults", {"fault": "worker/crash", "queue": "x"}, "queue is one of email, sync, notification"),
        ("/dev/clock", {"advanceSeconds": "-100000"}, "cannot be behind the real one"),
    ):
        page = site.submit(path, **fields)
        assert page.status == 422
        assert page.headers["Content-Type"].startswith("text/html")
        assert sentence in page.text


def test_a_wrong_fault_is_422_and_says_which_field(site: Site) -> None:
    for wish, pointer in (
        ({"mode": "error"}, "/target"),
        ({"target": "moon", "mode": "error"}, "/target"),
        ({"target": "worker", "mode": "error"}, "/mode"),
        ({"target": "worker", "mode": "crash", "queue": "letters"}, "/queue"),
        ({"target": "api", "mode": "crash", "queue": "email"}, "/queue"),
        ({"target": "worker", "mode": "freeze", "seconds": 0}, "/seconds"),
        ({"target": "worker", "mode": "crash", "count": 0}, "/count"),
        ({"target": "worker", "mode": "crash", "status": 500}, "/status"),
        ({"target": "email", "mode": "flush"}, "/mode"),
        ({"target": "email", "mode": "error", "queue": "email"}, "/queue"),
    ):
        answer = site.post("/dev/faults", wish)
        assert answer.status == 422, wish
        assert answer.json["code"] == "VALIDATION_ERROR"
        assert answer.json["errors"][0]["pointer"] == pointer
    assert site.get("/dev/faults").json == {"items": []}


def test_a_schedule_and_the_clock_are_moved_by_their_forms(site: Site) -> None:
    ran = site.submit("/dev/schedules/outbox-relay/run")
    assert (ran.status, ran.headers["Location"]) == (303, "/dev#schedules")
    site.submit("/dev/clock", advanceSeconds="3661")
    page = site.get("/dev").text
    assert "1:01:01 ahead of the real time" in page
    (back,) = re.findall(r'value="(-[^"]+)">Back to the real time', page)
    assert site.submit("/dev/clock", advanceSeconds=back).status == 303
    assert site.get("/dev/clock").json == {"offsetSeconds": 0}


@pytest.mark.parametrize("dies", [True, False])
def test_a_worker_that_dies_long_after_the_acceptance_has_lost_the_answer(site: Site, dies: bool) -> None:  # noqa: FBT001
    """Only the cloud sees that it died in the middle of a job: the connection had been quiet for a second."""
    port = site.stack.ports["ministack"]
    address = f"dies-{dies}@example.com".lower()
    wish = json.dumps({"mail": mail_to(address), "dies": dies})
    call_sqs(port, "SendMessage", {"QueueUrl": queue_url(port, "plumbline-sync"), "MessageBody": wish})
    records = site.stack.data_dir / "records"
    deadline = time.monotonic() + 15

    def is_settled() -> bool:
        (item,) = site.get("/dev/mail").json["items"] or [{"answerLost": False}]
        return bool(item["answerLost"]) if dies else records.exists() and address in records.read_text()

    while not is_settled():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    (item,) = site.get("/dev/mail").json["items"]
    assert (item["to"], item["answerLost"]) == ([address], dies)
