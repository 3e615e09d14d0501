"""The calculator's preview; what is stored and mailed is computed again when the lead comes in."""

from chalicelib.guards.admission import Admission
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings
from chalicelib.quotes import rules, store
from chalicelib.quotes.models import CalculatorBreakdown, CalculatorRequest

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
    inputs = store.find_price_inputs(database(), request.category_id, request.material_ids)
    return Answer.of(rules.calculate(inputs, request.area, request.material_ids, settings().currency))
