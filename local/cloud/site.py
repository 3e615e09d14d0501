"""
The pages, as the CDN in front of the bucket serves them: files of SITE_DIR, index.html for the addresses of
the page router.

Hashed files below /assets/ are kept for a year, pages are asked for again each time. Unknown files are 404.
"""

import gzip
import json
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

_POLICY = (
    "default-src 'self'; script-src 'self' https://challenges.cloudflare.com; "
    "frame-src https://challenges.cloudflare.com; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
_COMPRESSED = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Plumbline</title>
<body style="font:16px/1.5 system-ui;margin:3rem auto;max-width:40rem;padding:0 1rem">
<h1>The pages are not built yet</h1>
<p>The API runs at <a href="/api/health">/api/health</a>; what happens behind it is shown at
<a href="/dev">/dev</a>.
<code>make run</code> builds the pages from <code>web/</code>.</p></body></html>"""


class Site:
    """The built pages in *folder*, and the little that they have to know about the API."""

    def __init__(self, folder: Path, turnstile_site_key: str) -> None:
        self._folder = folder.resolve()
        self._config = json.dumps(
            {
                "apiBaseUrl": "/api",
                "turnstileSiteKey": turnstile_site_key,
                "turnstileScriptUrl": "/dev/turnstile/api.js",
            }
        ).encode()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer GET and HEAD of anything that is not the API or /dev."""
        if request.method not in ("GET", "HEAD"):
            return web.Response(
                status=405, headers={**PAGE_HEADERS, "Allow": "GET, HEAD"}, text="405: only GET and HEAD\n"
            )
        if request.path == "/config.json":
            headers = {**PAGE_HEADERS, "Content-Type": "application/json", "Cache-Control": "no-cache"}
            return web.Response(body=self._config, headers=headers)
        file = self._find(request.path)
        if file is None:
            return web.Response(
                status=404, headers={**PAGE_HEADERS, "Cache-Control": "no-cache"}, text="404: no such page\n"
            )
        if not file.is_file():
            headers = {
                **PAGE_HEADERS,
                "Content-Type": "text/html; charset=utf-8",
                "Cache-Control": "no-cache",
            }
            return web.Response(text=_NOT_BUILT, headers=headers)
        headers = {**PAGE_HEADERS, "Cache-Control": _keep(request.path, file)}
        if file.suffix in _COMPRESSED and "gzip" in request.headers.get("Accept-Encoding", ""):
            return _compressed(file, headers)
        return web.FileResponse(file, headers=headers)

    def _find(self, path: str) -> Path | None:
        """The file for *path*; the index for an address of the page router; None where there is nothing."""
        index = self._folder / "index.html"
        try:
            file = (self._folder / unquote(path).lstrip("/")).resolve()
            if file.is_file() and file.is_relative_to(self._folder):
                return file
        except (OSError, ValueError):
            return None
        return None if "." in path.rsplit("/", 1)[-1] or path.startswith("/assets/") else index


def _compressed(file: Path, headers: dict[str, str]) -> web.Response:
    """The file as CloudFront sends it to whoever takes gzip."""
    body = _gzip(file, file.stat().st_mtime_ns)
    told = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding", "Content-Type": _COMPRESSED[file.suffix]}
    return web.Response(body=body, headers={**headers, **told})


@lru_cache(maxsize=256)
def _gzip(file: Path, _mtime_ns: int) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


def _keep(path: str, file: Path) -> str:
    if path.startswith("/assets/"):
        return "public, max-age=31536000, immutable"
    return "no-cache" if file.suffix == ".html" else "public, max-age=3600"
