"""Staff in SQL. The condition is the one by which a lead is given to somebody (`leads.work.store`)."""

from chalicelib.platform.postgres import Database, Row

# They are few, and chosen from a list; the limit is for the day on which somebody makes everybody a manager.
_LIST = """
SELECT id, name, email, role FROM users
WHERE role IN ('ADMIN', 'MANAGER') AND confirmed_at IS NOT NULL
ORDER BY name, email LIMIT 500
"""


def list_staff(database: Database) -> list[Row]:
    """Everybody to whom a lead can be given, by name."""
    return database.rows(_LIST)
