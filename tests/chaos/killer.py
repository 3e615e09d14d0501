"""Kills the product's own processes, containers of the API and of workers, at random instants."""

import contextlib
import os
import random
import signal
import threading
from http.client import HTTPException

from tests.journey.conftest import Site

_EVERY_S = (1.0, 4.0)  # seldom enough that whoever was killed has begun anew, and works while things break


class Killer:
    """Kill -9, on a thread of its own, of one container after the other: whoever is busy first."""

    def __init__(self, site: Site, chosen: random.Random) -> None:
        self._site = site
        self._chosen = chosen
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.killed: list[str] = []

    def start(self) -> None:
        """Begin to kill."""
        self._thread.start()

    def stop(self) -> None:
        """Kill nobody any more; safe to repeat."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._chosen.uniform(*_EVERY_S)):
            with contextlib.suppress(OSError, HTTPException, ValueError):
                containers = self._site.call("GET", "/dev/cloud/health", timeout_s=10).json["containers"]
                is_api = self._chosen.random() < 0.5
                mine = [one for one in containers if one["name"].startswith("api") == is_api and one["pid"]]
                busy = [one for one in mine if one["state"] == "busy"]
                if mine:
                    victim = self._chosen.choice(busy or mine)
                    os.kill(victim["pid"], signal.SIGKILL)
                    self.killed.append(victim["name"])
