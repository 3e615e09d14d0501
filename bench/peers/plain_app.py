"""The conventional stack on plain Chalice."""

from chalice.app import Chalice, Response
from conventional import Lead, cached, take

app = Chalice(app_name="plain", configure_logs=False)


@app.route("/leads", methods=["POST"])
def leads() -> Response:
    """Take a lead."""
    request = app.current_request
    address = request.context["identity"]["sourceIp"]
    lead = Lead.model_validate(request.json_body)
    status, answer = take(lead, request.headers["idempotency-key"], address)
    return Response(answer, status_code=status)


@app.route("/service-categories")
def categories() -> Response:
    """Hand out what is cached."""
    return Response(cached(), headers={"Content-Type": "application/json"})
