"""The commands of the documents for operators: each exists, and takes the options that it is given."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from infra.proof.rules import of_type

pytestmark = pytest.mark.timeout(600)
_PROJECT = Path(__file__).parents[2]
_TEXT = " ".join(
    (_PROJECT / "docs" / name).read_text(encoding="utf-8") for name in ("runbooks.md", "operations.md")
)
_COMMANDS = re.findall(r"\baws ([a-z-]+) ([a-z-]+)([^`;|]*)", " ".join(_TEXT.split()))
_OF_THE_TOOL = re.compile(r"cli-|query$|output$|region$")


@cache
def _operations(service: str) -> dict[str, set[str]]:
    """What *service* can be asked, as AWS's tool writes it, with the options of each."""
    model = botocore.session.get_session().get_service_model(service)
    found = {}
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        options = {xform_name(member, "-"): member for member in (shape.members if shape else ())}
        flags = {
            f"no-{option}"
            for option, member in options.items()
            if shape.members[member].type_name == "boolean"
        }
        found[xform_name(name, "-")] = {*options, *flags}
    return found


@pytest.mark.parametrize(("service", "operation", "rest"), _COMMANDS, ids=lambda part: part[:40])
def test_aws_knows_the_command_and_its_options(service: str, operation: str, rest: str) -> None:
    if operation == "wait":
        return
    operations = _operations(service)
    assert operation in operations
    options = {option for option in re.findall(r"--([a-z0-9-]+)", rest) if not _OF_THE_TOOL.match(option)}
    assert options - operations[operation] == set()


def test_every_call_is_a_route_of_the_api(app: dict[str, Any]) -> None:
    ((_, api),) = of_type(app, "AWS::ApiGateway::RestApi")
    routes = {
        (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, methods in api["Body"]["paths"].items()
        for method in methods
    }
    called = {
        (method, re.sub(r"{\w+}", "{}", path))
        for method, path in re.findall(r"\b(GET|POST|PATCH|PUT|DELETE) /api(/[\w/{}-]+)", _TEXT)
    }
    assert len(called) > 15
    assert called - routes == set()


def test_what_one_paragraph_says_of_another_leads_there() -> None:
    runbooks = " ".join((_PROJECT / "docs" / "runbooks.md").read_text(encoding="utf-8").split())
    beginnings = re.findall(r"\*\*(\w[^*]+?)[.?]?\*\*", runbooks)
    quoted = re.findall(r"(?:see|as in|in|deployment:) ((?:\"[A-Z][^\"]+\"(?: and )?)+)", runbooks)
    named = {name for each in quoted for name in re.findall(r"\"([^\"]+)\"", each)}
    named -= {"Duration by route"}  # a graph
    assert len(named) > 6
    assert named - set(beginnings) == set()


def test_make_has_every_target_and_the_product_every_command() -> None:
    makefile = (_PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z]+)", _TEXT))
    assert len(targets) > 8
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()
    modules = set(re.findall(r"python -m (chalicelib[\w.]+)", _TEXT))
    assert modules
    for module in modules:
        folder = _PROJECT / module.replace(".", "/")
        assert (folder / "__main__.py").is_file() or folder.with_suffix(".py").is_file()
