"""What a migration may not say without a reason, since the old code serves while it runs and after it."""

from pathlib import Path

import pytest

from infra.proof import reasons
from infra.proof.checks import check_migrations
from infra.proof.migrations import check, faults_of

REASON = "-- safe while the old code serves: nothing has read this column since version 3.\n"


def test_every_migration_is_safe_or_says_why() -> None:
    finding = check_migrations()
    assert finding.faults == []
    assert int(finding.figure.split(",")[0]) >= 14


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t (id uuid PRIMARY KEY, n integer NOT NULL);\nCREATE UNIQUE INDEX t_by_n ON t (n);",
        "ALTER TABLE t ADD COLUMN a int, ADD COLUMN b numeric(8, 4) DEFAULT 0 NOT NULL CHECK (b IN (0, 1));",
        "ALTER TABLE leads ADD COLUMN c uuid REFERENCES users (id) ON DELETE SET NULL;",
        "-- it isn't a DROP; nor a RENAME\nINSERT INTO settings (key) VALUES ('drop; table');",
        "DROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON leads (email);\n",
    ],
)
def test_what_the_old_code_need_not_know_is_allowed(text: str) -> None:
    assert faults_of(text) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("DROP TABLE leads;", "takes away"),
        ("ALTER TABLE leads DROP COLUMN email;", "takes away"),
        ("ALTER TABLE leads ADD COLUMN a text, DROP COLUMN b;", "more than to add"),
        ("ALTER TABLE leads RENAME COLUMN email TO address;", "renames"),
        ("ALTER TABLE leads RENAME TO enquiries;", "renames"),
        ("ALTER TABLE leads ALTER COLUMN phone TYPE varchar(20);", "changes a type"),
        ("ALTER TABLE leads ALTER COLUMN phone SET NOT NULL;", "refuses what the old code may write"),
        ("ALTER TABLE leads ADD COLUMN a text NOT NULL;", "NOT NULL without a default"),
        ("ALTER TABLE leads ADD COLUMN a uuid DEFAULT gen_random_uuid();", "computed"),
        ("ALTER TABLE leads ADD COLUMN a text UNIQUE;", "an index"),
        ("ALTER TABLE leads ADD CONSTRAINT c CHECK (name <> '') NOT VALID;", "may write"),
        ("ALTER TABLE leads ADD UNIQUE (phone);", "may write"),
        ("CREATE INDEX i ON leads (email);", "CONCURRENTLY"),
        ("CREATE UNIQUE INDEX i ON leads (email);", "CONCURRENTLY"),
        ("UPDATE leads SET status = 'NEW';", "changes rows"),
        ("CREATE TRIGGER t BEFORE INSERT ON leads EXECUTE FUNCTION f();", "known to be safe"),
        ("LOCK TABLE leads;", "known to be safe"),
        ("CREATE INDEX CONCURRENTLY i ON leads (email);", "DROP INDEX CONCURRENTLY IF EXISTS"),
        (
            "CREATE TABLE t (id uuid);\nCREATE INDEX CONCURRENTLY i ON t (id);",
            "DROP INDEX CONCURRENTLY IF EXISTS",
        ),
    ],
)
def test_what_breaks_the_old_code_or_holds_it_up_is_caught(text: str, complaint: str) -> None:
    assert complaint in " ".join(faults_of(text))


def test_a_reason_counts_for_the_statement_below_it_only() -> None:
    drop = "ALTER TABLE leads DROP COLUMN {};\n"
    assert faults_of(REASON + drop.format("a")) == []
    assert len(faults_of(REASON + drop.format("a") + drop.format("b"))) == 1
    assert len(faults_of("-- safe while the old code serves: yes.\n" + drop.format("a"))) == 1


def test_a_reason_that_nothing_needs_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "0001-a.sql").write_text("CREATE TABLE t (id uuid);")
    assert check({"0001-a.sql": "once it dropped something"}, tmp_path) == [
        "0001-a.sql: has a reason and needs none"
    ]


def test_only_files_that_may_not_change_have_their_reasons_elsewhere() -> None:
    assert max(reasons.MIGRATIONS) < "0020"
