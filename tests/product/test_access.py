"""
Who may call what: every route with roles in every role and in none, forged tokens, and the order of checks.

Numbers are of OWASP ASVS 5.0, level 2.
"""

import base64
import hmac
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock
from tests.product.log_lines import events

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures",)
ROLES = ("ADMIN", "MANAGER", "CONTRACTOR", "HOMEOWNER")
_IN_ADDRESSES = {"queue": "email", "ip": "203.0.113.9"}  # every other name in an address is an id


def _operations() -> Any:
    import app  # noqa: F401, PLC0415  its blueprints declare them
    from chalicelib.platform.http.edge import registered_operations  # noqa: PLC0415

    return registered_operations()


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("role", [*ROLES, None])
def test_every_route_with_roles_lets_in_those_and_nobody_else(desk: "Desk", role: str | None) -> None:
    """V8.2.1, V8.3.1: by what the routes declare, so a new one is walked too."""
    walked = [operation for operation in _operations() if operation.roles is not None]
    assert len(walked) >= 10
    for operation in sorted(walked, key=lambda each: (each.method, each.path) == ("DELETE", "/me")):
        body: Any = {} if operation.body else None
        names = {
            name: _IN_ADDRESSES.get(name, str(uuid.uuid4()))
            for name in re.findall(r"{(\w+)}", operation.path)
        }
        answer = desk.call(operation.method, operation.path, body, role=role, **names)
        where = f"{operation.method} {operation.path} as {role}"
        if role is None:
            assert (answer.status, answer.json["code"]) == (401, "UNAUTHENTICATED"), where
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        elif role not in (operation.roles or ()):
            assert (answer.status, answer.json["code"]) == (403, "FORBIDDEN"), where
            assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
        else:
            assert answer.status in {200, 201, 202, 204, 303, 404, 409, 422}, f"{where}: {answer.body}"


def test_everything_of_staff_is_for_staff_and_everything_else_says_what_it_is_for(api: Api) -> None:
    del api
    from chalicelib.guards.access import EVERYBODY, STAFF  # noqa: PLC0415

    for operation in _operations():
        if operation.path.startswith("/admin"):
            assert operation.roles is not None, operation.path
            assert operation.roles <= STAFF, operation.path
        elif operation.path == "/me" or operation.path.startswith("/me/"):
            assert operation.roles == EVERYBODY, operation.path
        else:
            assert operation.roles is None, operation.path


def test_a_refused_role_is_logged_without_secrets(desk: "Desk", capsys: pytest.CaptureFixture[str]) -> None:
    """V16.3.2: failed authorization attempts are logged."""
    desk.call("GET", "/admin/audit", role="HOMEOWNER")
    (line,) = events(capsys, "access.forbidden")
    assert (line["userId"], line["role"], line["path"]) == (
        str(desk.ids["HOMEOWNER"]),
        "HOMEOWNER",
        "/admin/audit",
    )


def _part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _forge(
    token: str, *, header: dict[str, Any], claims: dict[str, Any], key: bytes | None, digest: str = "sha256"
) -> str:
    """*token* with changes (None removes), signed with *key*; None keeps the old signature."""
    parts = token.split(".")
    for place, changes in enumerate((header, claims)):
        document = {**_read(parts[place]), **changes}
        parts[place] = _part({name: value for name, value in document.items() if value is not None})
    if key is not None:
        made = hmac.digest(key, f"{parts[0]}.{parts[1]}".encode(), digest)
        parts[2] = base64.urlsafe_b64encode(made).rstrip(b"=").decode()
    return ".".join(parts)


def test_what_the_forger_of_these_tests_makes_without_changes_is_accepted(desk: "Desk") -> None:
    from chalicelib.guards.access import _key  # noqa: PLC0415

    same = _forge(desk.token("MANAGER"), header={}, claims={}, key=_key())
    assert desk.api.call("GET", "/me", headers=_bearer(same)).status == 200


@pytest.mark.parametrize(
    ("header", "claims", "key", "digest"),
    [
        ({}, {"role": "ADMIN"}, None, ""),
        ({}, {"sub": str(uuid.uuid4())}, None, ""),
        ({}, {"exp": 2**40}, None, ""),
        ({"alg": "none"}, {"role": "ADMIN"}, b"", "sha256"),
        ({"alg": "HS512"}, {}, "own", "sha512"),
        ({}, {}, b"another key of thirty-two bytes!", "sha256"),
        ({}, {"aud": "another"}, "own", "sha256"),
        ({}, {"iss": "another"}, "own", "sha256"),
        ({}, {"aud": None}, "own", "sha256"),
        ({}, {"exp": None}, "own", "sha256"),
        ({}, {"exp": "2099-01-01"}, "own", "sha256"),
        ({}, {"sub": None}, "own", "sha256"),
        ({}, {"role": None}, "own", "sha256"),
        ({"typ": "JWT"}, {}, "own", "sha256"),
        ({"typ": "rt+jwt"}, {}, "own", "sha256"),
        ({"typ": None}, {}, "own", "sha256"),
    ],
)
def test_a_token_that_we_did_not_make_for_this_opens_nothing(
    desk: "Desk", header: dict[str, Any], claims: dict[str, Any], key: Any, digest: str
) -> None:
    """V9.1.1 signature, V9.1.2 algorithm, V9.1.3 key, V9.2.2 type, V9.2.3 audience."""
    from chalicelib.guards.access import _key  # noqa: PLC0415

    signing = _key() if key == "own" else key
    token = _forge(desk.token("MANAGER"), header=header, claims=claims, key=signing, digest=digest)
    for forged in {token, token.rsplit(".", 1)[0] + "."}:
        answer = desk.api.call("GET", "/admin/audit", headers=_bearer(forged))
        assert (answer.status, answer.json["code"]) == (401, "UNAUTHENTICATED")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "shown", ["Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer é", "Bearer " + "a" * 9000]
)
def test_what_is_no_token_is_a_401_too(desk: "Desk", shown: str) -> None:
    assert desk.api.call("GET", "/me", headers={"authorization": shown}).status == 401


@pytest.mark.parametrize("scheme", ["", "Basic ", "Token "])
def test_only_bearers_are_heard(desk: "Desk", scheme: str) -> None:
    shown = {"authorization": scheme + desk.token("MANAGER")}
    answer = desk.api.call("GET", "/me", headers=shown)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert (
        desk.api.call("GET", "/me", headers={"authorization": f"bEARER {desk.token('MANAGER')}"}).status
        == 200
    )


def test_a_token_is_valid_for_fifteen_minutes_of_the_products_clock(desk: "Desk", clock: FrozenClock) -> None:
    """V9.2.1: its validity time span."""
    clock.instant = clock.instant.replace(microsecond=0)
    token = _bearer(desk.token("MANAGER"))
    clock.advance(899)
    assert desk.api.call("GET", "/me", headers=token).status == 200
    clock.advance(1)
    assert desk.api.call("GET", "/me", headers=token).status == 401


def test_a_token_has_a_key_of_its_own(desk: "Desk") -> None:
    from chalicelib.guards.access import _key  # noqa: PLC0415
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    secret = settings().jwt_secret.get_secret_value().encode()
    token = _forge(desk.token("ADMIN"), header={}, claims={}, key=secret)
    assert desk.api.call("GET", "/me", headers=_bearer(token)).status == 401
    assert _key() != secret


def test_checks_come_in_the_order_that_is_fixed(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """413, 415, 400, then 429, then 401, then 403, then 422; a refused call counts as any other."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    monkeypatch.setenv("RATE_LIMIT_SIGNED_IN", "4/60")
    settings.cache_clear()
    try:

        def statuses(role: str | None) -> list[int]:
            form = {"content-type": "text/plain"}
            post = ("POST", "/admin/notifications")
            return [
                desk.call(*post, "[" + "1," * 40_000 + "1]", role=role).status,
                desk.call(*post, "{}", role=role, headers=form).status,
                desk.call(*post, "{", role=role).status,
                desk.call(*post, {}, role=role).status,
            ]

        assert statuses(None) == [413, 415, 400, 401]
        assert statuses("HOMEOWNER") == [413, 415, 400, 403]
        assert statuses("MANAGER") == [413, 415, 400, 422]
        answer = desk.call("GET", "/me", role=None)
        assert (answer.status, answer.headers["X-RateLimit-Remaining"]) == (401, "0")
        assert statuses(None) == statuses("HOMEOWNER") == statuses("MANAGER") == [413, 415, 400, 429]
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert len(events(capsys, "access.forbidden")) == 2


def _scripts_run() -> int:
    """How many scripts Valkey has run."""
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    told = valkey().command("INFO", "commandstats")
    return sum(int(told.get(f"cmdstat_{name}", {"calls": 0})["calls"]) for name in ("eval", "evalsha"))


def test_knowing_who_calls_costs_no_trip_to_valkey(desk: "Desk") -> None:
    desk.get("/me")
    before = _scripts_run()
    desk.get("/me")
    assert desk.call("GET", "/me", role=None).status == 401
    assert _scripts_run() - before == 2


def test_without_valkey_the_same_people_are_let_in(desk: "Desk", faults: Faults) -> None:
    faults.set("redis", "refuse")
    assert desk.call("GET", "/admin/audit").status == 200
    assert desk.call("GET", "/admin/audit", role="CONTRACTOR").status == 403
    assert desk.call("GET", "/admin/audit", role=None).status == 401


def _keyed_call(token: str) -> Any:
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415
    from chalicelib.platform.http import Call  # noqa: PLC0415

    headers = {"authorization": f"Bearer {token}", "idempotency-key": "one"}
    return Call("POST", "/x", "/api/x", {}, {}, headers, b"{}", "192.0.2.9", "c", product_clock.now())


def test_ones_idempotency_key_never_meets_another_persons(desk: "Desk") -> None:
    """V8.2.2: an answer that was kept for one is not told to another; who is refused reserves nothing."""
    from chalicelib.guards.access import EVERYBODY, STAFF  # noqa: PLC0415
    from chalicelib.guards.admission import Admission  # noqa: PLC0415
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415
    from chalicelib.platform.errors import Forbidden  # noqa: PLC0415
    from chalicelib.platform.http import Answer  # noqa: PLC0415

    closed = Admission("SIGNED_IN", roles=STAFF, idempotent=True)
    with pytest.raises(Forbidden):
        closed.admit(_keyed_call(desk.token("HOMEOWNER")))
    assert closed.reservation is None
    guard = Admission("SIGNED_IN", roles=EVERYBODY, idempotent=True)
    first = _keyed_call(desk.token("HOMEOWNER"))
    assert guard.admit(first) is None
    assert guard.reservation is not None
    guard.reservation.answer = Answer(200, "hers")
    guard.reservation.expires_ms = product_clock.now_ms() + 60_000
    guard.complete(first, guard.reservation.answer)
    assert guard.admit(_keyed_call(desk.token("CONTRACTOR"))) is None
    replayed = guard.admit(_keyed_call(desk.token("HOMEOWNER")))
    assert replayed is not None
    assert replayed.body == "hers"


def test_the_openapi_document_says_who_may_call(api: Api) -> None:
    document = api.call("GET", "/openapi.json").json
    scheme = document["components"]["securitySchemes"]["bearerAuth"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    audit = document["paths"]["/admin/audit"]["get"]
    assert audit["security"] == [{"bearerAuth": []}]
    assert "ADMIN, MANAGER" in audit["description"]
    assert {"200", "401", "403", "429"} <= set(audit["responses"])
    assert "security" not in document["paths"]["/leads"]["post"]
    refusal = document["paths"]["/auth/login"]["post"]["responses"]["401"]
    assert "UNAUTHENTICATED" in refusal["$ref"]
