"""The forge's files: what they run is what there is, and nothing holds a key."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

_PROJECT = Path(__file__).parents[2]
_WORKFLOWS = sorted((_PROJECT / ".github" / "workflows").glob("*.yml"))
_TARGETS = set(re.findall(r"^([a-z-]+):", (_PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def _steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


def _file(name: str) -> dict[str, Any]:
    return _read(_PROJECT / ".github" / "workflows" / name)


@pytest.mark.parametrize("path", _WORKFLOWS, ids=lambda path: path.name)
def test_every_command_is_a_target_of_the_makefile(path: Path) -> None:
    commands = [step["run"] for step in _steps(_read(path)) if "run" in step]
    assert commands
    for command in commands:
        match = re.match(r"make ([a-z-]+)", command)
        assert match
        assert match[1] in _TARGETS


@pytest.mark.parametrize("path", _WORKFLOWS, ids=lambda path: path.name)
def test_jobs_have_an_end_and_no_more_rights_than_they_need(path: Path) -> None:
    workflow = _read(path)
    assert workflow["permissions"].pop("contents") == "read"
    assert set(workflow["permissions"]) <= {"id-token"}
    for job in workflow["jobs"].values():
        assert "uses" in job or job["timeout-minutes"] <= 60
    assert "secrets." not in path.read_text(encoding="utf-8")


def test_what_goes_to_prod_was_tested_and_has_been_on_staging() -> None:
    jobs = _file("deploy.yml")["jobs"]
    assert jobs["staging"]["needs"] == "check"
    assert jobs["prod"]["needs"] == "staging"
    assert jobs["prod"]["steps"] == jobs["staging"]["steps"]
    assert {name: jobs[name]["environment"] for name in ("staging", "prod")} == {
        "staging": "staging",
        "prod": "prod",
    }


def test_a_change_is_checked_tested_and_packaged() -> None:
    commands = {step["run"] for step in _steps(_file("check.yml")) if "run" in step}
    assert commands == {"make check", "make test", "make package"}
