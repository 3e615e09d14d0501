"""Tests the way to the sheet for a person who waits: short limits, under the same circuit as the sync."""

from functools import cache

from chalicelib.gateways.google_sheets import GoogleSheet, RowsRefused, SheetBroken, Throttled
from chalicelib.gateways.google_token import GoogleToken
from chalicelib.gateways.http import NoAnswer
from chalicelib.platform.errors import ServiceUnavailable
from chalicelib.platform.settings import settings
from chalicelib.resilience.breaker import Breaker
from chalicelib.resilience.valkey import valkey
from chalicelib.sheets.service import CIRCUIT

_TIMEOUT_S = 6.0  # with the 5 s of a token within the call's budget
_AGAIN_AFTER_S = 15


@cache
def _sheet() -> GoogleSheet:
    known = settings()
    token = GoogleToken(known.google_credentials.get_secret_value())
    return GoogleSheet(
        known.sheets_api_url, token, known.spreadsheet_id, known.sheet_tab, timeout_s=_TIMEOUT_S
    )


def check() -> tuple[int | None, str | None]:
    """
    The rows of the tab's grid, or what a person has to do before we can write there.

    Raises:
        ServiceUnavailable: the circuit is open, or Google does not answer.
    """
    breaker = Breaker(valkey(), CIRCUIT, _TIMEOUT_S)
    granted = breaker.enter()
    try:
        rows = _sheet().row_count()
    except NoAnswer as error:
        breaker.fail(granted)
        raise ServiceUnavailable(
            f"Google does not answer ({error}). If this lasts, check GOOGLE_CREDENTIALS.",
            retry_after_s=_AGAIN_AFTER_S,
        ) from error
    except Throttled:
        breaker.succeed(granted)
        return None, "Google's quota of this minute is spent; rows are written in the next one."
    except (SheetBroken, RowsRefused) as error:
        breaker.succeed(granted)
        return None, f"{error}."
    breaker.succeed(granted)
    return rows, None
