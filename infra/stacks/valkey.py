"""
ElastiCache for Valkey: one primary with cluster mode off, TLS, a password, `volatile-ttl`.

Everything in it may vanish at any instant, so nothing of it is backed up.
"""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.stacks.network import Network
from infra.stages import Stage

PORT = 6379
_VERSION = "8.0"


class Valkey(Construct):
    """The replication group, and the address that the functions are given."""

    def __init__(
        self, scope: Construct, name: str, stage: Stage, network: Network, password: secrets.Secret
    ) -> None:
        super().__init__(scope, name)
        self._password = password
        group = network.group("ValkeyGroup", "Valkey: functions come in")
        group.add_ingress_rule(network.functions, ec2.Port.tcp(PORT), "functions")
        places = elasticache.CfnSubnetGroup(
            self,
            "Subnets",
            description="Plumbline's data",
            subnet_ids=network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
        )
        parameters = elasticache.CfnParameterGroup(
            self,
            "Parameters",
            cache_parameter_group_family="valkey8",
            description="Plumbline: what has a lifetime makes room, soonest first",
            properties={"maxmemory-policy": "volatile-ttl"},
        )
        self._group = elasticache.CfnReplicationGroup(
            self,
            "Group",
            replication_group_id=stage.prefix,
            replication_group_description=f"Plumbline {stage.name}: fast, and may vanish at any instant",
            engine="valkey",
            engine_version=_VERSION,
            cache_node_type=stage.cache_node,
            num_cache_clusters=2 if stage.is_doubled else 1,
            automatic_failover_enabled=stage.is_doubled,
            multi_az_enabled=stage.is_doubled,
            cache_parameter_group_name=parameters.ref,
            cache_subnet_group_name=places.ref,
            security_group_ids=[group.security_group_id],
            port=PORT,
            at_rest_encryption_enabled=True,
            transit_encryption_enabled=True,
            auth_token=password.secret_value.unsafe_unwrap(),  # a reference; CloudFormation looks it up
            snapshot_retention_limit=0,
            auto_minor_version_upgrade=True,
        )
        # ElastiCache's names of the nodes, by which CloudWatch knows their figures.
        self.nodes = [f"{stage.prefix}-00{number}" for number in range(1, 3 if stage.is_doubled else 2)]

    @property
    def url(self) -> str:
        """What the functions connect to; the braces name a secret."""
        return (
            f"rediss://:{{{self._password.secret_arn}}}@{self._group.attr_primary_end_point_address}:{PORT}/0"
        )
