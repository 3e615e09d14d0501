"""What stands before the functions: API Gateway's own refusals, the firewall on paper, the site's headers."""

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.proof.rules import of_type
from local.cloud import site as home

pytestmark = pytest.mark.timeout(600)
Template = dict[str, Any]
_PROJECT = Path(__file__).parents[2]


def _gateway_responses(app: Template) -> dict[str, Any]:
    ((_, api),) = of_type(app, "AWS::ApiGateway::RestApi")
    found: dict[str, Any] = api["Body"]["x-amazon-apigateway-gateway-responses"]
    return found


def test_the_gateway_refuses_in_the_products_own_words(app: Template) -> None:
    responses = _gateway_responses(app)
    statuses = {int(each["statusCode"]) for each in responses.values()}
    assert {403, 404, 413, 429, 504} <= statuses
    for response in responses.values():
        text = response["responseTemplates"]["application/json"]
        for name, value in (("path", "/api/leads"), ("requestId", "c-1")):
            text = text.replace(f"$context.{name}", value)
        assert "$" not in text
        problem = json.loads(text)
        assert set(problem) == {"type", "title", "status", "detail", "instance", "code", "correlationId"}
        assert problem["type"] == f"/problems/{problem['code'].lower().replace('_', '-')}"
        assert problem["correlationId"] == "c-1"
        assert str(problem["status"]) == response["statusCode"]


def test_other_origins_pages_can_read_the_gateways_refusals(app: Template) -> None:
    for response in _gateway_responses(app).values():
        headers = {
            name.removeprefix("gatewayresponse.header."): value
            for name, value in response["responseParameters"].items()
        }
        assert headers["Content-Type"] == "'application/problem+json'"
        assert headers["Access-Control-Allow-Origin"] == "method.request.header.Origin"
        assert "Retry-After" in headers["Access-Control-Expose-Headers"]
        assert headers["Cache-Control"] == "'no-store'"
    for name in ("THROTTLED", "INTEGRATION_TIMEOUT"):
        assert "gatewayresponse.header.Retry-After" in _gateway_responses(app)[name]["responseParameters"]


def _verdict(app: Template, path: str, found: frozenset[str]) -> str:
    """
    What the firewall says of a request whose managed rules *found* something, rule by rule as AWS WAF does:
    an overridden rule only leaves its label, any other that matches blocks.
    """
    ((_, firewall),) = of_type(app, "AWS::WAFv2::WebACL")
    labels: set[str] = set()

    def holds(statement: Mapping[str, Any]) -> bool:
        ((kind, of),) = statement.items()
        if kind == "AndStatement":
            return all(holds(each) for each in of["Statements"])
        if kind == "NotStatement":
            return not holds(of["Statement"])
        if kind == "LabelMatchStatement":
            return of["Key"] in labels
        assert (kind, of["PositionalConstraint"]) == ("ByteMatchStatement", "STARTS_WITH")
        assert of["FieldToMatch"] == {"UriPath": {}}
        return path.startswith(of["SearchString"])

    for rule in sorted(firewall["Rules"], key=lambda rule: rule["Priority"]):
        managed = rule["Statement"].get("ManagedRuleGroupStatement")
        if managed is None:
            if holds(rule["Statement"]):
                return str(next(iter(rule["Action"]))).lower()
            continue
        counted = {each["Name"] for each in managed.get("RuleActionOverrides", [])}
        if managed["Name"] == "AWSManagedRulesCommonRuleSet":
            if found - counted:
                return "block"
            labels |= {
                f"awswaf:managed:aws:core-rule-set:{re.sub('_BODY$', '_Body', name)}" for name in found
            }
    return str(next(iter(firewall["DefaultAction"]))).lower()


_LARGE, _SCRIPT, _OTHER = "SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY"


@pytest.mark.parametrize(
    ("path", "found", "verdict"),
    [
        ("/api/leads", [_LARGE], "allow"),  # a 60 KiB lead in Vietnamese
        ("/api/leads", [_LARGE, _SCRIPT], "allow"),
        ("/api/leads", [_OTHER], "block"),
        ("/api/auth/login", [], "allow"),
        ("/api/auth/login", [_LARGE], "block"),
        ("/api/admin/webhooks", [_SCRIPT], "block"),
    ],
)
def test_size_and_scripts_only_count_for_leads(
    app: Template, path: str, found: list[str], verdict: str
) -> None:
    assert _verdict(app, path, frozenset(found)) == verdict


def test_the_firewall_stands_before_the_stage_that_is_deployed(app: Template) -> None:
    ((_, association),) = of_type(app, "AWS::WAFv2::WebACLAssociation")
    ((stage, _),) = of_type(app, "AWS::ApiGateway::Stage")
    assert {"Ref": stage} in association["ResourceArn"]["Fn::Join"][1]
    assert association["WebACLArn"]["Fn::GetAtt"][0] in dict(of_type(app, "AWS::WAFv2::WebACL"))


def _distribution(app: Template) -> dict[str, Any]:
    ((_, found),) = of_type(app, "AWS::CloudFront::Distribution")
    config: dict[str, Any] = found["DistributionConfig"]
    return config


def test_pages_have_the_headers_that_they_have_at_home(app: Template) -> None:
    ((name, policy),) = of_type(app, "AWS::CloudFront::ResponseHeadersPolicy")
    config = policy["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    content_policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert content_policy == home.PAGE_HEADERS["Content-Security-Policy"]
    scripts = content_policy.split("script-src")[1].split(";")[0]
    assert "unsafe-inline" not in scripts
    assert "frame-ancestors 'none'" in content_policy
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == home.PAGE_HEADERS["Referrer-Policy"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    (custom,) = config["CustomHeadersConfig"]["Items"]
    assert {custom["Header"]: custom["Value"]} == {
        "Permissions-Policy": home.PAGE_HEADERS["Permissions-Policy"]
    }
    assert _distribution(app)["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] == {"Ref": name}


def test_the_api_is_never_cached_and_learns_the_visitors_address(app: Template) -> None:
    (behaviour,) = _distribution(app)["CacheBehaviors"]
    assert behaviour["PathPattern"] == "/api/*"
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # Managed-CachingDisabled
    assert behaviour["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # all but Host
    (association,) = behaviour["FunctionAssociations"]
    code = app["Resources"][association["FunctionARN"]["Fn::GetAtt"][0]]["Properties"]["FunctionCode"]
    assert "headers['cloudfront-viewer-address'] = { value: event.viewer.ip" in code
    (api,) = (each for each in _distribution(app)["Origins"] if "CustomOriginConfig" in each)
    (secret,) = api["OriginCustomHeaders"]
    assert secret["HeaderName"].lower() == "x-plumbline-origin"
    assert "{{resolve:secretsmanager:" in json.dumps(secret["HeaderValue"])


def test_a_scraper_reaches_the_figures_by_the_sites_address(app: Template) -> None:
    """As infra/watch/prometheus.yml asks: the path goes to the API, with the bearer and without a cache."""
    (job,) = yaml.safe_load((_PROJECT / "infra/watch/prometheus.yml").read_text())["scrape_configs"]
    (behaviour,) = _distribution(app)["CacheBehaviors"]
    assert fnmatch(job["metrics_path"], behaviour["PathPattern"])
    assert job["scheme"] == "https" == behaviour["ViewerProtocolPolicy"].removesuffix("-only")
    assert "credentials_file" in job["authorization"]
    ((_, api),) = of_type(app, "AWS::ApiGateway::RestApi")
    assert "get" in api["Body"]["paths"][job["metrics_path"].removeprefix("/api")]
    # That all headers of a caller but Host are handed on, and nothing is kept, the test above has seen.
    demanded = {
        json.dumps(function["Environment"]["Variables"]["METRICS_TOKEN"])
        for _, function in of_type(app, "AWS::Lambda::Function")
    }
    assert len(demanded) == 1
    assert "Metrics" in demanded.pop(), "the token is the secret that operations.md reads"


def test_no_secret_stands_in_a_template(app: Template, data: Template) -> None:
    text = json.dumps([app, data])
    assert '"MasterUserPassword"' not in text
    for function in ("APIHandler", "SyncWorker"):
        variables = app["Resources"][function]["Properties"]["Environment"]["Variables"]
        assert "{{resolve" not in json.dumps(variables)  # CloudFormation would put the value in
