"""
For each property one line of the product, or a few, whose change turns one of its tests red.

`make properties` prints where the lines are; `make mutants` changes them one at a time, in a copy of the
tree, and runs the test. Here is only the list: what is changed, into what, and the test that is to fail.
"""

from tests.mutation import Mutation

_MACHINES = "tests/machines"
_PRODUCT = "tests/product"
_SAVED = "web/src/shared/storage/savedState.ts"

MUTATIONS = (
    Mutation(
        "P1",
        "chalicelib/jobs/dispatch.py",
        "    sent = {job.id for job in outbox.send(jobs)}\n",
        "    time.sleep(0.25)\n    sent = {job.id for job in outbox.send(jobs)}\n",
        "tests/journey/test_at_the_edge.py::test_a_lead_is_answered_within_200_ms",
    ),
    Mutation(
        "P2",
        "chalicelib/jobs/outcome.py",
        "RETRY_AFTER_S = (1, 2, 4)",
        "RETRY_AFTER_S = (1, 2, 3)",
        f"{_PRODUCT}/test_jobs.py::"
        "test_a_failing_job_runs_again_after_1_2_and_4_seconds_and_is_dead_on_the_fourth",
    ),
    Mutation(
        "P2",
        "chalicelib/jobs/outcome.py",
        "    if job.attempts >= len(retry_after_s):\n",
        "    if job.attempts + 1 >= len(retry_after_s):\n",
        f"{_PRODUCT}/test_mail_delivery.py::test_a_refused_mail_is_tried_again_after_1_2_and_4_s_and_then_dead",
    ),
    Mutation(
        "P3",
        "chalicelib/jobs/dispatch.py",
        "    if not left:\n",
        "    if left:\n",
        f"{_PRODUCT}/test_broker_away.py::test_staff_find_the_lead_in_the_app_although_the_broker_is_away",
    ),
    Mutation(
        "P4",
        "chalicelib/resilience/cache_keep.lua",
        "tonumber(ARGV[5]) > 0 and",
        "false and",
        f"{_PRODUCT}/test_cached_routes.py::test_the_second_read_is_a_hit_with_the_same_bytes",
    ),
    Mutation(
        "P4",
        "chalicelib/resilience/cache_look.lua",
        "tonumber(expires_ms) > now",
        "tonumber(expires_ms) >= now",
        f"{_PRODUCT}/test_cached_routes.py::test_after_five_minutes_the_database_is_asked_again",
    ),
    Mutation(
        "P5",
        "chalicelib/resilience/cache.py",
        '"SET", generation_key(namespace), fresh_generation()',
        '"EXISTS", generation_key(namespace)',
        f"{_MACHINES}/test_cache_machine.py::test_no_read_that_begins_after_a_change_sees_what_was_before",
    ),
    Mutation(
        "P5",
        "chalicelib/resilience/cache.py",
        "    return uuid.uuid4().hex\n",
        '    return "the only one"\n',
        f"{_PRODUCT}/test_cache.py::test_a_slow_reader_of_the_old_state_cannot_bring_it_back",
    ),
    Mutation(
        "P5",
        "chalicelib/rankings/service.py",
        "    tell_cache(run.stale)\n",
        "",
        f"{_PRODUCT}/test_rankings_cached.py::test_a_new_run_is_in_the_next_answer",
    ),
    Mutation(
        "P6",
        "chalicelib/guards/cached.py",
        'answer.headers[HEADER] = "MISS"',
        'answer.headers[HEADER] = "HIT"',
        f"{_PRODUCT}/test_cached_routes.py::test_the_second_read_is_a_hit_with_the_same_bytes",
    ),
    Mutation(
        "P7",
        "chalicelib/guards/captcha.py",
        "    if verdict is Verdict.REFUSED:\n",
        "    if verdict is None:\n",
        f"{_PRODUCT}/test_leads_submit.py::test_without_a_good_captcha_token_nothing_is_stored",
    ),
    Mutation(
        "P7",
        "chalicelib/guards/captcha.py",
        "    if not token:\n",
        "    if token is None:\n        return True\n    if not token:\n",
        f"{_PRODUCT}/test_accounts_sign_up.py::test_without_a_valid_captcha_nothing_is_stored",
    ),
    Mutation(
        "P8",
        "chalicelib/platform/postgres.py",
        "SLOW_QUERY_MS = 100\n",
        "SLOW_QUERY_MS = 1_000\n",
        f"{_PRODUCT}/test_database.py::test_a_slow_query_is_logged_with_its_text_and_without_its_values",
    ),
    Mutation(
        "P9",
        "chalicelib/platform/pool.py",
        "            self._pool.putconn(connection)\n",
        "            connection.close()\n            self._pool.putconn(connection)\n",
        f"{_PRODUCT}/test_database.py::"
        "test_fifty_requests_open_one_connection_and_the_end_of_the_process_closes_it",
    ),
    Mutation(
        "P9",
        "chalicelib/platform/start.py",
        "    _close()\n    os._exit(0)\n",
        "    os._exit(0)\n",
        f"{_PRODUCT}/test_database.py::"
        "test_fifty_requests_open_one_connection_and_the_end_of_the_process_closes_it",
    ),
    Mutation(
        "P10",
        "chalicelib/resilience/lock_acquire.lua",
        "if holder and holder ~= ARGV[1]",
        "if false and holder ~= ARGV[1]",
        f"{_PRODUCT}/test_lock.py::test_of_many_threads_one_at_a_time_is_inside",
    ),
    Mutation(
        "P11",
        "chalicelib/resilience/lock.py",
        "WAIT_S = 5.0\n",
        "WAIT_S = 6.0\n",
        f"{_PRODUCT}/test_lock.py::test_after_5_seconds_the_waiter_is_told_that_the_lock_is_taken",
    ),
    Mutation(
        "P12",
        "chalicelib/resilience/lock.py",
        "TTL_S = 30.0\n",
        "TTL_S = 31.0\n",
        f"{_PRODUCT}/test_lock.py::test_a_crashed_holders_lock_is_free_after_30_seconds",
    ),
    Mutation(
        "P12",
        "chalicelib/resilience/lock_acquire.lua",
        "tonumber(ARGV[2]) + tonumber(ARGV[3]))",
        "expires_ms or (tonumber(ARGV[2]) + tonumber(ARGV[3])))",
        f"{_PRODUCT}/test_lock.py::test_a_live_holder_keeps_the_lock_by_extending_it",
    ),
    Mutation(
        "P13",
        "chalicelib/guards/idempotency.py",
        '    if record is None or record["owner"] == reservation.owner:\n',
        "    if True:\n",
        f"{_PRODUCT}/test_leads_idempotency.py::"
        "test_a_replay_survives_a_flush_of_valkey_and_a_spent_captcha_token",
    ),
    Mutation(
        "P13",
        "chalicelib/guards/admission.lua",
        "    if record[1] ~= ARGV[9] then\n",
        "    if false then\n",
        f"{_PRODUCT}/test_leads_idempotency.py",
    ),
    Mutation(
        "P14",
        "chalicelib/guards/idempotency.py",
        "KEPT_FOR = timedelta(hours=24)",
        "KEPT_FOR = timedelta(hours=25)",
        f"{_PRODUCT}/test_leads_idempotency.py::test_after_24_hours_the_key_may_be_processed_again",
    ),
    Mutation(
        "P15",
        "chalicelib/guards/rate_limit.py",
        'log.warning("rate_limit.violation", ip=call.client_address, path=call.route,',
        'log.warning("rate_limit.violation", ip="somebody", path=call.route,',
        f"{_PRODUCT}/test_rate_limit.py::test_a_violation_is_logged_with_address_path_and_time",
    ),
    Mutation(
        "P16",
        "chalicelib/guards/violations.py",
        "ALERT_ABOVE = 10\n",
        "ALERT_ABOVE = 11\n",
        f"{_PRODUCT}/test_violations.py::test_the_eleventh_violation_within_five_minutes_is_one_alert",
    ),
    Mutation(
        "P17",
        "chalicelib/resilience/breaker.py",
        "FAILURES_TO_OPEN = 5\n",
        "FAILURES_TO_OPEN = 6\n",
        f"{_PRODUCT}/test_breaker.py::test_five_failures_in_a_row_open_it_for_the_whole_fleet_for_30_seconds",
    ),
    Mutation(
        "P18",
        "chalicelib/resilience/breaker_enter.lua",
        "if trial_until and tonumber(trial_until) > now then",
        "if false then",
        f"{_PRODUCT}/test_breaker.py::test_of_a_whole_fleet_exactly_one_makes_the_trial",
    ),
    Mutation(
        "P18",
        "chalicelib/resilience/breaker_report.lua",
        "if tonumber(generation or 0) ~= tonumber(ARGV[2]) then",
        "if false then",
        f"{_MACHINES}/test_breaker_machine.py::test_the_fleets_circuit_does_what_a_plain_model_does",
    ),
    Mutation(
        "P19",
        "web/src/shared/hooks/useThrottle.ts",
        "        if (next) latest.current(...next);\n",
        "",
        "web/src/shared/hooks/timing.test.ts",
    ),
    Mutation(
        "P20",
        _SAVED,
        "JSON.stringify({ savedAt: nowMs, data })",
        "JSON.stringify({ savedAt: nowMs, data: {} })",
        "web/src/features/quote/saved.test.tsx",
    ),
    Mutation(
        "P21",
        _SAVED,
        "const KEPT_MS = 24 * 60 * 60 * 1000;",
        "const KEPT_MS = 24 * 60 * 60 * 1001;",
        "web/src/features/quote/saved.test.tsx",
    ),
    Mutation(
        "P22",
        "web/src/shared/validation/useFormValidation.ts",
        "(touched.has(field) ? faults[field] : undefined)",
        "(touched.size > 0 ? faults[field] : undefined)",
        "web/src/features/contact/contact.test.tsx",
    ),
    Mutation(
        "P23",
        "web/src/shared/lead/contact.ts",
        "accepted: fields.consent }",
        "accepted: true }",
        "web/src/features/contact/contact.test.tsx",
    ),
    Mutation(
        "P24",
        "chalicelib/resilience/carry.lua",
        "    if number > tonumber(redis.call('GET', seen) or 0) then\n",
        "    if true then\n",
        f"{_PRODUCT}/test_metrics.py::test_a_batch_whose_answer_was_lost_is_counted_once",
    ),
    Mutation(
        "P24",
        "chalicelib/resilience/carrier.py",
        "            batch = self._batch = self._batch or self._pack()\n",
        "            batch = self._batch = self._pack()\n",
        f"{_PRODUCT}/test_metrics.py::test_what_was_counted_while_valkey_was_away_is_there_afterwards",
    ),
    Mutation(
        "P24",
        "chalicelib/resilience/carry.lua",
        "redis.call('HLEN', key) >= 800 then\n",
        "redis.call('HLEN', key) >= 80000 then\n",
        f"{_PRODUCT}/test_metrics.py::test_a_million_addresses_are_a_thousand_series_at_most",
    ),
    Mutation(
        "P25",
        "chalicelib/jobs/room.py",
        "WARNING_DEPTH = 1_000\n",
        "WARNING_DEPTH = 1_001\n",
        f"{_PRODUCT}/test_queue_health.py::test_a_thousand_are_well_and_one_more_warns_and_alerts_once",
    ),
    Mutation(
        "P26",
        "chalicelib/jobs/room.py",
        "    if depth >= FULL_DEPTH:\n",
        "    if depth > FULL_DEPTH:\n",
        f"{_PRODUCT}/test_queue_health.py::test_a_full_queue_refuses_jobs_but_never_a_lead",
    ),
    Mutation(
        "P27",
        "chalicelib/sheets/service.py",
        "BATCH_ROWS = 100\n",
        "BATCH_ROWS = 99\n",
        f"{_PRODUCT}/test_sheets_batches.py",
    ),
    Mutation(
        "P28",
        "chalicelib/guards/admission.lua",
        "if KEYS[3] ~= '' then\n",
        "if false then\n",
        f"{_PRODUCT}/test_user_limits.py::test_a_persons_limit_follows_them_from_address_to_address",
    ),
    Mutation(
        "P29",
        "chalicelib/guards/rate_limit.py",
        '_TIMES_AS_MANY = {"ADMIN": 5, "MANAGER": 3}',
        '_TIMES_AS_MANY = {"ADMIN": 5, "MANAGER": 2}',
        f"{_PRODUCT}/test_user_limits.py::"
        "test_each_person_has_a_hundred_calls_a_minute_times_the_factor_of_their_role",
    ),
)


def lines_that_break(name: str) -> list[str]:
    """Where the property *name* can be broken."""
    return [mutation.where() for mutation in MUTATIONS if mutation.proves == name]
