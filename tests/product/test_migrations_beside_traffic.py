"""Migrations while somebody works with the tables: they wait briefly, hold up nobody, say what to do."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.platform import clock, migrations

if TYPE_CHECKING:
    from tests.product.database_fixtures import Fresh

pytest_plugins = ("tests.product.database_fixtures",)
ADD = "ALTER TABLE t ADD COLUMN a text;\n"


class PausingClock:
    """A clock whose pauses take no time; *during* is done in each."""

    def __init__(self) -> None:
        self.pauses = 0
        self.during: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The real instant."""
        return datetime.now(UTC)

    def sleep(self, duration_s: float) -> None:
        """Do what is to happen meanwhile."""
        assert duration_s == migrations.PAUSE_S
        self.pauses += 1
        self.during()


@pytest.fixture
def pauses() -> Iterator[PausingClock]:
    """The clock of the runner's pauses."""
    mine = PausingClock()
    before = clock.install(mine)
    yield mine
    clock.install(before)


@pytest.fixture
def folder(tmp_path: Path, fresh: "Fresh") -> Path:
    """A folder of migrations whose first is applied: there is a table *t*, with a row."""
    (tmp_path / "0001-t.sql").write_text("CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n")
    assert migrations.migrate(fresh.url, tmp_path) == ["0001-t.sql"]
    return tmp_path


def _columns(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [str(each.name) for each in connection.execute("SELECT * FROM t").description or ()]


def test_a_table_that_is_read_just_now_is_waited_for_and_tried_again(
    fresh: "Fresh", folder: Path, pauses: PausingClock
) -> None:
    (folder / "0002-a.sql").write_text("CREATE TABLE of_the_same_file (id int);\n" + ADD)
    with psycopg.connect(fresh.url) as reader:
        reader.execute("SELECT * FROM t")
        pauses.during = reader.commit
        assert migrations.migrate(fresh.url, folder) == ["0002-a.sql"]
    assert pauses.pauses == 1
    assert _columns(fresh.url) == ["id", "a"]


def test_whoever_comes_meanwhile_waits_for_less_than_a_statement_may_take(
    fresh: "Fresh", folder: Path, pauses: PausingClock
) -> None:
    """A reader behind the ALTER, which is behind a long transaction, is served once the ALTER gives up."""
    from chalicelib.platform.pool import STATEMENT_TIMEOUT_S  # noqa: PLC0415

    assert migrations.LOCK_TIMEOUT_S + migrations.STATEMENT_TIMEOUT_S <= STATEMENT_TIMEOUT_S
    (folder / "0002-a.sql").write_text(ADD)
    waited_s: list[float] = []

    def read_behind() -> None:
        with psycopg.connect(fresh.url, autocommit=True) as connection:
            while not connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
                time.sleep(0.01)
            began_s = time.perf_counter()
            connection.execute("SELECT * FROM t")
            waited_s.append(time.perf_counter() - began_s)

    with psycopg.connect(fresh.url) as holder:
        holder.execute("SELECT * FROM t")
        behind = threading.Thread(target=read_behind)
        behind.start()

        def end_both() -> None:
            behind.join(timeout=30)
            holder.rollback()

        pauses.during = end_both
        migrations.migrate(fresh.url, folder)
    assert 0.5 < waited_s[0] < STATEMENT_TIMEOUT_S


def test_one_that_is_never_let_in_says_so_and_leaves_nothing(
    fresh: "Fresh", folder: Path, pauses: PausingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT_S", 0.05)
    (folder / "0002-a.sql").write_text("CREATE TABLE of_the_same_file (id int);\n" + ADD)
    with psycopg.connect(fresh.url) as holder:
        holder.execute("SELECT * FROM t")
        with pytest.raises(migrations.MigrationBlocked, match=r"^0002-a.sql: no lock within .*5 times"):
            migrations.migrate(fresh.url, folder)
        assert holder.execute("SELECT to_regclass('of_the_same_file')").fetchone() == (None,)
    assert pauses.pauses == migrations.TRIES - 1
    assert _columns(fresh.url) == ["id"]


def test_another_run_is_waited_for_but_not_for_ever(
    fresh: "Fresh", folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "RUNNER_TIMEOUT_S", 0.2)
    with psycopg.connect(fresh.url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [migrations.LOCK])
        with pytest.raises(migrations.MigrationBlocked, match="Another run"):
            migrations.migrate(fresh.url, folder)
    assert migrations.migrate(fresh.url, folder) == []


def test_a_statement_that_holds_a_table_for_too_long_is_taken_back(
    fresh: "Fresh", folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "STATEMENT_TIMEOUT_S", 0.2)
    (folder / "0002-a.sql").write_text(ADD + "SELECT pg_sleep(5);\n")
    with pytest.raises(migrations.MigrationTooSlow, match=r"^0002-a.sql: .*split it"):
        migrations.migrate(fresh.url, folder)
    assert _columns(fresh.url) == ["id"]


def test_an_index_is_built_concurrently_and_what_was_left_half_built_is_built_again(
    fresh: "Fresh", folder: Path
) -> None:
    build = "-- i\nDROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (id);\n"
    (folder / "0002-i.sql").write_text(build)
    with psycopg.connect(fresh.url, autocommit=True) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            migrations.migrate(fresh.url, folder)
        is_valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"
        assert connection.execute(is_valid).fetchone() == (False,)
        connection.execute("DELETE FROM t")
        assert migrations.migrate(fresh.url, folder) == ["0002-i.sql"]
        assert connection.execute(is_valid).fetchone() == (True,)
        assert migrations.migrate(fresh.url, folder) == []
