"""
How the core can be broken: guards, outbox, lease, breaker and the sheet's ledger, each several ways.

These are slips that a reader could make or miss: a comparison off by one, a condition that is missing, an
update that overwrites another's. They were chosen by reading the code, before it was known whether a test
would notice. Beside each area stand the files of tests that ought to. `make mutants ARGS=core` makes the
changes one at a time; `make mutants ARGS=breaker` those of one area.
"""

from tests.mutation import Mutation

_LIMITS = (
    "tests/product/test_rate_limit.py tests/product/test_user_limits.py tests/product/test_order_of_checks.py"
    " tests/product/test_violations.py tests/machines/test_limiter_machine.py"
)
_KEYS = (
    "tests/product/test_leads_idempotency.py tests/product/test_idempotency_age.py"
    " tests/machines/test_idempotency_machine.py"
)
_RELAY = "tests/product/test_jobs_relay.py::test_"  # but not those that look at the machine's clock
_OUTBOX = (
    "tests/product/test_jobs.py tests/product/test_jobs_batch.py tests/product/test_runner.py"
    f" {_RELAY}exactly_what_should_have_a_message_and_has_none_is_sent"
    f" {_RELAY}what_the_queue_lost_is_sent_again_after_60_seconds_and_not_before"
    f" {_RELAY}more_than_one_batch_is_sent_in_one_run {_RELAY}only_what_sqs_took_is_marked_as_sent"
    f" {_RELAY}a_message_whose_answer_was_lost_comes_twice_and_its_job_is_done_once"
    " tests/product/test_dead_letters.py tests/product/test_dead_letter_drain.py"
    " tests/machines/test_outbox_machine.py"
)
_LEASE = "tests/product/test_lock.py tests/product/test_fences.py tests/machines/test_fence_machine.py"
_BREAKER = "tests/product/test_breaker.py tests/machines/test_breaker_machine.py"
_SHEET = (
    "tests/product/test_sheets_late_landing.py tests/product/test_sheets_people.py"
    " tests/product/test_sheets_outages.py tests/product/test_sheet_reconcile.py"
    " tests/product/test_sheets_people_and_outages.py tests/product/test_sheets_convergence.py"
    " tests/machines/test_sheet_machine.py"
)
_ADMISSION = "chalicelib/guards/admission.lua"
_GUARDS_SQL = "chalicelib/guards/store.py"
_JOBS_SQL = "chalicelib/jobs/store.py"
_SHEETS = "chalicelib/sheets/service.py"
_SHEETS_SQL = "chalicelib/sheets/store.py"
_RUNS_SQL = "chalicelib/sheets/runs/store.py"

CORE = (
    Mutation(  # a call that is exactly a window old still counts
        "guards",
        _ADMISSION,
        "'-inf', now - window_ms)",
        "'-inf', '(' .. (now - window_ms))",
        _LIMITS,
    ),
    Mutation(  # the window goes a minute after its first call, and not after its last
        "guards",
        _ADMISSION,
        "redis.call('PEXPIRE', key, window_ms)\n",
        "redis.call('PEXPIRE', key, window_ms, 'NX')\n",
        _LIMITS,
    ),
    Mutation(  # a caller who is refused anyway is not counted
        "guards",
        "chalicelib/guards/admission.py",
        "        group = _READS if isinstance(refusal, IdempotencyKeyInvalid) else self.group\n",
        "        if refusal is not None:\n            raise refusal\n        group = self.group\n",
        _LIMITS,
    ),
    Mutation(  # without Valkey a process lets one call more through
        "guards",
        "chalicelib/guards/rate_limit.py",
        "        admitted = len(calls) < limit.count\n",
        "        admitted = len(calls) <= limit.count\n",
        _LIMITS,
    ),
    Mutation(  # whoever gives up frees another's reservation too
        "guards",
        "chalicelib/guards/idempotency_end.lua",
        "if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then\n",
        "if redis.call('EXISTS', KEYS[1]) == 1 then\n",
        _KEYS,
    ),
    Mutation(  # a reservation is not freed by time, only by its owner
        "guards",
        _GUARDS_SQL,
        "      AND (status IS NOT NULL OR started_at > %(idem_stale)s)\n",
        "",
        _KEYS,
    ),
    Mutation(  # another body takes a reservation over
        "guards",
        _GUARDS_SQL,
        "(kept.status IS NULL AND kept.fingerprint = excluded.fingerprint))",
        "kept.status IS NULL)",
        _KEYS,
    ),
    Mutation(  # the same fields in another order are another request
        "guards",
        "chalicelib/guards/idempotency.py",
        "sort_keys=True, ",
        "",
        _KEYS,
    ),
    Mutation(  # two workers claim the same job at once
        "outbox",
        _JOBS_SQL,
        "    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED\n), claimed",
        "    ORDER BY due_at LIMIT %(limit)s\n), claimed",
        _OUTBOX,
    ),
    Mutation(  # who lost the claim still writes the end
        "outbox",
        _JOBS_SQL,
        "outcome.id AND claim_token = %(token)s AND jobs.state",
        "outcome.id AND %(token)s::uuid IS NOT NULL AND jobs.state",
        _OUTBOX,
    ),
    Mutation(  # and the effect, though not the end
        "outbox",
        "chalicelib/jobs/runner.py",
        "effect.write(transaction) if held else ()",
        "effect.write(transaction)",
        _OUTBOX,
    ),
    Mutation(  # each deferral begins the 24 hours anew
        "outbox",
        _JOBS_SQL,
        "THEN coalesce(deferred_since, %(now)s) END",
        "THEN %(now)s END",
        _OUTBOX,
    ),
    Mutation(  # the relay takes a job from the worker that has it
        "outbox",
        _JOBS_SQL,
        "CASE WHEN jobs.state = 'waiting' THEN 'queued' ELSE jobs.state END",
        "'queued'",
        _OUTBOX,
    ),
    Mutation(  # what the broker refused is marked as sent
        "outbox",
        "chalicelib/jobs/relay.py",
        "[job.id for job in sent], now)",
        "[job.id for job in jobs], now)",
        _OUTBOX,
    ),
    Mutation(  # the message of a lost worker's job is not sent again
        "outbox",
        _JOBS_SQL,
        "    OR state = 'running' AND lease_until <= %(now)s\n) AND (sent_at",
        ") AND (sent_at",
        _OUTBOX,
    ),
    Mutation(  # a job that ten workers died over is dead again as soon as it is redriven
        "outbox",
        _JOBS_SQL,
        "attempts = 0, lost_leases = 0, due_at",
        "attempts = 0, due_at",
        _OUTBOX,
    ),
    Mutation(  # a message from before a redrive wakes its job
        "outbox",
        "chalicelib/jobs/batch.py",
        'if row["epoch"] != envelope.epoch or row["state"] in',
        'if row["state"] in',
        _OUTBOX,
    ),
    Mutation(  # a claim ends before its worker's time does
        "lease",
        "chalicelib/jobs/ledger.py",
        "FUNCTION_TIMEOUT_S[queue] + _LEASE_GRACE_S",
        "FUNCTION_TIMEOUT_S[queue] - _LEASE_GRACE_S",
        _OUTBOX,
    ),
    Mutation(  # who slept too long gives back the next holder's lock
        "lease",
        "chalicelib/resilience/lock_release.lua",
        "if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then\n",
        "if redis.call('HGET', KEYS[1], 'holder') then\n",
        _LEASE,
    ),
    Mutation(  # a fence that is read but not locked: a write may still commit behind its successor's
        "lease",
        "chalicelib/resilience/store.py",
        "AND number = %(number)s FOR UPDATE",
        "AND number = %(number)s",
        _LEASE,
    ),
    Mutation(  # a later fence counts as one's own
        "lease",
        "chalicelib/resilience/store.py",
        "AND number = %(number)s FOR UPDATE",
        "AND number >= %(number)s FOR UPDATE",
        _LEASE,
    ),
    Mutation(  # failures that lie an hour apart add up, since none in between is forgotten
        "breaker",
        "chalicelib/resilience/breaker_report.lua",
        "if ok then\n  redis.call('HSET', KEYS[1], 'failures', 0)\n",
        "if ok then\n",
        _BREAKER,
    ),
    Mutation(  # after the trial the first failure opens it again
        "breaker",
        "chalicelib/resilience/breaker_report.lua",
        "'state', 'closed', 'failures', 0, 'generation'",
        "'state', 'closed', 'generation'",
        _BREAKER,
    ),
    Mutation(  # the second trial is of the first one's generation
        "breaker",
        "chalicelib/resilience/breaker_enter.lua",
        "generation = generation + 1\n",
        "",
        _BREAKER,
    ),
    Mutation(  # the trial comes a millisecond late
        "breaker",
        "chalicelib/resilience/breaker_enter.lua",
        "if tonumber(open_until) > now then",
        "if tonumber(open_until) >= now then",
        _BREAKER,
    ),
    Mutation(  # a trial that takes all of its time is not the only one
        "breaker",
        "chalicelib/resilience/breaker.py",
        "(self.call_timeout_s + TRIAL_GRACE_S) * 1000",
        "self.call_timeout_s * 1000",
        _BREAKER,
    ),
    Mutation(  # without Valkey, five failures are needed again after each pause
        "breaker",
        "chalicelib/resilience/breaker.py",
        "self._local.failures = FAILURES_TO_OPEN - 1",
        "self._local.failures = 0",
        _BREAKER,
    ),
    Mutation(  # a worker that a successor has overtaken still writes the ledger
        "sheet",
        _SHEETS,
        "            hold_fence(transaction, self._name, fence)\n            yield transaction\n",
        "            yield transaction\n",
        _SHEET,
    ),
    Mutation(  # an ordinary write cancels the one that is to come when no older call can land any more
        "sheet",
        _SHEETS_SQL,
        "rewrite_at = coalesce(%(rewrite_at)s, rewrite_at)",
        "rewrite_at = %(rewrite_at)s",
        _SHEET,
    ),
    Mutation(  # what an older call may still overwrite is not written once more
        "sheet",
        _SHEETS,
        "rewrite_at=clock.now() + _LATE_LANDING",
        "rewrite_at=None",
        _SHEET,
    ),
    Mutation(  # a row whose cells a person emptied is written where it was
        "sheet",
        _SHEETS,
        'if row["written_version"] or (found and',
        'if found and (row["written_version"] or',
        _SHEET,
    ),
    Mutation(  # half of a bisected batch stands in the sheet, and is forgotten
        "sheet",
        _SHEETS,
        "list(writes.keys() - may_stand)",
        "list(writes)",
        _SHEET,
    ),
    Mutation(  # a row that Google refused counts as still on its way
        "sheet",
        _SHEETS,
        "            store.never_left(transaction, list(refused), fence)\n",
        "",
        _SHEET,
    ),
    Mutation(  # rows that were adopted below the last one are given away again
        "sheet",
        _RUNS_SQL,
        "greatest(next_row, 1 + (SELECT max(row_number) FROM adopted))",
        "greatest(next_row, (SELECT max(row_number) FROM adopted))",
        _SHEET,
    ),
    Mutation(  # the ledger is compared while a call may still land
        "sheet",
        _RUNS_SQL,
        "(in_flight_fence IS NOT NULL OR rewrite_at IS NOT NULL)",
        "(in_flight_fence IS NOT NULL)",
        _SHEET,
    ),
    Mutation(  # a row that is missing still counts as one that was written
        "sheet",
        _RUNS_SQL,
        "UPDATE sheet_rows SET written_version = 0, moved_at = NULL,\n",
        "UPDATE sheet_rows SET moved_at = NULL,\n",
        _SHEET,
    ),
)
