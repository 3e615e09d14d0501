"""
Each part of the house beside the library that people would take for it: same Valkey, one after the other.

`python -m bench.components` starts a Valkey and a PostgreSQL of its own. Round trips are counted on the wire
by a proxy, not by either side. Beside each figure stands what the part guarantees that its peer does not.
"""

import os
from collections.abc import Callable
from typing import Any

from bench import jobs
from bench.measure import Row, Table, rates, say, show
from bench.parts import data_parts
from local.stack import Stack
from local.world.tcp_proxy import counting_proxy

Work = Callable[[], Any]
# What a part does beyond its peer.
MORE = {
    "limiter": "the whole guard: two windows, header fields, key or cache in one trip",
    "key, fresh": "limiter included; the answer also commits in PostgreSQL with the lead; survives a flush",
    "key, duplicate": "limiter included; byte for byte, and never twice when Valkey is lost",
    "lock": "PostgreSQL's fence, issued apart, keeps late holders out; skipped while Valkey is away",
    "cache hit": "generations: a slow fill of old data is never served; one load for the fleet",
    "breaker, closed": "one trial for the whole fleet; a healthy circuit writes nothing",
    "exposition": "true for the fleet; the peer tells of one process",
}


def subjects(url: str) -> dict[str, dict[str, Work]]:
    """For each part: ours and its peers, over the Valkey at *url*."""
    from bench.peers import libraries, ours  # noqa: PLC0415  the environment must stand before

    peers = libraries.Libraries(url)
    own = ours.Ours(url)
    return {
        "floor": {"GET": peers.bare_get},
        "limiter": {"ours": own.limiter, "limits": peers.limits},
        "key, fresh": {"ours": own.fresh_key, "Powertools": peers.powertools_fresh},
        "key, duplicate": {"ours": own.duplicate, "Powertools": peers.powertools_duplicate},
        "lock": {"ours": own.lock, "redis-py": peers.redis_lock, "pottery": peers.pottery_lock},
        "cache hit": {"ours": own.cache_hit, "dogpile.cache": peers.dogpile, "cashews": peers.cashews},
        "breaker, closed": {"ours": own.breaker, "pybreaker": peers.pybreaker},
        "exposition": {"ours": own.exposition, "prometheus_client": peers.prometheus},
    }


def count_trips(stack: Stack, password_url: str) -> dict[tuple[str, str], float]:
    """Round trips of one call of everything, counted on the wire."""
    found = {}
    with counting_proxy(stack.ports["valkey"]) as proxy:
        url = password_url.replace(f":{stack.ports['valkey']}", f":{proxy.listen_port}")
        for part, each in subjects(url).items():
            for name, work in each.items():
                for _ in range(5):
                    work()
                before = proxy.round_trips
                for _ in range(20):
                    work()
                found[part, name] = (proxy.round_trips - before) / 20
    return found


def measure(rounds: int, calls: int) -> Table:
    """Everything."""
    table = Table("components", "Components (calls a second, one after the other, same Valkey)")
    with data_parts() as stack:
        os.environ.update(stack.environment)
        url = stack.environment["REDIS_URL"]
        trips = count_trips(stack, url)
        known = subjects(url)
        floor = {"GET": known.pop("floor")["GET"]}
        for part, each in known.items():
            say(part)
            found = rates({**floor, **each}, rounds=rounds, calls=calls)
            for name in each:
                note = f"{trips[part, name]:g} trips; {found[name] / found['GET']:.2f} × a bare GET"
                if name == "ours":
                    peer = max((other for other in each if other != "ours"), key=lambda other: found[other])
                    ratio = found[name] / found[peer]
                    row = Row(part, found[name], "1/s", peer, ratio, "≥ 1", ratio >= 1)
                    row.note = f"{note}. {MORE[part]}"
                else:
                    row = Row(f"  {name}", found[name], "1/s", note=note)
                table.rows.append(row)
        say("jobs")
        table.rows += jobs.rows(stack, rounds=rounds)
    return table


if __name__ == "__main__":
    show(measure, rounds=7, calls=300)
