"""The rules of the house that a machine can check and no linter knows (docs/architecture.md, "Rules")."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.jobs.ledger import FUNCTION_TIMEOUT_S
from chalicelib.platform import errors
from chalicelib.platform.http.edge import CALL_BUDGET_S

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = sorted((ROOT / "chalicelib").rglob("*.py"))
_SQL = re.compile(r'"""\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b|"(SELECT|INSERT INTO|UPDATE|DELETE FROM) ')


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _breaking(pattern: str, allowed: Iterator[Path] | list[Path]) -> list[str]:
    spared = set(allowed)
    found = re.compile(pattern)
    return [
        str(file.relative_to(ROOT)) for file in PRODUCT if file not in spared and found.search(_text(file))
    ]


def test_only_settings_read_the_environment() -> None:
    assert _breaking(r"os\.(environ|getenv)", [ROOT / "chalicelib/platform/settings.py"]) == []


def test_sql_stands_in_stores_and_migrations_only() -> None:
    spared = [file for file in PRODUCT if file.name == "store.py" or "migrations" in file.parts]
    assert _breaking(_SQL.pattern, spared) == []


def test_chalice_is_known_at_the_edge_only() -> None:
    spared = [file for file in PRODUCT if file.name == "routes.py" or "http" in file.parts]
    assert _breaking(r"^(from|import) chalice\b", spared) == []


def test_nothing_asks_the_machine_for_the_time_of_policy() -> None:
    spared = [ROOT / "chalicelib/platform/clock.py"]
    assert _breaking(r"datetime\.now\(|datetime\.utcnow|time\.time\(|time\.sleep\(", spared) == []


def test_no_session_state_that_would_pin_rds_proxy() -> None:
    stores = [file for file in PRODUCT if file.name in {"store.py", "postgres.py"}]
    banned = re.compile(
        r"pg_advisory|\bSET (SESSION|LOCAL|ROLE|TIME ZONE|\w+ TO )|nextval\(|LISTEN |\boptions=|DISCARD "
    )
    assert [file.name for file in stores if banned.search(_text(file))] == []


def test_the_app_is_a_table_of_contents() -> None:
    text = _text(ROOT / "app.py")
    assert len(text.splitlines()) <= 130
    branches = (ast.If, ast.While, ast.Try, ast.Match, ast.BoolOp, ast.IfExp)
    assert [node for node in ast.walk(ast.parse(text)) if isinstance(node, branches)] == []
    handlers = re.findall(r"@app\.(?:on_sqs_message|schedule|lambda_function)", text)
    assert len(handlers) == len(re.findall(r"^def ", text, re.MULTILINE))


def test_queues_and_schedules_are_declared_in_the_app_and_nowhere_else() -> None:
    """Declared in a blueprint, a handler would run without `app.py` and all that it starts."""
    assert _breaking(r"on_sqs_message|\.schedule\(|lambda_function", []) == []


def test_files_can_be_read_in_one_sitting() -> None:
    files = [*PRODUCT, *(ROOT / "local").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    assert [f"{file.name}: {n}" for file in files if (n := len(_text(file).splitlines())) > 350] == []


def test_function_timeouts_agree_with_the_ledger_and_the_gateway() -> None:
    functions = json.loads(_text(ROOT / ".chalice/config.json"))["lambda_functions"]
    for queue, timeout_s in FUNCTION_TIMEOUT_S.items():
        assert functions[f"{queue}_worker"]["lambda_timeout"] == timeout_s
    assert functions["api_handler"]["lambda_timeout"] < 29
    assert functions["api_handler"]["lambda_timeout"] > CALL_BUDGET_S


def _subclasses(root: type[errors.PlumblineError]) -> Iterator[type[errors.PlumblineError]]:
    for found in root.__subclasses__():
        yield found
        yield from _subclasses(found)


def test_every_error_has_its_answer() -> None:
    families = {errors.CallerError, errors.DependencyError}
    leaves = set(_subclasses(errors.PlumblineError)) - families
    assert leaves == set(errors.REFUSALS)
    for kind, refusal in errors.REFUSALS.items():
        assert (refusal.status == 503) == issubclass(kind, errors.DependencyError)
    assert len({refusal.code for refusal in errors.REFUSALS.values()}) == len(errors.REFUSALS)


BROKEN_ARROWS = [
    ("chalicelib/platform/clock.py", "import chalicelib.leads.rules"),
    ("chalicelib/resilience/lock.py", "import chalicelib.jobs.relay"),
    ("chalicelib/leads/store.py", "import chalicelib.sheets.store"),
    ("chalicelib/quotes/rules.py", "import psycopg"),
    ("chalicelib/jobs/relay.py", "import local.clock"),
    ("local/world/faults.py", "import chalicelib"),
]


@pytest.mark.parametrize(("file", "line"), BROKEN_ARROWS)
def test_an_arrow_that_points_up_is_caught(tmp_path: Path, file: str, line: str) -> None:
    for folder in ("chalicelib", "local"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as text:
        text.write(f"\n{line}\n")
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout
