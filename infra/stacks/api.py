"""
The API beyond its routes: a regional endpoint behind the site, its own refusals, throttling, its access log,
the firewall.
"""

import json
from typing import Any

from aws_cdk import CfnResource, Fn, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from chalicelib.platform import errors
from infra.stacks.firewall import Firewall
from infra.stacks.retention import days_of
from infra.stages import Stage

API_LOG_POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
STAGE_NAME = "api"  # the first part of every path, as at home

# What API Gateway and the firewall answer by themselves: its name for it, ours, and a sentence.
_GATEWAYS_OWN = {
    "MISSING_AUTHENTICATION_TOKEN": (
        errors.REFUSALS[errors.NotFound],
        "There is no such address, or it does not take this method.",
    ),
    "RESOURCE_NOT_FOUND": (errors.REFUSALS[errors.NotFound], "There is no such address."),
    "ACCESS_DENIED": (errors.REFUSALS[errors.Forbidden], "This is not allowed."),
    "WAF_FILTERED": (
        errors.REFUSALS[errors.Forbidden],
        "The firewall refused this request; please write it in other words, or call us.",
    ),
    "REQUEST_TOO_LARGE": (errors.REFUSALS[errors.PayloadTooLarge], "The body is too large."),
    "UNSUPPORTED_MEDIA_TYPE": (
        errors.REFUSALS[errors.UnsupportedMediaType],
        "This media type is not read here.",
    ),
    "THROTTLED": (errors.REFUSALS[errors.RateLimited], "Too many requests at once; please try again."),
    "QUOTA_EXCEEDED": (errors.REFUSALS[errors.RateLimited], "Too many requests; please try again later."),
    "INTEGRATION_TIMEOUT": (
        errors.REFUSALS[errors.ServiceUnavailable]._replace(status=504),
        "There was no answer in time; please try again with the same Idempotency-Key.",
    ),
    "INTEGRATION_FAILURE": (
        errors.INTERNAL_ERROR._replace(status=502),
        "Something went wrong on our side; please try again with the same Idempotency-Key.",
    ),
    "DEFAULT_4XX": (errors.REFUSALS[errors.BadRequest], "The request cannot be read."),
    "DEFAULT_5XX": (errors.INTERNAL_ERROR, "Something went wrong on our side; please try again."),
}
_HEADERS = {
    "Content-Type": "'application/problem+json'",
    "Cache-Control": "'no-store'",
    "X-Content-Type-Options": "'nosniff'",
    "Referrer-Policy": "'strict-origin-when-cross-origin'",
    "Strict-Transport-Security": "'max-age=31536000; includeSubDomains'",
    "X-Correlation-Id": "context.requestId",
    # Refusals hold nothing, so every page may read them, also one that sent its cookies.
    "Access-Control-Allow-Origin": "method.request.header.Origin",
    "Access-Control-Allow-Credentials": "'true'",
    "Access-Control-Expose-Headers": "'Retry-After, X-Correlation-Id'",
    "Vary": "'Origin'",
}
_LOGGED = {
    "requestId": "$context.requestId",
    "route": "$context.resourcePath",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "refusedAs": "$context.error.responseType",
    "latencyMs": "$context.responseLatency",
    "functionMs": "$context.integration.latency",
    "wafStatus": "$context.waf.status",
}


class Api(Construct):
    """What is put over Chalice's description of the API in *resource*."""

    def __init__(self, scope: Construct, name: str, stage: Stage, resource: CfnResource) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        self.domain_name = f"{resource.ref}.execute-api.{stack.region}.{stack.url_suffix}"
        self.name = stage.prefix
        log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=f"/plumbline/{stage.name}/api-gateway",
            retention=days_of(stage.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        overrides: dict[str, Any] = {
            "Name": self.name,
            "OpenApiVersion": "2.0",  # else SAM makes a second stage, named Stage
            "EndpointConfiguration": {"Type": "REGIONAL"},
            "TracingEnabled": False,
            "AccessLogSetting": {"DestinationArn": log.log_group_arn, "Format": json.dumps(_LOGGED)},
            "MethodSettings": [
                {
                    "ResourcePath": "/*",
                    "HttpMethod": "*",
                    "MetricsEnabled": False,  # the stage's own figures are enough, and free
                    "DataTraceEnabled": False,
                    "ThrottlingRateLimit": stage.requests_per_second,
                    "ThrottlingBurstLimit": 2 * stage.requests_per_second,
                }
            ],
            "DefinitionBody.info.title": self.name,
            "DefinitionBody.x-amazon-apigateway-gateway-responses": gateway_responses(),
        }
        for path, value in overrides.items():
            resource.add_property_override(path, value)
        resource.node.add_dependency(self._let_it_log())
        firewall = Firewall(self, "Firewall", stage)
        waf.CfnWebACLAssociation(
            self,
            "FirewallInFront",
            resource_arn=stack.format_arn(
                service="apigateway",
                account="",
                resource="/restapis",
                # SAM's own name of the stage that it makes, which this must wait for.
                resource_name=f"{resource.ref}/stages/{Fn.ref('RestAPI.Stage')}",
            ),
            web_acl_arn=firewall.arn,
        )

    def _let_it_log(self) -> apigateway.CfnAccount:
        """API Gateway's leave to write logs, which is one for the whole account and region."""
        role = iam.Role(
            self,
            "LogRole",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(API_LOG_POLICY)],
        )
        role.apply_removal_policy(RemovalPolicy.RETAIN)
        account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.apply_removal_policy(RemovalPolicy.RETAIN)
        return account


def gateway_responses() -> dict[str, Any]:
    """API Gateway's own refusals as the product's problems (RFC 9457), readable by other origins' pages."""
    responses: dict[str, Any] = {}
    for name, (refusal, detail) in _GATEWAYS_OWN.items():
        headers = dict(_HEADERS)
        if refusal.status in (429, 504):
            headers["Retry-After"] = "'2'"
        problem = {
            "type": f"/problems/{refusal.code.lower().replace('_', '-')}",
            "title": refusal.title,
            "status": refusal.status,
            "detail": detail,
            "instance": "$context.path",
            "code": refusal.code,
            "correlationId": "$context.requestId",
        }
        responses[name] = {
            "statusCode": str(refusal.status),
            "responseParameters": {f"gatewayresponse.header.{key}": value for key, value in headers.items()},
            "responseTemplates": {"application/json": json.dumps(problem)},
        }
    return responses
