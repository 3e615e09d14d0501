"""The text of `/openapi.json`, made once a process from the operations of every blueprint."""

import json
from functools import cache

from chalicelib.platform.http.edge import registered_operations
from chalicelib.platform.http.openapi import describe


@cache
def document() -> str:
    """OpenAPI 3.1 as JSON."""
    return json.dumps(describe(registered_operations()), ensure_ascii=False)
