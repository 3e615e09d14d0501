"""Pure decisions about a lead: is it complete, does it look like spam, what does it cause."""

import re

from chalicelib.leads.models import NewLead
from chalicelib.platform.errors import FieldError, ValidationFailed

FASTEST_HUMAN_MS = 2000
SPAM_SCORE = 4
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_MARKUP = re.compile(r"<a\s|\[url|\[link", re.IGNORECASE)
_REPEATED = re.compile(r"(\S)\1{11}")
_ADVERTISING = re.compile(r"\b(casino|viagra|cialis|porn|forex|backlinks?|seo services?)\b", re.IGNORECASE)
_QUOTE_KINDS = {"QUOTE_FORM": "calculator", "FURNITURE_QUOTE": "furniture"}


def check_complete(lead: NewLead) -> None:
    """
    Judge what depends on two fields at once.

    Raises:
        ValidationFailed: a quote form without its quote, or a contact form without words.
    """
    errors = []
    kind = _QUOTE_KINDS.get(lead.source)
    if kind is not None and lead.quote is None:
        errors.append(FieldError("/quote", "missing", f"A {lead.source} needs its quote."))
    elif kind is not None and lead.quote is not None and lead.quote.kind != kind:
        errors.append(FieldError("/quote/kind", "mismatch", f"A {lead.source} takes a quote of kind {kind}."))
    if lead.content is None and lead.quote is None:
        errors.append(FieldError("/content", "missing", "Tell us in 10 to 2,000 characters what you need."))
    if errors:
        raise ValidationFailed(errors)


def spam_signs(name: str, content: str) -> dict[str, int]:
    """
    What looks like advertising, with its points: no sign alone is proof, so they are added up.

    A word or a link of an honest visitor stays below `SPAM_SCORE`; a link as a name is no visitor's.
    """
    points = {
        "links": 2 * len(_LINK.findall(content)),
        "link as name": 4 if _LINK.search(name) else 0,
        "markup": 3 if _MARKUP.search(content) else 0,
        "repeated characters": 2 if _REPEATED.search(content) else 0,
        "words of advertising": 2 if _ADVERTISING.search(content) else 0,
    }
    return {sign: score for sign, score in points.items() if score}


def suspicions(lead: NewLead, *, is_captcha_away: bool) -> list[str]:
    """Why a lead should be looked at before it counts; an empty list for most. Nothing is ever dropped."""
    found = []
    if is_captcha_away:
        found.append("captcha_unavailable")
    if lead.website.strip():
        found.append("honeypot")
    if lead.elapsed_ms is not None and lead.elapsed_ms < FASTEST_HUMAN_MS:
        found.append("too_fast")
    signs = spam_signs(lead.name, lead.content or "")
    if sum(signs.values()) >= SPAM_SCORE:
        found.append(f"spam_score ({', '.join(signs)})")
    return found


def mail_type(*, has_address: bool, has_quote: bool) -> str | None:
    """The mail that a new lead's visitor gets: the quotation, or a confirmation; none without an address."""
    if not has_address:
        return None
    return "quotation" if has_quote else "notification"
