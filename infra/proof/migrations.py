"""
What a migration may say while the old code still serves, and at once with a large table.

Without a reason: tables of its own with their indexes, columns that the old code need not know, rows, and
indexes that are built CONCURRENTLY in a file of their own. Whatever else stands in a file has a comment above
the statement that says why it is safe, `-- safe while the old code serves: …`. Files that were applied
somewhere may not change any more; what they lack stands in `infra.proof.reasons`.

Sources: PostgreSQL's manual, "ALTER TABLE" (what rewrites, what scans, and under which lock) and
"CREATE INDEX", "Building Indexes Concurrently".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.package.target import PROJECT

FOLDER = PROJECT / "chalicelib" / "platform" / "migrations"
_REASON = re.compile(r"^-- safe while the old code serves: (?=.{20})", re.MULTILINE)
_COMMENT = re.compile(r"--.*$", re.MULTILINE)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_IN_PARENTHESES = re.compile(r"\([^()]*\)")
_CREATE_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)")
_CREATE_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?\w+ ON (\w+)")
_CONCURRENT_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\w+) ON \w+")
_CONCURRENT_DROP = re.compile(r"DROP INDEX CONCURRENTLY IF EXISTS (\w+)$")
_ADD_COLUMNS = re.compile(r"ALTER TABLE (?:ONLY )?\w+ (ADD COLUMN .*)")
_HARMLESS = re.compile(r"INSERT INTO |CREATE EXTENSION IF NOT EXISTS ")
# Of a column that is added: what in its definition is wrong, and why.
_COLUMN_FAULTS = (
    (
        r"^(?!.*\bDEFAULT ).*\bNOT NULL\b",
        "is NOT NULL without a default, so the old code cannot insert",
    ),
    (r"\bDEFAULT \w+ ?\(", "has a default that is computed, so every row is rewritten under a lock"),
    (r"\bGENERATED ALWAYS AS\b", "is generated, so every row is rewritten under a lock"),
    (r"\b(UNIQUE|PRIMARY KEY)\b", "has an index, which is built under a lock"),
)
# Of other statements: what makes them unsafe, in words that say what to do.
_STATEMENT_FAULTS = (
    (r"\bRENAME\b", "renames what the old code calls by its name; add, and take away a version later"),
    (r"\bALTER COLUMN \w+ (SET DATA )?TYPE\b", "changes a type: rows are rewritten under a lock"),
    (r"\bSET NOT NULL\b", "refuses what the old code may write, and reads the whole table under a lock"),
    (r"\bDROP\b", "takes away what the old code may use"),
    (r"\bADD CONSTRAINT\b|\bADD (CHECK|UNIQUE|PRIMARY|FOREIGN)\b", "refuses what the old code may write"),
    (r"^(UPDATE|DELETE|TRUNCATE)\b", "changes rows that the old code reads"),
)


@dataclass(frozen=True)
class Statement:
    """One statement: its words with single spaces, without comments, and whether a reason stands above it."""

    words: str
    has_reason: bool


def check(reasons: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """What is unsafe in *folder* without a reason, in its file or in *reasons* by the file's name."""
    faults = []
    for file in sorted(folder.glob("*.sql")):
        found = faults_of(file.read_text(encoding="utf-8"))
        if file.name not in reasons:
            faults += [f"{file.name}: {fault}" for fault in found]
        elif not found:
            faults.append(f"{file.name}: has a reason and needs none")
    return faults


def faults_of(text: str) -> list[str]:
    """What is unsafe in one migration without a reason, as sentences."""
    statements = list(_statements(text))
    created = {match[1] for each in statements if (match := _CREATE_TABLE.match(each.words))}
    faults = [] if "CONCURRENTLY" not in text else _concurrent_faults(statements)
    for each in statements:
        why = None if each.has_reason else _fault_of(each.words, created)
        faults += [f"{each.words[:60]} … {why}"] if why else []
    return faults


def _statements(text: str) -> Iterator[Statement]:
    for part in _TEXT.sub("''", _without_quotes_in_comments(text)).split(";"):
        words = " ".join(_COMMENT.sub("", part).split())
        if words:
            yield Statement(words, bool(_REASON.search(part)))


def _without_quotes_in_comments(text: str) -> str:
    """Comments with neither quotes nor semicolons, which would be taken for those of SQL."""
    return _COMMENT.sub(lambda comment: re.sub(r"[';]", " ", comment[0]), text)


def _fault_of(words: str, created: set[str]) -> str | None:
    if _CREATE_TABLE.match(words) or _HARMLESS.match(words):
        return None
    if _CONCURRENT_INDEX.match(words) or _CONCURRENT_DROP.match(words):
        return None
    if match := _CREATE_INDEX.match(words):
        return None if match[1] in created else "reads a whole table while nobody may write; CONCURRENTLY"
    if match := _ADD_COLUMNS.match(words):
        return next(filter(None, map(_column_fault, _clauses(match[1]))), None)
    why = (why for pattern, why in _STATEMENT_FAULTS if re.search(pattern, words))
    return next(why, "is nothing that is known to be safe")


def _clauses(words: str) -> list[str]:
    """The clauses of ALTER TABLE; what stands in parentheses is left out, for its commas."""
    flat, before = words, ""
    while flat != before:
        flat, before = _IN_PARENTHESES.sub("(", flat), flat
    return [clause.strip() for clause in flat.split(",")]


def _column_fault(clause: str) -> str | None:
    if not clause.startswith("ADD COLUMN "):
        return "does more than to add columns; in a statement of its own it can have a reason"
    return next((why for pattern, why in _COLUMN_FAULTS if re.search(pattern, clause)), None)


def _concurrent_faults(statements: list[Statement]) -> list[str]:
    """
    A file that builds CONCURRENTLY is no transaction, so it is pairs that may be run again: what an attempt
    left half built is dropped, then the index is built.
    """
    drops = [_CONCURRENT_DROP.match(each.words) for each in statements[::2]]
    builds = [_CONCURRENT_INDEX.match(each.words) for each in statements[1::2]]
    pairs = zip(drops, builds, strict=False)
    is_paired = len(drops) == len(builds) and all(drop and new and drop[1] == new[1] for drop, new in pairs)
    rule = "DROP INDEX CONCURRENTLY IF EXISTS x; CREATE INDEX CONCURRENTLY x ON …"
    return [] if is_paired else [f"what is CONCURRENTLY stands in a file of its own: {rule}"]
