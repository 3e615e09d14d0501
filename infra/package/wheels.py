"""
The dependencies: exactly what `requirements.txt` pins, as wheels that run on Lambda, and Chalice's runtime.

pip chooses them and not uv, because Lambda's glibc 2.26 (Python 3.11) lies between the platforms that uv can
name: a wheel for 2.28 installs here and cannot be loaded there.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from infra.package.leave_out import is_needed
from infra.package.target import PROJECT, PYTHON, wheel_platforms

REQUIREMENTS = PROJECT / "requirements.txt"
DEVELOPMENT_REQUIREMENTS = PROJECT / "requirements-dev.txt"


class WheelsError(Exception):
    """A wheel could not be had; the message is pip's own."""


def install(folder: Path, machine: str) -> None:
    """
    Put what the product needs of its dependencies into *folder*, for Lambda on *machine*.

    Raises:
        WheelsError: no wheel of a pinned version fits, or the registry cannot be reached.
    """
    everything = folder.with_name(f"{folder.name}.wheels")
    _run_pip(everything, machine, ["-r", str(REQUIREMENTS), pinned("chalice")])
    for file in sorted(everything.rglob("*")):
        path = file.relative_to(everything).as_posix()
        if file.is_file() and is_needed(path):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
    shutil.rmtree(everything)
    for metadata in folder.glob("*.dist-info/METADATA"):
        _keep_headers(metadata)


def pinned(name: str) -> str:
    """The line of `requirements-dev.txt` that pins *name*, without its marker: `chalice==1.34.0`."""
    line = re.search(rf"^{re.escape(name)}==[^\s;]+", DEVELOPMENT_REQUIREMENTS.read_text(), re.MULTILINE)
    if line is None:
        raise WheelsError(f"{DEVELOPMENT_REQUIREMENTS.name} does not pin {name}.")
    return line[0]


def _run_pip(target: Path, machine: str, wanted: list[str]) -> None:
    platforms = [part for tag in wheel_platforms(machine) for part in ("--platform", tag)]
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
        "--no-deps", "--no-compile", "--only-binary", ":all:", "--implementation", "cp",
        "--python-version", PYTHON, *platforms, "--target", str(target), *wanted,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WheelsError(f"The wheels for Lambda could not be installed:\n{done.stderr}")


def _keep_headers(metadata: Path) -> None:
    """Cut a distribution's METADATA after its headers; what follows is a readme."""
    metadata.write_bytes(metadata.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n")
