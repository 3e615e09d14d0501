"""
Clients cost a bounded memory: what is kept of one is small, goes by itself, and is never more than that.

A million of them are not asked one by one: what one costs in Valkey is measured on some thousands, and the
rest is a product.
"""

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLIENTS = 3_000
_A_MILLION_MAY_COST_MB = 256  # half of what ElastiCache's smallest node has


def _ask(*words: Any) -> Any:
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    return valkey().command(*words)


def _used_bytes() -> int:
    return int(_ask("INFO", "memory")["used_memory"])


def _address(number: int) -> str:
    return f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"


def _keys() -> "Iterator[str]":
    return (key.decode() for key in _ask("KEYS", "*"))


def _have_a_call(number: int) -> None:
    from chalicelib.guards.admission import hit  # noqa: PLC0415
    from tests.product.test_rate_limit import a_call  # noqa: PLC0415

    hit("READS", a_call(_address(number)))


def _have_a_violation(number: int) -> None:
    from chalicelib.guards import violations  # noqa: PLC0415

    violations.note(_address(number), "/quotes/calculate")


@pytest.mark.parametrize("have", [_have_a_call, _have_a_violation], ids=["limits", "violations"])
def test_a_million_clients_fit_into_a_small_valkey(api: Api, have: Any) -> None:
    """R7.3, R12: measured as the server counts it, over clients that were never seen before."""
    del api
    have(0)  # the script is loaded, the minute's counts are begun
    before = _used_bytes()
    for number in range(1, _CLIENTS + 1):
        have(number)
    each_bytes = (_used_bytes() - before) / _CLIENTS
    assert each_bytes * 1_000_000 < _A_MILLION_MAY_COST_MB * 2**20


def test_one_client_never_costs_more_than_their_limit_or_a_thousand_violations(api: Api) -> None:
    del api
    from chalicelib.platform.errors import RateLimited  # noqa: PLC0415

    for _ in range(1_400):
        with contextlib.suppress(RateLimited):
            _have_a_call(1)
    assert _ask("ZCARD", "rl:READS:10.0.0.1") == 300
    assert _ask("ZCARD", "violations:of:10.0.0.1") == 1_000


def test_all_that_is_kept_of_clients_goes_by_itself(api: Api, new_lead: Any, key: str) -> None:
    """
    Only the generations of the cache stay, one for each of its few namespaces, the few circuits, and the sums
    of all (which `test_metrics.py` bounds).
    """
    for number in range(40):
        address = _address(number)
        api.call(
            "POST", "/leads", new_lead(), headers={"Idempotency-Key": f"{key}-{number}"}, address=address
        )
        api.call("GET", "/materials", address=address)
        api.call("POST", "/auth/login", {"email": "a@b.test", "password": "nothing"}, address=address)
        _have_a_violation(number)
    kinds = set[str]()
    for name in _keys():
        left_ms = _ask("PTTL", name)
        kind, _, rest = name.partition(":")
        if (kind == "cache" and ":" not in rest) or kind in {"breaker", "metrics"}:
            continue
        hours = 24 if kind == "idem" else 2
        assert 0 < left_ms <= hours * 3_600_000, (name, left_ms)
        kinds.add(kind)
    assert kinds == {"rl", "idem", "violations", "cache"}
