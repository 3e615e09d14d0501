"""The data stack: what outlives every version is encrypted, kept, doubled, and reached by functions alone."""

from typing import Any

import pytest

from infra.proof.rules import of_type
from infra.proof.synthesis import Templates

pytestmark = pytest.mark.timeout(600)
Template = dict[str, Any]


def _one(template: Template, kind: str) -> dict[str, Any]:
    ((_, found),) = of_type(template, kind)
    return dict(found)


def test_the_database_is_encrypted_kept_and_backed_up(data: Template) -> None:
    cluster = _one(data, "AWS::RDS::DBCluster")
    assert cluster["StorageEncrypted"] is True
    assert cluster["DeletionProtection"] is True
    assert cluster["BackupRetentionPeriod"] == 35
    assert cluster["ManageMasterUserPassword"] is True
    assert len(list(of_type(data, "AWS::RDS::DBInstance"))) == 2
    (resource,) = (each for each in data["Resources"].values() if each["Type"] == "AWS::RDS::DBCluster")
    assert resource["DeletionPolicy"] == "Retain"


def test_the_fleet_shares_fifty_connections_and_waits_thirty_seconds_for_one(data: Template) -> None:
    pool = _one(data, "AWS::RDS::DBProxyTargetGroup")["ConnectionPoolConfigurationInfo"]
    parameters = _one(data, "AWS::RDS::DBClusterParameterGroup")["Parameters"]
    assert int(parameters["max_connections"]) * pool["MaxConnectionsPercent"] // 100 == 50
    assert pool["ConnectionBorrowTimeout"] == 30
    assert parameters["rds.force_ssl"] == "1"
    assert _one(data, "AWS::RDS::DBProxy")["RequireTLS"] is True


def test_valkey_has_one_primary_tls_a_password_and_forgets_by_lifetime(data: Template) -> None:
    group = _one(data, "AWS::ElastiCache::ReplicationGroup")
    assert group["Engine"] == "valkey"
    assert group["TransitEncryptionEnabled"] is True
    assert group["AtRestEncryptionEnabled"] is True
    assert "NumNodeGroups" not in group
    assert (group["NumCacheClusters"], group["AutomaticFailoverEnabled"]) == (2, True)
    assert "{{resolve:secretsmanager:" in str(group["AuthToken"])
    assert _one(data, "AWS::ElastiCache::ParameterGroup")["Properties"] == {
        "maxmemory-policy": "volatile-ttl"
    }


def test_nothing_comes_in_from_the_internet(data: Template) -> None:
    rules = [rule for _, rule in of_type(data, "AWS::EC2::SecurityGroupIngress")]
    for _, group in of_type(data, "AWS::EC2::SecurityGroup"):
        rules += group.get("SecurityGroupIngress", [])
    assert rules
    assert [rule for rule in rules if "CidrIp" in rule or "CidrIpv6" in rule] == []


def test_data_have_no_way_out_and_functions_have_one_in_each_zone(data: Template) -> None:
    routes = [route for _, route in of_type(data, "AWS::EC2::Route")]
    assert sum("NatGatewayId" in route for route in routes) == 2
    zones = {subnet["AvailabilityZone"] for _, subnet in of_type(data, "AWS::EC2::Subnet")}
    assert zones == {"ap-southeast-1a", "ap-southeast-1b"}
    endpoints = [str(each["ServiceName"]) for _, each in of_type(data, "AWS::EC2::VPCEndpoint")]
    for service in ("s3", "sqs", "sns", "secretsmanager"):
        assert any(service in name for name in endpoints), service


def test_a_small_stage_is_cheap_and_goes_with_all_it_holds(written: dict[str, Templates]) -> None:
    template = written["dev"].data()
    assert len(list(of_type(template, "AWS::EC2::NatGateway"))) == 1
    assert len(list(of_type(template, "AWS::RDS::DBInstance"))) == 1
    assert len(list(of_type(template, "AWS::EC2::VPCEndpoint"))) == 1
    assert _one(template, "AWS::RDS::DBCluster")["DeletionProtection"] is False


def test_buckets_are_private_encrypted_and_take_tls_only(written: dict[str, Templates]) -> None:
    app = written["prod"].app()
    buckets = dict(of_type(app, "AWS::S3::Bucket"))
    assert len(buckets) == 2
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["BucketEncryption"]
    refused = [
        policy["Bucket"]["Ref"]
        for _, policy in of_type(app, "AWS::S3::BucketPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    assert set(refused) == set(buckets)


def test_exports_end_after_a_day_and_only_the_site_may_fetch_them(written: dict[str, Templates]) -> None:
    (exports,) = (
        bucket
        for name, bucket in of_type(written["prod"].app(), "AWS::S3::Bucket")
        if name.startswith("Exports")
    )
    (rule,) = exports["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 1
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    (cors,) = exports["CorsConfiguration"]["CorsRules"]
    assert (cors["AllowedMethods"], cors["AllowedOrigins"]) == (["GET"], ["https://www.example.com"])
