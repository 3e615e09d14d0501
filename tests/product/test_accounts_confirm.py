"""The link that confirms an address. Numbers are of OWASP ASVS 5.0, of level 2 or below unless said."""

from typing import TYPE_CHECKING

import pytest

from tests.product.conftest import FrozenClock, LambdaContext

if TYPE_CHECKING:
    from tests.product.account_fixtures import Door

pytest_plugins = ("tests.product.account_fixtures",)


@pytest.mark.parametrize("kind", ["nonsense", "forged", "expired", "another purpose", "void", "gone"])
def test_every_link_that_leads_nowhere_gets_the_same_answer(
    door: "Door", clock: FrozenClock, kind: str
) -> None:
    """V6.4.1: links expire and are used once; V6.3.8: what was wrong with one is not told."""
    from chalicelib.guards import link_token  # noqa: PLC0415

    door.sign_up()
    token = door.link()
    (row,) = door.ledger.rows("SELECT id FROM link_tokens")
    if kind == "nonsense":
        token = "x"
    elif kind == "forged":
        token = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    elif kind == "expired":
        clock.advance(86_400)
    elif kind == "another purpose":
        token = link_token.token_of(row["id"], link_token.PASSWORD_RESET)
    elif kind == "void":
        clock.advance(1)
        door.sign_up()
    elif kind == "gone":
        door.ledger.rows("DELETE FROM users")
    answer = door.post("verify", {"token": token}, headers={"x-correlation-id": "same"})
    assert answer.status == 422
    assert answer.json["errors"] == [
        {
            "pointer": "/token",
            "code": "not_valid",
            "detail": "This link is not valid any more; please ask for a new one.",
        }
    ]
    assert [row["confirmed_at"] for row in door.users()] in ([None], [])


def test_a_link_holds_for_24_hours_and_its_answer_may_be_asked_again(
    door: "Door", clock: FrozenClock
) -> None:
    """The first answer may be lost; a repeat changes nothing."""
    door.sign_up()
    token = door.link()
    clock.advance(86_398)
    assert door.post("verify", {"token": token}).status == 204
    confirmed = door.users()
    clock.advance(1)
    assert door.post("verify", {"token": token}).status == 204
    assert door.users() == confirmed
    clock.advance(1)
    assert door.post("verify", {"token": token}).status == 422


def test_an_account_that_nobody_confirmed_is_forgotten_after_a_week(door: "Door", clock: FrozenClock) -> None:
    """R23, V14.2.7 (level 3): no stranger's address is kept; staff and whoever still has a link stay."""
    from chalicelib.accounts.jobs import forget_over  # noqa: PLC0415

    door.sign_up(email="confirmed@example.test")
    assert door.post("verify", {"token": door.link()}).status == 204
    for email in ("staff@example.test", "late@example.test", "again@example.test"):
        door.sign_up(email=email)
    door.ledger.rows("UPDATE users SET role = 'MANAGER' WHERE email = 'staff@example.test'")
    clock.advance(6 * 86_400 + 1)
    forget_over(LambdaContext())
    assert len(door.users()) == 4
    door.sign_up(email="again@example.test")
    clock.advance(86_399)
    forget_over(LambdaContext())
    left = {row["email"].partition("@")[0] for row in door.users()}
    assert left == {"confirmed", "staff", "again"}
