"""A schedule's pieces of work, one beside the other."""

import pytest

from tests.product.conftest import Api


def test_one_that_fails_keeps_no_other_from_its_turn(api: Api) -> None:  # noqa: ARG001  the product's environment
    from chalicelib.platform.steps import run_each  # noqa: PLC0415

    done: list[str] = []

    def fail() -> None:
        raise KeyError("the first")

    def fail_too() -> None:
        raise ValueError("the second")

    with pytest.raises(KeyError, match="the first"):
        run_each(fail, lambda: done.append("relay"), fail_too, lambda: done.append("watch"))
    assert done == ["relay", "watch"]


def test_without_the_database_none_goes_on(api: Api) -> None:  # noqa: ARG001
    from chalicelib.platform.errors import DatabaseBusy  # noqa: PLC0415
    from chalicelib.platform.steps import run_each  # noqa: PLC0415

    done: list[str] = []

    def meet_nobody() -> None:
        raise DatabaseBusy("away")

    with pytest.raises(DatabaseBusy):
        run_each(meet_nobody, lambda: done.append("relay"))
    assert not done
