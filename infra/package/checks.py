"""What must be true of the finished zip; each check returns its figure, and its faults where it failed."""

import importlib.util
import json
import marshal
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from infra.package.build import product_files
from infra.package.bytecode import TASK_ROOT
from infra.package.target import (
    PROJECT,
    PYTHON,
    UNPACKED_LIMIT_BYTES,
    ZIP_LIMIT_BYTES,
    glibc_minor,
)
from infra.package.unpack import unpack

_PROBE = Path(__file__).with_name("probe.py")
_UNCHECKED_HASH = 0b01
_GLIBC = re.compile(rb"\bGLIBC_2\.(\d+)")
# Of the laptop and its tools: not one file of them, and no trace of the movable clock.
_DEVELOPMENT = frozenset(
    {"local", "tests", "infra", "web", "bench", "pytest", "_pytest", "moto", "boto3", "awslambdaric", "pip"}
)
_MOVABLE_CLOCK = (b"CLOCK_OFFSET", b"OffsetClock", b"local.clock")


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: a *figure* for the table, and *faults*, which is empty where it passed."""

    name: str
    figure: str
    faults: list[str] = field(default_factory=list)


def check_size(archive: Path) -> Finding:
    """The zip stays small, since a cold start fetches it."""
    size = archive.stat().st_size
    figure = f"{size / 1e6:.1f} MB of {ZIP_LIMIT_BYTES / 1e6:.0f}"
    return Finding("size", figure, ["too large"] if size > ZIP_LIMIT_BYTES else [])


def check_unpacked_size(archive: Path) -> Finding:
    """Unpacked it is below Lambda's own limit."""
    with zipfile.ZipFile(archive) as opened:
        size = sum(entry.file_size for entry in opened.infolist())
    figure = f"{size / 1024**2:.0f} MiB of {UNPACKED_LIMIT_BYTES / 1024**2:.0f}"
    return Finding("size unpacked", figure, ["too large"] if size > UNPACKED_LIMIT_BYTES else [])


def check_bytecode(archive: Path) -> Finding:
    """Every source has its own bytecode; all of it is unchecked, this Python's, and knows no build path."""
    faults = []
    with zipfile.ZipFile(archive) as opened:
        files = {name: opened.read(name) for name in opened.namelist() if name.endswith((".py", ".pyc"))}
    bytecode = {name: data for name, data in files.items() if name.endswith(".pyc")}
    for name, data in bytecode.items():
        if data[:4] != importlib.util.MAGIC_NUMBER or int.from_bytes(data[4:8], "little") != _UNCHECKED_HASH:
            faults.append(f"{name}: not unchecked bytecode of Python {PYTHON}")
        elif _compiled_as(data) != f"{TASK_ROOT}/{_source_of(name)}":
            faults.append(f"{name}: says that it was {_compiled_as(data)}")
    for name in files.keys() - bytecode.keys():
        compiled = files.get(importlib.util.cache_from_source(name, optimization=""), b"")
        if compiled[8:16] != importlib.util.source_hash(files[name]):
            faults.append(f"{name}: its bytecode is missing or another's")
    return Finding("bytecode", f"{len(bytecode)} modules, Python {PYTHON}", sorted(faults))


def check_no_development_code(archive: Path) -> Finding:
    """Nothing of the laptop is in it, the movable clock above all."""
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        faults = [
            f"{name}: knows {trace.decode()}"
            for name in names
            for trace in _MOVABLE_CLOCK
            if trace in opened.read(name)
        ]
    faults += [name for name in names if name.split("/", 1)[0].removesuffix(".py") in _DEVELOPMENT]
    faults += [name for name in names if name.startswith(".") or "/." in name]
    return Finding("no development code", f"{len(names)} files, no movable clock", faults)


def check_product(archive: Path) -> Finding:
    """Every file of the product is in it, templates, scripts and migrations too."""
    with zipfile.ZipFile(archive) as opened:
        inside = set(opened.namelist())
    wanted = list(product_files())
    others = sum(not path.endswith(".py") for path in wanted)
    faults = [f"{path}: missing" for path in wanted if path not in inside]
    return Finding("product", f"{len(wanted)} files, {others} of them not Python", faults)


def check_libraries(archive: Path) -> Finding:
    """Its compiled libraries ask for no newer glibc than Lambda's machines have."""
    faults, newest = [], 0
    with zipfile.ZipFile(archive) as opened:
        libraries = [name for name in opened.namelist() if ".so" in name]
        for name in libraries:
            minor = max((int(found) for found in _GLIBC.findall(opened.read(name))), default=0)
            newest = max(newest, minor)
            if minor > glibc_minor():
                faults.append(f"{name}: needs glibc 2.{minor}")
    figure = f"{len(libraries)} libraries, glibc 2.{newest} of 2.{glibc_minor()}"
    return Finding("compiled libraries", figure, faults)


def check_handlers(archive: Path) -> Finding:
    """Alone, unpacked, with nothing but the standard library beside it, the zip has every handler."""
    name = "handlers"
    if not _runs_here(archive):
        return Finding(name, "not to be tried here: the zip is for another system")
    with tempfile.TemporaryDirectory(prefix="plumbline-package-") as folder:
        unpack(archive, Path(folder))
        done = probe(Path(folder) / "task")
    if done.returncode:
        return Finding(name, "none", done.stderr.splitlines()[-5:])
    report = json.loads(done.stdout.splitlines()[-1])
    faults = report["problems"]
    faults += [f"{file}: compiled at import" for file in report["compiled"]]
    faults += [f"{module}: comes from outside" for module in report["strangers"]]
    handlers = report["handlers"]
    faults += [f"{handler}: not in app.py" for handler in handlers if not handler.startswith("app.")]
    if report["clock"] != "SystemClock":
        faults.append(f"the clock is a {report['clock']}")
    return Finding(name, f"{len(handlers)}, {report['modules']} modules imported", faults)


def check_reproducible(first: Path, second: Path) -> Finding:
    """Two builds are the same bytes."""
    is_same = first.read_bytes() == second.read_bytes()
    return Finding("built twice", "the same bytes" if is_same else "two zips", [] if is_same else ["differ"])


CHECKS: list[Callable[[Path], Finding]] = [
    check_size,
    check_unpacked_size,
    check_product,
    check_bytecode,
    check_no_development_code,
    check_libraries,
    check_handlers,
]


def probe(task: Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `probe` on the unpacked code in *task*; by default with the environment of `.env.example`."""
    command = [sys.executable, "-I", "-S", str(_PROBE), str(task)]
    known = example_environment() if environment is None else environment
    return subprocess.run(
        command, env={"PATH": os.defpath, **known}, cwd=task, capture_output=True, text=True, check=False
    )


def example_environment() -> dict[str, str]:
    """The variables of `.env.example`, without what it says about them."""
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: re.split(r"(?:^|\s+)#\s", value, maxsplit=1)[0].strip() for name, _, value in pairs}


def _runs_here(archive: Path) -> bool:
    """Whether the zip's compiled libraries are for this system."""
    with zipfile.ZipFile(archive) as opened:
        is_for_machine = any(f"-{platform.machine()}-linux-gnu.so" in name for name in opened.namelist())
    return sys.platform.startswith("linux") and is_for_machine


def _compiled_as(pyc: bytes) -> str:
    """The path that the bytecode *pyc* says it was made of."""
    return str(marshal.loads(pyc[16:]).co_filename)  # noqa: S302  bytecode that this Python just made


def _source_of(compiled: str) -> str:
    """The path of the source that *compiled* was made of."""
    if "__pycache__" in compiled:
        return importlib.util.source_from_cache(compiled)
    return compiled.removesuffix("c")
