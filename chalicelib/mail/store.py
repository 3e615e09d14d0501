"""
What the letters need, each in one trip; and the allowance of an address, in one statement.

A job's subject decides what it is: a lead, an announcement, a link's row, or an account itself.
"""

from datetime import datetime
from uuid import UUID

from chalicelib.platform.postgres import Database, Row

_LEAD = "SELECT id, email, locale, quote, erased_at FROM leads WHERE id = %s"

_NOTICE = """
SELECT users.email, users.locale, users.confirmed_at IS NOT NULL AS is_confirmed,
       users.role IN ('ADMIN', 'MANAGER') AS is_staff,
       leads.id AS lead_id, leads.source, leads.created_at, leads.erased_at, leads.quote -> 'total' AS total,
       announcements.id AS announcement_id, announcements.title, announcements.content
FROM (SELECT %(subject_id)s::uuid AS subject_id, %(recipient_id)s::uuid AS user_id) AS wanted
LEFT JOIN users ON users.id = wanted.user_id
LEFT JOIN leads ON leads.id = wanted.subject_id
LEFT JOIN announcements ON announcements.id = wanted.subject_id
"""

# A link's row leads to its account; an account by itself has no link. A later sign-up voids earlier links.
_ACCOUNT = """
SELECT users.email, users.locale, users.confirmed_at IS NOT NULL AS is_confirmed,
       link.id AS link_id, link.expires_at,
       link.used_at IS NOT NULL
           OR (link.purpose = 'confirm' AND coalesce(users.confirm_link_id, link.id) <> link.id) AS is_void
FROM link_tokens AS link JOIN users ON users.id = link.user_id
WHERE link.id = %(subject_id)s AND link.purpose = %(purpose)s
UNION ALL
SELECT email, locale, confirmed_at IS NOT NULL, NULL, NULL, false FROM users WHERE id = %(subject_id)s
"""

_RECENT = "ARRAY(SELECT at FROM unnest(allowance.spent_at) AS at WHERE at > %(since)s ORDER BY at)"
_SPEND = f"""
INSERT INTO mail_allowances AS allowance (address_digest, spent_at)
VALUES (%(digest)s, ARRAY[%(now)s::timestamptz])
ON CONFLICT (address_digest) DO UPDATE SET spent_at = {_RECENT} || excluded.spent_at
WHERE cardinality({_RECENT}) < %(at_most)s
RETURNING address_digest
"""


def find_lead(database: Database, lead_id: UUID) -> Row | None:
    """A submission with its quote and where to write to; None when there is none."""
    return database.row(_LEAD, [lead_id])


def find_notice(database: Database, subject_id: UUID, recipient_id: UUID) -> Row:
    """A person, and the lead or announcement that they are told of; what does not exist is null."""
    row = database.row(_NOTICE, {"subject_id": subject_id, "recipient_id": recipient_id})
    if row is None:
        raise RuntimeError("a join from one row returned none")
    return row


def find_account(database: Database, subject_id: UUID, purpose: str) -> Row | None:
    """The account of a link for *purpose*, with the link; or the account *subject_id* itself, without one."""
    return database.row(_ACCOUNT, {"subject_id": subject_id, "purpose": purpose})


def spend_allowance(database: Database, *, digest: str, now: datetime, since: datetime, at_most: int) -> bool:
    """Count a mail to the address of *digest*; False, and not counted, if *at_most* were since *since*."""
    parameters = {"digest": digest, "now": now, "since": since, "at_most": at_most}
    return database.row(_SPEND, parameters) is not None
