"""
`make mutants`: break each property once, really, and see its test fail.

Each change of `tests/mutations.py` is made in a copy of the tree, where the test then runs on parts of its
own. *caught*: the test failed; *survived*: it did not, and the proof is worth nothing; *broken*: it could
not run. First the tests run unchanged, so that what fails then fails for the change. `make mutants
ARGS="P13 P14"`: only those.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as `python -m pytest` does

from tests.core_mutations import CORE
from tests.mutation import ROOT, Mutation
from tests.mutations import MUTATIONS

_LINKED = (".venv", "web/node_modules", "web/dist", "web/src/generated")
_FAILED = re.compile(r"\b\d+ failed\b")  # and not only errors of what comes before the test
_NAMED = re.compile(r"^FAILED (?:tests/)?(\S+)", re.MULTILINE)
_QUIET = ("-q", "--no-header", "--tb=line", "-x", "-p", "no:cacheprovider", "-o", "timeout=600")


@contextmanager
def _copy() -> Iterator[Path]:
    """The tree as it stands here, uncommitted work too, with what was installed linked into it."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    with tempfile.TemporaryDirectory(prefix="plumbline-mutant-") as folder:
        tree = Path(folder)
        for name in listed:
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name)
        for name in _LINKED:
            (tree / name).symlink_to(ROOT / name)
        yield tree


def _run(tree: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Run *tests*, either all of pytest or all of the pages."""
    if tests[0].startswith("web/"):
        files = [test.removeprefix("web/") for test in tests]
        argv = ["sh", "local/bootstrap/node.sh", "npm", "--prefix", "web", "run", "--silent", "test", "--"]
        argv += files
    else:
        argv = [sys.executable, "-m", "pytest", *_QUIET, *tests]
    known = {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", "HYPOTHESIS_PROFILE": "mutants"}
    environment = {**os.environ, **known}
    return subprocess.run(argv, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def _end_of(mutation: Mutation) -> tuple[str, str]:
    """What became of one mutant, and what its test said."""
    with _copy() as tree:
        mutation.apply(tree)
        if mutation.file.endswith(".py"):
            ast.parse((tree / mutation.file).read_text(encoding="utf-8"))
        done = _run(tree, mutation.tests)
    said = done.stdout + done.stderr
    if done.returncode == 0:
        return "survived", said
    return "caught" if _FAILED.search(said) else "broken", said


def _baseline(chosen: list[Mutation]) -> bool:
    """Whether the tests pass as long as nothing is changed."""
    tests = list(dict.fromkeys(test for mutation in chosen for test in mutation.tests))
    with _copy() as tree:
        for group in (
            [t for t in tests if t.startswith("web/")],
            [t for t in tests if t.startswith("tests/")],
        ):
            done = _run(tree, group) if group else None
            if done is not None and done.returncode != 0:
                sys.stdout.write(done.stdout[-3000:] + done.stderr[-3000:])
                return False
    return True


def _chosen(names: list[str]) -> list[Mutation]:
    if names == ["core"]:
        return list(CORE)
    return [each for each in (*MUTATIONS, *CORE) if each.proves in names] if names else list(MUTATIONS)


def main(names: list[str]) -> int:
    """Break the properties or areas *names*, or all properties; 0 when every change was caught."""
    chosen = _chosen(names)
    if not chosen:
        sys.stderr.write(f"There is no change that breaks {' or '.join(names)}.\n")
        return 2
    if not _baseline(chosen):
        sys.stdout.write("The tests fail unchanged; mend that first.\n")
        return 2
    ends = []
    for mutation in chosen:
        started = time.monotonic()
        end, said = _end_of(mutation)
        ends.append(end)
        took_s = time.monotonic() - started
        failed = _NAMED.search(said)
        test = failed[1] if failed else " ".join(mutation.tests)
        line = f"{mutation.proves:<7} {end:<9} {took_s:>5.0f} s  {mutation.where()}  by {test}\n"
        sys.stdout.write(line)
        sys.stdout.flush()
        if end == "broken":
            sys.stdout.write(said[-2000:])
    sys.stdout.write(f"{ends.count('caught')} of {len(ends)} caught\n")
    return 0 if set(ends) == {"caught"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
