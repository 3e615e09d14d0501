"""Valkey is killed, comes back with nothing, and is flushed while leads come in: only limits start anew."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.journey.conftest import Reply, Site

Phones = Callable[[], str]
_LEADS, _TIMES = 120, 4


def test_valkey_killed_and_flushed_under_load_loses_no_lead_and_breaks_no_answer(
    site: Site, phones: Phones
) -> None:
    """R6.4: every first answer is 201, every repetition of a key the same bytes, every read 200 or 429."""
    over = threading.Event()
    reads: list[Reply] = []

    def read() -> None:
        while not over.is_set():
            reads.append(site.call("GET", "/api/materials", address=f"127.0.8.{len(reads) % 200 + 1}"))

    def submit(position: int) -> tuple[Reply, list[Reply]]:
        time.sleep(position * 0.05)
        body, headers = site.new_lead(phones()), {"Idempotency-Key": f"valkey-lost-{position}-{id(site)}"}
        address = f"127.0.9.{position % 250 + 1}"
        replies = [
            site.call("POST", "/api/leads", body, headers=headers, address=address) for _ in range(_TIMES)
        ]
        return replies[0], replies[1:]

    def lose() -> int:
        kills = 0
        while not over.wait(0.7):
            with contextlib.suppress(KeyError, ProcessLookupError):
                os.kill(site.stack.pid("valkey"), signal.SIGKILL)
                kills += 1
            if not over.wait(0.7):
                with contextlib.suppress(AssertionError):
                    site.fault("redis", "flush")
        return kills

    with ThreadPoolExecutor(40) as threads:
        others = [threads.submit(read), threads.submit(read)]
        loser = threads.submit(lose)
        try:
            answered = list(threads.map(submit, range(_LEADS)))
        finally:
            over.set()
        for other in others:
            other.result()
        assert loser.result() >= 3
    assert {first.status for first, _ in answered} == {201}
    for first, again in answered:
        assert {(reply.status, reply.body) for reply in again} == {(201, first.body)}
    assert {reply.status for reply in reads} <= {200, 429}
    assert {reply.headers["X-Cache-Status"] for reply in reads if reply.status == 200} <= {"HIT", "MISS"}
    site.wait_for_rows([first.json["id"] for first, _ in answered], passing_s=30)
