"""
Tells people: one job for many makes one job for each person and channel, and each of those tells one
person.

The children commit with the end of their parent, so nobody is told twice and nobody is left out. Only
in-app notes and text messages are sent here; a mail is the e-mail worker's.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chalicelib.deliveries.service import deliver
from chalicelib.gateways import sns
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.runner import Effect, Impossible
from chalicelib.notifications import store
from chalicelib.platform import clock
from chalicelib.platform.postgres import Transaction, database

JOB_OF_CHANNEL = {"in_app": "in_app", "email": "notification", "sms": "sms"}
_TEXT_LIMIT_CHARACTERS = 480  # three parts of a text message with Vietnamese letters, and more is not read


def tell_staff(job: Claimed, _claim: Claim) -> Effect:
    """A lead came in: every MANAGER and ADMIN finds it in the app, and by mail who wants that."""
    staff = store.list_staff(database())
    wanted = [(each["id"], "in_app") for each in staff]
    wanted += [(each["id"], "email") for each in staff if each["wants_lead_mail"]]
    return _one_job_each(job, wanted)


def tell_chosen(job: Claimed, _claim: Claim) -> Effect:
    """An announcement: each person that it names, by each channel that it names."""
    chosen = store.find_chosen(database(), job.subject_id)
    if chosen is None:
        raise Impossible("there is no such announcement")
    users = chosen["user_ids"] or []
    return _one_job_each(job, [(user_id, channel) for channel in chosen["channels"] for user_id in users])


def _one_job_each(parent: Claimed, wanted: Iterable[tuple[UUID, str]]) -> Effect:
    children = [
        (Job.new(JOB_OF_CHANNEL[channel], parent.correlation_id), user_id) for user_id, channel in wanted
    ]

    def write(transaction: Transaction) -> Sequence[Job]:
        jobs_store.insert_children(transaction, parent.id, children, clock.now())
        return [job for job, _ in children]

    return Effect(write, note=None if children else "there was nobody to tell")


def keep_in_app(job: Claimed, _claim: Claim) -> Effect:
    """Write the note that one person finds in the app; its id is the job's, so it is never there twice."""

    def write(transaction: Transaction) -> Sequence[Job]:
        store.keep(transaction, job.id, clock.now())
        return ()

    return Effect(write)


def send_text(job: Claimed, claim: Claim) -> Effect:
    """Send one text message; a person without a phone gets none, and the job says so."""
    found = store.find_text(database(), job.id)
    if found is None:
        return Effect(note="the person or the announcement is gone")
    if found["phone"] is None:
        return Effect(note="the person has no phone number")
    message = f"{found['title']}\n{found['content']}"[:_TEXT_LIMIT_CHARACTERS]
    return deliver(
        job,
        claim,
        channel="sms",
        call_timeout_s=sns.SMS_TIMEOUT_S,
        call=lambda: sns.text(found["phone"], message),
    )
