"""Secrets given as ARNs of Secrets Manager: fetched when a container starts, told of without a value."""

import json
import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests

from local.stack import Stack

PROJECT = Path(__file__).parents[2]
MARK = "xq7mark"
KEY = f"{MARK}-a-key-of-32-characters-or-more"
REGION = "ap-southeast-1"


class Vault:
    """Secrets Manager of the local emulator."""

    def __init__(self, stack: Stack) -> None:
        self.url = f"http://127.0.0.1:{stack.ports['ministack']}"
        self.environment = {**stack.environment, "AWS_ENDPOINT_URL_SECRETSMANAGER": self.url}

    def keep(self, value: str) -> str:
        """The ARN of a new secret with *value*."""
        wanted = {"Name": f"plumbline/{uuid.uuid4()}", "SecretString": value}
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "secretsmanager.CreateSecret",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=local/20260101/{REGION}/secretsmanager"
            "/aws4_request, SignedHeaders=host, Signature=0",
        }
        answer = requests.post(self.url, data=json.dumps(wanted), headers=headers, timeout=10)
        answer.raise_for_status()
        return str(answer.json()["ARN"])


@pytest.fixture
def vault(parts: Stack) -> Vault:
    """The emulator's secrets, and the product's environment with its address."""
    return Vault(parts)


def _read(environment: dict[str, str]) -> Any:
    from chalicelib.platform.settings import read  # noqa: PLC0415

    return read(environment)


def _problems(environment: dict[str, str]) -> dict[str, str]:
    from chalicelib.platform.settings import SettingsError  # noqa: PLC0415

    with pytest.raises(SettingsError) as refused:
        _read(environment)
    text = str(refused.value)
    assert MARK not in text
    lines = [line.strip().partition(": ") for line in text.splitlines() if line.startswith("  ")]
    return {name: told for name, _, told in lines}


def test_every_secret_may_be_an_arn_or_a_field_of_a_json_secret(vault: Vault) -> None:
    from chalicelib.platform.settings import SECRETS  # noqa: PLC0415

    assert {
        "DATABASE_URL",
        "REDIS_URL",
        "TURNSTILE_SECRET_KEY",
        "GOOGLE_CREDENTIALS",
        "JWT_SECRET",
        "METRICS_TOKEN",
        "ORIGIN_SECRET",
    } <= SECRETS
    plain = {**vault.environment, "ORIGIN_SECRET": "origin", "JWT_SECRET": KEY}
    plain = {name: plain.get(name, f"value of {name}") for name in SECRETS} | plain
    whole = {name: vault.keep(plain[name]) for name in SECRETS}
    together = vault.keep(json.dumps({name: plain[name] for name in SECRETS}))
    fields = {name: f"{together}#{name}" for name in SECRETS}
    for given in (whole, fields):
        known = _read({**plain, **given})
        for name in SECRETS:
            assert getattr(known, name.lower()).get_secret_value() == plain[name], name


def test_an_arn_may_leave_out_the_characters_that_aws_puts_behind_the_name(vault: Vault) -> None:
    arn = vault.keep(KEY)
    known = _read({**vault.environment, "JWT_SECRET": arn[:-7]})
    assert known.jwt_secret.get_secret_value() == KEY


def test_every_problem_is_told_at_once_by_name_and_without_a_value(vault: Vault) -> None:
    arn = vault.keep(json.dumps({"number": 7, "url": f"mysql://{MARK}", "short": MARK}))
    missing = f"arn:aws:secretsmanager:{REGION}:000000000000:secret:nothing-AbCdEf"
    found = _problems(
        {
            **vault.environment,
            "STAGE": "",
            "DATABASE_URL": f"{arn}#url",
            "JWT_SECRET": f"{arn}#short",
            "REDIS_URL": missing,
            "TURNSTILE_SECRET_KEY": f"{arn}#number",
            "GOOGLE_CREDENTIALS": f"{vault.keep(MARK)}#key",
            "METRICS_TOKEN": "arn:aws:secretsmanager:eu-west-1:000000000000:secret:elsewhere-AbCdEf",
            "ORIGIN_SECRET": f"arn:aws:s3:::{MARK}",
        }
    )
    assert set(found) == {
        "STAGE",
        "DATABASE_URL",
        "JWT_SECRET",
        "REDIS_URL",
        "TURNSTILE_SECRET_KEY",
        "GOOGLE_CREDENTIALS",
        "METRICS_TOKEN",
        "ORIGIN_SECRET",
    }
    assert found["DATABASE_URL"] == "must be a postgresql:// URL"
    assert "32" in found["JWT_SECRET"]
    assert found["REDIS_URL"] == "the secret cannot be read: ResourceNotFoundException"
    assert found["TURNSTILE_SECRET_KEY"] == "the secret has no text field of this name"
    assert found["GOOGLE_CREDENTIALS"] == "the secret is not JSON, so it has no fields"
    assert REGION in found["METRICS_TOKEN"]
    assert found["ORIGIN_SECRET"].startswith("is not the ARN of a secret")


@pytest.fixture
def silent() -> Iterator[str]:
    """Somebody who takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_secrets_manager_that_is_away_or_silent_is_told_of_for_each_secret(
    vault: Vault, silent: str
) -> None:
    arn = vault.keep(KEY)
    for endpoint in ("http://127.0.0.1:9", silent):
        away = {**vault.environment, "JWT_SECRET": arn, "AWS_ENDPOINT_URL_SECRETSMANAGER": endpoint}
        found = _problems({**away, "METRICS_TOKEN": arn})
        assert set(found) == {"JWT_SECRET", "METRICS_TOKEN"}
        assert all("does not answer within 3 s" in told for told in found.values())


class _Recorder(BaseHTTPRequestHandler):
    """Answers as Secrets Manager documents it, and notes what it was asked."""

    asked: list[tuple[dict[str, str], Any]]
    answers: list[tuple[int, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((dict(self.headers), body))
        status, answer = self.answers.pop(0)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def recorder() -> Iterator[tuple[str, type[_Recorder]]]:
    """A Secrets Manager of the test's own, with its address."""
    made = type("Recorder", (_Recorder,), {"asked": [], "answers": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", made
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_secrets_are_fetched_with_one_signed_call(
    vault: Vault, recorder: tuple[str, type[_Recorder]]
) -> None:
    endpoint, seen = recorder
    arns = [f"arn:aws:secretsmanager:{REGION}:000000000000:secret:s{number}-AbCdEf" for number in range(3)]
    seen.answers.append((200, {"SecretValues": [{"ARN": arn, "SecretString": KEY} for arn in arns]}))
    given = dict(zip(("JWT_SECRET", "METRICS_TOKEN", "TURNSTILE_SECRET_KEY"), arns, strict=True))
    environment = {**vault.environment, "AWS_ENDPOINT_URL_SECRETSMANAGER": endpoint, **given}
    assert _read(environment).metrics_token.get_secret_value() == KEY
    ((headers, body),) = seen.asked
    assert body == {"SecretIdList": arns}
    assert headers["X-Amz-Target"] == "secretsmanager.BatchGetSecretValue"
    assert f"/{REGION}/secretsmanager/aws4_request" in headers["Authorization"]
    assert "x-amz-target" in headers["Authorization"]


def test_a_refusal_of_the_whole_call_names_aws_own_code(
    vault: Vault, recorder: tuple[str, type[_Recorder]]
) -> None:
    endpoint, seen = recorder
    told = {"__type": "com.amazon#AccessDeniedException", "Message": f"{MARK} may not"}
    seen.answers.append((400, told))
    arn = f"arn:aws:secretsmanager:{REGION}:000000000000:secret:s-AbCdEf"
    found = _problems({**vault.environment, "AWS_ENDPOINT_URL_SECRETSMANAGER": endpoint, "JWT_SECRET": arn})
    assert found == {"JWT_SECRET": "Secrets Manager refuses to tell: AccessDeniedException"}


_LOADED = (
    "import sys; from chalicelib.platform.settings import settings, migration_database_url; settings(); "
    "print(migration_database_url()); print('chalicelib.platform.secret_values' in sys.modules)"
)


def test_nothing_is_loaded_for_it_where_no_secret_is_an_arn(vault: Vault) -> None:
    url = vault.environment["MIGRATION_DATABASE_URL"]
    for given, loaded in ((url, "False"), (vault.keep(url), "True")):
        environment = {"PATH": os.environ["PATH"], **vault.environment, "MIGRATION_DATABASE_URL": given}
        done = subprocess.run(
            [sys.executable, "-c", _LOADED],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        assert done.stdout.splitlines() == [url, loaded]


def test_an_address_may_hold_its_user_and_its_password_as_arns(vault: Vault) -> None:
    awkward = "p@ss/w:rd#%?é"
    arn = vault.keep(json.dumps({"username": "plumbline", "password": awkward}))
    whole = vault.keep("only:this")
    known = _read(
        {
            **vault.environment,
            "DATABASE_URL": f"postgresql://{{{arn}#username}}:{{{arn}#password}}@db:5432/x?connection_limit=1",
            "REDIS_URL": f"rediss://:{{{whole}}}@cache:6379/0",
        }
    )
    parts = urlsplit(known.database_url.get_secret_value())
    assert (parts.username, unquote(parts.password or ""), parts.hostname) == ("plumbline", awkward, "db")
    assert known.redis_url.get_secret_value() == "rediss://:only%3Athis@cache:6379/0"


def test_an_address_with_a_secret_that_cannot_be_read_is_told_of_once(vault: Vault) -> None:
    arn = vault.keep(json.dumps({"username": MARK}))
    found = _problems(
        {
            **vault.environment,
            "DATABASE_URL": f"postgresql://{{{arn}#username}}:{{{arn}#password}}@db/x",
            "REDIS_URL": "rediss://:{arn:aws:s3:::elsewhere}@cache:6379/0",
        }
    )
    assert found["DATABASE_URL"] == "the secret has no text field of this name"
    assert found["REDIS_URL"].startswith("is not the ARN of a secret")
    assert set(found) == {"DATABASE_URL", "REDIS_URL"}
