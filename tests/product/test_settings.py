"""The environment is checked as a whole: every problem by name, at once, and never a value."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from local.stack import Stack
from tests.product.profiles import PROFILE

EXAMPLE = Path(__file__).parents[2] / ".env.example"
OPTIONAL = {
    "TURNSTILE_VERIFY_URL",
    "TURNSTILE_HOSTNAMES",
    "SHEETS_API_URL",
    "SHEET_TAB",
    "ALLOWED_ORIGINS",
    "FORM_RETURN_ORIGINS",
    "TRUSTED_PROXIES",
    "ORIGIN_SECRET",
    "WEBHOOK_ALLOW_LOCAL",
    "PHONE_REGION",
    "CURRENCY",
    "AWS_REGION",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SECRETSMANAGER",
    "AWS_ENDPOINT_URL_SNS",
    "AWS_ENDPOINT_URL_SESV2",
}
# One value each that cannot be meant; the mark in it must never be seen again.
MARK = "xq7mark"
WRONG = {
    "STAGE": f"production-{MARK}",
    "DATABASE_URL": f"mysql://admin:{MARK}@db/plumbline",
    "REDIS_URL": f"http://:{MARK}@cache",
    "EMAIL_QUEUE_URL": f"sqs:{MARK}",
    "SYNC_DLQ_URL": MARK,
    "EXPORT_BUCKET": f"{MARK}/../x",
    "ALERT_TOPIC_ARN": f"arn:aws:sqs:{MARK}",
    "TURNSTILE_VERIFY_URL": f"ftp://{MARK}",
    "SHEETS_API_URL": MARK,
    "SPREADSHEET_ID": f"{MARK}/../x",
    "SHEET_TAB": MARK * 20,
    "EMAIL_FROM": f"no at sign {MARK}",
    "JWT_SECRET": MARK,
    "SITE_URL": f"javascript:{MARK}",
    "PHONE_REGION": MARK,
    "CURRENCY": MARK,
    "AWS_ENDPOINT_URL_SNS": MARK,
    "RATE_LIMIT_LEADS": f"{MARK}/60",
    "RATE_LIMIT_READS": "0/60",
    "RATE_LIMIT_QUOTES": "10",
    "RATE_LIMIT_LEDAS": "30/60",
}


def _variables() -> dict[str, Any]:
    from chalicelib.platform.settings import Settings  # noqa: PLC0415

    fields = {str(field.alias): field for field in Settings.model_fields.values()}
    del fields["RATE_LIMITS"]
    return fields


def _required() -> list[str]:
    return sorted(name for name, field in _variables().items() if field.default is PydanticUndefined)


def _problems(environment: dict[str, str]) -> dict[str, str]:
    """What is said about *environment*: problem by variable."""
    from chalicelib.platform.settings import SettingsError, read  # noqa: PLC0415

    with pytest.raises(SettingsError) as refused:
        read(environment)
    text = str(refused.value)
    assert MARK not in text
    assert refused.value.__cause__ is None
    lines = re.findall(r"^  ([A-Z_]+): (.+)$", text, flags=re.MULTILINE)
    return dict(lines)


def test_nothing_but_what_is_documented_as_optional_may_be_left_out(parts: Stack) -> None:
    del parts
    assert set(_variables()) - set(_required()) == OPTIONAL


def test_an_empty_environment_is_told_every_variable_it_lacks(parts: Stack) -> None:
    del parts
    assert _problems({}) == dict.fromkeys(_required(), "is missing")


@PROFILE
@given(data=st.data())
def test_every_missing_and_every_wrong_variable_is_named_at_once_and_no_other(
    parts: Stack, data: st.DataObject
) -> None:
    good = {name: parts.environment[name] for name in _required()}
    wrong = data.draw(st.sets(st.sampled_from(sorted(WRONG))), label="wrong")
    missing = data.draw(st.sets(st.sampled_from(_required())), label="missing") - wrong
    is_empty = data.draw(st.booleans(), label="missing means empty")
    environment = {**good, **{name: WRONG[name] for name in wrong}}
    for name in missing:
        environment[name] = ""
        if not is_empty:
            del environment[name]
    if not wrong | missing:
        return
    found = _problems(environment)
    assert set(found) == wrong | missing
    assert {name for name, text in found.items() if text == "is missing"} == missing


def test_the_stacks_own_environment_is_good_and_shows_no_secret(parts: Stack) -> None:
    from chalicelib.platform.settings import read  # noqa: PLC0415

    environment = {
        **parts.environment,
        "ORIGIN_SECRET": "origin-s3cret",
        "AWS_SESSION_TOKEN": "session-s3cret",
    }
    environment["AWS_SECRET_ACCESS_KEY"] = "access-s3cret"
    known = read(environment)
    secrets = [name for name in _variables() if isinstance(getattr(known, name.lower()), SecretStr)]
    assert {"DATABASE_URL", "REDIS_URL", "GOOGLE_CREDENTIALS", "JWT_SECRET", "METRICS_TOKEN"} <= set(secrets)
    assert {"TURNSTILE_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "ORIGIN_SECRET"} <= set(secrets)
    for text in (repr(known), str(known), known.model_dump_json(), str(known.model_dump())):
        for name in secrets:
            assert environment[name] not in text, name


def test_settings_cannot_be_changed_once_read(parts: Stack) -> None:
    from pydantic import ValidationError  # noqa: PLC0415

    from chalicelib.platform.settings import read  # noqa: PLC0415

    with pytest.raises(ValidationError):
        read(parts.environment).stage = "prod"  # type: ignore[misc]


@PROFILE
@given(
    count=st.integers(1, 9_999_999),
    window_s=st.integers(1, 9_999_999),
    group=st.sampled_from(["LEADS", "READS"]),
)
def test_a_rate_limit_of_a_group_can_be_overridden_and_the_others_stay(
    parts: Stack, count: int, window_s: int, group: str
) -> None:
    from chalicelib.platform.settings import read  # noqa: PLC0415

    plain = read(parts.environment).rate_limits
    changed = read({**parts.environment, f"RATE_LIMIT_{group}": f"{count}/{window_s}"}).rate_limits
    assert (changed[group].count, changed[group].window_s) == (count, window_s)
    assert {name: limit for name, limit in changed.items() if name != group} == {
        name: limit for name, limit in plain.items() if name != group
    }


def test_the_default_rate_limits_are_those_of_the_details_page(parts: Stack) -> None:
    from chalicelib.platform.settings import read  # noqa: PLC0415

    found = {
        group: (limit.count, limit.window_s) for group, limit in read(parts.environment).rate_limits.items()
    }
    expected = {"LEADS": (30, 60), "QUARANTINE": (10, 600), "QUOTES": (120, 60), "READS": (300, 60)}
    assert {group: found[group] for group in expected} == expected


@PROFILE
@given(text=st.text(max_size=12).filter(lambda text: not re.fullmatch(r"[1-9]\d{0,6}/[1-9]\d{0,6}", text)))
def test_a_rate_limit_that_is_no_count_and_seconds_is_refused_by_name(parts: Stack, text: str) -> None:
    from chalicelib.platform.settings import SettingsError, read  # noqa: PLC0415

    environment = {**parts.environment, "RATE_LIMIT_LEADS": text}
    if text == "":
        assert read(environment).rate_limits["LEADS"].count == 30
        return
    with pytest.raises(SettingsError, match="RATE_LIMIT_LEADS: must be count/seconds"):
        read(environment)


def test_the_example_file_explains_every_variable_and_no_other(parts: Stack) -> None:
    """Each `NAME=` of .env.example (commented out or not) is a setting, and each setting stands there."""
    del parts
    if not EXAMPLE.exists():
        return
    listed = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(_variables()) <= listed
    known = {*_variables(), "MIGRATION_DATABASE_URL"}
    assert {name for name in listed - known if not name.startswith("RATE_LIMIT_")} == set()
