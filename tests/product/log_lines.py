"""Reads what the product logged on stdout, as an operator's tools would."""

import json
from typing import Any

import pytest


def events(capsys: pytest.CaptureFixture[str], name: str) -> list[dict[str, Any]]:
    """The lines of event *name* (`job.`: of all whose names begin so) since the last look, oldest first."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    begins = name if name.endswith(".") else name + "\n"
    return [line for line in lines if f"{line['event']}\n".startswith(begins)]
