"""
The former version over the present schema, as it serves between the migrations and its own replacement.

What is taken is the former version's code with its own tests, whose database the present migrations make: so
whatever they assert of the code that still serves holds for as long as it does. The former version is the
last `v…` tag before this commit; before the first release, what stood before the newest migration came. A
copy of the project without its history has no former version; there the present one stands in for it.
"""

import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.package.target import PROJECT
from local.stack.children import base_environment

pytestmark = pytest.mark.timeout(600)
_INSTALLED = shutil.ignore_patterns(".venv", ".local", ".*_cache", ".hypothesis", "node_modules", "dist")
MIGRATIONS = Path("chalicelib/platform/migrations")
# What is quick, of each subject that has tables of its own.
TESTS = tuple(
    f"tests/product/test_{name}.py"
    for name in (
        "leads_submit",
        "leads_merge",
        "lead_work",
        "lead_erasure",
        "timeline",
        "overview",
        "accounts_me",
        "sign_in",
        "catalogue_staff",
        "rankings_api",
        "sheets_people",
        "dead_letters",
        "webhooks",
    )
)


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, check=False)
    assert done.returncode == 0, f"{done.stderr.decode()} Is the whole history here? git fetch --unshallow"
    return done.stdout


def _former() -> str:
    tags = _git("tag", "--list", "v*", "--merged", "HEAD^", "--sort=-creatordate").decode().split()
    if tags:
        return tags[0]
    newest = max((PROJECT / MIGRATIONS).glob("*.sql"))
    added = _git("log", "--diff-filter=A", "--format=%H", "--", str(newest)).decode().split()
    return f"{added[-1]}^" if added else "HEAD"  # HEAD: the newest is not committed yet


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """The former version in a folder of its own, with the present migrations."""
    if (PROJECT / ".git").exists():
        with tarfile.open(fileobj=io.BytesIO(_git("archive", _former()))) as archive:
            archive.extractall(tmp_path, filter="data")
    else:
        shutil.copytree(PROJECT, tmp_path, ignore=_INSTALLED, dirs_exist_ok=True)
    for file in (PROJECT / MIGRATIONS).glob("*.sql"):
        (tmp_path / MIGRATIONS / file.name).write_bytes(file.read_bytes())
    return tmp_path


def _tested(tree: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The end of *tests* of *tree*, which start the parts for themselves."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(
        command, cwd=tree, env=base_environment(), capture_output=True, text=True, check=False
    )


def test_the_former_version_serves_over_the_present_schema(former: Path) -> None:
    known = [test for test in TESTS if (former / test).is_file()]
    assert len(known) > len(TESTS) / 2
    done = _tested(former, known)
    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.parametrize(
    "migration",
    [
        "ALTER TABLE leads RENAME COLUMN content TO message;",
        "ALTER TABLE leads ADD COLUMN budget numeric NOT NULL;",
    ],
)
def test_a_migration_that_breaks_it_is_caught(former: Path, migration: str) -> None:
    (former / MIGRATIONS / "9999-breaks-the-former-version.sql").write_text(migration)
    done = _tested(former, TESTS[:1])
    assert done.returncode == 1
    assert "1 failed" in done.stdout
