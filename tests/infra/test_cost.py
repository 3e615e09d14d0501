"""The cost table: every price is used and says where it is from, and figures follow from what there is."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cost import assumed
from infra.cost.__main__ import COMMAND, DOCUMENT, STAGES, report
from infra.cost.model import PRICES, costs, prices, resources, usage
from infra.proof.synthesis import Templates
from infra.stages import load
from infra.tables import held_by

pytestmark = pytest.mark.timeout(600)
PROD = load("prod")


def test_the_document_holds_what_the_command_prints(written: Mapping[str, Templates]) -> None:
    assert held_by(DOCUMENT, COMMAND) == report([written[stage] for stage in STAGES])


def test_every_price_is_used_and_whatever_is_used_has_one(written: Mapping[str, Templates]) -> None:
    used: set[str] = set()
    for name, each in written.items():
        used |= set(usage(load(name), resources(each.data(), each.app()), 1000))
    assert used == set(prices())


def test_every_price_says_whether_it_was_seen_or_is_remembered() -> None:
    for key, price in prices().items():
        assert price.usd > 0, key
        assert price.source.startswith(("seen", "remembered")), key


def test_what_stands_is_counted_in_the_templates(app: dict[str, Any], data: dict[str, Any]) -> None:
    before = usage(PROD, resources(data, app), 0)
    assert before["nat_hour"] == 2 * assumed.HOURS_A_MONTH
    assert before["endpoint_hour"] == 6 * assumed.HOURS_A_MONTH, "three services in two zones; S3's is free"
    gateway = next(key for key, each in data["Resources"].items() if each["Type"] == "AWS::EC2::NatGateway")
    fewer = {"Resources": {key: each for key, each in data["Resources"].items() if key != gateway}}
    after = usage(PROD, resources(fewer, app), 0)
    assert costs(before)["Network"] - costs(after)["Network"] == pytest.approx(730 * 0.059)


def test_the_database_costs_its_least_at_rest_and_no_more_than_its_most() -> None:
    hours, unit_usd = assumed.HOURS_A_MONTH, prices()["aurora_unit_hour"].usd
    has = resources()
    assert costs(usage(PROD, has, 0))["Aurora"] == pytest.approx(2 * 1.0 * hours * unit_usd)
    small = replace(PROD, is_doubled=False, database_capacity_min=0.5)
    assert costs(usage(small, has, 0))["Aurora"] == pytest.approx(0.5 * hours * unit_usd)
    assert usage(PROD, has, 10**12)["aurora_unit_hour"] == 2 * PROD.database_capacity_max * hours


@given(leads=st.integers(0, 10**8), more=st.integers(1, 10**8))
def test_more_leads_make_nothing_cheaper(leads: int, more: int) -> None:
    few, many = (costs(usage(PROD, resources(), count)) for count in (leads, leads + more))
    assert all(few[service] <= many[service] for service in few)


def test_the_prices_are_those_of_the_stages_region() -> None:
    listed = json.loads(PRICES.read_text(encoding="utf-8"))
    assert {load(stage).region for stage in STAGES} == {listed["region"]}
