"""What a container may still have on its way when another has taken over from it early."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Faults, FrozenClock

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = ("tests.product.sheet_fixtures",)
FUNCTION_TIMEOUT_S, LEASE_S, CALL_TIMEOUT_S = 45, 55, 15


def test_a_call_sent_in_the_last_second_of_a_frozen_container_is_written_over_also_after_a_flush(
    sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    """
    Valkey forgets the lock, so the successor takes over at once and not after the TTL; when it has let the
    lock go, the frozen container may extend its lease again, and sends its old words before it is killed.
    """
    on_their_way: list[Callable[[], Any]] = []
    successor = sheet.sync()

    def freeze(name: str, _argument: Any, call: Callable[[], Any]) -> Any:
        if name != "write":
            return call()
        faults.set("redis", "flush")
        sheet.submit(1, "The words of the end.")
        sheet.drain(successor)
        clock.advance(FUNCTION_TIMEOUT_S - 2)
        on_their_way.append(call)
        raise KeyboardInterrupt

    sheet.submit(1, "The words of the beginning.")
    sheet.drain(sheet.sync())
    sheet.submit(1, "The words of the middle.")
    with pytest.raises(KeyboardInterrupt):
        sheet.drain(sheet.sync(freeze))
    clock.advance(LEASE_S - FUNCTION_TIMEOUT_S + 2)
    sheet.promote_rewrites()
    sheet.drain(successor)
    assert sheet.contents() == sheet.wanted()
    clock.advance(CALL_TIMEOUT_S - (LEASE_S - FUNCTION_TIMEOUT_S) - 3)
    on_their_way.pop()()
    assert sheet.contents() != sheet.wanted()
    for _ in range(5):
        clock.advance(61)
        sheet.promote_rewrites()
        sheet.drain(successor)
    assert sheet.contents() == sheet.wanted()
