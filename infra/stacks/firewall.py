"""
The web application firewall in front of the API.

AWS's core rules take an 8 KiB body and angle brackets in a text for an attack; a visitor's description of a
kitchen may have both. For `/api/leads` those two rules only count, for everything else they block. Rules
about the sender's address are left out: here it is an edge of CloudFront, and the product itself limits by
the true one.
"""

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.stages import Stage

LEADS_PATH = "/api/leads"
COUNTED = {
    "SizeRestrictions_BODY": "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body",
    "CrossSiteScripting_BODY": "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body",
}


class Firewall(Construct):
    """The rules, to be put in front of a stage of the API."""

    def __init__(self, scope: Construct, name: str, stage: Stage) -> None:
        super().__init__(scope, name)
        rules = [
            _managed(0, "AWSManagedRulesKnownBadInputsRuleSet"),
            _managed(1, "AWSManagedRulesCommonRuleSet", counted=COUNTED),
            *(
                _refuse_but_for_leads(number, rule, label)
                for number, (rule, label) in enumerate(COUNTED.items(), start=2)
            ),
        ]
        self.arn = waf.CfnWebACL(
            self,
            "Rules",
            name=stage.prefix,
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            rules=rules,
            visibility_config=_seen("plumbline"),
        ).attr_arn


def _managed(priority: int, name: str, counted: dict[str, str] | None = None) -> waf.CfnWebACL.RuleProperty:
    overrides = [
        waf.CfnWebACL.RuleActionOverrideProperty(
            name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
        )
        for rule in counted or {}
    ]
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=name, rule_action_overrides=overrides or None
            )
        ),
        visibility_config=_seen(name),
    )


def _refuse_but_for_leads(priority: int, rule: str, label: str) -> waf.CfnWebACL.RuleProperty:
    is_labelled = waf.CfnWebACL.StatementProperty(
        label_match_statement=waf.CfnWebACL.LabelMatchStatementProperty(scope="LABEL", key=label)
    )
    is_lead = waf.CfnWebACL.StatementProperty(
        byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint="STARTS_WITH",
            search_string=LEADS_PATH,
            text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
        )
    )
    is_other = waf.CfnWebACL.StatementProperty(
        not_statement=waf.CfnWebACL.NotStatementProperty(statement=is_lead)
    )
    return waf.CfnWebACL.RuleProperty(
        name=f"{rule}-but-for-leads",
        priority=priority,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        statement=waf.CfnWebACL.StatementProperty(
            and_statement=waf.CfnWebACL.AndStatementProperty(statements=[is_labelled, is_other])
        ),
        visibility_config=_seen(f"{rule}-but-for-leads"),
    )


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    # Samples would keep parts of requests, which are people's data.
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
