"""
Answers that many callers share: kept in the cache by address and query, and looked up in the guard's one
trip.

Only answers that the view gave with success are kept, so what stands there was valid; where callers could
make up ever new questions, the route says which are worth keeping. `X-Cache-Status` says where an answer came
from: HIT from the cache, MISS from the database (also when another call's fill was
waited for).
"""

from collections.abc import Callable
from urllib.parse import urlencode

from chalicelib.platform import metrics
from chalicelib.platform.http import Answer, Call
from chalicelib.resilience.cache import FILLING_S, Cache, Found, fresh_generation, generation_key
from chalicelib.resilience.valkey import ValkeyAway, valkey

HEADER = "X-Cache-Status"


class Cached:
    """
    The cache of one route: its answers in *namespace*, each good for *ttl_s*.

    *is_kept* bounds how many there can be: it says of a call whether its answer is kept at all.
    """

    def __init__(
        self, namespace: str, ttl_s: float, *, is_kept: Callable[[Call, Answer], bool] = lambda *_: True
    ) -> None:
        self.namespace = namespace
        self.ttl_s = ttl_s
        self._is_kept = is_kept
        self._filling: Found | None = None

    @property
    def valkey_key(self) -> str:
        """Where the namespace's generation stands."""
        return generation_key(self.namespace)

    def arguments(self, call: Call) -> list[object]:
        """What `cache_look` takes, behind the guard's own."""
        self._filling = None
        return [_key_of(call), fresh_generation(), int(FILLING_S * 1000)]

    def answer(self, call: Call, found: Found) -> Answer | None:
        """The kept answer, or None: the view has to make it, and the others may be waiting for it."""
        status = "HIT"
        if found.verdict == "wait":
            try:
                found, status = Cache(valkey()).wait_for(self.namespace, _key_of(call)), "MISS"
            except ValkeyAway:
                return None
        if found.verdict == "hit":
            metrics.count(metrics.CACHE_HITS if status == "HIT" else metrics.CACHE_MISSES)
            return Answer(200, found.value, headers={HEADER: status})
        self._filling = found
        return None

    def complete(self, call: Call, answer: Answer) -> None:
        """Keep what the view made."""
        answer.headers[HEADER] = "MISS"
        metrics.count(metrics.CACHE_MISSES)
        if not self._is_kept(call, answer):
            self.abandon(call)
            return
        filling, self._filling = self._filling, None
        if filling is not None:
            Cache(valkey()).keep(self.namespace, _key_of(call), filling.generation, answer.body, self.ttl_s)

    def abandon(self, call: Call) -> None:
        """Let somebody else make it."""
        filling, self._filling = self._filling, None
        if filling is not None:
            Cache(valkey()).give_up(self.namespace, _key_of(call), filling.generation)


def _key_of(call: Call) -> str:
    """One key for one question, in whatever order its parameters stand."""
    names = "".join(f"{name}={value}/" for name, value in sorted(call.path_parameters.items()))
    return f"{call.route}?{names}{urlencode(sorted(call.query.items()), doseq=True)}"
