"""What a quote is computed from, read in one statement."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from chalicelib.catalogue import store as catalogue
from chalicelib.platform.postgres import Database


class Question(NamedTuple):
    """What to ask the catalogue for a quote: a sub-select of one jsonb value, and its parameters."""

    select: str
    parameters: dict[str, Any]


def about_rooms(category_id: UUID, material_ids: Sequence[UUID]) -> Question:
    """The category (or null), every unit price, and those of *material_ids* that go with the category."""
    parameters = {"category_id": category_id, "material_ids": list(material_ids)}
    return Question(catalogue.PRICE_INPUTS, parameters)


def about_furniture(product_ids: Sequence[UUID]) -> Question:
    """Those of *product_ids* that there are, and every fee."""
    return Question(catalogue.FURNITURE_INPUTS, {"product_ids": list(product_ids)})


def find_inputs(database: Database, question: Question) -> dict[str, Any]:
    """The answer to *question* alone."""
    row = database.row(f"SELECT ({question.select}) AS inputs", question.parameters)
    if row is None:
        raise RuntimeError("a SELECT without FROM returned no row")
    found: dict[str, Any] = row["inputs"]
    return found
