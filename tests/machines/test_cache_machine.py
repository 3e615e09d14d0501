"""
The cache against a plain model: what was told to be stale is never read again, whoever is slow, gone or
deaf.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.machines.conftest import House, Line
from tests.product.profiles import MACHINES, MACHINES_MAY_TAKE_S

if TYPE_CHECKING:
    from chalicelib.resilience.cache import Cache, Found
    from chalicelib.resilience.valkey import Valkey

pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
KEPT_FOR_S = 300
NAMESPACES = st.sampled_from(["materials", "regions"])
KEYS = st.sampled_from(["all", "some"])


@dataclass(frozen=True)
class Reader:
    """Somebody who asked the database, and will keep what it said, soon or late."""

    namespace: str
    key: str
    found: "Found"
    version: int


class Refills(RuleBasedStateMachine):
    """
    Readers that are slow between asking the database and keeping the answer, changes, a schedule that tells
    the cache what it could not be told; a Valkey that forgets, is away or deaf.
    """

    house: House
    valkey: "Valkey"
    line: Line
    cache: "Cache"
    elsewhere: "Cache"  # in another process, whose line never breaks
    readers: Bundle[Reader] = Bundle("readers")

    def __init__(self) -> None:
        super().__init__()
        self.house.flush()
        self.line.state = "up"
        self.versions = {"materials": 0, "regions": 0}  # what the database says
        self.told = dict(self.versions)  # up to which change the cache is known to know
        self.kept: dict[tuple[str, str, int], int] = {}  # until when a version may be read

    def _now_ms(self) -> int:
        return int(self.house.now().timestamp() * 1000)

    def _tell(self, namespace: str) -> None:
        self.valkey._away_until = 0.0
        is_told = self.cache.invalidate(namespace)
        assert is_told == (self.line.state == "up")
        if is_told:
            self.told[namespace] = self.versions[namespace]

    def _judge(self, namespace: str, key: str, found: "Found") -> None:
        """A hit is what the database says now, or has said since the cache was told, and not too old."""
        version = int(found.value)
        assert self.told[namespace] <= version <= self.versions[namespace]
        assert self._now_ms() < self.kept[namespace, key, version]

    @rule(namespace=NAMESPACES)
    def change(self, namespace: str) -> None:
        """Staff change something; the cache is told right after the commit, if it hears."""
        self.versions[namespace] += 1
        self._tell(namespace)

    @rule(namespace=NAMESPACES)
    def tell_again(self, namespace: str) -> None:
        """The schedule tells what could not be told, or tells it twice."""
        self._tell(namespace)

    @rule(target=readers, namespace=NAMESPACES, key=KEYS)
    def read(self, namespace: str, key: str) -> Any:
        """The answer is a hit that is judged, or the reader asks the database."""
        from chalicelib.resilience.valkey import ValkeyAway  # noqa: PLC0415

        self.valkey._away_until = 0.0
        try:
            found = self.cache.look(namespace, key)
        except ValkeyAway:
            assert self.line.state != "up"
            return multiple()
        if found.verdict == "hit":
            self._judge(namespace, key, found)
            return multiple()
        return Reader(namespace, key, found, self.versions[namespace])

    @rule(namespace=NAMESPACES, key=KEYS)
    def read_and_keep(self, namespace: str, key: str) -> None:
        """Most readers are quick."""
        reader = self.read(namespace, key)
        if isinstance(reader, Reader):
            self.keep(reader)

    @rule(reader=consumes(readers))
    def keep(self, reader: Reader) -> None:
        """However late: what it found lands where it was asked for, or nowhere."""
        self.valkey._away_until = 0.0
        slot = (reader.namespace, reader.key, reader.version)
        self.kept[slot] = max(self.kept.get(slot, 0), self._now_ms() + KEPT_FOR_S * 1000)
        where = (reader.namespace, reader.key, reader.found.generation)
        self.cache.keep(*where, str(reader.version), KEPT_FOR_S)

    @rule(reader=consumes(readers))
    def give_up(self, reader: Reader) -> None:
        """The database did not answer: somebody else may load it."""
        self.valkey._away_until = 0.0
        self.cache.give_up(reader.namespace, reader.key, reader.found.generation)

    @rule(_reader=consumes(readers))
    def die(self, _reader: Reader) -> None:
        """A process is gone without a word."""

    @rule(duration_s=st.sampled_from([1, 1, 1, 150, 299, 300]))
    def pass_time(self, duration_s: int) -> None:
        """Everybody sleeps."""
        self.house.pass_time(timedelta(seconds=duration_s))

    @rule(state=st.sampled_from(["up", "up", "up", "up", "cut", "deaf", "flushed"]))
    def break_or_mend_the_line(self, state: str) -> None:
        """Valkey goes away, with or without having heard, comes back, or forgets everything."""
        if state == "flushed":
            self.house.flush()
        else:
            self.line.state = state

    @invariant()
    def nobody_elsewhere_reads_anything_older(self) -> None:
        """Whoever reads now, wherever, gets what the model allows, or asks the database."""
        for namespace in self.versions:
            for key in ("all", "some"):
                found = self.elsewhere.look(namespace, key)
                if found.verdict == "hit":
                    self._judge(namespace, key, found)
                elif found.verdict == "fill":
                    self.elsewhere.give_up(namespace, key, found.generation)


@pytest.mark.proves("P5")
def test_no_read_that_begins_after_a_change_sees_what_was_before(house: House) -> None:
    """P5: the next read after a change sees it, however slow readers, changes and losses are interleaved."""
    from chalicelib.resilience.cache import Cache  # noqa: PLC0415

    valkey, line = house.another_line()
    caches = {"cache": Cache(valkey), "elsewhere": Cache(house.valkey)}
    wired = {"house": house, "valkey": valkey, "line": line, **caches}
    run_state_machine_as_test(type("HousedRefills", (Refills,), wired), settings=MACHINES)
    valkey.close()
