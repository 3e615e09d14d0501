"""One execution for one Idempotency-Key, whatever becomes of Valkey."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, Ledger, Turnstile

NewLead = Callable[..., dict[str, Any]]


def _submit(api: Api, body: Any, key: str) -> Any:
    return api.call("POST", "/leads", body, headers={"idempotency-key": key})


@pytest.mark.proves("P13")
def test_a_replayed_key_returns_the_first_answer_without_a_second_lead(
    api: Api, new_lead: NewLead, ledger: Ledger, key: str
) -> None:
    """P13: the same bytes, marked as a replay, and one lead with one job."""
    body = new_lead()
    first, second = _submit(api, body, key), _submit(api, body, key)
    assert (first.status, second.status) == (201, 201)
    assert second.body == first.body
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(ledger.rows("SELECT 1 FROM leads")) == 1
    assert len(ledger.rows("SELECT 1 FROM jobs WHERE type = 'google_sheets'")) == 1


def test_the_same_fields_in_another_order_are_the_same_request(api: Api, new_lead: NewLead, key: str) -> None:
    body = new_lead()
    first = _submit(api, body, key)
    again = _submit(api, dict(reversed(body.items())), key)
    assert (again.status, again.json) == (201, first.json)


@pytest.mark.proves("P13")
def test_a_replay_survives_a_flush_of_valkey_and_a_spent_captcha_token(
    api: Api, new_lead: NewLead, faults: Faults, ledger: Ledger, key: str
) -> None:
    """P13: PostgreSQL has the answer, and it is given before the token is looked at."""
    body = new_lead()
    first = _submit(api, body, key)
    faults.set("redis", "flush")
    faults.set("turnstile", "refuse")
    second = _submit(api, body, key)
    assert (second.status, second.body) == (201, first.body)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(ledger.rows("SELECT 1 FROM leads")) == 1


@pytest.mark.proves("P13")
@pytest.mark.parametrize("mode", ["refuse", "timeout", "reset"])
def test_a_replay_survives_losing_valkey(
    api: Api, new_lead: NewLead, faults: Faults, ledger: Ledger, key: str, mode: str
) -> None:
    """P13: stored with Valkey, repeated without; and stored without, repeated with."""
    body, other = new_lead(), new_lead(phone="0987 654 321")
    first = _submit(api, body, key)
    faults.set("redis", mode)
    assert _submit(api, body, key).body == first.body
    without = _submit(api, other, f"{key}-other")
    assert without.status == 201
    faults.mend()
    assert _submit(api, other, f"{key}-other").body == without.body
    assert len(ledger.rows("SELECT 1 FROM leads")) == 2


def test_a_fresh_captcha_token_does_not_make_it_another_request(
    api: Api, new_lead: NewLead, turnstile: Turnstile, key: str
) -> None:
    body = new_lead()
    first = _submit(api, body, key)
    second = _submit(api, {**body, "turnstileToken": turnstile.token()}, key)
    assert second.body == first.body


def test_a_reused_key_with_another_body_is_refused_with_and_without_valkey(
    api: Api, new_lead: NewLead, faults: Faults, ledger: Ledger, key: str
) -> None:
    _submit(api, new_lead(), key)
    changed = new_lead(name="Someone Else")
    assert _submit(api, changed, key).json["code"] == "IDEMPOTENCY_KEY_REUSED"
    faults.set("redis", "flush")
    refused = _submit(api, changed, key)
    assert (refused.status, refused.json["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(ledger.rows("SELECT 1 FROM leads")) == 1


@pytest.mark.parametrize("bad", ["", "é", "a" * 256, "tab\there", "new\nline"])
def test_a_malformed_key_is_refused(api: Api, new_lead: NewLead, ledger: Ledger, bad: str) -> None:
    refused = _submit(api, new_lead(), bad)
    assert (refused.status, refused.json["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")
    assert ledger.rows("SELECT 1 FROM leads") == []


def test_while_the_first_still_runs_the_second_is_told_to_wait(
    api: Api, new_lead: NewLead, faults: Faults, ledger: Ledger, key: str
) -> None:
    body = new_lead()
    faults.set("turnstile", "slow", delaySeconds=1.0)
    first: list[Any] = []
    thread = threading.Thread(target=lambda: first.append(_submit_in_other_container(body, key)))
    thread.start()
    waiting = threading.Event()
    while not ledger_has_reservation(key) and thread.is_alive():
        waiting.wait(0.01)
    second = _submit(api, body, key)
    thread.join()
    assert (second.status, second.json["code"]) == (409, "REQUEST_IN_PROGRESS")
    assert int(second.headers["Retry-After"]) >= 1
    assert first[0] == 201
    assert len(ledger.rows("SELECT 1 FROM leads")) == 1


def test_who_gives_up_late_does_not_free_the_key_of_who_came_after(api: Api, clock: FrozenClock) -> None:
    """The first was silent for longer than a reservation lasts; what the second has is not the first's."""
    del api
    from chalicelib.guards.admission import Admission  # noqa: PLC0415
    from chalicelib.platform.errors import RequestInProgress, ServiceUnavailable  # noqa: PLC0415
    from tests.product.test_rate_limit import a_call  # noqa: PLC0415

    call = a_call(headers={"idempotency-key": "one"})
    first, second, third = (Admission("LEADS", idempotent=True) for _ in range(3))
    first.admit(call)
    clock.advance(31)
    second.admit(call)
    first.abandon(call, ServiceUnavailable("too late", retry_after_s=1))
    with pytest.raises(RequestInProgress):
        third.admit(call)
    second.abandon(call, ServiceUnavailable("its own", retry_after_s=1))
    third.admit(call)


def ledger_has_reservation(key: str) -> bool:
    """Whether Valkey knows the key by now."""
    import hashlib  # noqa: PLC0415

    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    digest = hashlib.sha256(key.encode()).hexdigest()
    return bool(valkey().command("EXISTS", f"idem:POST /leads public:{digest}"))


def _submit_in_other_container(body: Any, key: str) -> int:
    """The same request in a process of its own, as another container would run it."""
    import json  # noqa: PLC0415
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    script = (
        "import json,sys;from tests.product.conftest import Api;body,key=json.load(sys.stdin);"
        "print('STATUS', Api().call('POST','/leads',body,headers={'idempotency-key':key}).status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps([body, key]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return int(done.stdout.split("STATUS")[1])


@pytest.mark.proves("P14")
def test_after_24_hours_the_key_may_be_processed_again(
    api: Api, new_lead: NewLead, clock: FrozenClock, ledger: Ledger, turnstile: Turnstile, key: str
) -> None:
    """P14: the same key and body, a day later, is a request of its own."""
    body = new_lead()
    first = _submit(api, body, key)
    clock.advance(24 * 3600 + 1)
    second = _submit(api, {**body, "turnstileToken": turnstile.token()}, key)
    assert second.status == 201
    assert second.json["id"] != first.json["id"]
    assert len(ledger.rows("SELECT 1 FROM leads")) == 2


@pytest.mark.proves("P14")
def test_without_a_key_the_same_body_is_processed_again_and_so_merged(
    api: Api, new_lead: NewLead, ledger: Ledger, turnstile: Turnstile
) -> None:
    """P14: no key, no memory; the second submission is kept and merged into the first."""
    body = new_lead()
    first = api.call("POST", "/leads", body)
    second = api.call("POST", "/leads", {**body, "turnstileToken": turnstile.token()})
    assert first.json["id"] != second.json["id"]
    merged = ledger.rows("SELECT id::text, merged_into::text FROM leads WHERE merged_into IS NOT NULL")
    assert merged == [{"id": second.json["id"], "merged_into": first.json["id"]}]


def test_a_refused_request_is_not_kept(
    api: Api, new_lead: NewLead, ledger: Ledger, turnstile: Turnstile, key: str
) -> None:
    spent = new_lead(turnstileToken=turnstile.token(result="fail"))
    assert _submit(api, spent, key).json["code"] == "CAPTCHA_FAILED"
    assert ledger.rows("SELECT 1 FROM idempotency_records") == []
    again = _submit(api, {**spent, "turnstileToken": turnstile.token()}, key)
    assert again.status == 201


@pytest.mark.proves("P13")
def test_when_valkey_forgets_in_the_middle_postgresql_lets_one_of_many_execute(
    new_lead: NewLead, ledger: Ledger
) -> None:
    """P13: 30 executions of one key that all got past Valkey commit one lead, and all give its answer."""
    from chalicelib.guards.idempotency import Reservation  # noqa: PLC0415
    from chalicelib.leads.models import NewLead as Model  # noqa: PLC0415
    from chalicelib.leads.service import _store, _Submission  # noqa: PLC0415
    from chalicelib.platform import clock  # noqa: PLC0415
    from chalicelib.platform.http import Call  # noqa: PLC0415

    lead = Model.model_validate(new_lead())
    together = threading.Barrier(30)
    bodies: list[str] = []

    def execute(position: int) -> None:
        correlation_id = f"c-{position}"
        call = Call(
            "POST", "/leads", "/api/leads", {}, {}, {}, b"", "203.0.113.1", correlation_id, clock.now()
        )
        owner = str(uuid.uuid4())
        reservation = Reservation("POST /leads public", "digest", "fingerprint", owner)
        together.wait()
        bodies.append(_store(_Submission(call, lead, reservation, None, [])).body)

    threads = [threading.Thread(target=execute, args=(position,)) for position in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 30
    assert len(set(bodies)) == 1
    assert len(ledger.rows("SELECT 1 FROM leads")) == 1
    assert len(ledger.rows("SELECT 1 FROM jobs WHERE type = 'google_sheets'")) == 1


def test_who_reserved_in_postgresql_is_not_overtaken_by_another_body(
    new_lead: NewLead, ledger: Ledger
) -> None:
    """Both looked while nothing stood there, Valkey went away, and only the first could reserve."""
    from chalicelib.guards import store  # noqa: PLC0415
    from chalicelib.guards.idempotency import Reservation  # noqa: PLC0415
    from chalicelib.leads.models import NewLead as Model  # noqa: PLC0415
    from chalicelib.leads.service import _store, _Submission  # noqa: PLC0415
    from chalicelib.platform.errors import IdempotencyKeyReused  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from tests.product.test_rate_limit import a_call  # noqa: PLC0415

    lead = Model.model_validate(new_lead())
    first, second = (
        Reservation("POST /leads public", "digest", fingerprint, str(uuid.uuid4()))
        for fingerprint in ("one", "another")
    )
    store.look(database(), first.parameters(), reserve=True)
    with pytest.raises(IdempotencyKeyReused):
        _store(_Submission(a_call(), lead, second, None, []))
    assert ledger.rows("SELECT 1 FROM leads") == []
    assert _store(_Submission(a_call(), lead, first, None, [])).status == 201
    assert len(ledger.rows("SELECT 1 FROM leads")) == 1
