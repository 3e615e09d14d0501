"""The routes of every section of the catalogue: the same four for each."""

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import Conflict, NotFound
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.http.listing import id_in_address
from chalicelib.platform.models import Body
from chalicelib.platform.postgres import database
from chalicelib.staff.catalogue import service, store
from chalicelib.staff.catalogue.sections import SECTIONS, Section

api = ApiBlueprint(__name__)
_guard = Admission("SIGNED_IN", roles=STAFF)


def _offer(section: Section) -> None:
    address, word = f"/admin/{section.address}", section.word

    @api.operation(
        Operation(
            method="GET",
            path=address,
            summary=f"List {section.address.replace('-', ' ').replace('/', ' ')}",
            answer=section.page,
            status=200,
            refusals=(),
            guard=_guard,
        )
    )
    def list_all(_call: Call) -> Answer:
        """All of them."""
        rows = store.list_all(database(), section.table, section.columns, section.order)
        return Answer.of(section.page(items=[section.view(**row) for row in rows]))

    @api.operation(
        Operation(
            method="POST",
            path=address,
            summary=f"Add a {word}",
            answer=section.view,
            status=201,
            refusals=(Conflict,),
            guard=_guard,
            body=section.new,
        )
    )
    def create(call: Call, body: Body) -> Answer:
        """Add one."""
        return Answer.of(section.view(**service.create(call, section, body)), status=201)

    @api.operation(
        Operation(
            method="PATCH",
            path=f"{address}/{{id}}",
            summary=f"Change a {word}",
            description="What is left out stays as it is.",
            answer=section.view,
            status=200,
            refusals=(NotFound, Conflict),
            guard=_guard,
            body=section.change,
        )
    )
    def change(call: Call, body: Body, id: str) -> Answer:  # noqa: A002  the address's own name
        """Change one."""
        return Answer.of(section.view(**service.change(call, section, id_in_address(id), body)))

    @api.operation(
        Operation(
            method="DELETE",
            path=f"{address}/{{id}}",
            summary=f"Delete a {word}",
            answer=None,
            status=204,
            refusals=(NotFound, Conflict),
            guard=_guard,
        )
    )
    def remove(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
        """Remove one."""
        service.remove(call, section, id_in_address(id))
        return Answer(204)


for _section in SECTIONS:
    _offer(_section)
