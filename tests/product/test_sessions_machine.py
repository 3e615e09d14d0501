"""Token families against a plain model: whatever browsers, thieves and time do, both say the same."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from local.stack import Stack
from tests.product.account_samples import StandingClock
from tests.product.conftest import FrozenClock, Ledger
from tests.product.profiles import MACHINES, MACHINES_MAY_TAKE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.product.account_fixtures import Door

pytest_plugins = ("tests.product.account_fixtures",)
pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
GRACE, IDLE, ALL = timedelta(seconds=10), timedelta(days=7), timedelta(days=30)
EDGES_S = [0.001, 9.999, 10.0, 10.001, 604_799.0, 604_800.0, 2_591_999.0]
BROWSERS = 2


@dataclass
class Family:
    """A session as one would write it down: every token ever given out, and when each was exchanged."""

    began_at: datetime
    tokens: list[Any]
    exchanged_at: list[datetime] = field(default_factory=list)
    is_over: bool = False

    @property
    def used_at(self) -> datetime:
        """When it was last exchanged."""
        return self.exchanged_at[-1] if self.exchanged_at else self.began_at

    def show(self, place: int, now: datetime) -> str:
        """What becomes of the token at *place*: `next`, `again` or `refused`."""
        if self.is_over or now >= self.began_at + ALL or now >= self.used_at + IDLE:
            return "refused"
        if place == len(self.tokens) - 1:
            self.exchanged_at.append(now)
            return "next"
        if now < self.exchanged_at[place] + GRACE:
            return "again"
        self.is_over = True
        return "refused"


class Sessions(RuleBasedStateMachine):
    """Browsers of one account on real PostgreSQL and Valkey; any token ever given out may be shown again."""

    account: dict[str, Any]
    ledger: Ledger
    clock: FrozenClock

    def __init__(self) -> None:
        super().__init__()
        self.ledger.rows("DELETE FROM sessions")
        self.families: list[Family] = []
        self.last: dict[int, int] = {}

    @rule(browser=st.integers(0, BROWSERS - 1))
    def sign_in(self, browser: int) -> None:
        """A new family; the browser's former one ends with it."""
        from chalicelib.accounts.sessions import service, tokens  # noqa: PLC0415

        former = self.families[self.last[browser]] if browser in self.last else None
        begun = service.begin(
            self.account,
            account_digest="machine",
            begun_at=self.clock.now(),
            former=former.tokens[-1] if former else None,
        )
        assert begun is not None
        if former:
            former.is_over = True
        token = tokens.read(begun.cookie.partition(";")[0].partition("=")[2])
        self.last[browser] = len(self.families)
        self.families.append(Family(self.clock.now(), [token]))

    def refresh(self, token: Any) -> Any:
        """Show *token*: the token that comes back, or None for a refusal."""
        from chalicelib.accounts.sessions import service, tokens  # noqa: PLC0415
        from chalicelib.platform.errors import Unauthenticated  # noqa: PLC0415

        try:
            continued = service.refresh(token)
        except Unauthenticated:
            return None
        return tokens.read(continued.cookie.partition(";")[0].partition("=")[2])

    def expect(self, family: Family, place: int, found: Any) -> None:
        """What was *found* is what the model says."""
        expected = family.show(place, self.clock.now())
        if expected == "refused":
            assert found is None
        elif expected == "again":
            assert found == family.tokens[-1]
        else:
            assert found is not None
            assert found not in family.tokens
            family.tokens.append(found)

    @precondition(lambda self: self.families)
    @rule(data=st.data(), back=st.one_of(st.just(0), st.integers(0, 4)))
    def show(self, data: st.DataObject, back: int) -> None:
        """Any family's latest token, or one of those before it."""
        family = data.draw(st.sampled_from(self.families))
        place = max(0, len(family.tokens) - 1 - back)
        self.expect(family, place, self.refresh(family.tokens[place]))

    @precondition(lambda self: any(not family.is_over for family in self.families))
    @rule(data=st.data(), lost=st.lists(st.floats(0, 9.9), min_size=1, max_size=3))
    def lose_answers(self, data: st.DataObject, lost: list[float]) -> None:
        """An honest client whose answers are lost asks again within the grace, and is never signed out."""
        family = data.draw(st.sampled_from([each for each in self.families if not each.is_over]))
        token, now = family.tokens[-1], self.clock.now()
        if now >= family.began_at + ALL - GRACE or now >= family.used_at + IDLE:
            return
        place = len(family.tokens) - 1
        self.expect(family, place, self.refresh(token))
        for until_s in sorted(lost):
            self.clock.instant = now + timedelta(seconds=until_s)
            found = self.refresh(token)
            assert found == family.tokens[-1]
        self.expect(family, len(family.tokens) - 1, self.refresh(family.tokens[-1]))

    @precondition(lambda self: self.families)
    @rule(data=st.data(), count=st.integers(2, 4))
    def show_at_once(self, data: st.DataObject, count: int) -> None:
        """Several tabs at the same instant: one successor, whoever comes first."""
        family = data.draw(st.sampled_from(self.families))
        place = len(family.tokens) - 1
        with ThreadPoolExecutor(count) as threads:
            found = list(threads.map(self.refresh, [family.tokens[place]] * count))
        self.expect(family, place, found[0])
        assert set(found) == {found[0]}

    @precondition(lambda self: self.families)
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        """With any token that was ever given out."""
        from chalicelib.accounts.sessions import service  # noqa: PLC0415

        family = data.draw(st.sampled_from(self.families))
        service.end(data.draw(st.sampled_from(family.tokens)))
        family.is_over = True

    @precondition(lambda self: self.families)
    @rule()
    def reset_the_password(self) -> None:
        """All sessions end, and the next sign-in is with the new password."""
        from chalicelib.accounts.password_reset import store  # noqa: PLC0415
        from chalicelib.platform.postgres import database  # noqa: PLC0415

        link_id, now = uuid.uuid4(), self.clock.now()
        self.ledger.rows(
            "INSERT INTO link_tokens (id, user_id, purpose, created_at, expires_at)"
            " VALUES (%s, %s, 'password_reset', %s, %s)",
            *(link_id, self.account["id"], now, now + GRACE),
        )
        self.account["password_hash"] = str(link_id)
        parameters = {"link_id": link_id, "now": now, "password_hash": str(link_id), "account_digests": []}
        assert store.confirm(database(), parameters)
        for family in self.families:
            family.is_over = True

    @rule(duration_s=st.one_of(st.sampled_from(EDGES_S), st.floats(0.001, 60)))
    def pass_time(self, duration_s: float) -> None:
        """Time passes, often right up to an edge."""
        self.clock.advance(duration_s)

    @invariant()
    def at_most_one_token_of_a_live_family_can_be_exchanged(self) -> None:
        """The database says of every family what the model says, and knows one generation of each."""
        from chalicelib.platform.postgres import database  # noqa: PLC0415

        rows = database().rows(
            "SELECT session.id, generation,"
            " ended_at IS NOT NULL OR epoch < users.sessions_epoch AS is_over"
            " FROM sessions AS session JOIN users ON users.id = user_id"
        )
        kept = {row["id"]: (row["generation"], row["is_over"]) for row in rows}
        assert kept == {
            family.tokens[0].session_id: (len(family.tokens) - 1, family.is_over) for family in self.families
        }


@pytest.fixture
def direct(parts: Stack, monkeypatch: pytest.MonkeyPatch) -> "Iterator[None]":
    """The real parts without the fault proxies, which would only make ten thousand steps slow."""
    from chalicelib.platform import postgres  # noqa: PLC0415
    from chalicelib.platform.settings import settings  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    def connect_anew() -> None:
        postgres.database().close()
        valkey().close()
        for kept in (settings, postgres.database, valkey):
            kept.cache_clear()

    connect_anew()
    monkeypatch.setenv("DATABASE_URL", parts.database_url)
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{parts.ports['valkey']}/0")
    yield
    connect_anew()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.proves("P10")
def test_token_families_do_what_a_plain_model_does(
    newcomer: "Callable[..., Door]", ledger: Ledger, clock: FrozenClock, direct: None
) -> None:
    """P10, V7.4.1, V7.4.3, V10.4.5: a state machine over real PostgreSQL and Valkey."""
    del direct
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415

    newcomer()
    (account,) = ledger.rows("SELECT * FROM users")
    standing = StandingClock()
    machine = type("WiredSessions", (Sessions,), {"account": account, "ledger": ledger, "clock": standing})
    product_clock.install(standing)
    try:
        run_state_machine_as_test(machine, settings=MACHINES)
    finally:
        product_clock.install(clock)
