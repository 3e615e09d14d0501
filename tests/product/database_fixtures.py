"""A database that nobody has migrated, and the settings that name it."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from local.stack import Stack


@dataclass(frozen=True)
class Fresh:
    """A database that nobody has migrated, as its owner and as the product's user reach it."""

    url: str
    users_url: str


@pytest.fixture
def fresh(parts: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fresh]:
    """An empty database, and the settings that name it."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    name, user = f"fresh_{uuid.uuid4().hex[:8]}", f"user_{uuid.uuid4().hex[:8]}"
    owner = urlsplit(parts.environment["MIGRATION_DATABASE_URL"])
    url = urlunsplit(owner._replace(path=f"/{name}"))
    host = owner.netloc.rpartition("@")[2]
    users_url = f"postgresql://{user}:a-pass%27word%2Fwith%3Asigns@{host}/{name}"
    with psycopg.connect(urlunsplit(owner), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        monkeypatch.setenv("MIGRATION_DATABASE_URL", url)
        monkeypatch.setenv("DATABASE_URL", users_url)
        settings.cache_clear()
        yield Fresh(url, users_url)
        monkeypatch.undo()
        settings.cache_clear()
        _drop(connection, name)
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(user)))


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    """Drop a database once those whom its owner may not send away (autovacuum, the last user) are gone."""
    for _ in range(50):
        try:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"{name} is still in use")
