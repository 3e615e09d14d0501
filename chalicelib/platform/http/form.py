"""Where a plain HTML form goes when it was taken: to its `next`, and never to a site that is not ours."""

from urllib.parse import urlsplit

from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.http.answer import JSON, Answer
from chalicelib.platform.http.call import Call
from chalicelib.platform.settings import settings

ADDRESS_CHARACTERS = 2000  # API Gateway refuses answers whose headers are over 10 kB


def onward(call: Call) -> str | None:
    """
    The address that a browser's form is sent on to: a path of this site, or one on FORM_RETURN_ORIGINS.

    None for a program, which gets JSON. To be asked before anything is stored.

    Raises:
        ValidationFailed: the form wants to go anywhere else, or the address is too long.
    """
    if not call.is_form:
        return None
    wanted = call.form_only.get("next", "/")
    if len(wanted) > ADDRESS_CHARACTERS:
        told = f"`next` may have {ADDRESS_CHARACTERS} characters."
        raise ValidationFailed([FieldError("/next", "too_long", told)])
    if JSON in call.headers.get("accept", ""):
        return None
    known = settings()
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable():
        return known.site_url.rstrip("/") + wanted
    parts = urlsplit(wanted)
    origins = (known.site_origin, *known.form_return_origins)
    if wanted.isprintable() and f"{parts.scheme}://{parts.netloc}" in origins:
        return wanted
    raise ValidationFailed([FieldError("/next", "not_allowed", "`next` must be a path of this site.")])


def sent_on(answer: Answer, address: str | None) -> Answer:
    """*answer* for a program (None); for a browser the way to *address*, by RFC 9110's 303."""
    return answer if address is None else Answer(303, "", "text/plain", {"Location": address})
