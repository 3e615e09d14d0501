"""
One child process: how it is started, when it is ready, how it is ended.

Every child has a session of its own, so Ctrl-C reaches only the supervisor, and a tether (see `tether.py`),
so it does not outlive it. Its output goes to `logs/<name>.log`. Knows nothing of what the child does.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from local.stack.errors import StackError

_TETHER = Path(__file__).with_name("tether.py")
_LOG_BYTES = 20_000_000
_LOG_TAIL_LINES = 15


@dataclass(frozen=True)
class ChildSpec:
    """What a part needs to run; *after_ready* is repeated after each restart."""

    name: str
    argv: Sequence[str]
    is_ready: Callable[[], bool]
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 3.0
    ready_timeout_s: float = 30.0
    before_start: Callable[[], None] | None = None
    after_ready: Callable[[], None] | None = None


def base_environment() -> dict[str, str]:
    """The few variables that a child takes over: none changes what Python or the product does."""
    names = (
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "TERM",
        "USER",
        "LOGNAME",
        "SSL_CERT_FILE",
        "HYPOTHESIS_PROFILE",
    )
    return {name: os.environ[name] for name in names if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


class Child:
    """A part that runs, or ran."""

    def __init__(self, spec: ChildSpec, logs: Path) -> None:
        self.spec = spec
        self.log_path = logs / f"{spec.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, once it has been started."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start the process; does not wait until it answers."""
        if self.spec.before_start:
            self.spec.before_start()
        _rotate(self.log_path)
        user = -1 if self.spec.user is None else self.spec.user
        tether = [
            sys.executable,
            "-I",
            "-S",
            str(_TETHER),
            str(int(self.spec.stop_signal)),
            str(os.getpid()),
            str(user),
            "--",
        ]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*tether, *self.spec.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=base_environment() | dict(self.spec.environment),
                cwd=self.spec.cwd,
                start_new_session=True,
            )
        self.started_at = psutil.Process(self._process.pid).create_time()

    def wait_ready(self, is_cancelled: Callable[[], bool]) -> None:
        """
        Return once the child answers.

        Raises:
            StackError: it ended, or did not answer in time; the message holds the end of its log.
        """
        deadline = time.monotonic() + self.spec.ready_timeout_s
        while not self.spec.is_ready():
            code = self.exit_code
            if code is not None:
                raise StackError(
                    f"{self.spec.name} did not start ({describe_exit(code)}).\n{self.log_tail()}"
                )
            if is_cancelled():
                raise StackError("Stopped while starting.")
            if time.monotonic() > deadline:
                waited = f"{self.spec.ready_timeout_s:.0f} s"
                raise StackError(f"{self.spec.name} did not answer within {waited}.\n{self.log_tail()}")
            time.sleep(0.03)

    def request_stop(self) -> None:
        """Ask the child to end; a no-op where it has ended."""
        self._signal(self.spec.stop_signal)

    def wait_stopped(self, deadline: float) -> None:
        """
        Wait until the monotonic *deadline* for the child to end, then kill it: its own process, never its
        group.
        """
        if self._process is None:
            return
        try:
            self._process.wait(max(deadline - time.monotonic(), 0.01))
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def kill(self) -> None:
        """End the child at once."""
        self._signal(signal.SIGKILL)

    def log_tail(self) -> str:
        """The last lines of its log, indented."""
        try:
            lines = self.log_path.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in lines)

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


def describe_exit(code: int) -> str:
    """*code* of a finished process in words: `exit code 3`, `killed by SIGKILL`."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def _rotate(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_name(log.name + ".1"))
