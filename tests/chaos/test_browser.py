"""The client of the matrix tries again as the page does: `web/src/shared/submission/submission.ts`."""

import json
import random
import threading
from dataclasses import dataclass, field
from typing import Any, cast

from tests.chaos.browser import Browser, Form, Passing, Submission
from tests.journey.conftest import Reply, Site

LEAD: tuple[int, dict[str, Any], dict[str, str]] = (201, {"id": "lead-1", "status": "RECEIVED"}, {})


@dataclass
class ScriptedSite:
    """Answers POST /leads as it is told, None by silence; the last answer again and again."""

    answers: list[tuple[int, dict[str, Any], dict[str, str]] | None]
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # key and body
    tokens: int = 0

    def call(self, _method: str, path: str, body: dict[str, Any], **more: Any) -> Reply:
        """See Site."""
        if path == "/dev/turnstile/token":
            self.tokens += 1
            return Reply(200, json.dumps({"token": f"token-{self.tokens}"}).encode(), {})
        self.sent.append((more["headers"]["Idempotency-Key"], body))
        answer = self.answers[min(len(self.sent), len(self.answers)) - 1]
        if answer is None:
            raise ConnectionResetError
        status, document, headers = answer
        return Reply(status, json.dumps(document).encode(), headers)


class InstantPassing(Passing):
    """Time that nobody waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_s: list[float] = []

    def sleep(self, duration_s: float) -> None:
        """See Passing."""
        self.waits_s.append(duration_s)


def refusal(
    status: int, code: str, retry_after_s: int | None = None
) -> tuple[int, dict[str, Any], dict[str, str]]:
    return status, {"code": code}, {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}


def submit(*answers: Any) -> tuple[Submission, ScriptedSite, list[float]]:
    site, passing = ScriptedSite(list(answers)), InstantPassing()
    submission = Submission("+84940000001", "hoa@example.test", "127.10.0.1")
    page = Browser(cast("Site", site), passing, random.Random(1))  # noqa: S311  repeatable
    page.submit(submission, Form(), threading.Event())
    return submission, site, passing.waits_s


def test_whatever_is_waited_out_keeps_the_key_and_the_body_and_gets_a_fresh_token() -> None:
    waited_out = [
        None, refusal(503, "DATABASE_BUSY", 5), refusal(409, "REQUEST_IN_PROGRESS", 1),
        refusal(429, "RATE_LIMITED", 60), refusal(502, "INTERNAL_ERROR"),
    ]  # fmt: skip
    submission, site, waits_s = submit(*waited_out, LEAD)
    assert submission.lead_id == "lead-1"
    assert len({key for key, _ in site.sent}) == 1
    bodies = [
        {name: value for name, value in body.items() if name != "turnstileToken"} for _, body in site.sent
    ]
    assert all(body == bodies[0] for body in bodies)
    assert len({body["turnstileToken"] for _, body in site.sent}) == 6
    for wait_s, least_s, most_s in zip(waits_s, (0.5, 5, 1, 60, 8), (1, 5.25, 1.25, 60.25, 16), strict=True):
        assert least_s <= wait_s <= most_s


def test_a_spent_captcha_is_solved_again_at_once_and_a_useless_key_replaced() -> None:
    submission, site, waits_s = submit(
        refusal(400, "CAPTCHA_FAILED"), refusal(422, "IDEMPOTENCY_KEY_REUSED"), LEAD
    )
    assert (submission.lead_id, waits_s) == ("lead-1", [])
    keys = [key for key, _ in site.sent]
    assert keys[0] == keys[1] != keys[2]


def test_after_five_faults_of_ours_the_page_gives_up_and_its_visitor_sends_the_same_again() -> None:
    submission, site, _ = submit(*[refusal(500, "INTERNAL_ERROR")] * 5, LEAD)
    assert (submission.lead_id, submission.gave_up) == ("lead-1", 1)
    assert len({key for key, _ in site.sent}) == 1


def test_a_503_is_never_given_up_and_a_refusal_is_not_repeated_by_the_page() -> None:
    submission, _, _ = submit(*[refusal(503, "DATABASE_BUSY", 1)] * 40, LEAD)
    assert (submission.lead_id, submission.gave_up) == ("lead-1", 0)
    submission, site, _ = submit(refusal(422, "VALIDATION_ERROR"))
    assert (submission.lead_id, submission.gave_up, len(site.sent)) == (None, 3, 3)
