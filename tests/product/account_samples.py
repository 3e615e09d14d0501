"""Who signs up in the tests, and a clock for several at once."""

import time

from tests.product.conftest import FrozenClock

EMAIL = "lan@example.test"
PASSWORD = "đúng ngựa pin ghim"


class StandingClock(FrozenClock):
    """A clock that no waiter can move: who sleeps lets the others work."""

    def sleep(self, duration_s: float) -> None:
        """Step aside for a moment of the machine's time; policy time stands."""
        del duration_s
        time.sleep(0.001)
