"""
Write the templates of stages: `python -m infra.stacks <zip> <folder> <stage>…`, in `.venv/deploy`.

Each stage gets a folder of its own, which `cdk deploy --app` takes as it is. The exit code is 1 where a
stage's file is wrong, or AWS's own rules (cdk-nag) find something that nobody has given a reason for.
"""

import contextlib
import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from aws_cdk import App, Environment, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.package.checks import example_environment
from infra.package.target import PROJECT
from infra.stages import Stage, StageError, load

_STRICT = {"@aws-cdk/core:validateAgainstDefaultRules": True}
_TAKES_NO_TAGS = ["AWS::RDS::DBProxyTargetGroup"]


def main(archive: Path, out: Path, names: Sequence[str]) -> int:
    """Describe both stacks of every stage."""
    try:
        stages = [load(name) for name in names]
    except StageError as error:
        print(error, file=sys.stderr)
        return 1
    # Chalice imports app.py, which demands its settings; none of these values gets into a template.
    os.environ.update({name: value for name, value in example_environment().items() if value})
    sys.path.insert(0, str(PROJECT))
    work = PROJECT / "build" / "stacks"
    work.mkdir(parents=True, exist_ok=True)
    archive, out = archive.resolve(), out.resolve()
    with contextlib.chdir(work):  # chalice.cdk writes its notes into the current folder
        for stage in stages:
            try:
                _synthesise(stage, archive, out / stage.name)
            except RuntimeError as error:
                if "ValidationFailed" not in str(error):
                    raise
                print(f"Stage {stage.name} breaks the rules above.", file=sys.stderr)
                return 1
    return 0


def _synthesise(stage: Stage, archive: Path, out: Path) -> None:
    from infra.stacks import exceptions  # noqa: PLC0415  these import the product, which reads its settings
    from infra.stacks.app import AppStack  # noqa: PLC0415
    from infra.stacks.data import DataStack  # noqa: PLC0415

    app = App(outdir=str(out), analytics_reporting=False, context=_STRICT)
    where = Environment(region=stage.region)  # the account is whoever deploys
    version = hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    data = DataStack(app, stage, env=where)
    product = AppStack(app, stage, data, archive, version, env=where)
    Tags.of(app).add("plumbline", stage.name, exclude_resource_types=_TAKES_NO_TAGS)
    exceptions.give_reasons(stage, data, product)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
