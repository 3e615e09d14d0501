"""The public catalogue."""

from uuid import UUID

from chalicelib.catalogue import rules, store
from chalicelib.catalogue.models import (
    CategoryPage,
    CategoryView,
    FurnitureProduct,
    FurnitureProductPage,
    MaterialPage,
    MaterialView,
    PublicSetting,
    RegionTree,
    SettingPage,
)
from chalicelib.guards.admission import Admission
from chalicelib.guards.cached import Cached
from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.postgres import database

api = ApiBlueprint(__name__)
_KEPT_FOR_S = 300
_REGIONS_KEPT_FOR_S = 600
_SETTINGS_KEPT_FOR_S = 60


@api.operation(
    Operation(
        method="GET",
        path="/service-categories",
        summary="List the service categories",
        answer=CategoryPage,
        status=200,
        refusals=(),
        guard=Admission("READS", cached=Cached(rules.SERVICE_CATEGORIES, _KEPT_FOR_S)),
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
        refusals=(),
        guard=Admission("READS", cached=Cached(rules.MATERIALS, _KEPT_FOR_S)),
        query={"categoryId": "Only what goes with this service category (a UUID)."},
    )
)
def list_materials(call: Call) -> Answer:
    """The materials that go with a category; all of them where none is named."""
    items = [MaterialView(**row) for row in store.list_materials(database(), _category_id(call))]
    return Answer.of(MaterialPage(items=items))


def _category_id(call: Call) -> UUID | None:
    given = call.query.get("categoryId", [])
    if not given:
        return None
    try:
        if len(given) > 1:
            raise ValueError("more than one")
        return UUID(given[0])
    except ValueError:
        raise ValidationFailed([FieldError("/categoryId", "uuid_parsing", "Give one UUID.")]) from None


@api.operation(
    Operation(
        method="GET",
        path="/furniture/products",
        summary="List the furniture",
        answer=FurnitureProductPage,
        status=200,
        refusals=(),
        guard=Admission("READS", cached=Cached(rules.PRODUCTS, _KEPT_FOR_S)),
    )
)
def list_products(_call: Call) -> Answer:
    """The furniture in the order in which it is shown."""
    items = [FurnitureProduct(**row) for row in store.list_products(database())]
    return Answer.of(FurnitureProductPage(items=items))


@api.operation(
    Operation(
        method="GET",
        path="/regions",
        summary="List the regions",
        answer=RegionTree,
        status=200,
        refusals=(),
        guard=Admission("READS", cached=Cached(rules.REGIONS, _REGIONS_KEPT_FOR_S)),
    )
)
def list_regions(_call: Call) -> Answer:
    """The regions as a tree of two levels."""
    return Answer.of(RegionTree(items=rules.tree_of(store.list_regions(database()))))


@api.operation(
    Operation(
        method="GET",
        path="/settings",
        summary="List the public settings",
        answer=SettingPage,
        status=200,
        refusals=(),
        guard=Admission("READS", cached=Cached(rules.SETTINGS, _SETTINGS_KEPT_FOR_S)),
    )
)
def list_settings(_call: Call) -> Answer:
    """What everybody may know of how we are set up."""
    items = [PublicSetting(**row) for row in store.list_public_settings(database())]
    return Answer.of(SettingPage(items=items))
