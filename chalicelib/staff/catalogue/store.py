"""
The catalogue's tables as staff change them. Names of tables and columns come from `sections`, never from a
caller; whoever writes has taken the turn first.
"""

from collections.abc import Sequence
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

_TAKE_TURN = "SELECT turn FROM catalogue_turn FOR UPDATE"
_COUNT_MATERIALS = "SELECT count(*) AS found FROM materials WHERE category_id = %s"
_COUNT_CHILDREN = "SELECT count(*) AS found FROM regions WHERE parent_id = %s"
_COUNT_CONTRACTORS = "SELECT count(*) AS found FROM contractors WHERE region = %s"
_FORMULAS = "SELECT name, formula FROM service_categories ORDER BY position, name"
_UNIT_PRICES = "SELECT tag, amount FROM unit_prices"


def take_turn(transaction: Transaction) -> None:
    """Wait until nobody else changes the catalogue; until the commit nobody else can."""
    transaction.rows(_TAKE_TURN)


def list_all(database: Database, table: str, columns: Sequence[str], order: str) -> list[Row]:
    """Every row in the order in which it is shown."""
    return database.rows(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")


def find(transaction: Transaction, table: str, columns: Sequence[str], row_id: UUID) -> Row | None:
    """One row."""
    return transaction.row(f"SELECT {', '.join(columns)} FROM {table} WHERE id = %s", [row_id])


def has_another(transaction: Transaction, table: str, column: str, row: Row) -> bool:
    """Whether a row other than *row* has the same in *column*."""
    sql = f"SELECT 1 FROM {table} WHERE {column} = %s AND id <> %s"
    return transaction.row(sql, [row[column], row["id"]]) is not None


def insert(transaction: Transaction, table: str, columns: Sequence[str], row: Row) -> Row:
    """Store *row*, and return it as it stands there."""
    places = ", ".join(f"%({column})s" for column in columns)
    names = ", ".join(columns)
    return _only(transaction, f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {names}", row)


def update(transaction: Transaction, table: str, columns: Sequence[str], row: Row) -> Row:
    """Let *row* stand where its id stands, and return it as it stands there."""
    changes = ", ".join(f"{column} = %({column})s" for column in columns)
    sql = f"UPDATE {table} SET {changes} WHERE id = %(id)s RETURNING {', '.join(columns)}"
    return _only(transaction, sql, row)


def delete(transaction: Transaction, table: str, row_id: UUID) -> None:
    """Remove one row."""
    transaction.rows(f"DELETE FROM {table} WHERE id = %s", [row_id])


def count_materials(transaction: Transaction, category_id: UUID) -> int:
    """How many materials go with a category alone."""
    return _count(transaction, _COUNT_MATERIALS, category_id)


def count_children(transaction: Transaction, region_id: UUID) -> int:
    """How many regions are inside one."""
    return _count(transaction, _COUNT_CHILDREN, region_id)


def count_contractors(transaction: Transaction, code: str) -> int:
    """How many contractors work in a region."""
    return _count(transaction, _COUNT_CONTRACTORS, code)


def list_formulas(transaction: Transaction) -> list[Row]:
    """The name and the formula of every service category."""
    return transaction.rows(_FORMULAS)


def list_unit_prices(transaction: Transaction) -> list[Row]:
    """The tag and the amount of every unit price."""
    return transaction.rows(_UNIT_PRICES)


def _count(transaction: Transaction, sql: str, key: object) -> int:
    return int(_only(transaction, sql, [key])["found"])


def _only(transaction: Transaction, sql: str, parameters: Row | Sequence[object]) -> Row:
    row = transaction.row(sql, parameters)
    if row is None:
        raise RuntimeError("a row that is locked by our turn is gone")
    return row
