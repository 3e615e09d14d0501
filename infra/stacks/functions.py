"""
The functions: what Chalice declares of `app.py`, from the zip that `make package` made and checked.

`chalice.cdk` would package anew, with pip and without bytecode; only Chalice's description is taken here.
What CloudFormation is told beyond it (roles, network, logs, variables, queues) is put over that.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from chalice.cdk import Chalice
from chalice.cli.factory import CLIFactory
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder
from chalice.deploy.deployer import BaseDeployStep, BuildStage, InjectDefaults, SwaggerBuilder
from chalice.deploy.swagger import CFNSwaggerGenerator
from chalice.package import PackageOptions, ResourceBuilder, SAMTemplateGenerator
from constructs import Construct

from infra.package.target import PROJECT
from infra.stacks import permissions
from infra.stacks.network import Network
from infra.stacks.queues import QUEUES, Queues
from infra.stacks.retention import days_of
from infra.stages import Stage

API = "api_handler"
_API_RESOURCE = "APIHandler"  # Chalice's name of it in templates


class _NoPackager(BaseDeployStep):
    """Chalice's step that would build a zip."""

    def handle_deploymentpackage(self, _config: Any, resource: Any) -> None:
        """Give the zip a name that is replaced by the asset's later."""
        resource.filename = "deployment.zip"


class _Principals(PackageOptions):
    """The names of AWS's services, which Chalice would look up for a region."""

    def __init__(self) -> None:
        """Ask nobody: what Chalice wants a client for is answered below."""

    def service_principal(self, service: str) -> str:
        """The same in all regions that are not China's."""
        return f"{service}.amazonaws.com"


class Functions(Chalice):
    """Every function and the API, by the names that `app.py` gives them (`names` has what AWS calls them)."""

    def __init__(self, scope: Construct, name: str, stage: Stage, archive: Path) -> None:
        self._stage = stage
        self._archive = archive
        super().__init__(scope, name, source_dir=str(PROJECT))
        self.resources = {key: self.get_resource(key) for key in self._described}
        self._roles: dict[str, iam.Role] = {}
        self.names = {
            _python_name(key): f"{stage.prefix}-{_python_name(key).replace('_', '-')}"
            for key in self.resources
        }

    def _package_app(self) -> None:
        """Write what `chalice package` would, with the zip that we have."""
        config = CLIFactory(str(PROJECT), environ=os.environ).create_config_obj(
            self._stage.name, user_provided_params={"manage_iam_role": False, "iam_role_arn": "replaced"}
        )
        build = BuildStage([InjectDefaults(), _NoPackager(), SwaggerBuilder(CFNSwaggerGenerator())])
        resources = ResourceBuilder(ApplicationGraphBuilder(), DependencyBuilder(), build)
        template = SAMTemplateGenerator(config, _Principals()).generate(
            resources.construct_resources(config, self._stage.name)
        )
        template = json.loads(self._by_name(json.dumps(template)))
        self._described = [
            key for key, each in template["Resources"].items() if each["Type"] == "AWS::Serverless::Function"
        ]
        folder = Path(self._sam_package_dir)
        folder.mkdir(parents=True)
        (folder / "sam.json").write_text(json.dumps(template))
        shutil.copyfile(self._archive, folder / "deployment.zip")

    def _by_name(self, template: str) -> str:
        """
        Let the API call its function by name instead of by reference.

        Functions know the site's address, the site knows the API's; so the API must not wait for functions.
        """
        name = f"{self._stage.prefix}-{API.replace('_', '-')}"
        arn = f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{name}"
        return template.replace(f"${{{_API_RESOURCE}.Arn}}", arn)

    def place(self, network: Network, environment: Mapping[str, str], known: permissions.Resources) -> None:
        """Give every function its name, role, network, log and variables."""
        subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS).subnet_ids
        for key, resource in self.resources.items():
            name = self.names[_python_name(key)]
            log = logs.LogGroup(
                self,
                f"{key}Log",
                log_group_name=f"/plumbline/{self._stage.name}/{name.removeprefix(self._stage.prefix)[1:]}",
                retention=days_of(self._stage.log_days),
                removal_policy=RemovalPolicy.DESTROY,
            )
            role = self._make_role(key, log, known)
            resource.add_property_override("FunctionName", name)
            resource.add_property_override("Role", role.role_arn)
            resource.add_property_override("LoggingConfig", {"LogGroup": log.log_group_name})
            resource.add_property_override("Environment.Variables", dict(environment))
            resource.add_property_override(
                "VpcConfig",
                {"SubnetIds": subnets, "SecurityGroupIds": [network.functions.security_group_id]},
            )
            # Its permissions, too, must be there first: Lambda makes the network interfaces at once.
            resource.node.add_dependency(role.node.find_child("DefaultPolicy"))

    def _make_role(self, key: str, log: logs.LogGroup, known: permissions.Resources) -> iam.Role:
        role = iam.Role(self, f"{key}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        statements = permissions.every_function(log.log_group_arn, known)
        statements += permissions.own(_python_name(key), Stack.of(self), self._stage, known)
        for statement in statements:
            role.add_to_policy(statement)
        self._roles[key] = role
        return role

    def allow_secret(self, key: str, arn: str) -> None:
        """Let one function read one secret more."""
        statement = iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[arn])
        self._roles[key].add_to_policy(statement)

    def feed(self, queues: Queues) -> None:
        """Hang every worker on its queue, with partial replies and a bound on its containers."""
        for queue, most in self._stage.worker_concurrency.items():
            worker = f"{queue.title()}Worker"
            source = f"Events.{worker}SqsEventSource.Properties"
            resource = self.resources[worker]
            resource.add_property_override(f"{source}.Queue", queues.pairs[queue].queue.queue_arn)
            resource.add_property_override(f"{source}.FunctionResponseTypes", ["ReportBatchItemFailures"])
            resource.add_property_override(f"{source}.ScalingConfig", {"MaximumConcurrency": most})

    def wait_for(self, first: CfnResource, but: str) -> None:
        """Change no function before *first* is done, except the one that does it."""
        for key, resource in self.resources.items():
            if _python_name(key) != but:
                resource.node.add_dependency(first)


def _python_name(key: str) -> str:
    """Chalice's resource name as `app.py` has it: `SyncWorker` is `sync_worker`."""
    if key == _API_RESOURCE:
        return API
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key).lstrip("_")


def timeouts_s() -> dict[str, int]:
    """Each queue's function timeout, as `.chalice/config.json` has it."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    return {queue: config["lambda_functions"][f"{queue}_worker"]["lambda_timeout"] for queue in QUEUES}
