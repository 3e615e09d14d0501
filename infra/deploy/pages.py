"""
The upload of the pages. What has its content's digest in its name is kept for a year, all else is asked for
again.

Files of former versions stay: a page that somebody has open finds its parts. The index comes last, so it
never names a file that is not there yet.
"""

import json
import mimetypes
from pathlib import Path
from typing import Any

_TURNSTILE_SCRIPT = "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit"
_INDEX = "index.html"


def configuration(turnstile_site_key: str) -> bytes:
    """What the pages must know of this stage: `/config.json`."""
    known = {
        "apiBaseUrl": "/api",
        "turnstileSiteKey": turnstile_site_key,
        "turnstileScriptUrl": _TURNSTILE_SCRIPT,
    }
    return json.dumps(known).encode()


def upload(s3: Any, bucket: str, folder: Path, config: bytes) -> int:
    """Put the built pages in *folder* and *config* into *bucket*, and return how many files that were."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    if _INDEX not in files:
        raise FileNotFoundError(f"{folder} has no {_INDEX}; `make web` builds the pages.")
    files["config.json"] = config
    for name in sorted(files, key=lambda name: (name == _INDEX, name)):
        s3.put_object(
            Bucket=bucket,
            Key=name,
            Body=files[name],
            ContentType=media_type(name),
            CacheControl=cache_control(name),
        )
    return len(files)


def media_type(name: str) -> str:
    """What a browser is told that the file is."""
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = guessed.startswith("text/") or guessed in ("application/javascript", "application/json")
    return f"{guessed}; charset=utf-8" if is_text else guessed


def cache_control(name: str) -> str:
    """How long it may be kept; the same as at home (`local.cloud.site`)."""
    if name.startswith("assets/"):
        return "public, max-age=31536000, immutable"
    return "no-cache" if name.endswith((".html", ".json")) else "public, max-age=3600"
