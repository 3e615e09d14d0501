"""What a quote is computed from, read in one statement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chalicelib.catalogue import store as catalogue
from chalicelib.platform.postgres import Database

# For the statement of a use case that stores a quote.
PRICE_INPUTS = catalogue.PRICE_INPUTS
_FIND = f"SELECT ({PRICE_INPUTS}) AS price_inputs"


def find_price_inputs(database: Database, category_id: UUID, material_ids: Sequence[UUID]) -> dict[str, Any]:
    """The category (or null), every unit price, and those of *material_ids* that go with the category."""
    row = database.row(_FIND, {"category_id": category_id, "material_ids": list(material_ids)})
    if row is None:
        raise RuntimeError("a SELECT without FROM returned no row")
    found: dict[str, Any] = row["price_inputs"]
    return found
