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

from chalicelib.guards import admission, captcha, idempotency
from chalicelib.guards.idempotency import Reservation
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.leads import rules, store
from chalicelib.leads.models import LeadReceived, NewLead
from chalicelib.platform import clock, logs
from chalicelib.platform.http import Answer, Call
from chalicelib.platform.postgres import database
from chalicelib.quotes import service as quotes
from chalicelib.quotes.models import Breakdown
from chalicelib.webhooks import service as webhooks

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
    quote: Breakdown | None
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
        """The mail that the visitor gets, if any."""
        return rules.mail_type(has_address=self.lead.email is not None, has_quote=self.quote is not None)

    def parameters(self) -> dict[str, Any]:
        """What `store.submit` takes."""
        call, lead, now = self.call, self.lead, clock.now()
        return {
            **idempotency.keep_parameters(self.reservation, self.answer),
            **jobs_store.insert_parameters(self.jobs),
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
    is_captcha_away = not captcha.spend(call, lead.turnstile_token, action=_ACTION, reservation=reservation)
    if is_captcha_away:
        admission.hit("QUARANTINE", call)
    reasons = rules.suspicions(lead, is_captcha_away=is_captcha_away)
    return _store(_Submission(call, lead, reservation, quote, reasons))


def _look(lead: NewLead, reservation: Reservation | None) -> tuple[Answer | None, Breakdown | None]:
    if reservation is None and lead.quote is None:
        return None, None
    record, inputs = store.look(
        database(),
        reservation=reservation.parameters() if reservation else None,
        reserve=bool(reservation and reservation.in_postgres),
        question=quotes.question_of(lead.quote) if lead.quote else None,
    )
    if reservation is not None:
        kept = idempotency.found_in_postgres(record, reservation)
        if kept is not None:
            return kept, None
    if lead.quote is None or inputs is None:
        return None, None
    return None, quotes.compute(lead.quote, inputs, pointer="/quote")


def _store(submission: _Submission) -> Answer:
    reservation, reasons = submission.reservation, submission.reasons
    row = store.submit(database(), submission.parameters())
    standing = idempotency.settle(row["idempotency"], reservation, submission.answer)
    if standing is not submission.answer:
        return standing
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
    jobs = [job for job in submission.jobs if job.id in caused]
    jobs += webhooks.jobs_of(row["webhook_job_ids"] or (), submission.call.correlation_id)
    dispatch(jobs, began_s=submission.call.began_s)
    return submission.answer
