"""Pure decisions about a lead: is it complete, does it look like spam, what does it cause."""

import re

from chalicelib.leads.models import NewLead
from chalicelib.platform.errors import FieldError, ValidationFailed

FASTEST_HUMAN_MS = 2000
SPAM_SCORE = 4
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_MARKUP = re.compile(r"<a\s|\[url|\[link", re.IGNORECASE)
_QUOTE_KINDS = {"QUOTE_FORM": "calculator", "FURNITURE_QUOTE": "furniture"}


def check_complete(lead: NewLead) -> None:
    """
    Judge what depends on two fields at once.

    Raises:
        ValidationFailed: consent refused, a quote form without its quote, or a contact form without words.
    """
    errors = []
    kind = _QUOTE_KINDS.get(lead.source)
    if not lead.consent.accepted:
        errors.append(
            FieldError(
                "/consent/accepted", "must_be_true", "We may only take your request with your consent."
            )
        )
    if kind is not None and lead.quote is None:
        errors.append(FieldError("/quote", "missing", f"A {lead.source} needs its quote."))
    elif kind is not None and lead.quote is not None and lead.quote.kind != kind:
        errors.append(FieldError("/quote/kind", "mismatch", f"A {lead.source} takes a quote of kind {kind}."))
    if lead.content is None and lead.quote is None:
        errors.append(FieldError("/content", "missing", "Tell us in 10 to 2,000 characters what you need."))
    if errors:
        raise ValidationFailed(errors)


def spam_score(content: str) -> int:
    """How much *content* looks like advertising: 2 a link, 3 for markup, 2 for a character 12 times."""
    score = 2 * len(_LINK.findall(content))
    score += 3 if _MARKUP.search(content) else 0
    score += 2 if re.search(r"(\S)\1{11}", content) else 0
    return score


def suspicions(lead: NewLead, *, is_captcha_away: bool) -> list[str]:
    """Why a lead should be looked at before it counts; an empty list for most. Nothing is ever dropped."""
    found = []
    if is_captcha_away:
        found.append("captcha_unavailable")
    if lead.website.strip():
        found.append("honeypot")
    if lead.elapsed_ms is not None and lead.elapsed_ms < FASTEST_HUMAN_MS:
        found.append("too_fast")
    if spam_score(lead.content or "") >= SPAM_SCORE:
        found.append("spam_score")
    return found


def mail_type(*, has_address: bool, has_quote: bool) -> str | None:
    """The mail that a new lead's visitor gets: the quotation, or a confirmation; none without an address."""
    if not has_address:
        return None
    return "quotation" if has_quote else "notification"
