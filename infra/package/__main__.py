"""
`make package`: write `dist/plumbline.zip`, check it, print the table of checks.

The exit code is 1 where a check failed or the zip could not be built.
"""

import sys
import tempfile
from pathlib import Path

from infra.package.build import build
from infra.package.checks import CHECKS, Finding, check_reproducible
from infra.package.target import PROJECT
from infra.package.wheels import WheelsError

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
    except WheelsError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(findings))
    print(f"\n  {archive.relative_to(PROJECT)}")
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
