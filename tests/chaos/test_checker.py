"""The checker catches what it is there for: right records pass, and each that is doctored is found."""

import dataclasses
from typing import Any

import pytest

from tests.chaos.browser import Submission
from tests.chaos.cells import CELLS, FAULTS, MOMENTS, TARGETS, why_not
from tests.chaos.checker import Records, judge

HOA, MINH = "0d9f7c52-6a0e-4d4c-9f0b-000000000001", "0d9f7c52-6a0e-4d4c-9f0b-000000000002"
SENT = [
    Submission("+84910000001", "hoa@example.test", "127.10.0.1", lead_id=HOA),
    Submission("+84910000002", None, "127.10.0.2", lead_id=MINH),
    Submission("+84910000003", "nobody@example.test", "127.10.0.3"),  # was never answered
]


def row(lead_id: str, phone: str, submissions: str = "1") -> list[str]:
    return [
        lead_id,
        "2026-03-01T00:00:00Z",
        "NEW",
        "CONTACT_FORM",
        "Hoa",
        f"'{phone}",
        "",
        "",
        "",
        "",
        submissions,
    ]


def mail(to: str, *, about: str = "", lost: bool = False) -> dict[str, Any]:
    page = f"http://localhost/admin/leads/{about}" if about else "Xin chào"
    return {"to": [to], "text": page, "subject": "", "answerLost": lost}


RIGHT = Records(
    rows=[row(HOA, "+84910000001"), row(MINH, "+84910000002")],
    mails=[
        mail("hoa@example.test"),
        mail("boss@example.test", about=HOA),
        mail("boss@example.test", about=MINH),
    ],
    notes={"admin": [HOA, MINH], "manager": [MINH, HOA]},
)


def test_records_that_are_right_pass() -> None:
    findings = judge(SENT, RIGHT)
    assert (findings.faults, findings.missing, findings.ambiguous_mails) == ({}, 0, 0)


@pytest.mark.parametrize(
    ("doctored", "found"),
    [
        ({"rows": RIGHT.rows[:1]}, {"missing rows": [MINH]}),
        ({"rows": [*RIGHT.rows, RIGHT.rows[0]]}, {"doubled rows": [HOA]}),
        (
            {"rows": [*RIGHT.rows, row("0d9f7c52-6a0e-4d4c-9f0b-000000000009", "+84910000001")]},
            {"doubled leads": ["+84910000001"]},
        ),
        ({"rows": [RIGHT.rows[0], row(MINH, "+84910000002", "2")]}, {"doubled leads": ["+84910000002"]}),
        (
            {"rows": [*RIGHT.rows, row("a", "+84910000003"), row("b", "+84910000003")]},
            {"doubled leads": ["+84910000003"]},
        ),
        ({"mails": RIGHT.mails[1:]}, {"missing mails": ["hoa@example.test"]}),
        ({"mails": [*RIGHT.mails, RIGHT.mails[0]]}, {"doubled mails": ["hoa@example.test"]}),
        ({"mails": [*RIGHT.mails, RIGHT.mails[2]]}, {"doubled mails": [f"boss@example.test {MINH}"]}),
        ({"notes": {"admin": [HOA, MINH], "manager": [HOA]}}, {"missing notes": [MINH]}),
        ({"notes": {"admin": [HOA, MINH, HOA], "manager": [HOA, MINH]}}, {"doubled notes": [HOA]}),
    ],
)
def test_what_is_lost_or_doubled_is_found(doctored: dict[str, Any], found: dict[str, list[str]]) -> None:
    assert judge(SENT, dataclasses.replace(RIGHT, **doctored)).faults == found


def test_a_second_mail_is_explained_by_a_lost_answer_and_by_no_other_ones() -> None:
    twice = [mail("hoa@example.test", lost=True), mail("hoa@example.test")]
    findings = judge(SENT, dataclasses.replace(RIGHT, mails=[*twice, *RIGHT.mails[1:]]))
    assert (findings.faults, findings.ambiguous_mails) == ({}, 1)
    thrice = [*twice, mail("hoa@example.test")]
    findings = judge(SENT, dataclasses.replace(RIGHT, mails=[*thrice, *RIGHT.mails[1:]]))
    assert findings.faults == {"doubled mails": ["hoa@example.test"]}


def test_a_form_without_an_answer_may_be_stored_once() -> None:
    rows = [*RIGHT.rows, row("0d9f7c52-6a0e-4d4c-9f0b-000000000003", "+84910000003")]
    assert judge(SENT, dataclasses.replace(RIGHT, rows=rows)).faults == {}


def test_forty_cells_are_run_and_every_other_has_its_reason() -> None:
    assert len({cell.name for cell in CELLS}) == len(CELLS) == 40
    reasons = {
        (target, fault, moment): why_not(target, fault, moment)
        for target in TARGETS
        for fault in FAULTS
        for moment in MOMENTS
    }
    assert sum(not reason for reason in reasons.values()) == 40
