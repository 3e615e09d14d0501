"""The variables of every function: what `chalicelib.platform.settings` demands, and nothing else."""

from infra.stacks.data import DataStack
from infra.stages import Stage


def variables(
    stage: Stage, data: DataStack, *, site_url: str, site_host: str, topic_arn: str, bucket: str
) -> dict[str, str]:
    """All but the queues' addresses; a secret is given by its name in Secrets Manager, never by its value."""
    given = {
        "STAGE": stage.name,
        "SITE_URL": site_url,
        "DATABASE_URL": data.database.url,
        "REDIS_URL": data.valkey.url,
        "ALERT_TOPIC_ARN": topic_arn,
        "EXPORT_BUCKET": bucket,
        "TURNSTILE_SITE_KEY": stage.turnstile_site_key,
        "TURNSTILE_SECRET_KEY": data.secrets.other("turnstile"),
        "TURNSTILE_HOSTNAMES": ",".join(filter(None, [site_host, stage.turnstile_hostnames])),
        "GOOGLE_CREDENTIALS": data.secrets.other("google"),
        "SPREADSHEET_ID": stage.spreadsheet_id,
        "SHEET_TAB": stage.sheet_tab,
        "EMAIL_FROM": stage.email_from,
        "JWT_SECRET": data.secrets.jwt.secret_arn,
        "METRICS_TOKEN": data.secrets.metrics.secret_arn,
        "ORIGIN_SECRET": data.secrets.origin.secret_arn,
        "ALLOWED_ORIGINS": stage.allowed_origins,
        "FORM_RETURN_ORIGINS": stage.form_return_origins,
        "PHONE_REGION": stage.phone_region,
        "CURRENCY": stage.currency,
    }
    return {name: value for name, value in given.items() if value}
