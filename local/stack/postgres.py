"""
PostgreSQL of the stack: made once with initdb, run over TCP on 127.0.0.1 only, with passwords and with
fsync.

The role `plumbline` owns the database of the same name, and may make roles, as Aurora's master user may.
Extensions need the superuser and are put in here, also into template1, so that a test's own database has
them too. Fails with `StackError` where old data do not fit the engine.
"""

import locale
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from local.stack.children import ChildSpec, base_environment
from local.stack.errors import StackError
from local.stack.files import write_atomically
from local.stack.postgres_home import PostgresHome, find_home

_DATABASE = "plumbline"
_EXTENSIONS = ("pg_trgm", "unaccent", "pg_stat_statements")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "250",
    "shared_preload_libraries": "pg_stat_statements",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_connections": "off",
    "max_wal_size": "512MB",
}
_ACCESS = "# Only the loopback, only with a password.\nhost all all 127.0.0.1/32 scram-sha-256\n"


def _character_type() -> str:
    """
    What is a letter to extensions (pg_trgm asks the system, not PostgreSQL's own locale): all that are, as in
    RDS, where this machine knows them; else ASCII's, which makes a search for accented letters slower.
    """
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        return locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


class Postgres:
    """The database server of one stack."""

    def __init__(self, data_dir: Path, port: int, *, password: str, superuser_password: str) -> None:
        self._home: PostgresHome = find_home(data_dir)
        self._port = port
        self._password = password
        self._superuser_password = superuser_password
        self._data = self._home.folder / "data"

    @property
    def superuser_url(self) -> str:
        """The address for what only `postgres` may do; used by the stack itself and by tests."""
        return f"postgresql://postgres:{self._superuser_password}@127.0.0.1:{self._port}/postgres"

    def url(self, port: int | None = None) -> str:
        """The product's address, directly or by way of the fault proxy on *port*."""
        return f"postgresql://plumbline:{self._password}@127.0.0.1:{port or self._port}/{_DATABASE}"

    def spec(self) -> ChildSpec:
        """How to run the server. SIGINT is its fast shutdown: clients are cut off, everything is written."""
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return ChildSpec(
            name="postgres",
            argv=[str(self._home.bin / "postgres"), "-D", str(self._data), "-p", str(self._port), *options],
            is_ready=self._answers,
            cwd=self._home.folder,
            environment={"HOME": str(self._home.folder)},
            user=self._home.user,
            stop_signal=signal.SIGINT,
            before_start=self._end_left_over,
            after_ready=self._create_database,
        )

    def prepare(self) -> None:
        """
        Make the cluster where there is none.

        Raises:
            StackError: initdb failed, or the data are another major version's.
        """
        version_file = self._data / "PG_VERSION"
        if version_file.exists():
            theirs, ours = version_file.read_text().strip(), self._major_version()
            if theirs != ours:
                raise StackError(
                    f"The data in {self._data} are PostgreSQL {theirs}'s, the engine is {ours}: "
                    "`make run ARGS=--fresh` starts anew."
                )
            return
        fresh = self._home.folder / f"data.{os.getpid()}"
        password_file = self._home.folder / f"password.{os.getpid()}"
        write_atomically(password_file, self._superuser_password, mode=0o600)
        if self._home.user is not None:
            os.chown(password_file, self._home.user, self._home.user)
        try:
            self._run(
                "initdb", "-D", str(fresh), "-U", "postgres", "--pwfile", str(password_file),
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", f"--lc-ctype={_character_type()}",
            )  # fmt: skip
        finally:
            password_file.unlink()
        (fresh / "pg_hba.conf").write_text(_ACCESS)
        fresh.rename(self._data)

    def _major_version(self) -> str:
        return self._run("postgres", "--version").split()[-1].split(".")[0]

    def _run(self, program: str, *arguments: str) -> str:
        user = self._home.user
        done = subprocess.run(
            [str(self._home.bin / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._home.folder,
            env=base_environment() | {"HOME": str(self._home.folder), "LC_ALL": "C"},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        if done.returncode:
            raise StackError(f"{program} failed ({done.returncode}):\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.superuser_url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def _end_left_over(self) -> None:
        """End a server that no supervisor knows of; drop the lock file of one that is gone."""
        lock = self._data / "postmaster.pid"
        try:
            process = psutil.Process(int(lock.read_text().split()[0]))
            arguments = process.cmdline()
        except (OSError, ValueError, IndexError, psutil.Error):
            return
        if str(self._data) not in arguments:
            lock.unlink()
            return
        with suppress(psutil.Error):
            process.send_signal(signal.SIGINT)
            process.wait(5)

    def _create_database(self) -> None:
        """Role, database and extensions, each only where it is missing."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (_DATABASE,)).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                        sql.Identifier(_DATABASE), sql.Literal(self._password)
                    )
                )
                connection.execute(sql.SQL("GRANT pg_monitor TO {}").format(sql.Identifier(_DATABASE)))
            self._add_extensions("template1")
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)
            ).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(_DATABASE), sql.Identifier(_DATABASE)
                    )
                )
        self._add_extensions(_DATABASE)

    def _add_extensions(self, database: str) -> None:
        with psycopg.connect(self.superuser_url, dbname=database, autocommit=True) as connection:
            for name in _EXTENSIONS:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
