"""
The stages of a deployment: `infra/stages/<stage>.json`, read once and checked as a whole.

The files hold what differs between stages and is no secret. A value that still says `example.com` is one
that nobody has filled in: everything may be built with it, and nothing deployed.
"""

import json
import re
import sys
from dataclasses import dataclass, fields
from pathlib import Path

STAGES = ("dev", "staging", "prod")
FOLDER = Path(__file__).with_name("stages")
LOG_DAYS = (1, 7, 30, 90, 180, 365)  # CloudWatch knows certain numbers only
# Of each container, and how long it may wait for one of those that the proxy shares out (R4.1).
CONTAINER_CONNECTIONS = 1
BORROW_TIMEOUT_S = 30
_NAME = re.compile(r"dev|staging|prod")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class StageError(Exception):
    """A stage cannot be used as its file describes it; the message says what to write there."""


@dataclass(frozen=True)
class Stage:
    """One deployment. The fields without a default must stand in the file."""

    name: str
    region: str
    email_from: str
    spreadsheet_id: str
    turnstile_site_key: str
    alert_email: str
    domain: str = ""  # empty: the address that CloudFront gives
    certificate_arn: str = ""  # of the domain, in us-east-1, as CloudFront wants it
    sheet_tab: str = "Leads"
    phone_region: str = "VN"
    currency: str = "VND"
    allowed_origins: str = ""
    form_return_origins: str = ""
    turnstile_hostnames: str = ""  # empty: the site's own host
    is_kept: bool = True  # data outlive the stack, and are deleted by hand only
    is_doubled: bool = True  # a second machine of each kind, in another zone
    has_endpoints: bool = True  # AWS's own services without a way over the internet
    backup_days: int = 35
    log_days: int = 90
    database_capacity_min: float = 1.0  # Aurora capacity units, about 2 GiB each
    database_capacity_max: float = 16.0
    database_connections: int = 50  # what all containers share behind the proxy
    cache_node: str = "cache.t4g.small"
    api_concurrency: int = 400  # containers of the API at once; the account's quota must hold them
    mail_concurrency: int = 10
    sync_concurrency: int = 2  # the least that SQS accepts: two writers meet, and the fence keeps them apart
    notification_concurrency: int = 10
    webhook_concurrency: int = 10
    requests_per_second: int = 1000

    @property
    def prefix(self) -> str:
        """What names of this stage begin with."""
        return f"plumbline-{self.name}"

    @property
    def worker_concurrency(self) -> dict[str, int]:
        """How many containers of each queue's worker there are at most."""
        return {
            "email": self.mail_concurrency,
            "sync": self.sync_concurrency,
            "notification": self.notification_concurrency,
            "webhook": self.webhook_concurrency,
        }

    @property
    def zones(self) -> list[str]:
        """Its two availability zones."""
        return [f"{self.region}a", f"{self.region}b"]


def load(name: str, folder: Path = FOLDER) -> Stage:
    """
    The stage *name*.

    Raises:
        StageError: there is no such stage, or its file has a wrong, missing or unknown value.
    """
    if not _NAME.fullmatch(name):
        raise StageError(f"There is no stage {name!r}: give STAGE=dev, staging or prod.")
    path = folder / f"{name}.json"
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StageError(f"{path.name} cannot be read: {error}") from error
    known = {field.name: field for field in fields(Stage) if field.name != "name"}
    problems = [f"{key}: there is no such value" for key in given if key not in known]
    for key, field in known.items():
        if key not in given:
            if isinstance(field.default, str | int | float):
                continue
            problems.append(f"{key}: is missing")
        elif type(given[key]) not in _accepted(field.type):
            problems.append(f"{key}: must be {getattr(field.type, '__name__', field.type)}")
    stage = None if problems else Stage(name=name, **given)
    if stage is not None:
        problems += _contradictions(stage)
    if stage is None or problems:
        raise StageError(f"{path.name} cannot be used:\n" + "\n".join(f"  {line}" for line in problems))
    return stage


def _contradictions(stage: Stage) -> list[str]:
    """What AWS would refuse of values that are of the right type."""
    concurrency = ("mail", "sync", "notification", "webhook")
    few = [f"{each}_concurrency" for each in concurrency if getattr(stage, f"{each}_concurrency") < 2]
    wrong = {
        "certificate_arn: a domain needs a certificate of us-east-1, and the other way round": (
            bool(stage.domain) != stage.certificate_arn.startswith("arn:aws:acm:us-east-1:")
        ),
        "region: must be one of AWS's, for example ap-southeast-1": not _REGION.fullmatch(stage.region),
        "email_from: must be an address": "@" not in stage.email_from,
        f"log_days: must be one of {', '.join(map(str, LOG_DAYS))}": stage.log_days not in LOG_DAYS,
        "backup_days: must be 1 to 35": not 1 <= stage.backup_days <= 35,
        "database_capacity_min: must be 0.5 to database_capacity_max": (
            not 0.5 <= stage.database_capacity_min <= stage.database_capacity_max
        ),
        f"{', '.join(few)}: SQS accepts 2 at least": bool(few),
    }
    return [problem for problem, is_wrong in wrong.items() if is_wrong]


def check_filled_in(stage: Stage) -> None:
    """
    See that nothing of the stage's file is still an example.

    Raises:
        StageError: something is; the message names it.
    """
    names = [field.name for field in fields(stage) if "example" in str(getattr(stage, field.name))]
    if names:
        raise StageError(f"Fill in infra/stages/{stage.name}.json first: {', '.join(names)}.")


def _accepted(kind: object) -> tuple[type, ...]:
    return (int, float) if kind is float else (kind,) if isinstance(kind, type) else ()


if __name__ == "__main__":
    try:
        check_filled_in(load(sys.argv[1] if len(sys.argv) > 1 else ""))
    except StageError as problem:
        sys.exit(str(problem))
