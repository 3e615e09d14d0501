"""Fences: what PostgreSQL accepts under a lock comes from ever later holders, whatever the lock did."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from local.stack import Stack
from tests.product.conftest import FrozenClock, Ledger

if TYPE_CHECKING:
    from chalicelib.platform.postgres import Database
    from chalicelib.resilience.valkey import Valkey

NAME = "sheets:fenced"
TTL_S = 30.0


@dataclass(frozen=True)
class House:
    """The real parts, reached directly: what the proxies do is for other tests."""

    valkey: "Valkey"
    away: "Valkey"
    database: "Database"
    clock: FrozenClock

    def write(self, worker: int, fence: int) -> None:
        """Write under *fence*, as every writer under a lock does."""
        from chalicelib.resilience.store import hold_fence  # noqa: PLC0415

        with self.database.transaction() as transaction:
            transaction.rows("INSERT INTO fenced_writes (worker, fence) VALUES (%s, %s)", [worker, fence])
            hold_fence(transaction, NAME, fence)

    def written(self) -> list[int]:
        """The fencing numbers of the writes that were accepted, in their order."""
        return [row["fence"] for row in self.database.rows("SELECT fence FROM fenced_writes ORDER BY seq")]


@pytest.fixture
def house(parts: Stack, ledger: Ledger, clock: FrozenClock) -> Iterator[House]:
    """A table that is only written under a fence."""
    from chalicelib.platform.postgres import Database  # noqa: PLC0415
    from chalicelib.resilience.valkey import Valkey  # noqa: PLC0415

    ledger.rows("DROP TABLE IF EXISTS fenced_writes")
    ledger.rows(
        "CREATE TABLE fenced_writes (seq bigint GENERATED ALWAYS AS IDENTITY, worker int, fence bigint)"
    )
    valkey = Valkey(f"redis://127.0.0.1:{parts.ports['valkey']}/0")
    away = Valkey("redis://127.0.0.1:9/0")
    away._away_until = float("inf")
    database = Database(parts.environment["MIGRATION_DATABASE_URL"])
    yield House(valkey, away, database, clock)
    database.close()
    valkey.close()
    ledger.rows("DROP TABLE fenced_writes")


def test_a_holder_that_slept_past_its_ttl_cannot_write_over_its_successor(house: House) -> None:
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.store import FenceLost, issue_fence  # noqa: PLC0415

    with held(house.valkey, NAME):
        sleeping = issue_fence(house.database, NAME)
        house.write(0, sleeping)
        house.clock.advance(TTL_S + 1)
        with held(house.valkey, NAME, wait_s=0):
            late = issue_fence(house.database, NAME)
            house.write(1, late)
        with pytest.raises(FenceLost):
            house.write(0, sleeping)
    assert house.written() == [sleeping, late], "the refused write left nothing behind"


def test_two_that_skipped_the_lock_are_told_apart_by_their_fences(house: House) -> None:
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.store import FenceLost, issue_fence  # noqa: PLC0415

    with held(house.away, NAME) as first, held(house.away, NAME) as second:
        assert first.skipped
        assert second.skipped
        older, younger = issue_fence(house.database, NAME), issue_fence(house.database, NAME)
        house.write(1, younger)
        with pytest.raises(FenceLost):
            house.write(0, older)


def test_a_successor_waits_for_the_write_under_way_and_is_not_overtaken(house: House) -> None:
    from chalicelib.resilience.store import hold_fence, issue_fence  # noqa: PLC0415

    fence, issued = issue_fence(house.database, NAME), list[int]()
    successor = threading.Thread(target=lambda: issued.append(issue_fence(house.database, NAME)))
    with house.database.transaction() as transaction:
        hold_fence(transaction, NAME, fence)
        successor.start()
        successor.join(0.2)
        assert issued == [], "the fence was raised in the middle of a write that it should have refused"
        transaction.rows("INSERT INTO fenced_writes (worker, fence) VALUES (0, %s)", [fence])
    successor.join(5)
    assert issued == [fence + 1]


def test_many_at_once_are_never_issued_the_same_fence(house: House) -> None:
    from chalicelib.resilience.store import issue_fence  # noqa: PLC0415

    issued: list[int] = []
    threads = [
        threading.Thread(target=lambda: issued.append(issue_fence(house.database, NAME))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(issued) == list(range(1, 21))
