"""The public catalogue."""

from uuid import UUID

from chalicelib.catalogue import store
from chalicelib.catalogue.models import CategoryPage, CategoryView, MaterialPage, MaterialView
from chalicelib.guards.admission import Admission
from chalicelib.guards.cached import Cached
from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.models import Money
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings

api = ApiBlueprint(__name__)
_KEPT_FOR_S = 300


@api.operation(
    Operation(
        method="GET",
        path="/service-categories",
        summary="List the service categories",
        answer=CategoryPage,
        status=200,
        refusals=(),
        guard=Admission("READS", cached=Cached("service-categories", _KEPT_FOR_S)),
    )
)
def list_categories(_call: Call) -> Answer:
    """The service categories in the order in which they are shown."""
    items = [CategoryView(**row) for row in store.list_categories(database())]
    return Answer.of(CategoryPage(items=items))


@api.operation(
    Operation(
        method="GET",
        path="/materials",
        summary="List the materials of a category",
        answer=MaterialPage,
        status=200,
        refusals=(ValidationFailed,),
        guard=Admission("READS", cached=Cached("materials", _KEPT_FOR_S)),
        query={"categoryId": "Only what goes with this service category (a UUID)."},
    )
)
def list_materials(call: Call) -> Answer:
    """The materials that go with a category; all of them where none is named."""
    currency = settings().currency
    items = [
        MaterialView(**{**row, "price": Money.of(row["price"], currency)})
        for row in store.list_materials(database(), _category_id(call))
    ]
    return Answer.of(MaterialPage(items=items))


def _category_id(call: Call) -> UUID | None:
    given = call.query.get("categoryId", [])
    unknown = sorted(set(call.query) - {"categoryId"})
    if unknown:
        raise ValidationFailed(
            [
                FieldError(f"/{name}"[:100], "extra_forbidden", "There is no such parameter.")
                for name in unknown
            ]
        )
    if not given:
        return None
    try:
        if len(given) > 1:
            raise ValueError("more than one")
        return UUID(given[0])
    except ValueError:
        raise ValidationFailed([FieldError("/categoryId", "uuid_parsing", "Give one UUID.")]) from None
