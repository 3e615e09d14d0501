"""
AWS's part as one process: `python -m local.cloud`, set up by its environment (`settings`).

Starts the API's containers, then the site, the pollers and the schedules; SIGTERM ends all of it in a few
seconds. An app that cannot be imported or a port that is taken ends it at once with a message.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable

import aiohttp
from aiohttp import web

from local.cloud.containers import Function
from local.cloud.describe import AppDescription, describe_app
from local.cloud.dev import Dev
from local.cloud.faults import ContainerFaults
from local.cloud.gateway import REQUEST_BYTES, Gateway, listen
from local.cloud.pollers import Poller
from local.cloud.schedules import Schedules
from local.cloud.settings import PROJECT, CloudSettings, read_settings
from local.cloud.site import Site
from local.cloud.sqs import Queues
from local.cloud.world import World

_SELDOM = frozenset({"plumbline-webhook"})  # queues whose containers start with their first message
_REST = r"{rest:[\s\S]*}"  # whatever follows, also a line break that somebody wrote as %0A
_WORKER_SLOTS = 2  # containers of a queue's function, and the batches that are under way at once


class Cloud:
    """Everything that runs in this process."""

    def __init__(self, settings: CloudSettings, app: AppDescription, session: aiohttp.ClientSession) -> None:
        faults = ContainerFaults()
        self.world = World(settings.world_url, session)
        queues = Queues(settings.sqs_endpoint_url, settings.region, session)
        self.api = Function(
            app.api,
            settings,
            concurrency=settings.api_containers,
            warm=True,
            faults=faults,
            kind="api",
            on_death=self.world.report_death,
        )
        self.workers = [
            (
                spec,
                Function(
                    spec.function,
                    settings,
                    concurrency=_WORKER_SLOTS,
                    warm=spec.queue not in _SELDOM,
                    faults=faults,
                    kind="worker",
                    queue_name=spec.queue,
                    on_death=self.world.report_death,
                ),
            )
            for spec in app.queues
        ]
        rules = [
            (
                spec,
                Function(
                    spec.function,
                    settings,
                    concurrency=1,
                    warm=False,
                    faults=faults,
                    kind="schedule",
                    on_death=self.world.report_death,
                ),
            )
            for spec in app.schedules
        ]
        self.functions = [
            self.api,
            *(function for _, function in self.workers),
            *(function for _, function in rules),
        ]
        self.schedules = Schedules(rules, settings.region)
        self.pollers = [
            Poller(spec, function, queues) for spec, function in self.workers for _ in range(_WORKER_SLOTS)
        ]
        self.dev = Dev(
            settings=settings,
            functions=self.functions,
            schedules=self.schedules,
            faults=faults,
            queues=queues,
            world=self.world,
        )
        self.web = web.Application(client_max_size=REQUEST_BYTES)
        gateway = Gateway(app, self.api, settings.port, settings.own_origins)
        self.web.router.add_route("*", "/api", gateway.handle)
        self.web.router.add_route("*", f"/api/{_REST}", gateway.handle)
        self.dev.add_to(self.web)
        site = Site(settings.site_dir, settings.container_environment.get("TURNSTILE_SITE_KEY", ""))
        self.web.router.add_route("*", f"/{_REST}", site.handle)

    async def start_work(self) -> None:
        """
        Start what may come after the API: the workers one function after the other, the pollers, the
        schedules.
        """
        self.schedules.start()
        for _, function in self.workers:
            await function.start()
        for poller in self.pollers:
            poller.start()

    async def stop(self) -> None:
        """Fetch no more work, let the containers finish, end them."""
        await self.schedules.stop()
        stopping = [asyncio.ensure_future(poller.stop()) for poller in self.pollers]
        await asyncio.gather(*(function.stop() for function in self.functions))
        await asyncio.gather(*stopping)


async def run(settings: CloudSettings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = await describe_app(settings.app_dir, PROJECT, _import_environment(settings))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), trust_env=False) as session:
        cloud = Cloud(settings, app, session)
        runner = await listen(cloud.web, settings.port)
        work: asyncio.Task[None] | None = None
        try:
            await _unless(stop, cloud.api.start())
            cloud.dev.is_ready = True
            work = asyncio.ensure_future(cloud.start_work())
            waiting = asyncio.ensure_future(stop.wait())
            await asyncio.wait((waiting, work), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
            await waiting
        finally:
            if work is not None:
                work.cancel()
            await cloud.stop()
            await runner.cleanup()


async def _unless(stop: asyncio.Event, work: Awaitable[None]) -> None:
    """Wait for *work*, but no longer than until *stop*."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    task.cancel()


def _import_environment(settings: CloudSettings) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(settings.data_dir),
        **settings.container_environment,
    }


def main() -> int:
    """Run the cloud; the exit code is 1 where it could not start."""
    try:
        asyncio.run(run(read_settings()))
    except (RuntimeError, OSError, KeyError) as error:
        print(f"cloud: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
