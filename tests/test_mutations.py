"""The list of what breaks each property is true: the lines are there, and so are the tests."""

import ast
import re
from pathlib import Path

import pytest

from tests.mutations import MUTATIONS, ROOT, Mutation
from tests.properties_table import SUBJECTS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: f"{each.proves}-{Path(each.file).stem}")
def test_the_line_is_there_once_and_its_change_can_be_read(mutation: Mutation) -> None:
    assert mutation.line() >= 1
    assert mutation.new != mutation.old
    if mutation.file.endswith(".py"):
        changed = (ROOT / mutation.file).read_text(encoding="utf-8").replace(mutation.old, mutation.new)
        ast.parse(changed)
    file, _, name = mutation.test.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert f"def {name}(" in text or not name
    assert re.search(rf"\b{mutation.proves}\b", text), f"no test of {file} names {mutation.proves}"


def test_every_property_has_one() -> None:
    assert {mutation.proves for mutation in MUTATIONS} == set(SUBJECTS)
    assert len(SUBJECTS) == 29


def test_a_text_that_is_not_there_is_told() -> None:
    gone = Mutation("P1", "app.py", "there is no such text", "", "tests/test_mutations.py")
    with pytest.raises(LookupError, match=r"stands 0 times in app\.py"):
        gone.line()
