"""
What AWS and our own decisions demand of the app stack's template, after SAM's expansion.

Each rule returns its faults as sentences; `infra.proof.checks` puts them into the table, and a test of each
spoils a template and sees it caught.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.platform.settings import DEFAULT_RATE_LIMITS, Settings

Template = Mapping[str, Any]
VISIBILITY_FACTOR = 6  # AWS Lambda Developer Guide, "Configuring scaling behavior for SQS"
MAX_RECEIVES = 50
DEAD_KEPT_S = 14 * 24 * 3600
GATEWAY_LIMIT_S = 29  # API Gateway's own
VARIABLES_LIMIT_BYTES = 4096  # Lambda quotas: all variables together
MIGRATIONS = {"MIGRATION_DATABASE_URL"}


def of_type(template: Template, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every resource of one type, by its logical id, as its properties."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource.get("Properties", {})


def partial_replies(template: Template) -> list[str]:
    """Without `ReportBatchItemFailures` SQS deletes what a worker said had failed."""
    return [
        f"{name}: no ReportBatchItemFailures, so failed messages would be deleted"
        for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping")
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]
    ]


def queues(template: Template) -> list[str]:
    """Visibility of six times the timeout, 50 receives, a dead-letter queue that keeps for 14 days."""
    faults = []
    by_name = dict(of_type(template, "AWS::SQS::Queue"))
    functions = dict(of_type(template, "AWS::Lambda::Function"))
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping"):
        queue_name, function = target(mapping["EventSourceArn"]), functions[target(mapping["FunctionName"])]
        queue = by_name[queue_name]
        visibility_s, timeout_s = queue.get("VisibilityTimeout", 30), function["Timeout"]
        if visibility_s < VISIBILITY_FACTOR * timeout_s:
            faults.append(
                f"{queue_name}: {visibility_s} s of visibility are fewer than 6 × {timeout_s} s of {name}"
            )
        if mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0) < 2:
            faults.append(f"{name}: no maximum of concurrency, or one below the 2 that SQS accepts")
        redrive = queue.get("RedrivePolicy", {})
        if redrive.get("maxReceiveCount") != MAX_RECEIVES:
            faults.append(f"{queue_name}: maxReceiveCount is not {MAX_RECEIVES}")
        dead = by_name.get(target(redrive.get("deadLetterTargetArn", "")), {})
        if dead.get("MessageRetentionPeriod") != DEAD_KEPT_S:
            faults.append(f"{queue_name}: no dead-letter queue that keeps for 14 days")
    faults += [
        f"{name}: is not encrypted"
        for name, queue in by_name.items()
        if not queue.get("SqsManagedSseEnabled")
    ]
    return faults


def permissions(template: Template, reasons: Mapping[str, str]) -> list[str]:
    """No wildcard in an action; one in a resource only with the `Sid` of a reason; no policy of AWS's."""
    faults = []
    for name, statement in _statements(template):
        actions = listed(statement.get("Action", "*"))
        faults += [f"{name}: the action {action} is a wildcard" for action in actions if "*" in action]
        named = statement.get("Resource", statement.get("NotResource", "*"))
        wide = [arn for arn in listed(named) if "*" in _text(arn)]
        if wide and statement.get("Sid") not in reasons:
            faults.append(f"{name}: {_text(wide[0])} is a wildcard, and no Sid says why")
    for name, role in of_type(template, "AWS::IAM::Role"):
        principals = _text(role["AssumeRolePolicyDocument"])
        if role.get("ManagedPolicyArns") and "apigateway.amazonaws.com" not in principals:
            faults.append(f"{name}: takes a policy that AWS wrote")
    return faults


def variables(template: Template) -> list[str]:
    """Every function has each variable that the settings demand, and none that they do not know."""
    given_by_lambda = {name for name in _aliases() if name.startswith("AWS_")}
    limits = {f"RATE_LIMIT_{group}" for group in DEFAULT_RATE_LIMITS}
    known = _aliases() - given_by_lambda - {"RATE_LIMITS"} | limits
    demanded = _aliases(is_required=True) - given_by_lambda - {"RATE_LIMITS"}
    faults = []
    for name, function in of_type(template, "AWS::Lambda::Function"):
        given = function.get("Environment", {}).get("Variables", {})
        allowed = known | MIGRATIONS if function["Handler"] == "app.migrate" else known
        faults += [f"{name}: {missing} is missing" for missing in sorted(demanded - set(given))]
        faults += [f"{name}: nobody knows {unknown}" for unknown in sorted(set(given) - allowed)]
        size = sum(len(key) + len(_text(value)) for key, value in given.items())
        if size > VARIABLES_LIMIT_BYTES:
            faults.append(f"{name}: its variables take {size} bytes of {VARIABLES_LIMIT_BYTES}")
        if function["Handler"] == "app.migrate" and not set(given) >= MIGRATIONS:
            faults.append(f"{name}: MIGRATION_DATABASE_URL is missing")
    return faults


def functions(template: Template) -> list[str]:
    """Each writes to a log that ends, stands in the network, and waits for the migrations."""
    faults = []
    logs = dict(of_type(template, "AWS::Logs::LogGroup"))
    faults += [
        f"{name}: keeps its lines for ever" for name, log in logs.items() if not log.get("RetentionInDays")
    ]
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Lambda::Function":
            continue
        function = resource["Properties"]
        if target(function.get("LoggingConfig", {}).get("LogGroup", "")) not in logs:
            faults.append(f"{name}: has no log of its own")
        if not function.get("VpcConfig"):
            faults.append(f"{name}: is outside the network")
        is_runner = function["Handler"] == "app.migrate"
        if not is_runner and "Migrations" not in listed(resource.get("DependsOn", [])):
            faults.append(f"{name}: does not wait for the migrations")
        if function["Handler"] == "app.app" and function["Timeout"] >= GATEWAY_LIMIT_S:
            faults.append(f"{name}: outlives API Gateway's {GATEWAY_LIMIT_S} s")
    return faults


def _aliases(*, is_required: bool = False) -> set[str]:
    fields = Settings.model_fields.values()
    return {str(field.alias) for field in fields if field.is_required() or not is_required}


def _statements(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every statement that allows something to one of our roles."""
    for name, policy in of_type(template, "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            yield name, statement
    for name, role in of_type(template, "AWS::IAM::Role"):
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def listed(value: Any) -> list[Any]:
    """CloudFormation's one or many, as many."""
    return value if isinstance(value, list) else [value]


def target(reference: Any) -> str:
    """The logical id that a Ref or GetAtt points to."""
    if isinstance(reference, Mapping):
        found = reference.get("Ref") or reference.get("Fn::GetAtt", [""])
        return str(found if isinstance(found, str) else found[0])
    return str(reference)


def _text(value: Any) -> str:
    """A value with what CloudFormation will put in written as `{}`, and about as long."""
    if isinstance(value, Mapping):
        if "Fn::Join" in value:
            return "".join(_text(part) for part in value["Fn::Join"][1])
        if "Fn::Sub" in value:
            return str(value["Fn::Sub"])
        if set(value) <= {"Ref", "Fn::GetAtt", "Fn::ImportValue"}:
            return "{" + "x" * 84 + "}"  # an ARN or a URL of ours
        return "".join(f"{key}{_text(part)}" for key, part in value.items())
    return "".join(_text(part) for part in value) if isinstance(value, list) else str(value)
