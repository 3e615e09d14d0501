"""
`make package`: write `dist/plumbline.zip` and `dist/templates/`, check both, print the table of checks.

The exit code is 1 where a check failed, or something could not be built.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from infra.package.build import build
from infra.package.checks import CHECKS, Finding, check_reproducible
from infra.package.target import PROJECT
from infra.package.wheels import WheelsError
from infra.proof.checks import check_templates
from infra.proof.synthesis import SynthesisError, synthesise

_SHOWN_FAULTS = 10


def main() -> int:
    """Build, check, report."""
    archive = PROJECT / "dist" / "plumbline.zip"
    try:
        build(archive)
        findings = [check(archive) for check in CHECKS]
        with tempfile.TemporaryDirectory(prefix="plumbline-package-") as folder:
            again = Path(folder) / archive.name
            build(again)
            findings.append(check_reproducible(archive, again))
        templates = PROJECT / "dist" / "templates"
        shutil.rmtree(templates, ignore_errors=True)
        findings += check_templates(synthesise(archive, templates))
    except (WheelsError, SynthesisError) as error:
        print(error, file=sys.stderr)
        return 1
    print(table(findings))
    print(f"\n  {archive.relative_to(PROJECT)}, {templates.relative_to(PROJECT)}/")
    return int(any(finding.faults for finding in findings))


def table(findings: list[Finding]) -> str:
    """The findings as lines of text, with the first faults of each."""
    lines = []
    for finding in findings:
        lines.append(f"  {'FAILED' if finding.faults else 'ok':8}{finding.name:24}{finding.figure}")
        lines += [f"          {fault}" for fault in finding.faults[:_SHOWN_FAULTS]]
        if len(finding.faults) > _SHOWN_FAULTS:
            lines.append(f"          and {len(finding.faults) - _SHOWN_FAULTS} more")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
