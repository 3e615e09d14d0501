"""Quantities of everything that is charged for, by the keys of `prices.json`."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cost import assumed, facts
from infra.package.target import PROJECT
from infra.stages import Stage

PRICES = Path(__file__).with_name("prices.json")
_MINUTES = assumed.HOURS_A_MONTH * 60
_GB = 1e9
_ALARMS, _WAF_RULES = "AWS::CloudWatch::Alarm", "waf rules"
_COMPRESSED = 0.15


@dataclass(frozen=True)
class Price:
    """One line of the price list."""

    service: str
    unit: str
    usd: float
    source: str


def prices() -> dict[str, Price]:
    """The price list."""
    listed = json.loads(PRICES.read_text(encoding="utf-8"))["prices"]
    return {key: Price(**line) for key, line in listed.items()}


def resources(*templates: Mapping[str, Any]) -> Counter[str]:
    """How many resources of each type there are; of an alarm, endpoint and firewall what is charged for."""
    found: Counter[str] = Counter()
    for template in templates:
        for resource in template["Resources"].values():
            kind, properties = resource["Type"], resource.get("Properties", {})
            if kind == _ALARMS:
                queries = [each for each in properties.get("Metrics", []) if "MetricStat" in each]
                found[kind] += len(queries) or 1
            elif kind == "AWS::EC2::VPCEndpoint":
                found[kind] += len(properties.get("SubnetIds", []))  # a gateway's are none, and free
            else:
                found[kind] += 1
            if kind == "AWS::WAFv2::WebACL":
                found[_WAF_RULES] += len(properties["Rules"])
    return found


def usage(stage: Stage, has: Counter[str], leads: int) -> dict[str, float]:
    """What *leads* in a month use of a stage that *has* these resources."""
    return standing(stage, has) | by_leads(stage, has, leads)


def standing(stage: Stage, has: Counter[str]) -> dict[str, float]:
    """What is charged for by the hour or the month, whoever comes."""
    hours = assumed.HOURS_A_MONTH
    return {
        "waf_acl": has["AWS::WAFv2::WebACL"],
        "waf_rule": has[_WAF_RULES],
        stage.cache_node: hours * (2 if stage.is_doubled else 1),
        "nat_hour": hours * has["AWS::EC2::NatGateway"],
        "address_hour": hours * has["AWS::EC2::EIP"],
        "endpoint_hour": hours * has["AWS::EC2::VPCEndpoint"],
        "alarm_month": has[_ALARMS],
        "dashboard_month": has["AWS::CloudWatch::Dashboard"],
        "secret_month": has["AWS::SecretsManager::Secret"] + 1,  # and the master user's, which RDS keeps
    }


def by_leads(stage: Stage, has: Counter[str], leads: int) -> dict[str, float]:
    """What grows with *leads*, with what is used of it at rest."""
    visits = leads * assumed.VISITS_A_LEAD
    reads = visits * assumed.READS_A_VISIT + leads * assumed.STAFF_CALLS_A_LEAD
    calls, jobs, runs = reads + leads, leads * facts.MESSAGES_A_LEAD, 2 * _MINUTES
    files = visits * assumed.FILES_A_VISIT
    api_gb, others_gb = _memory_gb("api_handler"), _memory_gb("email_worker")
    log_bytes = leads * facts.LOG_BYTES_A_LEAD + reads * facts.LOG_BYTES_A_READ
    log_bytes += _MINUTES * facts.LOG_BYTES_A_MINUTE + (calls + jobs + runs) * assumed.PLATFORM_LOG_BYTES
    units = _units(stage, leads)
    polls = has["AWS::Lambda::EventSourceMapping"] * assumed.POLLS_AT_REST_A_MINUTE * _MINUTES
    read_s, job_s = reads * assumed.READ_S + leads * assumed.LEAD_S, jobs * assumed.JOB_S
    return {
        "lambda_request": calls + jobs + runs,
        "lambda_gb_second": read_s * api_gb + (job_s + runs * assumed.SCHEDULE_S) * others_gb,
        "api_request": calls,
        "waf_request": calls,
        "edge_request": files + calls,
        "edge_function": files + calls,
        "edge_gb": visits * assumed.MEGABYTES_A_VISIT / 1000,
        "sqs_request": polls + 3 * jobs,  # sent, received, deleted
        "mail": leads,
        "aurora_unit_hour": units * assumed.HOURS_A_MONTH,
        "aurora_gb_month": leads * facts.ROW_BYTES_A_LEAD * assumed.INDEX_FACTOR / _GB,
        "aurora_io": leads * assumed.PAGES_WRITTEN_A_LEAD,
        "proxy_unit_hour": max(assumed.PROXY_LEAST_UNITS, units) * assumed.HOURS_A_MONTH,
        "nat_gb": leads * assumed.OUTGOING_BYTES_A_LEAD / _GB,
        "endpoint_gb": leads * assumed.ENDPOINT_BYTES_A_LEAD / _GB if stage.has_endpoints else 0,
        "log_gb": log_bytes / _GB,
        "log_gb_month": log_bytes / _GB * _COMPRESSED * stage.log_days / 30,
        "metric_month": facts.SERIES_AT_REST + (assumed.SERIES_IN_USE if leads else 0),
    }


def costs(used: Mapping[str, float]) -> dict[str, float]:
    """US dollars by service, in the order of the price list."""
    found: dict[str, float] = {}
    for key, price in prices().items():
        found[price.service] = found.get(price.service, 0) + used.get(key, 0) * price.usd
    return found


def _units(stage: Stage, leads: int) -> float:
    """Aurora's capacity on average, of all instances: what the load asks for, within the stage's limits."""
    cores = leads * assumed.DATABASE_CPU_S_A_LEAD / (assumed.HOURS_A_MONTH * 3600) * assumed.PEAK
    needed = cores / assumed.CORES_A_UNIT
    writer = min(max(needed, stage.database_capacity_min), stage.database_capacity_max)
    return writer * (2 if stage.is_doubled else 1)  # who takes over is kept as large as the writer


def _memory_gb(function: str) -> float:
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    megabytes = config["lambda_functions"][function].get("lambda_memory_size", config["lambda_memory_size"])
    return float(megabytes) / 1024
