"""What `make deploy` asks of AWS itself. Every call has a timeout; what AWS refuses is told in a sentence."""

import json
import time
from typing import Any

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 4, "mode": "standard"})
_BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
UNFILLED = "to be filled in"
_HEALTHY_WITHIN_S = 300.0
_PAUSE_S = 5.0


class AwsError(Exception):
    """AWS does not do what was asked, or what it has is not ready; the message says what to do."""


class Account:
    """The account that the credentials at hand belong to, in one region."""

    def __init__(self, region: str, endpoint: str | None = None) -> None:
        self._region = region
        self._endpoint = endpoint
        try:
            self.number = str(self.client("sts").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise AwsError(
                f"AWS does not know us ({error}). Sign in (`aws sso login`) or set AWS_PROFILE."
            ) from error

    def client(self, service: str) -> Any:
        """A client of *service*."""
        return boto3.client(service, region_name=self._region, endpoint_url=self._endpoint, config=_CONFIG)

    def is_bootstrapped(self) -> bool:
        """Whether the CDK has its bucket and roles here."""
        ssm = self.client("ssm")
        try:
            ssm.get_parameter(Name=_BOOTSTRAP_VERSION)
        except ssm.exceptions.ParameterNotFound:
            return False
        return True

    def outputs(self, stack: str) -> dict[str, str]:
        """What a deployed stack tells."""
        (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

    def check_secrets(self, arn: str) -> None:
        """
        See that a person has filled in what others issue.

        Raises:
            AwsError: something is still missing; the message has the command.
        """
        text = self.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        try:
            given = json.loads(text)
        except ValueError:
            given = {}
        missing = [name for name in ("turnstile", "google") if given.get(name, UNFILLED) in ("", UNFILLED)]
        if missing:
            raise AwsError(
                f"Fill in {' and '.join(missing)} first, then begin again. Write a file secrets.json:\n"
                '  {"turnstile": "<Cloudflare\'s secret key>", "google": "<the service account\'s JSON>"}\n'
                f"  aws secretsmanager put-secret-value --region {self._region} --secret-id {arn} "
                "--secret-string file://secrets.json\nand delete it."
            )

    def forget_cached(self, distribution_id: str) -> None:
        """Let the edges ask again for everything that keeps its name."""
        self.client("cloudfront").create_invalidation(
            DistributionId=distribution_id,
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": ["/*"]},
                "CallerReference": str(time.time_ns()),
            },
        )


def wait_until_healthy(site_url: str, within_s: float = _HEALTHY_WITHIN_S) -> None:
    """
    Ask the site how it is until it is well.

    Raises:
        AwsError: it is not, for five minutes; the message has its last answer.
    """
    ends_at, told = time.monotonic() + within_s, "nothing"
    while True:
        try:
            answer = requests.get(f"{site_url}/api/health", timeout=10)
            told = f"{answer.status_code} {answer.text[:300]}"
            if answer.ok and answer.json().get("status") == "ok":
                return
        except (requests.RequestException, ValueError) as error:
            told = type(error).__name__
        if time.monotonic() >= ends_at:
            raise AwsError(
                f"{site_url}/api/health is not well: {told}. The log groups begin with /plumbline/."
            )
        time.sleep(_PAUSE_S)
