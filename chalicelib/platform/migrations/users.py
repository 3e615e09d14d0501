"""The product's user of the database: the owner of nothing, who may read and write and change no table."""

from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from chalicelib.platform.migrations import CONNECT_TIMEOUT_S, LOCK

_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
    "REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {}",
)


def let_in(url: str, users_url: str) -> None:
    """
    See that the user of *users_url* exists in the database at *url*, has its password and may read and write.

    The product's user owns nothing and can change no table; whoever runs the migrations owns them. A rotated
    password becomes true here.
    """
    parts = urlsplit(users_url)
    user = sql.Identifier(unquote(parts.username or ""))
    password = sql.Literal(unquote(parts.password or ""))
    with (
        psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection,
        connection.transaction(),
    ):
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        known = connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", [unquote(parts.username or "")]
        ).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        connection.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, user, password))
        for grant in _GRANTS:
            connection.execute(sql.SQL(grant).format(user))
