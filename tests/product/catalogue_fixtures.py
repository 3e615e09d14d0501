"""The catalogue for tests that change it: what the demo data brought stands there again afterwards."""

from collections.abc import Iterator

import pytest

from tests.product.conftest import Ledger

# Each after what it refers to, with its primary key.
_TABLES = {
    "unit_prices": "tag",
    "service_categories": "id",
    "materials": "id",
    "regions": "id",
    "furniture_products": "id",
    "furniture_fees": "id",
    "settings": "key",
}


def _restored(table: str, key: str, columns: list[str]) -> str:
    """The statement that lets *table* have the rows that were saved."""
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return f"INSERT INTO {table} TABLE saved_{table} ON CONFLICT ({key}) DO UPDATE SET {changes}"


@pytest.fixture
def catalogue(ledger: Ledger) -> Iterator[Ledger]:
    """A look into PostgreSQL, and the demo catalogue."""
    ledger.rows("; ".join(f"CREATE TABLE saved_{table} AS TABLE {table}" for table in _TABLES))
    yield ledger
    columns: dict[str, list[str]] = {table: [] for table in _TABLES}
    for row in ledger.rows("SELECT table_name, column_name FROM information_schema.columns"):
        if row["table_name"] in columns:
            columns[row["table_name"]].append(row["column_name"])
    steps = [
        f"DELETE FROM {table} WHERE {key} NOT IN (SELECT {key} FROM saved_{table})"  # noqa: S608  names
        for table, key in reversed(_TABLES.items())
    ]
    steps += [_restored(table, key, columns[table]) for table, key in _TABLES.items()]
    steps += [f"DROP TABLE saved_{table}" for table in _TABLES]
    ledger.rows("; ".join(steps))
