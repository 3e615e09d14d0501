"""
The stack: starts the parts in order, watches and restarts them, ends them in reverse.

`python -m local` shows it on a screen, tests use it as a context manager. One data folder holds one running
stack at a time. Everything it says goes to *announce*; what it cannot do is a `StackError`.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from local.stack import parts, steps
from local.stack.children import Child, ChildSpec, describe_exit
from local.stack.claim import Claim
from local.stack.environment import ACCOUNTS, EMAIL_FROM, PROXIED, Addresses, product_environment
from local.stack.errors import StackError
from local.stack.files import write_atomically
from local.stack.ministack import ministack_spec
from local.stack.ports import choose_ports
from local.stack.postgres import Postgres
from local.stack.postgres_home import remove_home
from local.stack.secrets import load_secrets
from local.stack.stale import end_stale, write_pids
from local.stack.valkey import valkey_spec

PROJECT = Path(__file__).resolve().parents[2]
_RESTART_DELAYS_S = (0.1, 0.5, 1.0, 2.0, 5.0)
_STEADY_S = 30.0
_WATCH_S = 0.1
_NO_WORLD_CREDENTIALS = "{}"


class Stack:
    """PostgreSQL, Valkey, the AWS emulator, and on request the world and the cloud, below one data folder."""

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        with_cloud: bool = True,
        with_world: bool = True,
        app_dir: Path = PROJECT,
        site_dir: Path = PROJECT / "web" / "dist",
        api_containers: int = 4,
        artefact_dir: Path | None = None,
        extra_environment: Mapping[str, str] | None = None,
        sheets_quota_per_minute: int | None = None,
        announce: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.logs = self.data_dir / "logs"
        self.ports: dict[str, int] = {}
        self.environment: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self._wanted_port = port
        self._with_cloud = with_cloud
        self._with_world = with_world
        self._app_dir = app_dir.resolve()
        self._site_dir = site_dir
        self._api_containers = api_containers
        self._artefact_dir = artefact_dir
        self._extra_environment = dict(extra_environment or {})
        self._sheets_quota_per_minute = sheets_quota_per_minute
        self._announce = announce
        self._claim = Claim(self.data_dir)
        self._children: dict[str, Child] = {}
        self._guard = threading.RLock()
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._postgres: Postgres | None = None

    def __enter__(self) -> Self:
        """Start; leaving stops."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the site and the API are."""
        return f"http://localhost:{self.ports['site']}"

    @property
    def superuser_url(self) -> str:
        """PostgreSQL's superuser, for tests that cut connections or count statements."""
        return self._database().superuser_url

    @property
    def database_url(self) -> str:
        """The product's database without proxy and parameters."""
        return self._database().url()

    def pid(self, name: str) -> int:
        """
        The process id of the part *name* now.

        Raises:
            KeyError: there is no such part.
        """
        pid = self._children[name].pid
        if pid is None:
            raise KeyError(name)
        return pid

    def start(self) -> None:
        """
        Start every part and return when all of them answer.

        Call it from a thread that lives as long as the stack (the kernel ends the children with the thread
        that started them). Whatever was started is stopped again if it fails.

        Raises:
            StackError: another one runs on these data, the port is taken, or a part did not start.
        """
        self._stopping.clear()
        self._claim.take()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def request_stop(self) -> None:
        """Let a start that is under way give up; safe to call from a signal handler."""
        self._stopping.set()

    def stop(self, grace_s: float = 8.0) -> None:
        """
        End the parts in reverse order within *grace_s* seconds; what does not end in order is killed. Safe
        to repeat.
        """
        self._stopping.set()
        with self._guard:
            deadline = time.monotonic() + grace_s
            for group in (("cloud",), ("world",), ("ministack", "valkey", "postgres")):
                running = [self._children[name] for name in group if name in self._children]
                for child in running:
                    child.request_stop()
                for child in running:
                    child.wait_stopped(min(deadline, time.monotonic() + child.spec.stop_timeout_s))
            had_children = bool(self._children)
            self._children.clear()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()
            self._watcher = None
        if had_children:
            (self.data_dir / "pids.json").unlink(missing_ok=True)
        self._claim.give_up()

    def kill_parts(self) -> None:
        """End every part at once and without order, for somebody who does not want to wait."""
        for child in list(self._children.values()):
            child.kill()

    def wipe(self) -> None:
        """
        Forget all data of a stopped stack.

        Raises:
            StackError: it runs.
        """
        self._claim.take()
        try:
            end_stale(self.data_dir / "pids.json")
            remove_home(self.data_dir)
            steps.remove_contents(self.data_dir, keep=self._claim.path)
        finally:
            self._claim.give_up()

    def restart(self, name: str) -> None:
        """Stop part *name* in order and start it again, as a maintenance window would."""
        with self._guard:
            child = self._children[name]
            child.request_stop()
            child.wait_stopped(time.monotonic() + child.spec.stop_timeout_s)
            self._revive(child)

    def _start(self) -> None:
        for name in end_stale(self.data_dir / "pids.json"):
            self._announce(f"ended {name}, which an earlier run had left behind")
        self.secrets = load_secrets(self.data_dir / "secrets.json")
        self.ports = self._choose_ports()
        self._announce("starting PostgreSQL, Valkey and the AWS emulator")
        postgres = self._postgres = Postgres(
            self.data_dir,
            self.ports["postgres"],
            password=self.secrets["postgres_password"],
            superuser_password=self.secrets["postgres_superuser_password"],
        )
        first = [
            valkey_spec(self.data_dir, self.ports["valkey"]),
            ministack_spec(self.data_dir, self.ports["ministack"]),
        ]
        if self._with_world:
            first.append(parts.world_spec(
                self.data_dir, self.ports, self.secrets, PROJECT,
                email_from=self._extra_environment.get("EMAIL_FROM", EMAIL_FROM),
                sheets_quota_per_minute=self._sheets_quota_per_minute,
            ))  # fmt: skip
        for spec in first:
            self._spawn(spec)
        postgres.prepare()
        self._spawn(postgres.spec())
        for name in ("postgres", "valkey", "ministack", "world"):
            self._await(name)
        self.environment = self._make_environment(postgres)
        environment = self.environment | self._extra_environment
        steps.prepare_product(
            self._app_dir,
            PROJECT,
            environment=environment,
            secrets=self.secrets,
            logs=self.logs,
            announce=self._announce,
        )
        if self._with_cloud:
            self._announce("starting the API and the workers")
            self._spawn(parts.cloud_spec(
                self.data_dir, self.ports, environment, PROJECT,
                app_dir=self._app_dir, site_dir=self._site_dir, api_containers=self._api_containers,
                artefact_dir=self._artefact_dir,
            ))  # fmt: skip
            self._await("cloud")
        self._write_demo_file()
        watcher = threading.Thread(target=self._watch, name="stack-watcher", daemon=True)
        watcher.start()
        self._watcher = watcher

    def _choose_ports(self) -> dict[str, int]:
        names = ["postgres", "valkey", "ministack", "world", *(f"{name}-proxy" for name in PROXIED)]
        if self._wanted_port is None:
            return choose_ports(self.data_dir / "ports.json", ["site", *names])
        if self._with_cloud:
            steps.require_free_port(self._wanted_port)
        return {"site": self._wanted_port, **choose_ports(self.data_dir / "ports.json", names)}

    def _make_environment(self, postgres: Postgres) -> dict[str, str]:
        addresses = Addresses.of(self.ports, proxied=self._with_world)
        credentials = (
            parts.google_credentials(self.ports["world"]) if self._with_world else _NO_WORLD_CREDENTIALS
        )
        return product_environment(
            addresses=addresses,
            secrets=self.secrets,
            database_url=postgres.url(addresses.postgres),
            migration_database_url=postgres.url(),
            google_credentials=credentials,
            port=self.ports["site"],
        )

    def _spawn(self, spec: ChildSpec) -> None:
        child = Child(spec, self.logs)
        with self._guard:
            if self._stopping.is_set():
                raise StackError("Stopped while starting.")
            self._children[spec.name] = child
            child.start()
            self._write_pids()

    def _await(self, name: str) -> None:
        child = self._children.get(name)
        if child is None:
            return
        child.wait_ready(self._stopping.is_set)
        if child.spec.after_ready:
            child.spec.after_ready()

    def _watch(self) -> None:
        """Restart what ended by itself, in the order in which the parts depend on each other."""
        crashes: dict[str, int] = {}
        not_before: dict[str, float] = {}
        while not self._stopping.wait(_WATCH_S):
            for name, child in list(self._children.items()):
                code = child.exit_code
                if code is None or self._stopping.is_set():
                    continue
                if name not in not_before:
                    if time.time() - child.started_at > _STEADY_S:
                        crashes[name] = 0
                    delay_s = _RESTART_DELAYS_S[min(crashes.get(name, 0), len(_RESTART_DELAYS_S) - 1)]
                    crashes[name] = crashes.get(name, 0) + 1
                    not_before[name] = time.monotonic() + delay_s
                    how = describe_exit(code)
                    self._announce(f"{name} ended by itself ({how}); starting it again, see {child.log_path}")
                if time.monotonic() < not_before[name]:
                    continue
                del not_before[name]
                self._try_to_revive(child)

    def _try_to_revive(self, child: Child) -> None:
        with self._guard:
            if self._stopping.is_set():
                return
            try:
                self._revive(child)
            except Exception as error:  # noqa: BLE001  the watcher outlives everything; it tries again
                self._announce(f"{child.spec.name} did not come back: {error}")
            else:
                self._announce(f"{child.spec.name} is back")

    def _revive(self, child: Child) -> None:
        child.start()
        self._write_pids()
        self._await(child.spec.name)

    def _write_pids(self) -> None:
        write_pids(
            self.data_dir / "pids.json",
            (
                (name, child.pid, child.started_at, int(child.spec.stop_signal))
                for name, child in self._children.items()
                if child.pid is not None
            ),
        )

    def _write_demo_file(self) -> None:
        demo = {"url": self.url, "password": self.secrets["demo_password"], "accounts": list(ACCOUNTS)}
        write_atomically(self.data_dir / "demo.json", json.dumps(demo, indent=2) + "\n", mode=0o600)

    def _database(self) -> Postgres:
        if self._postgres is None:
            raise StackError("The stack has not been started.")
        return self._postgres
