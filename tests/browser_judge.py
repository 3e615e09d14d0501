"""
The server's verdict on bodies of `POST /leads`, for the pages' parity test: a line of JSON in, a line out.

The answer is the list of faulty pointers, without what only the server can judge; null for what is no JSON
to it.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as `python -m pytest` does

from chalicelib.leads.models import NewLead
from chalicelib.platform.contact import JUDGED_HERE_ALONE
from chalicelib.platform.errors import BadRequest, ValidationFailed
from chalicelib.platform.http.body import read, validate
from infra.package.checks import example_environment


def _verdict(line: bytes) -> list[str] | None:
    try:
        document, _ = read(line, "application/json", takes_form=False)
        validate(NewLead, document, is_form=False)
    except BadRequest:
        return None
    except ValidationFailed as refused:
        return [error.pointer for error in refused.errors if error.code not in JUDGED_HERE_ALONE]
    return []


def main() -> None:
    """Judge until the input ends, with the settings of the example."""
    os.environ.update(example_environment())
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(_verdict(line.rstrip(b"\n"))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
