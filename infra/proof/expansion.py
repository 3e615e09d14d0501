"""
Expand SAM templates as CloudFormation does before it deploys them: `python -m infra.proof.expansion
<template> <target>`, in `.venv/deploy`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from samtranslator.parser import parser
from samtranslator.sdk.parameter import SamParameterValues
from samtranslator.translator.translator import Translator


class _NoPolicies:
    """Roles are our own, so no name of a managed policy is looked up."""

    def load(self) -> dict[str, str]:
        """Nothing."""
        return {}


def expand(template: dict[str, Any], region: str) -> dict[str, Any]:
    """
    The template with plain CloudFormation resources only.

    Raises:
        InvalidDocumentException: SAM would refuse it; the causes say why.
    """
    values = SamParameterValues({})
    values.add_pseudo_parameter_values()
    translator = Translator(_NoPolicies().load(), parser.Parser())
    found: dict[str, Any] = translator.translate(template, {"AWS::Region": region, "AWS::Partition": "aws"})
    return found


if __name__ == "__main__":
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.write_text(json.dumps(expand(json.loads(source.read_text()), "ap-southeast-1"), indent=1))
