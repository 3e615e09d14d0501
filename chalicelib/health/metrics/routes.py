"""`/metrics`: for scrapers that know the token. On the laptop it may be left out, a wrong one is refused."""

import hmac

from chalicelib.health.metrics import service
from chalicelib.health.metrics.exposition import MEDIA_TYPE
from chalicelib.platform.errors import Unauthenticated
from chalicelib.platform.http import Answer, ApiBlueprint, Call, Unguarded
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.settings import settings

api = ApiBlueprint(__name__)


class ForScrapers(Unguarded):
    """Lets whoever shows METRICS_TOKEN pass. No limit: limits are among what a scrape must show."""

    def admit(self, call: Call) -> None:
        """
        Compare the bearer, in the same time wherever it differs.

        Raises:
            Unauthenticated: it is not the one, or it is missing and this is not a laptop.
        """
        shown = call.headers.get("authorization", "")
        if not shown and settings().stage == "local":
            return
        scheme, _, token = shown.strip().partition(" ")
        wanted = settings().metrics_token.get_secret_value().encode()
        is_same = hmac.compare_digest(token.strip().encode("utf-8", "surrogatepass"), wanted)
        if not is_same or scheme.lower() != "bearer" or "authorization" in call.doubled_headers:
            raise Unauthenticated("Send METRICS_TOKEN as a bearer.", error="invalid_token" if shown else None)


@api.operation(
    Operation(
        method="GET",
        path="/metrics",
        summary="Show the figures of the whole fleet in Prometheus' text format",
        description="For a scraper that shows METRICS_TOKEN as a bearer.",
        answer=None,
        status=200,
        media_type=MEDIA_TYPE.partition(";")[0],
        refusals=(Unauthenticated,),
        guard=ForScrapers(),
    )
)
def show(_call: Call) -> Answer:
    """The page, true within two seconds."""
    return Answer(200, service.page(), MEDIA_TYPE)
