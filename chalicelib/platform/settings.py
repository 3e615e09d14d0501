"""
The environment, read once and checked as a whole: the only file that knows `os.environ`.

A wrong or missing variable is reported by name, all of them in one message, before the first request is
taken. Secrets are `SecretStr`, so no repr or log shows them; each may be given as the ARN of a secret in
Secrets Manager (`secret_values`). `python -m chalicelib.platform.settings`
checks the environment and does nothing else.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

_NAMES_SECRETS = re.compile(r"^arn:|\{arn:")
_LIMIT = re.compile(r"^([1-9]\d{0,6})/([1-9]\d{0,6})$")

# Calls per seconds and client address, by group; in USER per person, times their role's factor (details
# page, "Rate limits"); RATE_LIMIT_<GROUP>=count/seconds overrides one.
DEFAULT_RATE_LIMITS = {
    "LEADS": "30/60",
    "QUARANTINE": "10/600",
    "QUOTES": "120/60",
    "LOGIN": "10/900",
    "SIGNUP": "10/3600",
    "SIGNED_IN": "1000/60",
    "USER": "100/60",
    "READS": "300/60",
}


class SettingsError(Exception):
    """The environment is not usable; the message names every variable that is wrong or missing."""


class RateLimit(BaseModel):
    """At most *count* calls of one client in any *window_s* seconds."""

    model_config = ConfigDict(frozen=True)
    count: int
    window_s: int


def _commas(value: Any) -> Any:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _rate_limit(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = _LIMIT.match(value)
    if match is None:
        raise ValueError("must be count/seconds, for example 30/60")
    return RateLimit(count=int(match[1]), window_s=int(match[2]))


Names = Annotated[tuple[str, ...], BeforeValidator(_commas)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]
# What a browser sends as `Origin`: scheme, host and perhaps a port, nothing behind it.
Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.:\[\]-]+$")]
Origins = Annotated[tuple[Origin, ...], BeforeValidator(_commas)]
Secret = Annotated[SecretStr, Field(min_length=1)]


class Settings(BaseModel):
    """
    Everything that differs between a laptop, a test and AWS. `.env.example` says a sentence about each
    variable.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=str.upper)

    stage: Literal["local", "dev", "staging", "prod"]
    database_url: Annotated[SecretStr, Field(min_length=1)]
    redis_url: Annotated[SecretStr, Field(min_length=1)]
    email_queue_url: HttpUrl
    email_dlq_url: HttpUrl
    sync_queue_url: HttpUrl
    sync_dlq_url: HttpUrl
    notification_queue_url: HttpUrl
    notification_dlq_url: HttpUrl
    webhook_queue_url: HttpUrl
    webhook_dlq_url: HttpUrl
    export_bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")]
    alert_topic_arn: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$")]
    turnstile_site_key: Annotated[str, Field(min_length=1)]
    turnstile_secret_key: Secret
    turnstile_verify_url: HttpUrl = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
    turnstile_hostnames: Names = ()
    google_credentials: Secret
    sheets_api_url: HttpUrl = "https://sheets.googleapis.com"
    spreadsheet_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    sheet_tab: Annotated[str, Field(min_length=1, max_length=100)] = "Leads"
    email_from: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    jwt_secret: Annotated[SecretStr, Field(min_length=32)]
    metrics_token: Secret
    site_url: HttpUrl
    allowed_origins: Origins = ()
    form_return_origins: Origins = ()
    trusted_proxies: Names = ()
    origin_secret: SecretStr | None = None
    webhook_allow_local: bool = False
    phone_region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "VN"
    currency: Literal["VND", "USD", "EUR"] = "VND"
    aws_region: Annotated[str, Field(min_length=1)] = "ap-southeast-1"
    aws_access_key_id: Annotated[str, Field(min_length=1)]
    aws_secret_access_key: Secret
    aws_session_token: SecretStr | None = None
    aws_endpoint_url_s3: HttpUrl | None = None
    aws_endpoint_url_secretsmanager: HttpUrl | None = None
    aws_endpoint_url_sns: HttpUrl | None = None
    aws_endpoint_url_sesv2: HttpUrl | None = None
    rate_limits: dict[str, Annotated[RateLimit, BeforeValidator(_rate_limit)]]

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must be a postgresql:// URL")
        return value

    @field_validator("webhook_allow_local")
    @classmethod
    def _is_at_home(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  pydantic's signature
        if value and info.data.get("stage") != "local":
            raise ValueError("is for STAGE=local only; leave it out")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("must be a redis:// or rediss:// URL")
        return value

    @property
    def site_origin(self) -> str:
        """The site's origin, as browsers write it."""
        parts = urlsplit(self.site_url)
        return f"{parts.scheme}://{parts.netloc}"

    def queue_url(self, queue: str) -> str:
        """The SQS URL of *queue* (`email`, `sync`, `notification` or `webhook`)."""
        return {
            "email": self.email_queue_url,
            "sync": self.sync_queue_url,
            "notification": self.notification_queue_url,
            "webhook": self.webhook_queue_url,
        }[queue]

    def dead_letter_queue_url(self, queue: str) -> str:
        """The SQS URL of *queue*'s dead-letter queue."""
        return {
            "email": self.email_dlq_url,
            "sync": self.sync_dlq_url,
            "notification": self.notification_dlq_url,
            "webhook": self.webhook_dlq_url,
        }[queue]


# Those that AWS gives us for asking cannot be asked for.
_OF_OUR_OWN = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
SECRETS = (
    frozenset(
        str(field.alias) for field in Settings.model_fields.values() if "SecretStr" in str(field.annotation)
    )
    - _OF_OUR_OWN
)


def _resolve(values: Mapping[str, Any], names: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The secrets among *names* that are given as ARNs or hold some: their values, and problems by name."""
    wanted = {name: values[name] for name in names if _NAMES_SECRETS.search(str(values.get(name, "")))}
    if not wanted:
        return {}, {}
    from chalicelib.platform.secret_values import resolve  # noqa: PLC0415  costs nothing where none is an ARN
    from chalicelib.platform.signing import Identity  # noqa: PLC0415

    identity = Identity(
        values.get("AWS_REGION", Settings.model_fields["aws_region"].default),
        values.get("AWS_ACCESS_KEY_ID", ""),
        values.get("AWS_SECRET_ACCESS_KEY", ""),
        values.get("AWS_SESSION_TOKEN"),
    )
    return resolve(wanted, identity, values.get("AWS_ENDPOINT_URL_SECRETSMANAGER"))


def read(environment: dict[str, str]) -> Settings:
    """
    Turn *environment* into settings, or say everything that is wrong with it at once.

    An empty variable counts as missing, as in most process managers; a secret given as an ARN is fetched.

    Raises:
        SettingsError: one line per variable, each with its name and what to do; never with a value.
    """
    values: dict[str, Any] = {name: value for name, value in environment.items() if value != ""}
    limits = dict(DEFAULT_RATE_LIMITS)
    limits |= {
        name.removeprefix("RATE_LIMIT_"): values[name] for name in values if name.startswith("RATE_LIMIT_")
    }
    unknown = sorted(set(limits) - set(DEFAULT_RATE_LIMITS))
    values["RATE_LIMITS"] = {group: limits[group] for group in DEFAULT_RATE_LIMITS}
    problems = [
        f"RATE_LIMIT_{group}: there is no such group; known: {', '.join(DEFAULT_RATE_LIMITS)}"
        for group in unknown
    ]
    resolved, unresolved = _resolve(values, SECRETS)
    problems += [f"{name}: {problem}" for name, problem in unresolved.items()]
    try:
        settings = Settings.model_validate(values | resolved)
    except ValidationError as error:
        problems += [
            _problem(item["loc"], item["msg"])
            for item in error.errors(include_input=False, include_url=False)
            if item["loc"][0] not in unresolved
        ]
        settings = None
    if problems or settings is None:
        lines = "\n".join(f"  {line}" for line in sorted(problems))
        raise SettingsError(
            f"The environment cannot be used:\n{lines}\n.env.example explains every variable."
        )
    return settings


def _problem(location: tuple[int | str, ...], message: str) -> str:
    name = (
        f"RATE_LIMIT_{location[1]}"
        if location[0] == "RATE_LIMITS" and len(location) > 1
        else str(location[0])
    )
    text = "is missing" if message == "Field required" else message.removeprefix("Value error, ")
    return f"{name}: {text}"


@cache
def settings() -> Settings:
    """The settings of this process, read at the first call (never at import)."""
    return read(dict(os.environ))


def migration_database_url() -> str:
    """
    The cluster's own address for migrations, which must not go through RDS Proxy.

    Raises:
        SettingsError: MIGRATION_DATABASE_URL is missing, or a secret that cannot be read.
    """
    name = "MIGRATION_DATABASE_URL"
    given = {key: value for key, value in os.environ.items() if value}
    resolved, unresolved = _resolve(given, [name])
    if name in unresolved:
        raise SettingsError(f"{name}: {unresolved[name]}")
    url = resolved.get(name) or given.get(name)
    if not url:
        raise SettingsError(f"{name} is missing: give the cluster's own postgresql:// address.")
    return url


if __name__ == "__main__":
    try:
        settings()
    except SettingsError as problem:
        sys.exit(str(problem))
