"""
The product's environment under `make run`: the variables of `.env.example`, pointing at the parts of this
stack.

Everything the product depends on is reached by way of a fault proxy, so that faults can be made; only
migrations go to the database directly, as they do on AWS.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from local.stack import ministack

ACCOUNTS = (
    "admin@plumbline.test",
    "manager@plumbline.test",
    "contractor@plumbline.test",
    "homeowner@plumbline.test",
)
SPREADSHEET_ID = "demo"
_OVERRIDABLE = frozenset(
    {
        "ALLOWED_ORIGINS",
        "CURRENCY",
        "EMAIL_FROM",
        "FORM_RETURN_ORIGINS",
        "ORIGIN_SECRET",
        "PHONE_REGION",
        "SHEET_TAB",
        "TRUSTED_PROXIES",
        "TURNSTILE_HOSTNAMES",
        "TURNSTILE_SECRET_KEY",
        "TURNSTILE_SITE_KEY",
        "WEBHOOK_ALLOW_LOCAL",
    }
)
EMAIL_FROM = "hello@plumbline.test"
# Each dependency with a fault proxy: the kind of traffic, and the part behind it. The world records mail and
# SMS on their way to the emulator, which a stack without the world reaches directly.
PROXIED = {
    "postgres": ("tcp", "postgres"),
    "redis": ("tcp", "valkey"),
    "sqs": ("http", "ministack"),
    "s3": ("http", "ministack"),
    "email": ("http", "world"),
    "sms": ("http", "world"),
    "sheets": ("http", "world"),
    "turnstile": ("http", "world"),
}
_WITHOUT_WORLD = {"email": "ministack", "sms": "ministack"}
_POOL = "connection_limit=50&pool_timeout=30"


@dataclass(frozen=True)
class Addresses:
    """Where the product finds its dependencies: a port of the loopback each."""

    postgres: int
    redis: int
    sqs: int
    s3: int
    email: int
    sms: int
    sheets: int
    turnstile: int

    @classmethod
    def of(cls, ports: Mapping[str, int], *, proxied: bool) -> "Addresses":
        """By way of the fault proxies, or straight to the parts where there is no world to run them."""
        if proxied:
            return cls(**{name: ports[f"{name}-proxy"] for name in PROXIED})
        return cls(**{name: ports[_WITHOUT_WORLD.get(name, part)] for name, (_, part) in PROXIED.items()})


def fault_proxies(ports: Mapping[str, int]) -> dict[str, dict[str, object]]:
    """The setting FAULT_PROXIES of the world: for each dependency where to listen and what is behind."""
    return {
        name: {"listen": ports[f"{name}-proxy"], "upstream": ports[part], "kind": kind}
        for name, (kind, part) in PROXIED.items()
    }


def overrides(environment: Mapping[str, str]) -> dict[str, str]:
    """
    The product's settings that whoever starts the stack may choose: `RATE_LIMIT_LEADS=5/60 make run`.

    Addresses and AWS's credentials are not among them, so that nothing ever leaves this machine.
    """
    return {
        name: value
        for name, value in environment.items()
        if name in _OVERRIDABLE or name.startswith("RATE_LIMIT_")
    }


def product_environment(
    *,
    addresses: Addresses,
    secrets: Mapping[str, str],
    database_url: str,
    migration_database_url: str,
    google_credentials: str,
    port: int,
) -> dict[str, str]:
    """What the containers are given. *database_url* and *migration_database_url* come without parameters."""
    queues: dict[str, str] = {}
    for queue in ministack.FUNCTION_TIMEOUTS_S:
        name = ministack.queue_name(queue)
        queues[f"{queue.upper()}_QUEUE_URL"] = ministack.queue_url(addresses.sqs, name)
        queues[f"{queue.upper()}_DLQ_URL"] = ministack.queue_url(addresses.sqs, f"{name}-dlq")
    return {
        "STAGE": "local",
        "SITE_URL": f"http://localhost:{port}",
        "DATABASE_URL": f"{database_url}?{_POOL}",
        "MIGRATION_DATABASE_URL": migration_database_url,
        "REDIS_URL": f"redis://127.0.0.1:{addresses.redis}/0",
        **queues,
        "ALERT_TOPIC_ARN": ministack.topic_arn(),
        "EXPORT_BUCKET": ministack.BUCKET,
        "AWS_REGION": ministack.REGION,
        "AWS_DEFAULT_REGION": ministack.REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": ministack.SECRET,
        "AWS_ENDPOINT_URL_SQS": f"http://127.0.0.1:{addresses.sqs}",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{addresses.s3}",
        "AWS_ENDPOINT_URL_SNS": f"http://127.0.0.1:{addresses.sms}",
        "AWS_ENDPOINT_URL_SES": f"http://127.0.0.1:{addresses.email}",
        "AWS_ENDPOINT_URL_SESV2": f"http://127.0.0.1:{addresses.email}",
        "TURNSTILE_SITE_KEY": "local-turnstile-sitekey",
        "TURNSTILE_SECRET_KEY": secrets["turnstile_secret_key"],
        "TURNSTILE_VERIFY_URL": f"http://127.0.0.1:{addresses.turnstile}/turnstile/v0/siteverify",
        "TURNSTILE_HOSTNAMES": "localhost,127.0.0.1",
        "GOOGLE_CREDENTIALS": google_credentials,
        "SHEETS_API_URL": f"http://127.0.0.1:{addresses.sheets}/google",
        "SPREADSHEET_ID": SPREADSHEET_ID,
        "EMAIL_FROM": EMAIL_FROM,
        "JWT_SECRET": secrets["jwt_secret"],
        "METRICS_TOKEN": secrets["metrics_token"],
        "TRUSTED_PROXIES": "",
    }
