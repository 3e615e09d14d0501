"""The text of `/openapi.json`, made once a process from the operations of every blueprint."""

import json
from functools import cache
from typing import Any

from chalicelib.platform.http.edge import registered_operations
from chalicelib.platform.http.openapi import describe


@cache
def description() -> dict[str, Any]:
    """OpenAPI 3.1."""
    return describe(registered_operations())


@cache
def document() -> str:
    """The same as JSON."""
    return json.dumps(description(), ensure_ascii=False, separators=(",", ":"))
