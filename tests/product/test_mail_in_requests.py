"""With the broker away a request sends the visitor's mail itself, but never waits for Jinja2 to load."""

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.mail_samples import ADDRESS

if TYPE_CHECKING:
    from tests.product.conftest import Api, Faults
    from tests.product.mail_fixtures import Office

pytest_plugins = ("tests.product.mail_fixtures",)


@pytest.mark.proves("P3")
def test_a_cold_process_leaves_the_mail_to_the_worker_and_a_warm_one_sends_it(
    api: "Api", office: "Office", faults: "Faults", new_lead: Any
) -> None:
    """P3: once the template is loaded the mail goes out in the request; the first who asks has it loaded."""
    from chalicelib.mail import render  # noqa: PLC0415

    render._template.cache_clear()
    render._begin_to_warm_up.cache_clear()
    bodies = [new_lead(email=ADDRESS, phone=f"091234567{number}") for number in range(2)]
    faults.set("sqs", "refuse")
    assert api.call("POST", "/leads", bodies[0]).status == 201
    ends = time.monotonic() + 5
    while not render._template.cache_info().currsize:
        assert time.monotonic() < ends, "nobody loads the template"
        time.sleep(0.02)
    assert office.mails() == []
    started = time.perf_counter()
    answer = api.call("POST", "/leads", bodies[1])
    assert time.perf_counter() - started < 0.8
    (mail,) = office.mails()
    assert mail["to"] == [ADDRESS]
    assert answer.json["id"] in mail["text"]
    states = office.ledger.rows(
        "SELECT state FROM jobs WHERE type = 'notification' ORDER BY created_at, state"
    )
    assert sorted(row["state"] for row in states) == ["done", "waiting"]


def test_nothing_of_the_templates_is_loaded_before_somebody_writes() -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    program = "import sys, app; from chalicelib.mail import jobs; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
