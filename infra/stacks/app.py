"""The app stack: one version of the product, and what serves it."""

from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, CfnResource, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.stacks.api import STAGE_NAME, Api
from infra.stacks.data import DataStack
from infra.stacks.environment import variables
from infra.stacks.functions import Functions, timeouts_s
from infra.stacks.permissions import Resources
from infra.stacks.queues import Queues
from infra.stacks.retention import data_removal
from infra.stacks.site import Site
from infra.stages import Stage
from infra.watch.construct import Watch
from infra.watch.limit import Watched

_MIGRATIONS_TIMEOUT_S = 900


class AppStack(Stack):
    """Functions, queues, API, firewall, site, alert topic, export bucket, migrations."""

    def __init__(
        self, scope: Construct, stage: Stage, data: DataStack, archive: Path, version: str, **options: Any
    ) -> None:
        super().__init__(scope, f"{stage.prefix}-app", **options)
        queues = Queues(self, "Queues", stage, timeouts_s())
        topic = self._make_alert_topic(stage)
        functions = Functions(self, "Functions", stage, archive)
        api = Api(self, "Api", stage, functions.get_resource("RestAPI"))
        site = Site(self, "Site", stage, api.domain_name, data.secrets.origin)
        exports = self._make_export_bucket(stage, site.url)

        known = variables(
            stage,
            data,
            site_url=site.url,
            site_host=site.host,
            topic_arn=topic.topic_arn,
            bucket=exports.bucket_name,
        )
        known |= queues.environment()
        secrets = data.secrets
        functions.place(
            data.network,
            known,
            Resources(
                queues={name: pair.queue.queue_arn for name, pair in queues.pairs.items()},
                dead={name: pair.dead.queue_arn for name, pair in queues.pairs.items()},
                topic=topic.topic_arn,
                bucket=exports.bucket_arn,
                secrets=[each.secret_arn for each in secrets.of_the_product],
            ),
        )
        functions.feed(queues)
        functions.resources["APIHandler"].add_property_override(
            "ReservedConcurrentExecutions", stage.api_concurrency
        )
        self._watch(stage, data, api, functions, queues, topic)
        self.functions = functions
        self.exports_id = self.resolve(exports.bucket_name)["Ref"]
        self._migrate_first(functions, data, version)
        for name, value in {
            "SiteUrl": site.url,
            "SiteTarget": site.distribution.distribution_domain_name,
            "SiteBucket": site.bucket.bucket_name,
            "DistributionId": site.distribution.distribution_id,
            "TurnstileSiteKey": stage.turnstile_site_key,
        }.items():
            CfnOutput(self, name, value=value)

    def _make_alert_topic(self, stage: Stage) -> sns.Topic:
        """What wakes an engineer: functions publish by their roles, alarms by the topic's own policy."""
        topic = sns.Topic(self, "Alerts", topic_name=f"{stage.prefix}-alerts", enforce_ssl=True)
        topic.add_subscription(subscriptions.EmailSubscription(stage.alert_email))
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        return topic

    def _watch(
        self, stage: Stage, data: DataStack, api: Api, functions: Functions, queues: Queues, topic: sns.Topic
    ) -> None:
        watched = Watched(
            stage=stage.name,
            api_name=api.name,
            api_stage=STAGE_NAME,
            functions=functions.names,
            queues={name: pair.queue.queue_name for name, pair in queues.pairs.items()},
            dead_letter_queues={name: pair.dead.queue_name for name, pair in queues.pairs.items()},
            proxy_name=data.database.proxy_name,
            cluster_id=data.database.cluster_id,
            cache_nodes=data.valkey.nodes,
        )
        Watch(self, "Watch", stage, watched, topic)

    def _make_export_bucket(self, stage: Stage, site_url: str) -> s3.Bucket:
        """Large exports; nothing in it is older than two days, and only the site's pages may fetch it."""
        return s3.Bucket(
            self,
            "Exports",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            removal_policy=data_removal(stage),
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(1), abort_incomplete_multipart_upload_after=Duration.days(1)
                )
            ],
            cors=[s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=[site_url])],
        )

    def _migrate_first(self, functions: Functions, data: DataStack, version: str) -> None:
        """
        Let the new version's migrations run before any function of it replaces the old one.

        The function that runs them is the new zip's own. Where they fail, CloudFormation takes everything
        back, and the old version has served all the time.
        """
        runner = functions.resources["Migrate"]
        runner.add_property_override(
            "Environment.Variables.MIGRATION_DATABASE_URL", data.database.migrations_url
        )
        functions.allow_secret("Migrate", data.database.migrations_secret_arn)
        done = CfnResource(
            self,
            "Migrations",
            type="Custom::Migrations",
            properties={
                "ServiceToken": runner.get_att("Arn").to_string(),
                "ServiceTimeout": _MIGRATIONS_TIMEOUT_S,
                "Version": version,
            },
        )
        functions.wait_for(done, but="migrate")
