"""The checks of the templates and the migrations, as lines of the table of `make package`."""

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from chalicelib.platform import emf
from infra.fleet import connections, timeouts
from infra.package.checks import Finding
from infra.proof import migrations, reasons, rules, watching
from infra.proof.synthesis import Templates, lint
from infra.stages import Stage, load

_RULES: dict[str, Callable[[rules.Template], list[str]]] = {
    "partial batch replies": rules.partial_replies,
    "queues": rules.queues,
    "permissions": lambda template: rules.permissions(template, reasons.WILDCARDS),
    "variables": rules.variables,
    "functions": rules.functions,
    "alarms": lambda template: watching.alarms(template, watching.runbook_headings()),
    "watched queues": watching.watched_queues,
    "alarms' figures": watching.own_figures,
}
TEMPLATE_LIMIT_BYTES = 1_000_000  # CloudFormation quotas, a template in S3
RESOURCES_LIMIT = 500


def check_templates(written: Sequence[Templates]) -> list[Finding]:
    """Every check of the templates of all stages."""
    files = [path for each in written for path in (*each.written, each.expanded)]
    findings = [
        Finding("stages", f"{', '.join(map(str, written))}; AWS's own rules (cdk-nag) hold"),
        check_quotas(written, files),
        check_lint(files),
        check_migrations(),
        check_connections([load(each.stage) for each in written]),
        check_timeouts(),
    ]
    for name, rule in _RULES.items():
        faults = [f"{each}: {fault}" for each in written for fault in rule(each.app())]
        findings.append(Finding(name, _figure(name, written), faults))
    return findings


def check_lint(files: Sequence[Path]) -> Finding:
    """CloudFormation would read them, before and after SAM's expansion."""
    return Finding("cfn-lint", f"{len(files)} templates, as written and expanded", lint(files))


def check_migrations() -> Finding:
    """The old code can serve while each is applied, and after it."""
    faults = migrations.check(reasons.MIGRATIONS)
    count = sum(1 for _ in migrations.FOLDER.glob("*.sql"))
    return Finding("migrations", f"{count}, each safe while the old code serves or with a reason", faults)


def check_connections(stages: Sequence[Stage]) -> Finding:
    """All containers of each stage can be served with the connections that it has."""
    most = max(sum(connections.demand(stage).values()) for stage in stages)
    faults = [fault for stage in stages for fault in connections.faults(stage)]
    return Finding("connections", f"{most} of {connections.LIMIT} at once", faults)


def check_timeouts() -> Finding:
    """Every wait of the product ends before what it happens in."""
    return Finding("time limits", f"{len(timeouts.limits())} of the product's", timeouts.faults())


def check_quotas(written: Sequence[Templates], files: Sequence[Path]) -> Finding:
    """Each template is within what CloudFormation takes."""
    largest = max(path.stat().st_size for path in files)
    most = max(len(template["Resources"]) for each in written for template in (each.app(), each.data()))
    faults = ["a template is too large"] if largest > TEMPLATE_LIMIT_BYTES else []
    faults += ["a template has too many resources"] if most > RESOURCES_LIMIT else []
    figure = f"{largest / 1e6:.2f} MB of 1, {most} resources of {RESOURCES_LIMIT}"
    return Finding("templates", figure, faults)


def _figure(name: str, written: Sequence[Templates]) -> str:
    template = written[-1].app()
    counted = {
        "partial batch replies": (rules.of_type(template, "AWS::Lambda::EventSourceMapping"), "mappings"),
        "queues": (rules.of_type(template, "AWS::SQS::Queue"), "queues with their dead-letter queues"),
        "permissions": (rules.of_type(template, "AWS::IAM::Policy"), "policies, no action with a wildcard"),
        "variables": (
            chain(rules.of_type(template, "AWS::Lambda::Function")),
            "functions, none missing or unknown",
        ),
        "functions": (rules.of_type(template, "AWS::Lambda::Function"), "functions"),
        "alarms": (
            rules.of_type(template, "AWS::CloudWatch::Alarm"),
            f"alarms, {len(watching.kinds(template))} paragraphs in docs/runbooks.md",
        ),
        "watched queues": (rules.of_type(template, "AWS::SQS::Queue"), "queues, none without an alarm"),
        "alarms' figures": (
            (each for each in rules.of_type(template, "AWS::CloudWatch::Alarm") if _is_ours(each[1])),
            "alarms of the product's own figures, all of them written",
        ),
    }
    found, what = counted[name]
    return f"{sum(1 for _ in found)} {what}"


def _is_ours(alarm: rules.Template) -> bool:
    return bool(alarm.get("Namespace") == emf.NAMESPACE)
