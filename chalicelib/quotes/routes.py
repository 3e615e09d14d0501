"""The calculators' previews; what is stored and mailed is computed again when the lead comes in."""

from chalicelib.guards.admission import Admission
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings
from chalicelib.quotes import rules, store
from chalicelib.quotes.furniture import calculate_furniture
from chalicelib.quotes.models import (
    CalculatorBreakdown,
    CalculatorRequest,
    FurnitureBreakdown,
    FurnitureRequest,
)

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="POST",
        path="/quotes/calculate",
        summary="Compute what a renovation would cost",
        answer=CalculatorBreakdown,
        status=200,
        refusals=(),
        guard=Admission("QUOTES"),
        body=CalculatorRequest,
    )
)
def calculate(_call: Call, request: CalculatorRequest) -> Answer:
    """The breakdown; nothing is stored."""
    question = store.about_rooms(request.category_id, request.material_ids)
    inputs = store.find_inputs(database(), question)
    return Answer.of(rules.calculate(inputs, request.area, request.material_ids, settings().currency))


@api.operation(
    Operation(
        method="POST",
        path="/furniture-quotes/calculate",
        summary="Compute what furniture would cost",
        answer=FurnitureBreakdown,
        status=200,
        refusals=(),
        guard=Admission("QUOTES"),
        body=FurnitureRequest,
    )
)
def calculate_pieces(_call: Call, request: FurnitureRequest) -> Answer:
    """The breakdown; nothing is stored."""
    inputs = store.find_inputs(database(), store.about_furniture([item.product_id for item in request.items]))
    return Answer.of(calculate_furniture(inputs, request.items, settings().currency))
