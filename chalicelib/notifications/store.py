"""
Notifications in SQL. Their words are read from the lead or the announcement, so that an erasure reaches
them.
"""

from datetime import datetime
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

_STAFF = (
    "SELECT id, wants_lead_mail FROM users WHERE role IN ('ADMIN', 'MANAGER') AND confirmed_at IS NOT NULL"
)
_CHOSEN = """
SELECT announcement.channels,
       array_agg(users.id ORDER BY users.id) FILTER (WHERE users.id IS NOT NULL) AS user_ids
FROM announcements AS announcement LEFT JOIN users ON users.id = ANY(announcement.user_ids)
WHERE announcement.id = %s GROUP BY announcement.id
"""
_KEEP = """
INSERT INTO notifications (id, user_id, lead_id, announcement_id, is_overdue, created_at)
SELECT jobs.id, users.id, leads.id, announcements.id, jobs.type = 'lead_overdue', %(now)s
FROM jobs
JOIN users ON users.id = jobs.recipient_id
LEFT JOIN leads ON leads.id = jobs.subject_id
LEFT JOIN announcements ON announcements.id = jobs.subject_id
WHERE jobs.id = %(job_id)s AND num_nonnulls(leads.id, announcements.id) = 1
ON CONFLICT (id) DO NOTHING
"""
_TEXT = """
SELECT users.phone, announcements.title, announcements.content
FROM jobs
JOIN users ON users.id = jobs.recipient_id
JOIN announcements ON announcements.id = jobs.subject_id
WHERE jobs.id = %s
"""
_OF_USER = """
SELECT note.id, note.read_at, note.created_at, note.lead_id, note.is_overdue,
       announcements.title, announcements.content, leads.source, leads.name AS lead_name,
       leads.quote -> 'total' AS total, users.locale
FROM notifications AS note
JOIN users ON users.id = note.user_id
LEFT JOIN leads ON leads.id = note.lead_id
LEFT JOIN announcements ON announcements.id = note.announcement_id
WHERE note.user_id = %(user_id)s
  AND (%(before)s::timestamptz IS NULL
       OR (note.created_at, note.id) < (%(before)s::timestamptz, %(before_id)s::uuid))
ORDER BY note.created_at DESC, note.id DESC LIMIT %(limit)s
"""
_READ = """
UPDATE notifications SET read_at = coalesce(read_at, %(now)s)
WHERE id = %(id)s AND user_id = %(user_id)s RETURNING id
"""


def list_staff(database: Database) -> list[Row]:
    """Everybody who is told of a new lead, and whether by mail too."""
    return database.rows(_STAFF)


def find_chosen(database: Database, announcement_id: UUID) -> Row | None:
    """Whom an announcement is for (who still exists), and by which channels; None if there is none."""
    return database.row(_CHOSEN, [announcement_id])


def keep(transaction: Transaction, job_id: UUID, now: datetime) -> None:
    """Write the job's notification, once; nothing for a person who is gone."""
    transaction.rows(_KEEP, {"job_id": job_id, "now": now})


def find_text(database: Database, job_id: UUID) -> Row | None:
    """The phone and the words of a text message; None when person or announcement is gone."""
    return database.row(_TEXT, [job_id])


def list_of(
    database: Database, user_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """A person's notifications, the latest first, older than *before* (when and which)."""
    moment, note_id = before or (None, None)
    parameters = {"user_id": user_id, "before": moment, "before_id": note_id, "limit": limit}
    return database.rows(_OF_USER, parameters)


def mark_read(database: Database, user_id: UUID, notification_id: UUID, now: datetime) -> bool:
    """Note that the person has read it; False when they have no such notification."""
    return database.row(_READ, {"id": notification_id, "user_id": user_id, "now": now}) is not None
