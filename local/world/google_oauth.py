"""Google's OAuth token address for service accounts, and the check of the tokens it hands out.

As documented on developers.google.com/identity/protocols/oauth2/service-account: a JWT assertion, RS256,
`iss` the account, `aud` the token address, an hour at most, answered with an access token of an hour. Errors
are OAuth's (`invalid_grant`, `unsupported_grant_type`, `invalid_scope`). The demo account's key is made once
and kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

ACCOUNT_EMAIL = "plumbline@plumbline-demo.iam.gserviceaccount.com"
PROJECT_ID = "plumbline-demo"
CLIENT_ID = "100000000000000000001"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DOCUMENTED_AUDIENCE = "https://oauth2.googleapis.com/token"  # what google-auth claims whatever the token_uri
LIFE_S = 3600
_SKEW_S = 300
_SCOPE_ROOT = "https://www.googleapis.com/auth/"
_WRITE_SCOPES = frozenset(_SCOPE_ROOT + name for name in ("spreadsheets", "drive", "drive.file"))
_READ_SCOPES = _WRITE_SCOPES | {_SCOPE_ROOT + "spreadsheets.readonly", _SCOPE_ROOT + "drive.readonly"}
_TIMES = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    " Check your iat and exp values in the JWT claim."
)


class OAuthError(Exception):
    """A 400 of the token address: *code* and a sentence, as RFC 6749, 5.2 has it."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": code, "error_description": description}


class GoogleAccounts:
    """The one service account, its key, and the access tokens it was given."""

    def __init__(self, database: sqlite3.Connection, token_uris: Sequence[str]) -> None:
        self._database = database
        self._token_uris = token_uris
        self._key = _load_key(database)
        database.execute("DELETE FROM access_tokens WHERE expires_at < ?", (time.time(),))

    def service_account(self) -> dict[str, str]:
        """The key file as Google's console gives it out; its token_uri is the first of ours."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        return {
            "type": "service_account",
            "project_id": PROJECT_ID,
            "private_key_id": hashlib.sha256(pem.encode()).hexdigest()[:40],
            "private_key": pem,
            "client_email": ACCOUNT_EMAIL,
            "client_id": CLIENT_ID,
            "auth_uri": self._token_uris[0].replace("/token", "/auth"),
            "token_uri": self._token_uris[0],
            "universe_domain": "googleapis.com",
        }

    def exchange(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """
        Trade an assertion for an access token.

        Raises:
            OAuthError: the grant type, the assertion or its scope is not acceptable.
        """
        grant_type = form.get("grant_type", "")
        if grant_type != GRANT_TYPE:
            raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        claims = self._read_assertion(str(form.get("assertion", "")))
        scope = str(claims.get("scope") or "")
        if not scope or not all(word.startswith(_SCOPE_ROOT) for word in scope.split()):
            raise OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = f"ya29.c.{secrets.token_urlsafe(96)}"
        self._database.execute(
            "INSERT INTO access_tokens (token, scope, expires_at) VALUES (?, ?, ?)",
            (token, scope, time.time() + LIFE_S),
        )
        return {"access_token": token, "expires_in": LIFE_S, "token_type": "Bearer"}

    def scopes_of(self, token: str) -> frozenset[str] | None:
        """The scopes of a living access token; None for any other."""
        row = self._database.execute(
            "SELECT scope FROM access_tokens WHERE token = ? AND expires_at > ?", (token, time.time())
        ).fetchone()
        return None if row is None else frozenset(row[0].split())

    @staticmethod
    def allows(scopes: frozenset[str], *, write: bool) -> bool:
        """Whether *scopes* reach the Sheets API for reading, or for writing."""
        return bool(scopes & (_WRITE_SCOPES if write else _READ_SCOPES))

    def _read_assertion(self, assertion: str) -> dict[str, Any]:
        parts = assertion.split(".")
        try:
            header, claims = (json.loads(_decode(part)) for part in parts[:2])
            signature = _decode(parts[2])
        except (ValueError, IndexError, binascii.Error):
            raise OAuthError("invalid_grant", "Invalid JWT: the assertion is not a signed JWT.") from None
        if len(parts) != 3 or not isinstance(header, dict) or not isinstance(claims, dict):
            raise OAuthError("invalid_grant", "Invalid JWT: the assertion is not a signed JWT.")
        if claims.get("iss") != ACCOUNT_EMAIL:
            raise OAuthError("invalid_grant", "Invalid grant: account not found")
        signed = assertion.rpartition(".")[0].encode()
        is_rs256 = header.get("alg") == "RS256"
        try:
            self._key.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            is_rs256 = False
        if not is_rs256:
            raise OAuthError("invalid_grant", "Invalid JWT Signature.")
        if claims.get("aud") not in (*self._token_uris, DOCUMENTED_AUDIENCE):
            right = self._token_uris[0]
            raise OAuthError(
                "invalid_grant", f"Invalid JWT: Failed audience check. The right audience is {right}"
            )
        _check_times(claims)
        return claims


def _check_times(claims: Mapping[str, Any]) -> None:
    issued, expires, now = claims.get("iat"), claims.get("exp"), time.time()
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise OAuthError("invalid_grant", _TIMES)
    if issued > now + _SKEW_S or expires < now - _SKEW_S or expires - issued > LIFE_S:
        raise OAuthError("invalid_grant", _TIMES)


def _decode(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _load_key(database: sqlite3.Connection) -> rsa.RSAPrivateKey:
    row = database.execute("SELECT private_key FROM service_account").fetchone()
    if row is not None:
        kept = serialization.load_pem_private_key(row[0].encode(), password=None)
        if isinstance(kept, rsa.RSAPrivateKey):
            return kept
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    database.execute(
        "INSERT OR REPLACE INTO service_account (one, private_key) VALUES (1, ?)", (pem.decode(),)
    )
    return key
