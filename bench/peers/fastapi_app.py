"""The conventional stack on FastAPI, under Mangum."""

from conventional import Lead, cached, take
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from mangum import Mangum

api = FastAPI()


@api.post("/leads")
def leads(request: Request, lead: Lead) -> JSONResponse:
    """Take a lead."""
    address = request.client.host if request.client else ""
    status, answer = take(lead, request.headers["idempotency-key"], address)
    return JSONResponse(answer, status)


@api.get("/service-categories")
def categories() -> Response:
    """Hand out what is cached."""
    return Response(cached(), media_type="application/json")


app = Mangum(api, lifespan="off")
