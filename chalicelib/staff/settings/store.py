"""The settings in SQL."""

import json
from typing import Any

from chalicelib.platform.postgres import Database, Row, Transaction

_COLUMNS = "key, type, value, is_public, validation, description"
_LIST = f"SELECT {_COLUMNS} FROM settings ORDER BY key"
_FIND = f"SELECT {_COLUMNS} FROM settings WHERE key = %s FOR UPDATE"
_PUT = f"UPDATE settings SET value = %s::jsonb WHERE key = %s RETURNING {_COLUMNS}"


def list_all(database: Database) -> list[Row]:
    """Every setting."""
    return database.rows(_LIST)


def find_locked(transaction: Transaction, key: str) -> Row | None:
    """One setting, which nobody else changes until the commit."""
    return transaction.row(_FIND, [key])


def put(transaction: Transaction, key: str, value: Any) -> Row | None:
    """Give a setting its *value*."""
    return transaction.row(_PUT, [json.dumps(value), key])
