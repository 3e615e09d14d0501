"""One lead with all that belongs to it."""

from uuid import UUID

from chalicelib.platform.errors import NotFound
from chalicelib.platform.postgres import database
from chalicelib.staff.leads import store
from chalicelib.staff.leads.models import ConsentView, LeadDetail


def get_detail(lead_id: UUID) -> LeadDetail:
    """
    The lead that *lead_id* is or was merged into.

    Raises:
        NotFound: there is no such lead.
    """
    row = store.find_detail(database(), lead_id)
    if row is None:
        raise NotFound("There is no such lead.")
    consent = ConsentView(version=row["consent_version"], at=row["consent_at"])
    return LeadDetail(consent=consent, **row)
