"""How the catalogue is put together for its readers, and the names under which it is cached."""

from collections import defaultdict
from collections.abc import Iterable

from chalicelib.catalogue.models import Province, Region
from chalicelib.platform.postgres import Row

SERVICE_CATEGORIES = "service-categories"
MATERIALS = "materials"
REGIONS = "regions"
PRODUCTS = "furniture-products"
SETTINGS = "settings"


def tree_of(regions: Iterable[Row]) -> list[Region]:
    """The upper level with the lower one inside, both in the order of *regions*."""
    rows = list(regions)
    lower = defaultdict(list)
    for row in rows:
        lower[row["parent_id"]].append(Province(**row))
    return [Region(children=lower[row["id"]], **row) for row in rows if row["parent_id"] is None]
