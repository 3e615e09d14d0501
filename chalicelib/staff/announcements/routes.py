"""`POST /admin/notifications`."""

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import QueueFull
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.staff.announcements import service
from chalicelib.staff.announcements.models import AnnouncementAccepted, NewAnnouncement

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="POST",
        path="/admin/notifications",
        summary="Tell people something",
        description="Each of them is told once by each channel, by jobs of their own, soon.",
        answer=AnnouncementAccepted,
        status=202,
        refusals=(QueueFull,),
        guard=Admission("SIGNED_IN", roles=STAFF),
        body=NewAnnouncement,
    )
)
def announce(call: Call, announcement: NewAnnouncement) -> Answer:
    """Store the announcement; its job does the rest."""
    accepted = AnnouncementAccepted(id=service.announce(call, announcement))
    return Answer.of(accepted, status=202)
