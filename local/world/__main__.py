"""`python -m local.world`: runs the world until SIGTERM or SIGINT; settings come from the environment.

Exit code 2: a setting is wrong, 1: a port is taken; both say so in one line on stderr.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from local.world.app import World
from local.world.settings import WorldSettings, read_settings


async def run(settings: WorldSettings) -> None:
    """Start the world and keep it until a signal ends it."""
    world = World(settings)
    is_over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, is_over.set)
    await world.start()
    print(f"world: http://127.0.0.1:{settings.port}", flush=True)
    await is_over.wait()
    await world.close()


def main() -> int:
    """Run; the exit code says how it ended."""
    try:
        asyncio.run(run(read_settings()))
    except ValueError as error:
        print(f"world: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"world: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
