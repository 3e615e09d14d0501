"""
Deploy one stage: `python -m infra.deploy <stage>`, after `make package` and with AWS's credentials.

Data first, then the secrets that a person must have filled in, then the product (which migrates before it
serves), then its pages; at the end the site is asked how it is. Each step may be repeated, so whoever was
stopped begins again.
"""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from infra.deploy import aws, pages
from infra.package.target import PROJECT
from infra.stages import Stage, StageError, check_filled_in, load

if TYPE_CHECKING:
    from collections.abc import Sequence

_CDK = "aws-cdk@2.1148.1"
_SITE = PROJECT / "web" / "dist"


class DeployError(Exception):
    """A deployment cannot go on; the message says what to do, and then to begin again."""


def main(name: str) -> int:
    """Every step, or the sentence that says why not."""
    try:
        stage = load(name)
        check_filled_in(stage)
        deploy(stage)
    except (StageError, DeployError, aws.AwsError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def deploy(stage: Stage) -> None:
    """
    The steps.

    Raises:
        DeployError, AwsError: one of them could not be done.
    """
    templates = PROJECT / "dist" / "templates" / stage.name
    if not templates.is_dir():
        raise DeployError("There is nothing to deploy; `make package` writes it.")
    account = aws.Account(stage.region)
    print(f"  · {stage.name} to account {account.number}, {stage.region}")
    if not account.is_bootstrapped():
        _cdk("bootstrap", f"aws://{account.number}/{stage.region}")
    options = ["--app", str(templates), "--exclusively", "--require-approval", _approval()]
    _cdk("deploy", f"{stage.prefix}-data", *options)
    account.check_secrets(account.outputs(f"{stage.prefix}-data")["OthersSecret"])
    _cdk("deploy", f"{stage.prefix}-app", *options)
    outputs = account.outputs(f"{stage.prefix}-app")
    count = pages.upload(
        account.client("s3"), outputs["SiteBucket"], _SITE, pages.configuration(outputs["TurnstileSiteKey"])
    )
    account.forget_cached(outputs["DistributionId"])
    print(f"  · {count} files of the site")
    aws.wait_until_healthy(f"https://{outputs['SiteTarget']}")  # also before the domain points there
    print(f"  · the site answers: {outputs['SiteUrl']}")
    if stage.domain:
        print(f"  · let {stage.domain} be a CNAME (or an alias) of {outputs['SiteTarget']}")


def _approval() -> str:
    """People are asked before permissions grow; a pipeline was asked by its own review."""
    return "never" if os.environ.get("CI") else "broadening"


def _cdk(*arguments: str) -> None:
    node = ["sh", str(PROJECT / "local" / "bootstrap" / "node.sh")]
    command: Sequence[str] = [*node, "npm", "exec", "--yes", "--package", _CDK, "--", "cdk", *arguments]
    if subprocess.run(command, cwd=PROJECT, check=False).returncode:
        raise DeployError(f"`cdk {' '.join(arguments[:2])}` did not end well; what it said stands above.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
