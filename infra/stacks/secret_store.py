"""
The secrets of a stage: made here where nobody has to know them, filled in by a person where others issue
them.
"""

import json

from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.stacks.retention import data_removal
from infra.stages import Stage

UNFILLED = "to be filled in"
FROM_OTHERS = ("turnstile", "google")  # Cloudflare's secret key, and the service account's key as JSON
_LETTERS = 48


class SecretStore(Construct):
    """Every secret by its purpose. A generated one is letters and digits, so that it fits anywhere."""

    def __init__(self, scope: Construct, name: str, stage: Stage) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self.database_user = self._make(
            "database-user",
            "the product's user of the database",
            template=json.dumps({"username": "plumbline"}),
        )
        self.valkey = self._make("valkey", "Valkey's password")
        self.jwt = self._make("jwt", "signs tokens and keys the fingerprints")
        self.metrics = self._make("metrics", "what a scraper of /api/metrics shows")
        self.origin = self._make("origin", "what our CloudFront distribution shows to the API")
        self.others = secrets.Secret(
            self,
            "Others",
            secret_name=f"plumbline/{stage.name}/others",
            description=f"Plumbline {stage.name}: issued by others, filled in by a person",
            generate_secret_string=secrets.SecretStringGenerator(
                secret_string_template=json.dumps(dict.fromkeys(FROM_OTHERS, UNFILLED)),
                generate_string_key="unused",  # CloudFormation writes this once and never over what was put
            ),
            removal_policy=data_removal(stage),
        )

    def _make(self, purpose: str, description: str, template: str | None = None) -> secrets.Secret:
        return secrets.Secret(
            self,
            purpose.title().replace("-", ""),
            secret_name=f"plumbline/{self._stage.name}/{purpose}",
            description=f"Plumbline {self._stage.name}: {description}",
            generate_secret_string=secrets.SecretStringGenerator(
                exclude_punctuation=True,
                password_length=_LETTERS,
                secret_string_template=template,
                generate_string_key="password" if template else None,
            ),
            removal_policy=data_removal(self._stage),
        )

    @property
    def of_the_product(self) -> list[secrets.Secret]:
        """What every function reads when it starts."""
        return [self.database_user, self.valkey, self.jwt, self.metrics, self.origin, self.others]

    def other(self, key: str) -> str:
        """The name by which the product reads one secret that others issued."""
        return f"{self.others.secret_arn}#{key}"
