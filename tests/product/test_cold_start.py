"""What a container loads before its first answer: only what that needs (`bench.cold` says how long)."""

import os
import subprocess
import sys

from local.stack import Stack

# Each is loaded with the first call that needs it.
_LATER = ("psycopg", "psycopg_pool", "urllib3", "phonenumbers", "jinja2", "argon2", "google.auth", "jwt")
_SCRIPT = f"""
import sys
import app
print([name for name in {_LATER} if name in sys.modules])
"""


def test_nothing_is_loaded_that_an_answer_from_the_cache_does_without(parts: Stack) -> None:
    found = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        env={**os.environ, **parts.environment},
        capture_output=True,
        check=True,
        text=True,
    )
    assert found.stdout == "[]\n"
