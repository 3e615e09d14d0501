"""The list of what breaks each property is true: the lines are there, and so are the tests."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.core_mutations import CORE
from tests.mutation import ROOT, Mutation
from tests.mutations import MUTATIONS
from tests.properties_table import SUBJECTS


def _name(mutation: Mutation) -> str:
    return f"{mutation.proves}-{Path(mutation.file).stem}"


@pytest.mark.parametrize("mutation", [*MUTATIONS, *CORE], ids=_name)
def test_the_line_is_there_once_its_change_can_be_read_and_so_can_its_tests(mutation: Mutation) -> None:
    assert mutation.line() >= 1
    assert mutation.new != mutation.old
    if mutation.file.endswith(".py"):
        changed = (ROOT / mutation.file).read_text(encoding="utf-8").replace(mutation.old, mutation.new)
        ast.parse(changed)
    for test in mutation.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8") or not name


@pytest.mark.parametrize("mutation", MUTATIONS, ids=_name)
def test_its_test_names_the_property(mutation: Mutation) -> None:
    (test,) = mutation.tests
    file = test.partition("::")[0]
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"\b{mutation.proves}\b", text), f"no test of {file} names {mutation.proves}"


def test_the_core_is_broken_in_each_area_several_ways() -> None:
    areas = Counter(mutation.proves for mutation in CORE)
    assert set(areas) == {"guards", "outbox", "lease", "breaker", "sheet"}
    assert min(areas.values()) >= 4


def test_every_property_has_one() -> None:
    assert {mutation.proves for mutation in MUTATIONS} == set(SUBJECTS)
    assert len(SUBJECTS) == 29


def test_a_text_that_is_not_there_is_told() -> None:
    gone = Mutation("P1", "app.py", "there is no such text", "", "tests/test_mutations.py")
    with pytest.raises(LookupError, match=r"stands 0 times in app\.py"):
        gone.line()
