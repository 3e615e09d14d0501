"""
How the process of a container is started: our own runtime client on the sources, or AWS's on the artefact.

The artefact is laid out as on Lambda: code in `task`, `awslambdaric` in `runtime`. There the interpreter
sees these two folders and the standard library, neither this project nor its virtual environment.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local.cloud.describe import FunctionSpec
from local.cloud.settings import PROJECT, CloudSettings
from local.stack import tether


@dataclass(frozen=True)
class Launch:
    """What to run, where, with which environment; *log_file* takes its output where it has no other place."""

    argv: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    log_file: Path | None = None

    def open_log(self) -> AbstractContextManager[BinaryIO | None]:
        """Where its standard output goes; None is the cloud's own."""
        return nullcontext() if self.log_file is None else self.log_file.open("ab")


def launch_of(spec: FunctionSpec, settings: CloudSettings) -> Launch:
    """How to start a container of *spec*."""
    log_file = Path(settings.log_dir) / f"{spec.name}.jsonl"
    environment = _lambda_environment(spec, settings)
    if settings.artefact_dir is None:
        environment["CONTAINER_LOG_FILE"] = str(log_file)
        return Launch([sys.executable, "-m", "local.cloud.container"], PROJECT, environment)
    task, runtime = settings.artefact_dir / "task", settings.artefact_dir / "runtime"
    tied = [
        sys.executable,
        "-I",
        "-S",
        tether.__file__,
        str(int(signal.SIGKILL)),
        str(os.getpid()),
        "-1",
        "--",
    ]
    client = [sys.executable, "-S", "-m", "awslambdaric", spec.handler]  # -m puts the folder it runs in first
    environment |= {"PYTHONPATH": str(runtime), "LAMBDA_TASK_ROOT": str(task)}
    return Launch([*tied, *client], task, environment, log_file)


def _lambda_environment(spec: FunctionSpec, settings: CloudSettings) -> dict[str, str]:
    """What a container is given: Lambda's own variables and the product's, nothing of this machine's."""
    region = settings.region
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": str(settings.data_dir),
        "PYTHONUNBUFFERED": "1",
        **settings.container_environment,
        "_HANDLER": spec.handler,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info[0]}.{sys.version_info[1]}",
        "AWS_LAMBDA_FUNCTION_NAME": f"plumbline-local-{spec.name}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/plumbline-local-{spec.name}",
        "LAMBDA_TASK_ROOT": str(settings.app_dir),
        "CLOCK_OFFSET_FILE": str(settings.clock_file),
    }
