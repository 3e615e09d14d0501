"""
Every way in which the product says no, in one tree, and one table that maps each to its answer.

PlumblineError
├── CallerError        4xx: asking again in the same way cannot help
└── DependencyError    503: something we depend on is away; *retry_after_s* says when to ask again

Status numbers and codes are fixed by the interface page and stand in `REFUSALS` only.
"""

from dataclasses import dataclass, field
from typing import NamedTuple


class Refusal(NamedTuple):
    """How an error class looks from outside."""

    status: int
    code: str
    title: str


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one place of a body: an RFC 6901 pointer, a stable code and a sentence."""

    pointer: str
    code: str
    detail: str


class PlumblineError(Exception):
    """Root of the tree; *detail* is a sentence for the caller and never holds secrets or people's data."""

    def __init__(self, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.headers: dict[str, str] = {}


class CallerError(PlumblineError):
    """The call itself is wrong; the same call will be refused again."""


class DependencyError(PlumblineError):
    """Something we depend on cannot serve now; the same call may succeed later."""

    def __init__(self, detail: str, *, retry_after_s: int = 2) -> None:
        super().__init__(detail, retry_after_s=max(1, retry_after_s))


class BadRequest(CallerError):
    """The body is not a JSON object, or not decodable."""


class PayloadTooLarge(CallerError):
    """The body is over the limit."""


class UnsupportedMediaType(CallerError):
    """The body is of a type that this route does not read."""


@dataclass
class ValidationFailed(CallerError):
    """Something inside the body or the query is wrong; *errors* names every place."""

    errors: list[FieldError] = field(default_factory=list)

    def __post_init__(self) -> None:
        places = "1 place" if len(self.errors) == 1 else f"{len(self.errors)} places"
        super().__init__(f"The request is not valid in {places}; `errors` says where and what to do.")


class CaptchaFailed(CallerError):
    """The captcha token is missing, spent, expired or refused."""


class IdempotencyKeyInvalid(CallerError):
    """The Idempotency-Key is not 1 to 255 printable ASCII characters."""


class IdempotencyKeyReused(CallerError):
    """The Idempotency-Key was used for another body."""


class RequestInProgress(CallerError):
    """A request with this Idempotency-Key is still running."""


class RateLimited(CallerError):
    """The window is full; *retry_after_s* is a whole second, never 0 (RFC 9110, 10.2.3)."""


class RateLimitedUser(RateLimited):
    """The person's own window is full, from whatever addresses they call."""


class Unauthenticated(CallerError):
    """The caller has not said who they are, or not credibly: *error* is RFC 6750's word for it (3.1)."""

    def __init__(self, detail: str, *, error: str | None = None) -> None:
        super().__init__(detail)
        self.headers["WWW-Authenticate"] = "Bearer" if error is None else f'Bearer error="{error}"'


class Forbidden(CallerError):
    """The caller may not do this."""


class NotFound(CallerError):
    """There is no such thing."""


class Conflict(CallerError):
    """The thing is in a state that does not allow this."""


class CaptchaUnavailable(DependencyError):
    """The captcha service does not answer, and this route fails closed."""


class DatabaseBusy(DependencyError):
    """PostgreSQL cannot be reached, or every connection is taken, within the request's time."""


class LockTimeout(DependencyError):
    """Another holder kept the lock for longer than we may wait."""


class QueueFull(DependencyError):
    """The queue has no room for new jobs."""


class ServiceUnavailable(DependencyError):
    """A circuit is open: the service behind it is away and is not called meanwhile."""


REFUSALS: dict[type[PlumblineError], Refusal] = {
    BadRequest: Refusal(400, "BAD_REQUEST", "The request cannot be read"),
    PayloadTooLarge: Refusal(413, "PAYLOAD_TOO_LARGE", "The body is too large"),
    UnsupportedMediaType: Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "This media type is not read here"),
    ValidationFailed: Refusal(422, "VALIDATION_ERROR", "The request is not valid"),
    CaptchaFailed: Refusal(400, "CAPTCHA_FAILED", "The captcha was not passed"),
    IdempotencyKeyInvalid: Refusal(400, "IDEMPOTENCY_KEY_INVALID", "The Idempotency-Key is malformed"),
    IdempotencyKeyReused: Refusal(
        422, "IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key belongs to another body"
    ),
    RequestInProgress: Refusal(409, "REQUEST_IN_PROGRESS", "The first request is still running"),
    RateLimited: Refusal(429, "RATE_LIMITED", "Too many requests"),
    RateLimitedUser: Refusal(429, "RATE_LIMITED_USER", "Too many requests of one account"),
    Unauthenticated: Refusal(401, "UNAUTHENTICATED", "Please sign in"),
    Forbidden: Refusal(403, "FORBIDDEN", "This is not allowed"),
    NotFound: Refusal(404, "NOT_FOUND", "There is no such thing"),
    Conflict: Refusal(409, "CONFLICT", "The present state does not allow this"),
    CaptchaUnavailable: Refusal(503, "CAPTCHA_UNAVAILABLE", "The captcha service does not answer"),
    DatabaseBusy: Refusal(503, "DATABASE_BUSY", "The database is busy"),
    LockTimeout: Refusal(503, "LOCK_TIMEOUT", "Another run is under way"),
    QueueFull: Refusal(503, "QUEUE_FULL", "The queue is full"),
    ServiceUnavailable: Refusal(503, "SERVICE_UNAVAILABLE", "A service is away"),
}

INTERNAL_ERROR = Refusal(500, "INTERNAL_ERROR", "Something went wrong on our side")


def refusal_of(error: PlumblineError) -> Refusal:
    """The row of `REFUSALS` for *error*'s class; a class without one is our mistake and answers as such."""
    return REFUSALS.get(type(error), INTERNAL_ERROR)
