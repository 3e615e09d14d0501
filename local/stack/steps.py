"""
What happens between the parts: the site's port, the product's migrations and demo data, wiping.

Migrations and demo data are commands of the product and of `local`; they run only where the app has them.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from local.stack.children import base_environment
from local.stack.errors import StackError
from local.stack.ports import has_ipv6_loopback, is_free

_TIMEOUT_S = 120


def require_free_port(port: int) -> None:
    """
    See that the site can listen on *port*.

    Raises:
        StackError: somebody else does; the message names the way out.
    """
    hosts = ["127.0.0.1", *(["::1"] if has_ipv6_loopback() else [])]
    if not all(is_free(port, host) for host in hosts):
        raise StackError(
            f"Port {port} is taken by another program. Choose another one: PORT={port + 1} make run"
        )


def prepare_product(
    app_dir: Path,
    project: Path,
    *,
    environment: Mapping[str, str],
    secrets: Mapping[str, str],
    logs: Path,
    announce: Callable[[str], None],
) -> None:
    """
    Check the settings, bring the database to the app's version, seed the demo data; all may be repeated.

    Raises:
        StackError: one of them failed; the message holds its last lines.
    """
    if (app_dir / "chalicelib" / "platform" / "settings.py").is_file():
        _run("chalicelib.platform.settings", app_dir, environment, logs)
    if (app_dir / "chalicelib" / "platform" / "migrations").is_dir():
        announce("applying migrations")
        _run("chalicelib.platform.migrations", app_dir, environment, logs)
    if app_dir == project and any((project / "local").glob("demo_data*")):
        announce("seeding demo data")
        _run("local.demo_data", project, {**environment, "DEMO_PASSWORD": secrets["demo_password"]}, logs)


def remove_contents(folder: Path, *, keep: Path) -> None:
    """Empty *folder* but for the file *keep*."""
    for path in folder.iterdir():
        if path == keep:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _run(module: str, cwd: Path, environment: Mapping[str, str], logs: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=cwd,
        env=base_environment() | dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
        start_new_session=True,
    )
    with (logs / f"{module.rsplit('.', 1)[-1]}.log").open("a") as log:
        log.write(done.stdout)
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in done.stdout.splitlines()[-40:])
        raise StackError(f"{module} failed ({done.returncode}):\n{tail}")
