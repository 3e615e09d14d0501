"""
Puts the zip together: `build` from nothing, `build_once` only what has changed since it was last asked.

The two halves, dependencies and product, are compiled apart, so that a changed line of the product costs
neither pip nor the compiler of a thousand modules.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.package import wheels
from infra.package.archive import write_zip
from infra.package.target import MACHINE, PROJECT

_BYTECODE = Path(__file__).with_name("bytecode.py")
_CACHE = PROJECT / "build" / "package"


def build(target: Path, machine: str = MACHINE) -> None:
    """
    Write the zip for Lambda on *machine* to *target*, from nothing.

    Raises:
        WheelsError: a wheel cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="plumbline-package-") as work:
        dependencies, product = Path(work) / "dependencies", Path(work) / "product"
        make_dependencies(dependencies, machine)
        make_product(product)
        write_zip([dependencies, product], target)


def build_once(machine: str = MACHINE) -> Path:
    """The zip of the present sources, made of parts of former builds where nothing of theirs has changed."""
    pins = [wheels.REQUIREMENTS, wheels.DEVELOPMENT_REQUIREMENTS, *Path(__file__).parent.glob("*.py")]
    dependencies = cached(f"dependencies-{machine}", pins, lambda folder: make_dependencies(folder, machine))

    def pack(folder: Path) -> None:
        make_product(folder / "product")
        write_zip([dependencies, folder / "product"], folder / "plumbline.zip")

    sources = [*pins, *(PROJECT / path for path in product_files())]
    return cached(f"zip-{machine}", sources, pack) / "plumbline.zip"


def make_dependencies(folder: Path, machine: str) -> None:
    """Fill *folder* with the wheels' part of the zip."""
    folder.mkdir(parents=True)
    wheels.install(folder, machine)
    compile_folder(folder)


def make_product(folder: Path) -> None:
    """Fill *folder* with the product's part of the zip."""
    for path in product_files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / path, folder / path)
    compile_folder(folder)


def compile_folder(folder: Path) -> None:
    """Give *folder* its bytecode, in an interpreter that nothing else was done in."""
    subprocess.run([sys.executable, "-I", "-S", _BYTECODE, folder], check=True)


def product_files() -> Iterator[str]:
    """Everything of the product that is deployed: `app.py` and all of `chalicelib`, templates and SQL too."""
    yield "app.py"
    for file in sorted((PROJECT / "chalicelib").rglob("*")):
        path = file.relative_to(PROJECT)
        is_hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
        if file.is_file() and not is_hidden and file.suffix != ".pyc":
            yield path.as_posix()


def cached(name: str, inputs: list[Path], make: Callable[[Path], None]) -> Path:
    """The folder that *make* fills from *inputs*; one of each *name* is kept."""
    known = hashlib.sha256(sys.version.encode())
    for path in sorted(inputs):
        known.update(path.relative_to(PROJECT).as_posix().encode() + b"\0")
        known.update(hashlib.sha256(path.read_bytes()).digest())
    found = _CACHE / f"{name}-{known.hexdigest()[:16]}"
    if not found.exists():
        for former in _CACHE.glob(f"{name}-*"):
            shutil.rmtree(former, ignore_errors=True)
        _CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHE) as work:
            make(Path(work) / name)
            try:
                (Path(work) / name).rename(found)
            except OSError:
                if not found.is_dir():  # else somebody who built the same beside us was faster
                    raise
    return found
