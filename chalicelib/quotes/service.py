"""A quote inside a lead: what it has to be computed from, and the computing, whichever kind it is of."""

from collections.abc import Mapping
from typing import Any

from chalicelib.platform.settings import settings
from chalicelib.quotes import store
from chalicelib.quotes.furniture import calculate_furniture
from chalicelib.quotes.models import Breakdown, FurnitureQuote, Quote
from chalicelib.quotes.rules import calculate
from chalicelib.quotes.store import Question


def question_of(quote: Quote) -> Question:
    """What to ask the catalogue, in the lead's own statement."""
    if isinstance(quote, FurnitureQuote):
        return store.about_furniture([item.product_id for item in quote.items])
    return store.about_rooms(quote.category_id, quote.material_ids)


def compute(quote: Quote, inputs: Mapping[str, Any], *, pointer: str) -> Breakdown:
    """
    The breakdown of *quote* from the answer to its question; *pointer* leads to it.

    Raises:
        ValidationFailed: it names what there is not, or leaves out what is needed.
    """
    currency = settings().currency
    if isinstance(quote, FurnitureQuote):
        return calculate_furniture(inputs, quote.items, currency, pointer=pointer)
    return calculate(inputs, quote.area, quote.material_ids, currency, pointer=pointer)
