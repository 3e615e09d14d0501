"""
What CloudFormation would make of a template's values, with the parts of this machine in AWS's place: secrets
are really in (the emulator's) Secrets Manager, queues have their addresses, database and Valkey ours.
"""

import json
from collections.abc import Mapping
from typing import Any

import boto3

from infra.proof.synthesis import Templates
from local.stack import Stack
from local.stack.ministack import ACCOUNT, BUCKET, REGION, queue_url, topic_arn

PRODUCT_USER = "product_of_the_template"


class DeployedHere:
    """One stage's templates as if they had been deployed to the parts of *stack*."""

    def __init__(self, templates: Templates, stack: Stack, aws_port: int | None = None) -> None:
        self._aws_port = aws_port or stack.ports["ministack"]
        self._data, self.app = templates.data(), templates.app()
        self._stack = stack
        self._vault = boto3.client(
            "secretsmanager",
            endpoint_url=f"http://127.0.0.1:{stack.ports['ministack']}",
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        self.secrets: dict[str, str] = {}
        self._arns: dict[str, str] = {}
        self._exports = {
            each["Export"]["Name"]: each["Value"]
            for each in self._data["Outputs"].values()
            if "Export" in each
        }

    def variables(self, function: str) -> dict[str, str]:
        """The environment of a function, by its logical id: the template's variables, and nothing else."""
        given = self.app["Resources"][function]["Properties"]["Environment"]["Variables"]
        return {name: self._here(name, self.value(written)) for name, written in given.items()}

    def _here(self, name: str, value: str) -> str:
        """The one thing that is different at home: ports, and no TLS within this machine."""
        ports = self._stack.ports
        if name.endswith("DATABASE_URL"):
            assert value.startswith("postgresql://{arn:aws:secretsmanager:"), value
            assert "sslmode=require" in value
            return value.replace(":5432/", f":{ports['postgres']}/").replace("=require", "=prefer")
        if name == "REDIS_URL":
            assert value.startswith("rediss://:{arn:aws:secretsmanager:"), value
            return f"redis://127.0.0.1:{ports['valkey']}/0"
        return value

    def value(self, written: Any) -> str:
        """A value of the app's template, resolved."""
        if not isinstance(written, Mapping):
            return str(written)
        ((function, of),) = written.items()
        if function == "Fn::Join":
            return str(of[0]).join(self.value(part) for part in of[1])
        if function == "Fn::ImportValue":
            return self._data_value(self._exports[of])
        return self._app_value(of if function == "Ref" else of[0])

    def _app_value(self, name: str) -> str:
        resource = self.app["Resources"][name]
        kind = resource["Type"]
        if kind == "AWS::SQS::Queue":
            _, _, local = resource["Properties"]["QueueName"].split("-", 2)
            return queue_url(self._aws_port, f"plumbline-{local}")
        return {"AWS::SNS::Topic": topic_arn(), "AWS::S3::Bucket": BUCKET}[kind]

    def _data_value(self, written: Mapping[str, Any]) -> str:
        name = written.get("Ref") or written["Fn::GetAtt"][0]
        kind = self._data["Resources"][name]["Type"]
        if kind == "AWS::SecretsManager::Secret":
            return self._secret(name, self._generate(self._data["Resources"][name]["Properties"]))
        if kind == "AWS::RDS::DBCluster" and "MasterUserSecret" in str(written):
            user, password = self._owner()
            return self._secret(name, json.dumps({"username": user, "password": password}))
        assert kind in ("AWS::RDS::DBProxy", "AWS::RDS::DBCluster", "AWS::ElastiCache::ReplicationGroup")
        return "127.0.0.1"

    def _owner(self) -> tuple[str, str]:
        user, _, password = self._stack.database_url.split("//")[1].split("@")[0].partition(":")
        return user, password

    def _generate(self, properties: Mapping[str, Any]) -> str:
        """What Secrets Manager makes of `GenerateSecretString`, with what a person fills in."""
        wanted = properties["GenerateSecretString"]
        text = "Ab1" * (wanted.get("PasswordLength", 32) // 3)
        if "SecretStringTemplate" not in wanted:
            return str(text)
        document: dict[str, str] = json.loads(wanted["SecretStringTemplate"]) | {
            wanted["GenerateStringKey"]: text
        }
        environment = self._stack.environment
        if "google" in document:
            document["google"] = environment["GOOGLE_CREDENTIALS"]
            document["turnstile"] = environment["TURNSTILE_SECRET_KEY"]
        if "username" in document:
            document["username"] = PRODUCT_USER
        return json.dumps(document)

    def _secret(self, name: str, value: str) -> str:
        if name not in self._arns:
            made = self._vault.create_secret(Name=f"template/{name}", SecretString=value)
            self._arns[name] = str(made["ARN"])
            self.secrets[name] = value
        assert self._arns[name].split(":")[4] == ACCOUNT
        return self._arns[name]
