"""
What the wheels bring along and no Lambda function needs: patterns, each with its reason.

Leaving out too much is found by `probe`, which imports every module that the product names anywhere.
"""

from fnmatch import fnmatch

# What `chalice package` itself takes of Chalice, and nothing else of it.
_CHALICE = frozenset({"chalice/__init__.py", "chalice/app.py"})
_REASONS = {
    "commands and headers: nothing is built or run by hand there": ["bin/*", "*.pyi", "*.pxd", "*.h", "*.c"],
    "an installer's notes (METADATA and licences stay)": [
        "*.dist-info/RECORD", "*.dist-info/REQUESTED", "*.dist-info/INSTALLER", "*.dist-info/WHEEL",
        "*.dist-info/top_level.txt", "*.dist-info/zip-safe", "*.dist-info/sboms/*",
        "*.dist-info/entry_points.txt",
    ],
    "libraries' own tests": ["*/tests/*", "*/test/*"],
    "phone numbers are parsed and formatted; where they are, whose, and short ones are not asked": [
        "phonenumbers/geodata/*", "phonenumbers/carrierdata/*", "phonenumbers/tzdata/*",
        "phonenumbers/shortdata/region_*",
    ],
    "Google is spoken to as a service account, over our own transport": [
        "google/auth/aio/*", "google/auth/compute_engine/*", "google/*_async.py", "google/auth/aws.py",
        "google/auth/external_account*.py", "google/auth/identity_pool.py", "google/auth/pluggable.py",
        "google/auth/impersonated_credentials.py", "google/auth/downscoped.py", "google/auth/app_engine.py",
        "google/auth/transport/_aiohttp_requests.py", "google/auth/transport/grpc.py",
        "google/auth/transport/requests.py", "google/auth/transport/urllib3.py",
    ],
    "google-auth signs by cryptography, not in Python": ["pyasn1/*", "pyasn1_modules/*"],
    "cffi's compiled half is enough to call libraries; the other half makes them": ["cffi/*", "pycparser/*"],
    "Pydantic's own first version": ["pydantic/v1/*"],
    "time zones of another age, and calendars": [
        "dateutil/zoneinfo/*", "dateutil/rrule.py", "dateutil/easter.py",
    ],
    "modules of Redis that ElastiCache for Valkey has not; each is imported by the command that needs it": [
        "redis/commands/search/*", "redis/commands/json/*", "redis/commands/timeseries/*",
        "redis/commands/bf/*", "redis/commands/vectorset/*",
    ],
    "other databases, browsers and type checkers": [
        "psycopg/crdb/*",
        "urllib3/contrib/emscripten/*", "urllib3/contrib/pyopenssl.py",
        "pydantic/mypy.py", "pydantic/experimental/*", "pydantic/_hypothesis_plugin.py",
    ],
}  # fmt: skip
_PATTERNS = [pattern for patterns in _REASONS.values() for pattern in patterns]


def is_needed(path: str) -> bool:
    """Whether the wheels' file *path* (with slashes, from the top) belongs into the zip."""
    if path.startswith("chalice/"):
        return path in _CHALICE
    return not any(fnmatch(path, pattern) for pattern in _PATTERNS)
