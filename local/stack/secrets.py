"""
The secrets of one clone: made once, kept in `.local/secrets.json` for its owner only, gone with
`ARGS=--fresh`.

They are secrets of a laptop, but the product is run with real ones, so that nothing depends on a value
known to everybody.
"""

import json
import secrets
from collections.abc import Callable
from pathlib import Path

from local.stack.files import read_json, write_atomically

_MAKERS: dict[str, Callable[[], str]] = {
    "postgres_superuser_password": lambda: secrets.token_hex(16),
    "postgres_password": lambda: secrets.token_hex(16),
    "jwt_secret": lambda: secrets.token_urlsafe(48),
    "metrics_token": lambda: secrets.token_urlsafe(24),
    "turnstile_secret_key": lambda: "local-turnstile-secret",  # what the stand-in knows as its own
    "demo_password": lambda: "-".join(secrets.token_hex(2) for _ in range(4)),
}


def load_secrets(path: Path) -> dict[str, str]:
    """The secrets in *path*, after making those that are missing."""
    known = read_json(path)
    values: dict[str, str] = known if isinstance(known, dict) else {}
    missing = {name: make() for name, make in _MAKERS.items() if name not in values}
    if missing:
        values = values | missing
        write_atomically(path, json.dumps(values, indent=2) + "\n", mode=0o600)
    return values
