"""The sentences that the pages translate are found wherever the code makes them, or the build stops."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.sentences import NotFollowed, in_source

_CODE = '''
def check(row, wanted):
    """Not this sentence."""
    if row is None:
        raise NotFound("Told by its code alone.")
    told = f"It is {row} and cannot be {wanted}." if wanted else "It is nothing."
    raise Conflict(told)


def judge(value):
    fault = _fault_of(value)
    raise ValidationFailed([FieldError("/value", "wrong", fault)])


def _fault_of(value):
    return None if value else "Give more."


def clean(value):
    if not value:
        raise ValueError("Give a value.")
    raise ValueError("never shown")
'''


def _found_in(code: str, folder: Path) -> set[str]:
    (folder / "rules.py").write_text(code, encoding="utf-8")
    return in_source(folder)


def test_a_sentence_is_found_where_it_is_made(tmp_path: Path) -> None:
    assert _found_in(_CODE, tmp_path) == {
        "It is {0} and cannot be {1}.",
        "It is nothing.",
        "Give more.",
        "Give a value.",
    }


@pytest.mark.parametrize("made", ["words[0]", "a + b", "given"])
def test_a_sentence_that_cannot_be_followed_stops_the_build(tmp_path: Path, made: str) -> None:
    with pytest.raises(NotFollowed):
        _found_in(f"def check(words, a, b, given):\n    raise Conflict({made})\n", tmp_path)


def test_the_models_say_what_a_field_cannot_take(tmp_path: Path) -> None:
    file = tmp_path / "sentences.ts"
    subprocess.run([sys.executable, "-m", "infra.sentences", str(file)], check=True)
    written = file.read_text(encoding="utf-8")
    for sentence in ("This field is required.", "Use at most 120 characters.", "Nobody has this id."):
        assert f'"{sentence}"' in written
