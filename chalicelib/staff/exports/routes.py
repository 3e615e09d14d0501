"""`GET /admin/leads.csv`, and the address of an export that is still being written."""

from uuid import UUID

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import Conflict, NotFound, QueueFull, ServiceUnavailable
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.http.listing import id_in_address, query_of
from chalicelib.staff.exports import rules, service
from chalicelib.staff.exports.models import ExportView
from chalicelib.staff.leads.rules import FILTERS

api = ApiBlueprint(__name__)
_guard = Admission("SIGNED_IN", roles=STAFF)
_AGAIN_AFTER_S = 5


@api.operation(
    Operation(
        method="GET",
        path="/admin/leads.csv",
        summary="Export leads",
        description="Every lead that the filters leave, the latest first, as CSV (RFC 4180, UTF-8 with a "
        "byte order mark). Cells that a spreadsheet could take for a formula begin with an apostrophe. "
        "Up to 4 MB are the answer; more become a file, and the answer is 303.",
        answer=None,
        status=200,
        refusals=(NotFound, Conflict, QueueFull, ServiceUnavailable),
        guard=_guard,
        query=FILTERS,
        media_type=rules.MEDIA_TYPE,
        sent_on="Over 4 MB: go on to the file, by a link that is valid for five minutes. A file that is not "
        "there within some seconds has an address of its own meanwhile, `/admin/exports/{id}`; who goes on "
        "there, with the same access token, comes to the file in the end.",
    )
)
def export_leads(call: Call) -> Answer:
    """The CSV, or the way to it."""
    found = service.export(call, query_of(call))
    if isinstance(found, UUID):
        return _sent_on(call, found)
    headers = {"Content-Disposition": f'attachment; filename="{rules.FILE_NAME}"'}
    return Answer(200, found, rules.MEDIA_TYPE, headers)


@api.operation(
    Operation(
        method="GET",
        path="/admin/exports/{id}",
        summary="Go on to an export",
        description="Only for who asked for it. Its file is kept for an hour, or until somebody is erased; "
        "then this is 404.",
        answer=ExportView,
        status=202,
        refusals=(NotFound, Conflict),
        guard=_guard,
        sent_on="The file is there: go on to it, by a link that is valid for five minutes.",
    )
)
def read_export(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """The way to the file, or how far it is."""
    export_id = id_in_address(id)
    link = service.wait_for(call, export_id)
    if link is not None:
        return _see_other(link)
    row = service.find(call, export_id)
    state = "running" if row["job_state"] == "running" or row["rows_written"] else "queued"
    view = ExportView(
        id=export_id,
        state=state,
        rows=row["rows_written"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
    return Answer.of(view, status=202, headers={"Retry-After": str(_AGAIN_AFTER_S)})


def _sent_on(call: Call, export_id: UUID) -> Answer:
    """To the file if it is there soon, else to the address of the export."""
    link = service.wait_for(call, export_id)
    if link is not None:
        return _see_other(link)
    answer = _see_other(call.path.removesuffix("/leads.csv") + f"/exports/{export_id}")
    answer.headers["Retry-After"] = str(_AGAIN_AFTER_S)
    return answer


def _see_other(address: str) -> Answer:
    return Answer(303, "", "text/plain", {"Location": address})
