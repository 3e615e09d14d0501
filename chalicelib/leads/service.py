"""
Takes a lead: look, captcha, one statement, wake-up calls.

What fails how: PostgreSQL away → 503 and nothing stored; siteverify away → stored as QUARANTINED under a
strict limit; the queues away → stored, and the relay sends later; Valkey away → PostgreSQL and this process
stand in.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from chalicelib.gateways import siteverify
from chalicelib.gateways.siteverify import Verdict
from chalicelib.guards import admission, idempotency
from chalicelib.guards import store as idempotency_store
from chalicelib.guards.idempotency import Reservation
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.leads import rules, store
from chalicelib.leads.models import LeadReceived, NewLead
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import CaptchaFailed
from chalicelib.platform.http import Answer, Call
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings
from chalicelib.quotes.models import CalculatorBreakdown
from chalicelib.quotes.rules import calculate

MERGE_WITHIN = timedelta(hours=1)
ASKS_AT_MOST = 20  # different (address, quote) that one phone may have answered by mail within that hour
_ACTION = "lead"
log = logs.EventLog("leads")


@dataclass(frozen=True)
class _Submission:
    """One submission with all that is stored together."""

    call: Call
    lead: NewLead
    reservation: Reservation | None
    quote: CalculatorBreakdown | None
    reasons: list[str]
    id: UUID = field(default_factory=uuid4)

    @property
    def status(self) -> str:
        return "QUARANTINED" if self.reasons else "NEW"

    @cached_property
    def quote_json(self) -> str | None:
        return self.quote.model_dump_json(by_alias=True) if self.quote else None

    @cached_property
    def answer(self) -> Answer:
        return Answer.of(LeadReceived(id=self.id, quote=self.quote), status=201)

    @cached_property
    def jobs(self) -> list[Job]:
        """Every job that it may cause; the statement decides which of them it does."""
        types = ["google_sheets", "lead_notice", *([self.mail_type] if self.mail_type else [])]
        return [Job.new(job_type, self.call.correlation_id) for job_type in types]

    @property
    def mail_type(self) -> str | None:
        """The mail that the visitor gets: the quotation, or a confirmation; none without an address."""
        if self.lead.email is None:
            return None
        return "quotation" if self.quote else "notification"

    def parameters(self) -> dict[str, Any]:
        """What `store.submit` takes."""
        call, lead, now = self.call, self.lead, clock.now()
        reservation = self.reservation.parameters() if self.reservation else idempotency_store.NO_RESERVATION
        return {
            **reservation,
            **jobs_store.insert_parameters(self.jobs),
            "answer_status": self.answer.status,
            "answer_media_type": self.answer.media_type,
            "answer_body": self.answer.body,
            "now": now,
            "mail_type": self.mail_type,
            "ask": idempotency.digest_of("ask", self.lead.email or "", self.quote_json or ""),
            "asks_at_most": ASKS_AT_MOST,
            "merge_after": now - MERGE_WITHIN,
            "id": self.id,
            "status": self.status,
            "source": lead.source,
            "name": lead.name,
            "phone": lead.phone,
            "email": lead.email,
            "content": lead.content,
            "locale": lead.locale,
            "quote": self.quote_json,
            "consent_version": lead.consent.version,
            "utm": lead.utm.model_dump_json(by_alias=True, exclude_none=True) if lead.utm else None,
            "reasons": self.reasons,
            "client_address": call.client_address,
            "correlation_id": call.correlation_id,
        }


def submit(call: Call, lead: NewLead, reservation: Reservation | None) -> Answer:
    """
    Store *lead* and answer it, or repeat the answer that its Idempotency-Key was given.

    Raises:
        ValidationFailed, CaptchaFailed, RateLimited, IdempotencyKeyReused, RequestInProgress: nothing is
            stored.
        DatabaseBusy: not known to be stored; the same key may be sent again.
    """
    rules.check_complete(lead)
    kept, quote = _look(lead, reservation)
    if kept is not None:
        if reservation is not None:
            reservation.answer = kept
        return kept
    is_captcha_away = _spend_token(call, lead, reservation)
    reasons = rules.suspicions(lead, is_captcha_away=is_captcha_away)
    return _store(_Submission(call, lead, reservation, quote, reasons))


def _look(lead: NewLead, reservation: Reservation | None) -> tuple[Answer | None, CalculatorBreakdown | None]:
    if reservation is None and lead.quote is None:
        return None, None
    wanted: dict[str, Any] | None = None
    if lead.quote is not None:
        wanted = {
            "category_id": lead.quote.category_id,
            "material_ids": list(lead.quote.material_ids),
        }
    record, inputs = store.look(
        database(),
        reservation=reservation.parameters() if reservation else None,
        reserve=bool(reservation and reservation.in_postgres),
        quote=wanted,
    )
    if reservation is not None:
        kept = idempotency.found_in_postgres(record, reservation)
        if kept is not None:
            return kept, None
    if lead.quote is None or inputs is None:
        return None, None
    currency = settings().currency
    return None, calculate(inputs, lead.quote.area, lead.quote.material_ids, currency, pointer="/quote")


def _spend_token(call: Call, lead: NewLead, reservation: Reservation | None) -> bool:
    """Spend the captcha token; True when siteverify is away and the lead may only be quarantined."""
    if not lead.turnstile_token:
        raise CaptchaFailed("The captcha token is missing; please complete the captcha.")
    verdict = siteverify.verify(
        lead.turnstile_token,
        action=_ACTION,
        client_address=call.client_address.partition("/")[0],
        idempotency_key=idempotency.captcha_idempotency_key(reservation, lead.turnstile_token),
    )
    if verdict is Verdict.REFUSED:
        raise CaptchaFailed("The captcha token is not valid any more; please complete the captcha again.")
    if verdict is Verdict.UNAVAILABLE:
        admission.hit("QUARANTINE", call)
        return True
    return False


def _store(submission: _Submission) -> Answer:
    reservation, reasons = submission.reservation, submission.reasons
    row = store.submit(database(), submission.parameters())
    record = row["idempotency"]
    if reservation is not None and record is not None and not record["mine"]:
        kept = idempotency.found_in_postgres(record, reservation)
        if kept is None:
            raise RuntimeError("another's record has no answer")
        reservation.answer = kept
        return kept
    if reservation is not None:
        reservation.answer = submission.answer
    merged_into = row["merged_into"]
    event = "lead_quarantined" if reasons else "lead_merged" if merged_into else "lead_stored"
    log.info(
        event,
        lead_id=str(submission.id),
        source=submission.lead.source,
        merged_into=merged_into,
        reasons=reasons,
    )
    caused = set(row["job_ids"] or ())
    dispatch([job for job in submission.jobs if job.id in caused], began_s=submission.call.began_s)
    return submission.answer
