"""What the zip is built for: Lambda's runtime of the Python that builds it, as Chalice itself chooses it."""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MACHINE = "x86_64"
ZIP_LIMIT_BYTES = 16_000_000
UNPACKED_LIMIT_BYTES = 250 * 1024 * 1024  # Lambda quotas
_OLDEST_GLIBC_MINOR = 17  # manylinux2014, the oldest that wheels are still built for


def glibc_minor() -> int:
    """Lambda's machines have glibc 2.this: Amazon Linux 2 up to Python 3.11, Amazon Linux 2023 after it."""
    return 26 if sys.version_info < (3, 12) else 34


def wheel_platforms(machine: str) -> list[str]:
    """The platform tags of wheels that run there, by pip's names (PEP 600)."""
    minors = range(glibc_minor(), _OLDEST_GLIBC_MINOR - 1, -1)
    return [*(f"manylinux_2_{minor}_{machine}" for minor in minors), f"manylinux2014_{machine}"]
