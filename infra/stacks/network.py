"""The network: two zones, public subnets for the way out, private ones for functions and for data."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.stacks.retention import days_of
from infra.stages import Stage

# Functions speak to these; the way out is for what is not AWS's (Turnstile, Google, webhooks' receivers).
_ENDPOINTS = {
    "Sqs": ec2.InterfaceVpcEndpointAwsService.SQS,
    "Sns": ec2.InterfaceVpcEndpointAwsService.SNS,
    "Secrets": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
}


class Network(Construct):
    """
    The VPC, and the security group of all functions.

    A webhook's receiver may be anywhere, so what goes out has no list of addresses; nothing comes in.
    """

    def __init__(self, scope: Construct, name: str, stage: Stage) -> None:
        super().__init__(scope, name)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.20.0.0/16"),
            max_azs=2,
            nat_gateways=2 if stage.is_doubled else 1,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                ec2.SubnetConfiguration(
                    name="Functions", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20
                ),
                ec2.SubnetConfiguration(
                    name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
                ),
            ],
        )
        refused = logs.LogGroup(
            self,
            "RefusedTraffic",
            retention=days_of(stage.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.vpc.add_flow_log(
            "FlowLog",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(refused),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )
        self.functions = ec2.SecurityGroup(
            self, "FunctionsGroup", vpc=self.vpc, description="Functions of Plumbline: nothing comes in"
        )
        self.functions_subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
        self.data_subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        if stage.has_endpoints:
            for each, service in _ENDPOINTS.items():
                self._add_endpoint(each, service)

    def _add_endpoint(self, name: str, service: ec2.InterfaceVpcEndpointAwsService) -> None:
        group = self.group(f"{name}EndpointGroup", f"What functions ask of {name}")
        group.add_ingress_rule(self.functions, ec2.Port.tcp(443), "functions")
        self.vpc.add_interface_endpoint(
            f"{name}Endpoint",
            service=service,
            subnets=self.functions_subnets,
            security_groups=[group],
            open=False,
        )

    def group(self, name: str, description: str) -> ec2.SecurityGroup:
        """A security group that lets nothing out by itself."""
        return ec2.SecurityGroup(self, name, vpc=self.vpc, description=description, allow_all_outbound=False)
