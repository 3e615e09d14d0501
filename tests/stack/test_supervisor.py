"""The stack as a whole: restarts, Ctrl-C, kill -9, two copies side by side, refusals to start."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from local.stack import Stack, StackError
from local.stack.http import answers_ok
from local.stack.ministack import call_sqs, queue_url
from local.stack.ports import choose_ports
from local.stack.postgres_home import _link_engine, _packages, remove_home
from local.stack.stale import end_stale, write_pids
from local.stack.supervisor import PROJECT


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder for a stack's data; what lies outside of it is removed too."""
    folder = tmp_path / "data"
    yield folder
    remove_home(folder)


@pytest.fixture
def command(toy_app: Path, data_dir: Path) -> Iterator["Command"]:
    """`python -m local` with the toy, ended whatever happens."""
    running = Command(toy_app, data_dir)
    yield running
    running.end()


class Command:
    """`python -m local` in a session of its own, as a terminal runs it."""

    def __init__(self, app_dir: Path, data_dir: Path) -> None:
        port = choose_ports(data_dir.with_suffix(".ports"), ["site"])["site"]
        self.url = f"http://127.0.0.1:{port}"
        self._log = data_dir.with_suffix(".log")
        self._children: list[psutil.Process] = []
        environment = {**os.environ, "PORT": str(port), "APP_DIR": str(app_dir), "DATA_DIR": str(data_dir)}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local"],
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def screen(self) -> str:
        return self._log.read_text()

    def wait_until_it_runs(self) -> list[psutil.Process]:
        """Wait for the screen and return everything that was started."""
        until(lambda: "Plumbline runs" in self.screen or self.process.poll() is not None, 60)
        assert "Plumbline runs" in self.screen, self.screen
        self._children = psutil.Process(self.process.pid).children(recursive=True)
        return self._children

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(15)
        for child in self._children:
            if child.is_running():
                child.kill()


def until(condition: Callable[[], bool], timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def are_gone(processes: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def test_ctrl_c_ends_everything_it_started_and_nothing_else(command: Command) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        children = command.wait_until_it_runs()
        assert {"postgres", "valkey-server"} <= {child.name() for child in children}
        started = time.monotonic()
        os.killpg(command.process.pid, signal.SIGINT)
        assert command.process.wait(10) == 0
        assert time.monotonic() - started < 10
        assert are_gone(children)
        assert bystander.poll() is None
        assert "everything is stopped" in command.screen
    finally:
        bystander.kill()
        bystander.wait()


def test_the_screen_and_the_demo_file_say_how_to_get_in(command: Command, data_dir: Path) -> None:
    command.wait_until_it_runs()
    demo = json.loads((data_dir / "demo.json").read_text())
    assert demo["url"] == command.url.replace("127.0.0.1", "localhost")
    for text in (demo["url"], demo["password"], *demo["accounts"], "Ctrl-C", str(data_dir / "logs")):
        assert text in command.screen
    assert (data_dir / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_killed_supervisor_takes_its_children_along_and_the_next_start_works(
    command: Command, toy_app: Path, data_dir: Path
) -> None:
    children = command.wait_until_it_runs()
    command.process.kill()
    command.process.wait()
    if sys.platform.startswith("linux"):  # elsewhere the next start ends them
        until(lambda: are_gone(children))
    with Stack(data_dir, with_world=False, app_dir=toy_app, api_containers=1) as again:
        assert answers_ok(f"{again.url}/api/health")
        assert are_gone(children)


def test_a_crashed_part_is_named_with_its_exit_and_comes_back(toy_app: Path, data_dir: Path) -> None:
    said: list[str] = []
    stack = Stack(data_dir, with_world=False, app_dir=toy_app, api_containers=1, announce=said.append)
    with stack:
        for name in ("postgres", "cloud"):
            os.kill(stack.pid(name), signal.SIGKILL)
            until(lambda name=name: f"{name} is back" in said)  # type: ignore[misc]
            assert any(line.startswith(f"{name} ended by itself (killed by SIGKILL)") for line in said)
        assert answers_ok(f"{stack.url}/api/health")
        with psycopg.connect(stack.database_url) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
            assert connection.execute("SELECT count(*) FROM pg_stat_statements").fetchone()


def test_messages_survive_an_orderly_restart_of_the_stack(data_dir: Path) -> None:
    stack = Stack(data_dir, with_world=False, with_cloud=False)
    for expected in ([], ["kept"]):
        with stack:
            port = stack.ports["ministack"]
            url = queue_url(port, "plumbline-email")
            got = call_sqs(port, "ReceiveMessage", {"QueueUrl": url, "VisibilityTimeout": 0}) or {}
            assert [message["Body"] for message in got.get("Messages") or []] == expected
            call_sqs(port, "SendMessage", {"QueueUrl": url, "MessageBody": "kept"})


def test_two_copies_run_side_by_side_and_one_copy_only_once(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    try:
        with (
            Stack(folders[0], with_world=False, with_cloud=False) as first,
            Stack(folders[1], with_world=False, with_cloud=False) as second,
        ):
            assert not set(first.ports.values()) & set(second.ports.values())
            for stack in (first, second):
                with psycopg.connect(stack.database_url) as connection:
                    assert connection.execute("SELECT current_database()").fetchone() == ("plumbline",)
            with pytest.raises(StackError, match="running already"):
                Stack(folders[0]).start()
            with pytest.raises(StackError, match="running already"):
                Stack(folders[0]).wipe()
    finally:
        for folder in folders:
            remove_home(folder)


def test_a_taken_port_names_the_way_out(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"PORT={port + 1} make run"):
            Stack(data_dir, port=port, with_world=False).start()


def test_fresh_forgets_the_data_and_the_secrets(data_dir: Path) -> None:
    stack = Stack(data_dir, with_world=False, with_cloud=False)
    with stack:
        password = stack.secrets["demo_password"]
        with psycopg.connect(stack.database_url) as connection:
            connection.execute("CREATE TABLE remembered ()")
    stack.wipe()
    with stack:
        assert stack.secrets["demo_password"] != password
        with psycopg.connect(stack.database_url) as connection:
            assert connection.execute("SELECT to_regclass('remembered')").fetchone() == (None,)


def test_an_app_that_cannot_be_imported_is_said_with_its_traceback(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import nothing_of_the_kind\n")
    with pytest.raises(StackError, match="No module named 'nothing_of_the_kind'"):
        Stack(data_dir, with_world=False, app_dir=tmp_path).start()


def test_only_the_very_process_that_was_written_down_is_ended(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        started_at = psutil.Process(process.pid).create_time()
        pids = tmp_path / "pids.json"
        write_pids(pids, [("other", process.pid, started_at - 100, signal.SIGTERM)])
        assert end_stale(pids) == []
        assert process.poll() is None
        write_pids(pids, [("left", process.pid, started_at, signal.SIGTERM)])
        assert end_stale(pids) == ["left"]
        assert process.poll() is not None
    finally:
        process.kill()


def test_the_engine_runs_from_a_linked_copy(tmp_path: Path) -> None:
    engine = _link_engine(_packages(), tmp_path)
    for program in ("initdb", "postgres"):
        done = subprocess.run(
            [engine / "bin" / program, "--version"], capture_output=True, text=True, check=True
        )
        assert "PostgreSQL" in done.stdout
    assert _link_engine(_packages(), tmp_path) == engine
