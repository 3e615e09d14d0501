"""
Aurora PostgreSQL Serverless v2, and RDS Proxy in front of it.

The master user is for migrations alone, and RDS rotates its password each week; the product's user, which
the migrations make, comes through the proxy. All containers together get `database_connections` of the
server; whoever finds all of them in use waits, 30 seconds at most.
"""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.stacks.network import Network
from infra.stacks.retention import data_removal
from infra.stages import BORROW_TIMEOUT_S, CONTAINER_CONNECTIONS, Stage

NAME = "plumbline"
PORT = 5432
# The proxy may open this share of what the server takes; the rest is for migrations and people.
_PROXYS_PERCENT = 50
_VERSION = "17.7"


class Database(Construct):
    """The cluster, its proxy, and the addresses that the functions are given."""

    def __init__(
        self, scope: Construct, name: str, stage: Stage, network: Network, user: secrets.Secret
    ) -> None:
        super().__init__(scope, name)
        self._user = user
        group = network.group("DatabaseGroup", "The database: the proxy and migrations come in")
        proxy_group = network.group("ProxyGroup", "The proxy: functions come in, the database is beyond")
        group.add_ingress_rule(proxy_group, ec2.Port.tcp(PORT), "the proxy")
        group.add_ingress_rule(network.functions, ec2.Port.tcp(PORT), "migrations")
        proxy_group.add_ingress_rule(network.functions, ec2.Port.tcp(PORT), "functions")
        proxy_group.add_egress_rule(group, ec2.Port.tcp(PORT), "the database")
        subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids
        self._cluster = self._make_cluster(stage, subnets, group)
        self._add_instances(stage)
        self._proxy = self._make_proxy(stage, subnets, proxy_group)
        self.cluster_id = self._cluster.ref
        self.proxy_name = self._proxy.ref

    def _make_cluster(self, stage: Stage, subnets: list[str], group: ec2.ISecurityGroup) -> rds.CfnDBCluster:
        parameters = rds.CfnDBClusterParameterGroup(
            self,
            "Parameters",
            family="aurora-postgresql17",
            description="Plumbline: TLS only, and as many connections as the proxy's share asks for",
            parameters={
                "rds.force_ssl": "1",
                "max_connections": str(stage.database_connections * 100 // _PROXYS_PERCENT),
            },
        )
        places = rds.CfnDBSubnetGroup(
            self, "Subnets", db_subnet_group_description="Plumbline's data", subnet_ids=subnets
        )
        cluster = rds.CfnDBCluster(
            self,
            "Cluster",
            engine="aurora-postgresql",
            engine_version=_VERSION,
            database_name=NAME,
            port=PORT,
            master_username="migrations",
            manage_master_user_password=True,
            db_cluster_parameter_group_name=parameters.ref,
            db_subnet_group_name=places.ref,
            vpc_security_group_ids=[group.security_group_id],
            serverless_v2_scaling_configuration=rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
                min_capacity=stage.database_capacity_min, max_capacity=stage.database_capacity_max
            ),
            storage_encrypted=True,
            backup_retention_period=stage.backup_days,
            preferred_backup_window="18:00-18:30",  # UTC: the night of Vietnam
            preferred_maintenance_window="sun:19:00-sun:19:30",
            copy_tags_to_snapshot=True,
            deletion_protection=stage.is_kept,
            enable_cloudwatch_logs_exports=["postgresql"],
        )
        cluster.apply_removal_policy(data_removal(stage))
        return cluster

    def _add_instances(self, stage: Stage) -> None:
        for name in ("First", "Second")[: 2 if stage.is_doubled else 1]:
            rds.CfnDBInstance(
                self,
                name,
                engine="aurora-postgresql",
                db_cluster_identifier=self._cluster.ref,
                db_instance_class="db.serverless",
                publicly_accessible=False,
                auto_minor_version_upgrade=True,
                enable_performance_insights=True,
            )

    def _make_proxy(self, stage: Stage, subnets: list[str], group: ec2.ISecurityGroup) -> rds.CfnDBProxy:
        role = iam.Role(self, "ProxyRole", assumed_by=iam.ServicePrincipal("rds.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[self._user.secret_arn])
        )
        proxy = rds.CfnDBProxy(
            self,
            "Proxy",
            db_proxy_name=stage.prefix,
            engine_family="POSTGRESQL",
            auth=[
                rds.CfnDBProxy.AuthFormatProperty(
                    auth_scheme="SECRETS", secret_arn=self._user.secret_arn, iam_auth="DISABLED"
                )
            ],
            role_arn=role.role_arn,
            require_tls=True,
            idle_client_timeout=1800,
            vpc_subnet_ids=subnets,
            vpc_security_group_ids=[group.security_group_id],
            tags=[rds.CfnDBProxy.TagFormatProperty(key="stage", value=stage.name)],
        )
        targets = rds.CfnDBProxyTargetGroup(
            self,
            "ProxyTargets",
            db_proxy_name=proxy.ref,
            target_group_name="default",
            db_cluster_identifiers=[self._cluster.ref],
            connection_pool_configuration_info=rds.CfnDBProxyTargetGroup.ConnectionPoolConfigurationInfoFormatProperty(
                max_connections_percent=_PROXYS_PERCENT,
                max_idle_connections_percent=_PROXYS_PERCENT // 2,
                connection_borrow_timeout=BORROW_TIMEOUT_S,
            ),
        )
        targets.node.add_dependency(self.node.find_child("First"))
        return proxy

    @property
    def url(self) -> str:
        """What functions connect to; the braces name fields of secrets (`platform.secret_values`)."""
        return (
            f"postgresql://{{{self._user.secret_arn}#username}}:{{{self._user.secret_arn}#password}}"
            f"@{self._proxy.attr_endpoint}:{PORT}/{NAME}"
            f"?sslmode=require&connection_limit={CONTAINER_CONNECTIONS}&pool_timeout={BORROW_TIMEOUT_S}"
        )

    @property
    def migrations_secret_arn(self) -> str:
        """The secret with the master user's name and password, which RDS keeps and rotates."""
        return str(self._cluster.attr_master_user_secret_secret_arn)

    @property
    def migrations_url(self) -> str:
        """What migrations connect to: the cluster itself."""
        secret = self.migrations_secret_arn
        return (
            f"postgresql://{{{secret}#username}}:{{{secret}#password}}"
            f"@{self._cluster.attr_endpoint_address}:{PORT}/{NAME}?sslmode=require"
        )
