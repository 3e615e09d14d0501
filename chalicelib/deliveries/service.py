"""
Makes one call to a provider for a claimed job, so that its repeat is known.

`sending` is committed before the call. Whoever finds an older one without an end calls it `unknown`: it may
have been accepted, so the one that follows may be the second; nothing else can send twice. An answered
error spends an attempt; no answer, throttling and an open circuit only defer.
"""

from collections.abc import Callable, Sequence
from functools import cache
from uuid import uuid4

from chalicelib.deliveries import store
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.runner import ClaimLost, Effect, Later, Refusal
from chalicelib.platform import clock, logs
from chalicelib.platform.postgres import Transaction, database
from chalicelib.resilience.breaker import Breaker
from chalicelib.resilience.valkey import valkey

_NO_ANSWER_S = 15
_THROTTLED_S = 5
_THROTTLING = {"Throttling", "ThrottlingException", "Throttled", "TooManyRequestsException"}
log = logs.EventLog("deliveries")


@cache
def breaker_of(channel: str, call_timeout_s: float) -> Breaker:
    """
    The fleet's breaker before *channel*'s provider; only silence opens it, since an answer proves it is
    there.
    """
    return Breaker(valkey(), channel, call_timeout_s)


def deliver(
    job: Claimed,
    claim: Claim,
    *,
    channel: str,
    call_timeout_s: float,
    call: Callable[[], str],
    circuit: str | None = None,
) -> Effect:
    """
    Make *call*, which returns the provider's message id, once, on behalf of *job*.

    The *circuit* is the channel's own, unless the channel has many receivers.

    Raises:
        ClaimLost: another has the job by now; nobody was called.
        ServiceUnavailable: the circuit is open; nobody was called.
        Later: no answer, or throttled.
        Refusal: the provider answered with an error.
    """
    breaker = breaker_of(circuit or channel, call_timeout_s)
    granted = breaker.enter()
    delivery_id = uuid4()
    begun = store.begin(
        database(),
        delivery_id=delivery_id,
        job_id=job.id,
        token=claim.token,
        channel=channel,
        now=clock.now(),
    )
    if not begun:
        raise ClaimLost

    def end(state: str, detail: str) -> None:
        store.end(database(), delivery_id=delivery_id, state=state, now=clock.now(), detail=detail)

    try:
        provider_id = call()
    except NoAnswer as error:
        breaker.fail(granted)
        state = "unknown" if error.was_sent else "not_reached"
        end(state, str(error))
        log.warning("delivery.no_answer", job_id=str(job.id), channel=channel, state=state, reason=str(error))
        raise Later(f"{channel}: no answer", _NO_ANSWER_S) from error
    except Refused as error:
        breaker.succeed(granted)
        end("refused", str(error))
        log.warning("delivery.refused", job_id=str(job.id), channel=channel, reason=str(error))
        if error.status == 429 or error.code in _THROTTLING:
            raise Later(f"{channel}: throttled", _THROTTLED_S) from error
        raise Refusal(f"{channel}: {error}") from error
    breaker.succeed(granted)
    answered_at = clock.now()

    def write(transaction: Transaction) -> Sequence[Job]:
        store.end(
            transaction, delivery_id=delivery_id, state="sent", now=answered_at, provider_id=provider_id
        )
        return ()

    return Effect(write)
