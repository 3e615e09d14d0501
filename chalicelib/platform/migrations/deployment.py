"""
The migrations as a step of a deployment: CloudFormation asks for them before it changes any other function.

It is told the outcome at an address that it gives, within the function's own time; where it is told nothing,
it waits for ServiceTimeout and takes the new version back. A person who runs it (docs/runbooks.md) gives no
address and reads what it returns. Source: AWS CloudFormation User Guide, "Custom
resource request objects" and "response objects".
"""

import json
from collections.abc import Mapping
from typing import Any

import psycopg
import urllib3

from chalicelib.platform import logs
from chalicelib.platform.migrations import MigrationError, migrate
from chalicelib.platform.migrations.users import let_in
from chalicelib.platform.settings import SettingsError, migration_database_url, settings

_TELL_TIMEOUT_S = 10.0
_TRIES = 3
log = logs.EventLog("migrations")


def run(request: Mapping[str, Any], log_name: str) -> dict[str, Any]:
    """
    Do what CloudFormation *request*s, tell it the outcome and return that; a deletion changes nothing.

    Raises:
        urllib3.exceptions.HTTPError: CloudFormation cannot be told; Lambda runs this again, harmlessly.
    """
    reason = ""
    if request.get("RequestType") != "Delete":
        try:
            url = migration_database_url()
            applied = migrate(url)
            let_in(url, settings().database_url.get_secret_value())
            log.info("migrations.applied", names=applied)
        except (MigrationError, SettingsError) as error:
            reason = str(error)
        except psycopg.Error as error:
            reason = f"PostgreSQL refused: {type(error).__name__} {error.sqlstate or ''}".rstrip()
            log.failure("migrations.failed", error)
    outcome = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": f"{reason} (log: {log_name})" if reason else "",
    }
    if "ResponseURL" in request:
        _tell(request, outcome)
    return outcome


def _tell(request: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
    told = {
        **outcome,
        "PhysicalResourceId": "migrations",  # always the same one, so that an update is never a replacement
        **{name: request[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    retries = urllib3.Retry(total=_TRIES, allowed_methods=None, status_forcelist=(500, 502, 503))
    with urllib3.PoolManager(retries=retries, timeout=_TELL_TIMEOUT_S) as pool:
        # The address is signed without a content type.
        pool.request(
            "PUT", request["ResponseURL"], body=json.dumps(told).encode(), headers={"Content-Type": ""}
        )
