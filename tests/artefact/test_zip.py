"""The zip as a file: the checks of `make package` hold, and each of them sees what it is there to see."""

import importlib.util
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.package.archive import write_zip
from infra.package.build import make_product
from infra.package.checks import (
    CHECKS,
    Finding,
    check_bytecode,
    check_handlers,
    check_libraries,
    check_no_development_code,
    check_product,
    check_reproducible,
)
from infra.package.target import PYTHON
from tests.artefact.conftest import linux_only

pytestmark = pytest.mark.timeout(300)  # the first one may have to fetch the wheels
Check = Callable[[Path], Finding]
_CLOCK = "chalicelib/platform/clock.py"
_CLOCK_PYC = importlib.util.cache_from_source(_CLOCK, optimization="")


@pytest.mark.parametrize("check", CHECKS)
def test_the_zip_of_the_present_sources_passes(check: Check, artefact: Path) -> None:
    finding = check(artefact)
    assert finding.faults == []


def _replace(archive: Path, target: Path, changes: dict[str, bytes | None]) -> None:
    """Copy *archive* with some entries changed, added or, where None, left out."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        kept = {name: old.read(name) for name in old.namelist()}
        for name, data in (kept | changes).items():
            if data is not None:
                new.writestr(name, data)


def _pyc(archive: Path) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return opened.read(_CLOCK_PYC)


@pytest.mark.parametrize(
    ("check", "spoil", "complaint"),
    [
        (check_no_development_code, lambda _: {"local/clock.py": b""}, "local/clock.py"),
        (check_no_development_code, lambda _: {"pytest/__init__.py": b""}, "pytest/__init__.py"),
        (check_no_development_code, lambda _: {"x.py": b"'CLOCK_OFFSET_FILE'"}, "x.py: knows CLOCK_OFFSET"),
        (check_product, lambda _: {"chalicelib/guards/admission.lua": None}, "admission.lua: missing"),
        (check_bytecode, lambda _: {_CLOCK_PYC: None}, f"{_CLOCK}: its bytecode is missing or another's"),
        (check_bytecode, lambda _: {_CLOCK: b"pass"}, f"{_CLOCK}: its bytecode is missing or another's"),
        (check_bytecode, lambda pyc: {_CLOCK_PYC: pyc[:4] + b"\3" + pyc[5:]}, "not unchecked bytecode"),
        (check_bytecode, lambda pyc: {_CLOCK_PYC: b"\0\0" + pyc[2:]}, f"bytecode of Python {PYTHON}"),
        (check_bytecode, lambda pyc: {"elsewhere.pyc": pyc}, f"says that it was /var/task/{_CLOCK}"),
        (check_libraries, lambda _: {"x.so": b"\0GLIBC_2.99\0"}, "x.so: needs glibc 2.99"),
    ],
)  # fmt: skip
def test_a_spoilt_zip_is_refused(
    artefact: Path,
    tmp_path: Path,
    check: Check,
    spoil: Callable[[bytes], dict[str, bytes | None]],
    complaint: str,
) -> None:
    spoilt = tmp_path / "spoilt.zip"
    _replace(artefact, spoilt, spoil(_pyc(artefact)))
    assert complaint in "\n".join(check(spoilt).faults)


@linux_only
@pytest.mark.parametrize(
    ("left_out", "complaint"),
    [
        ("psycopg_pool/pool.pyc", "No module named 'psycopg_pool.pool'"),
        ("google/oauth2/service_account.pyc", "No module named 'google.oauth2.service_account'"),
        (_CLOCK_PYC, "clock.py: compiled at import"),
    ],
)
def test_a_zip_that_lacks_what_some_handler_needs_is_refused(
    artefact: Path, tmp_path: Path, left_out: str, complaint: str
) -> None:
    spoilt = tmp_path / "spoilt.zip"
    _replace(artefact, spoilt, {left_out: None})
    assert complaint in "\n".join(check_handlers(spoilt).faults)


def test_two_builds_in_two_folders_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "another-longer-name"):
        make_product(tmp_path / name / "product")
        write_zip([tmp_path / name / "product"], tmp_path / f"{name}.zip")
    assert check_reproducible(tmp_path / "one.zip", tmp_path / "another-longer-name.zip").faults == []
    (tmp_path / "one" / "product" / "app.py").write_text("changed")
    write_zip([tmp_path / "one" / "product"], tmp_path / "changed.zip")
    assert check_reproducible(tmp_path / "one.zip", tmp_path / "changed.zip").faults == ["differ"]
