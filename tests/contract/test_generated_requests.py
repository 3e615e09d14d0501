"""Requests generated from `/openapi.json`, good and bad, against the running product: it keeps its word."""

import itertools
import json
import os
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.contract.visitors import STOPPED, Visitors

IS_DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
# Requests of each operation in a round, and how many must come together; each round has a seed of its own.
EXAMPLES, AT_LEAST = (50, 100_000) if IS_DEEP else (10, 1500)
AT_LEAST = int(os.environ.get("GENERATED_REQUESTS") or AT_LEAST)
MAY_TAKE_S = 600 if AT_LEAST <= 1500 else 0  # 0: as long as it takes
SEED = 20_260_314
# A body that its schema allows may be refused for what no schema can say (nothing has that id, a link that
# was used, blanks at both ends that do not count), but never for these: they belong into the schema.
SCHEMATIC = {
    "bool_type",
    "enum",
    "extra_forbidden",
    "list_type",
    "literal_error",
    "model_type",
    "string_pattern_mismatch",
    "string_too_long",
    "string_type",
    "too_long",
    "tuple_type",
    "union_tag_invalid",
    "union_tag_not_found",
    "uuid_parsing",
    "uuid_type",
}
BEYOND_FORMS = {"extra_forbidden", "union_tag_not_found"}  # which fields go with which `quote.kind`


def _schema(visitors: Visitors, number: int) -> Any:
    config = SchemathesisConfig()
    schema = schemathesis.openapi.from_url(f"{visitors.url}/api/openapi.json", config=config)
    schema.config.update(base_url=f"{visitors.url}/api")
    schema.config.seed = SEED + number
    schema.config.generation.update(max_examples=EXAMPLES, database="none", with_security_parameters=False)
    schema.config.phases.coverage.enabled = number == 0  # the same in every round
    schema.config.phases.coverage.unexpected_methods = {"patch", "trace"}

    class Bearer:
        """Schemathesis wants a class of its own."""

        def get(self, case: Any, _context: Any) -> str:
            return visitors.bearer_of(case)

        def set(self, case: Any, data: str, _context: Any) -> None:
            visitors.show(case, data)

    schema.auth(refresh_interval=None)(Bearer)
    return schema


def _failures(event: Any) -> list[str]:
    """What the checks found wrong, each with a command that repeats it."""
    recorder, found = event.recorder, []
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            response = recorder.interactions[case_id].response
            body = (response.content or b"") if response is not None else b""
            kind = type(check.failure_info.failure).__name__
            is_form = "urlencoded" in (recorder.cases[case_id].value.media_type or "")
            if kind == "RejectedPositiveData" and _is_beyond_schemas(body, is_form=is_form):
                continue
            if response is not None and "idempotency-replayed" in response.headers:
                continue  # the first answer again, whatever a form's `next` says now
            if kind == "AcceptedNegativeData" and _is_right_without_blanks(recorder.cases[case_id].value):
                continue
            told = check.failure_info.failure.message
            answer = body[:1000].decode(errors="replace")
            found.append(f"{event.label} {kind}: {told}\n{check.failure_info.code_sample}\n→ {answer}")
    return found


def _figures(visitors: Visitors, passed: int, by_phase: Counter[str]) -> dict[str, Any]:
    statuses = Counter(status for (_, status), count in visitors.answers.items() for _ in range(count))
    honest = visitors.honest.total()
    return {
        "sent": visitors.sent,
        "by_people_who_may": honest,
        "past_the_guards": f"{passed / honest:.1%}",
        "by_phase": dict(by_phase),
        "statuses": dict(sorted(statuses.items())),
    }


def _is_beyond_schemas(body: bytes, *, is_form: bool) -> bool:
    problem = json.loads(body)
    found = {error["code"] for error in problem.get("errors", ())} - (BEYOND_FORMS if is_form else set())
    return problem["code"] in {"CAPTCHA_FAILED", "IDEMPOTENCY_KEY_REUSED", "VALIDATION_ERROR"} and not (
        found & SCHEMATIC
    )


def _is_right_without_blanks(case: Any) -> bool:
    """Blanks at both ends of a text are taken away before it is measured, which no schema can say."""
    raw = case.operation.definition.raw.get("requestBody", {}).get("content", {}).get(case.media_type)
    if raw is None or not isinstance(case.body, dict):
        return False
    body = json.loads(json.dumps(case.body), object_hook=_without_blanks)
    components = case.operation.schema.raw_schema["components"]
    return jsonschema_rs.Draft202012Validator({**raw["schema"], "components": components}).is_valid(body)


def _without_blanks(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in found.items()}


@pytest.mark.timeout(MAY_TAKE_S)
def test_no_generated_request_finds_an_answer_that_is_not_described(
    visitors: Visitors, capsys: pytest.CaptureFixture[str]
) -> None:
    failures: list[str] = []
    by_phase: Counter[str] = Counter()
    rounds = itertools.count()
    while visitors.sent < AT_LEAST:
        schema = _schema(visitors, next(rounds))
        for event in from_schema(schema).execute():
            assert not isinstance(event, events.NonFatalError), (event.label, event.value)
            if isinstance(event, events.ScenarioFinished):
                failures += _failures(event)
                by_phase[event.phase.value] += len(event.recorder.interactions)
        assert not failures, f"{len(failures)} failures, among them:\n" + "\n\n".join(failures[:10])
    described = {
        f"{method.upper()} {path}" for path, item in schema.raw_schema["paths"].items() for method in item
    }
    described.remove("GET /openapi.json")  # where they all come from
    assert {label for label, _ in visitors.answers} == described
    assert by_phase["stateful"], "requests that go on with what others were answered"
    passed = sum(count for status, count in visitors.honest.items() if status not in STOPPED)
    with capsys.disabled():
        print(f"\n  generated requests: {_figures(visitors, passed, by_phase)}")  # noqa: T201  what they were like
    assert passed >= 0.8 * visitors.honest.total(), visitors.honest
    assert not [key for key in visitors.answers if key[1] >= 500], visitors.answers
    done = {
        label for label, status in visitors.answers if status < 300 or status == 409
    }  # or its state forbids it
    assert len(done) >= 0.8 * len(described), described - done
