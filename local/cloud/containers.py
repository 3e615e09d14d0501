"""
The Lambda service: for each function a pool of containers, which are processes with one invocation at a
time.

A container that overruns the function's timeout is killed, one that dies is replaced, and the invocation it
held ends as it does on AWS (`Outcome.failure`). Neighbours: `runtime_api` (the protocol), `launch` (what
runs inside), `faults`.
"""

import asyncio
import contextlib
import signal
import uuid
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

from local.cloud.describe import FunctionSpec
from local.cloud.faults import ContainerFaults, Strike
from local.cloud.launch import launch_of
from local.cloud.runtime_api import Invocation, Outcome, RuntimeEndpoint
from local.cloud.settings import CloudSettings

T = TypeVar("T")
ACCOUNT = "000000000000"
_STOP_GRACE_S = 2.0
_QUEUE_PREFIX = "plumbline-"
_FAILED_INIT_DELAYS_S = (0.2, 1.0, 3.0, 5.0)


class Container:
    """One process and its Runtime API; *pool* is told when it waits for work and when it has ended."""

    def __init__(self, pool: "Function", serial: int) -> None:
        self._pool = pool
        self.name = f"{pool.spec.name}-{serial}"
        self.state: Literal["starting", "idle", "busy", "ended"] = "starting"
        self.has_been_idle = False
        self.init_error: bytes | None = None
        self._endpoint = RuntimeEndpoint(self._became_idle, self._init_failed)
        self._process: asyncio.subprocess.Process | None = None
        self._invocation: Invocation | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """The process id, once it runs."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process; it reports by itself when it is ready for work."""
        address = await self._endpoint.open()
        launch = self._pool.launch
        own = {"AWS_LAMBDA_RUNTIME_API": address, "AWS_LAMBDA_LOG_STREAM_NAME": self.name}
        with launch.open_log() as log:
            self._process = await asyncio.create_subprocess_exec(
                *launch.argv,
                env={**launch.environment, **own},
                cwd=launch.cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
            )
        self._run(self._watch(self._process))

    async def invoke(self, invocation: Invocation, strike: Strike | None) -> Outcome:
        """Run *invocation* to its end, which is never later than its timeout."""
        if self.state == "ended":
            return Outcome.failed(
                "crash", "Runtime.ExitError", "The container ended before it got the event."
            )
        self.state = "busy"
        self._invocation = invocation
        if strike is not None:
            invocation.hold = strike.hold
            self._run(strike.run(invocation.delivered, self.send_signal))
        self._endpoint.give(invocation)
        try:
            return await asyncio.wait_for(asyncio.shield(invocation.outcome), invocation.timeout_s)
        except TimeoutError:
            message = f"{invocation.id} Task timed out after {invocation.timeout_s:.2f} seconds"
            print(f"{self.name}: {message}", flush=True)
            invocation.finish(Outcome.failed("timeout", "Sandbox.Timedout", message))
            self.send_signal(signal.SIGKILL)
            return invocation.outcome.result()

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, if it still runs."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def stop(self) -> None:
        """SIGTERM, two seconds to finish, SIGKILL."""
        if self._process is not None:
            self.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_GRACE_S)
            except TimeoutError:
                self.send_signal(signal.SIGKILL)
                await self._process.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _became_idle(self) -> None:
        self.has_been_idle = True
        self._invocation = None
        self._pool.container_is_idle(self)

    def _init_failed(self, error: bytes) -> None:
        self.init_error = error

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        self.state = "ended"
        if self._invocation is not None:
            reason = f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
            message = f"RequestId: {self._invocation.id} Error: Runtime exited with error: {reason}"
            self._invocation.finish(Outcome.failed("crash", "Runtime.ExitError", message))
            if self._invocation.outcome.result().failure in ("crash", "timeout"):
                self._pool.on_death(self._invocation.begun_at)
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        self._pool.container_has_ended(self, code)  # before anything is waited for: it must get no more work
        await self._endpoint.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Function:
    """
    One Lambda function with at most *concurrency* containers.

    *warm* functions keep that many up, others start one when an event comes and then keep it. An event
    waits for a free container, first come first served. *on_death* is told when an invocation that died with
    its container had begun (Unix seconds).
    """

    def __init__(
        self,
        spec: FunctionSpec,
        settings: CloudSettings,
        *,
        concurrency: int,
        warm: bool,
        faults: ContainerFaults,
        kind: Literal["api", "worker", "schedule"],
        queue_name: str | None = None,
        on_death: Callable[[float], None] = lambda _begun_at: None,
    ) -> None:
        self.spec = spec
        self.kind = kind
        self.queue_name = queue_name
        self.on_death = on_death
        self._queue = None if queue_name is None else queue_name.removeprefix(_QUEUE_PREFIX)
        self.arn = f"arn:aws:lambda:{settings.region}:{ACCOUNT}:function:plumbline-local-{spec.name}"
        self.launch = launch_of(spec, settings)
        self._concurrency = concurrency
        self._warm = warm
        self._faults = faults
        self._containers: set[Container] = set()
        self._idle: list[Container] = []
        self._waiters: deque[asyncio.Future[Container | Outcome]] = deque()
        self._failed_inits = 0
        self._refills = 0  # pauses under way; who starts containers meanwhile would shorten them
        self._serial = 0
        self._stopping = False
        self._ready = asyncio.Event()
        self._may_begin = asyncio.Event()
        self._may_begin.set()
        self._boot_error: bytes | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether an invocation is under way."""
        return any(container.state == "busy" for container in self._containers)

    def hold_back(self) -> None:
        """Begin no invocation until `let_begin`; what runs goes on."""
        self._may_begin.clear()

    def let_begin(self) -> None:
        """Begin what was held back."""
        self._may_begin.set()

    def list_containers(self) -> list[Container]:
        """The containers that run or start now, by name."""
        return sorted(self._containers, key=lambda container: container.name)

    async def start(self) -> None:
        """
        Start the containers of a warm function and return when each of them waits for work.

        Raises:
            RuntimeError: the handler cannot be loaded; the message holds what the runtime reported.
        """
        if self._warm:
            self._fill()
            await self._ready.wait()
            if self._boot_error:
                raise RuntimeError(
                    f"{self.spec.handler} cannot be loaded: {self._boot_error.decode(errors='replace')}"
                )

    async def stop(self) -> None:
        """End all containers; what runs has two seconds to finish."""
        self._stopping = True
        self.let_begin()
        await asyncio.gather(*(container.stop() for container in list(self._containers)))
        self._fail_waiters(Outcome.failed("crash", "Runtime.ExitError", "The service is being shut down."))

    async def invoke(self, event: bytes, *, trace_id: str = "", wait_s: float | None = None) -> Outcome:
        """
        Run the function on *event* (JSON) and return how it ended.

        Raises:
            TimeoutError: no container was free within *wait_s*, or the answer did not come within it.
        """
        async with asyncio.timeout(wait_s):
            await self._may_begin.wait()
            container = await self._acquire()
            if isinstance(container, Outcome):
                return container
            trace = trace_id or f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}"
            invocation = Invocation(event, self.arn, self.spec.timeout_s, trace)
            strike = self._faults.take(self.kind, self._queue)
            return await asyncio.shield(self._spawn(container.invoke(invocation, strike)))

    def container_is_idle(self, container: Container) -> None:
        """A container asks for work."""
        self._failed_inits = 0
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                container.state = "busy"
                waiter.set_result(container)
                break
        else:
            container.state = "idle"
            self._idle.append(container)
        if sum(one.has_been_idle for one in self._containers) >= self._concurrency:
            self._ready.set()

    def container_has_ended(self, container: Container, code: int) -> None:
        """A container's process is gone: replace it where one is needed."""
        self._containers.discard(container)
        if container in self._idle:
            self._idle.remove(container)
        if self._stopping:
            return
        print(f"{container.name}: ended ({code})", flush=True)
        if not container.has_been_idle:
            self._failed_inits += 1
            error = (
                container.init_error
                or b'{"errorType": "Runtime.ExitError", "errorMessage": "It ended while starting."}'
            )
            self._fail_waiters(Outcome(error, "crash"))
            if code >= 0 and not self._ready.is_set():  # what was killed says nothing of the handler
                self._boot_error = error
                self._ready.set()
        delay_s = _FAILED_INIT_DELAYS_S[min(self._failed_inits - 1, 3)] if self._failed_inits else 0.0
        self._refills += 1
        self._spawn(self._refill(delay_s))

    async def _acquire(self) -> Container | Outcome:
        if self._idle:
            container = self._idle.pop()
            container.state = "busy"
            return container
        if self._stopping:
            return Outcome.failed("crash", "Runtime.ExitError", "The service is being shut down.")
        waiter: asyncio.Future[Container | Outcome] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        if not self._refills:
            self._fill()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and isinstance(given := waiter.result(), Container):
                if given.state == "ended":
                    raise
                self.container_is_idle(given)
            raise

    def _fill(self) -> None:
        """Start as many containers as are wanted now and missing."""
        starting = sum(container.state == "starting" for container in self._containers)
        wanted = self._concurrency if self._warm else len(self._containers) - starting + len(self._waiters)
        for _ in range(min(wanted, self._concurrency) - len(self._containers)):
            self._serial += 1
            container = Container(self, self._serial)
            self._containers.add(container)
            self._spawn(container.start())

    async def _refill(self, delay_s: float) -> None:
        """Start, after a pause, who is missing then."""
        await asyncio.sleep(delay_s)
        self._refills -= 1
        if not self._stopping:
            self._fill()

    def _fail_waiters(self, outcome: Outcome) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(outcome)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
