"""
`make properties`: which property is proved by which tests, and how the last word on each turned out.

Runs every test that is marked `proves("P13")` and prints property, tests, result, and the lines of code
whose change turns a test red (`make mutants` changes them). A property without a test is shown as such; the
exit code is 1 when a proof failed.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from itertools import zip_longest
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as `python -m pytest` does

from tests.mutations import lines_that_break

_WEB = Path(__file__).resolve().parent.parent / "web"
SUBJECTS = {
    "P1": "answer within 200 ms",
    "P2": "three retries after 1, 2, 4 s, then the dead-letter queue",
    "P3": "without the broker a request still succeeds",
    "P4": "a hit makes no query and returns the same data",
    "P5": "an admin's change is seen by the next read",
    "P6": "X-Cache-Status says HIT or MISS",
    "P7": "no valid captcha: 400 and nothing stored",
    "P8": "queries over 100 ms are logged without values",
    "P9": "connections are closed at shutdown, and reused",
    "P10": "one holder of a lock",
    "P11": "no lock within 5 s: LOCK_TIMEOUT",
    "P12": "a crashed holder's lock becomes free",
    "P13": "a repeated key is answered, not executed",
    "P14": "a key is forgotten after 24 h",
    "P15": "a violation is logged",
    "P16": "more than 10 violations in 5 minutes alert once",
    "P17": "5 failures open the circuit for 30 s",
    "P18": "one trial per generation",
    "P19": "debounce and throttle",
    "P20": "saved form state survives a round trip",
    "P21": "saved form state expires after 24 h",
    "P22": "errors on blur, with hints of the format",
    "P23": "submit is enabled exactly when all required fields are valid",
    "P24": "metrics are true for the fleet",
    "P25": "a depth over 1,000 warns",
    "P26": "a depth over 5,000 refuses new jobs",
    "P27": "rows go to Sheets in calls of 100",
    "P28": "limits by IP and by user are independent",
    "P29": "limits grow with the role",
}


class PropertiesTable:
    """A pytest plugin that keeps the marked tests and remembers how they ended."""

    def __init__(self) -> None:
        self.proofs: dict[str, list[str]] = defaultdict(list)
        self.results: dict[str, str] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep what proves something."""
        kept: list[pytest.Item] = []
        others: list[pytest.Item] = []
        for item in items:
            properties = [name for marker in item.iter_markers("proves") for name in marker.args]
            (kept if properties else others).append(item)
            for name in properties:
                self.proofs[name].append(item.nodeid)
        items[:] = kept
        config.hook.pytest_deselected(items=others)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember the worst that happened to a test."""
        if report.failed:
            self.results[report.nodeid] = "FAILED"
        elif report.when == "call":
            self.results.setdefault(report.nodeid, report.outcome)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Property, test, result, line: one row for each test or line, properties in their order."""
        rows: list[tuple[str, str, str, str]] = []
        for name in sorted({*SUBJECTS, *self.proofs}, key=_order):
            title = f"{name} {SUBJECTS.get(name, '')}".strip()
            tests = [(_short(test), self.results.get(test, "not run")) for test in self.proofs.get(name, [])]
            for position, (test, line) in enumerate(
                zip_longest(tests or [("-", "no test")], lines_that_break(name))
            ):
                rows.append(("" if position else title, *(test or ("", "")), line or ""))
        return rows

    def is_unbroken(self) -> bool:
        """Whether every proof that exists has passed; a property without one is listed, not failed."""
        return all(row[2] in {"passed", "no test", ""} for row in self.rows())


def add_web_proofs(table: PropertiesTable) -> None:
    """Run the tests of the pages and add those whose title names a property."""
    if not (_WEB / "package.json").exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        npm = ["sh", "local/bootstrap/node.sh", "npm", "--prefix", "web", "run", "--silent", "test", "--"]
        done = subprocess.run(
            [*npm, "--reporter=json", f"--outputFile={report}"],
            cwd=_WEB.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            sys.stderr.write(f"The tests of the pages did not run:\n{done.stdout}{done.stderr}\n")
            return
        files = json.loads(report.read_text())["testResults"]
    for file in files:
        for test in file["assertionResults"]:
            node = f"{Path(file['name']).relative_to(_WEB.parent)}::{test['fullName']}"
            for name in sorted(set(re.findall(r"\bP\d+\b", test["fullName"]))):
                table.proofs[name].append(node)
                table.results[node] = "passed" if test["status"] == "passed" else "FAILED"


def _order(name: str) -> tuple[int, str]:
    number = re.search(r"\d+", name)
    return (int(number[0]) if number else 10_000, name)


def _short(node: str) -> str:
    return node.removeprefix("tests/")


def main(arguments: list[str]) -> int:
    """Run the proofs and print the table."""
    table = PropertiesTable()
    code = pytest.main(["-q", "--no-header", "--tb=short", *arguments], plugins=[table])
    add_web_proofs(table)
    rows = [("property", "test", "result", "turned red by a change of"), *table.rows()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join(f"{text:<{width}}" for text, width in zip(row, [*widths, 0], strict=True)).rstrip()
        for row in rows
    ]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
    return 0 if table.is_unbroken() and code == pytest.ExitCode.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
