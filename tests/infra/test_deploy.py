"""The steps of `make deploy` that are ours, against the emulator, and what stops it beforehand."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra import stages
from infra.deploy import aws, pages
from infra.package.target import PROJECT
from local.cloud import site as home
from local.stack.ministack import ACCOUNT, REGION
from tests.infra.emulator import Emulator


@pytest.fixture
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> aws.Account:
    """The emulator's account, by our own client."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    return aws.Account(REGION, emulator.url)


def _deploy(stage: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "infra.deploy", stage]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("stage", "complaint"),
    [
        ("", "give STAGE=dev, staging or prod"),
        ("../prod", "give STAGE=dev, staging or prod"),
        ("prod", "Fill in infra/stages/prod.json first: email_from, spreadsheet_id"),
    ],
)
def test_it_says_what_is_missing_before_it_touches_anything(stage: str, complaint: str) -> None:
    done = _deploy(stage)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def _stage_file(folder: Path, **values: object) -> Path:
    given = json.loads((stages.FOLDER / "dev.json").read_text())
    (folder / "dev.json").write_text(json.dumps(given | values))
    return folder


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"regoin": "x"}, "regoin: there is no such value"),
        ({"backup_days": "many"}, "backup_days: must be int"),
        ({"is_kept": 1}, "is_kept: must be bool"),
        ({"domain": "www.example.org"}, "a domain needs a certificate"),
        ({"sync_concurrency": 1}, "sync_concurrency: SQS accepts 2 at least"),
        (
            {"domain": "a.example.org", "certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x"},
            "us-east-1",
        ),
        ({"region": "Singapore"}, "region: must be one of AWS's"),
        ({"log_days": 8}, "log_days: must be one of 1, 7, 30"),
        ({"backup_days": 0}, "backup_days: must be 1 to 35"),
        ({"database_capacity_min": 4}, "database_capacity_min: must be 0.5 to"),
    ],
)
def test_a_stage_with_a_wrong_value_is_refused_by_its_name(
    tmp_path: Path, values: dict[str, object], complaint: str
) -> None:
    with pytest.raises(stages.StageError, match=complaint):
        stages.load("dev", _stage_file(tmp_path, **values))


def test_a_stage_that_is_filled_in_is_taken(tmp_path: Path) -> None:
    mail = {"email_from": "hello@plumbline.test", "alert_email": "us@plumbline.test"}
    ids = {"spreadsheet_id": "1AbC", "turnstile_site_key": "0x4"}
    stages.check_filled_in(stages.load("dev", _stage_file(tmp_path, **mail, **ids)))


def test_secrets_that_nobody_filled_in_stop_it_with_the_command(
    account: aws.Account, emulator: Emulator
) -> None:
    vault = emulator.client("secretsmanager")
    text = {"turnstile": aws.UNFILLED, "google": "{}", "unused": "x"}
    arn = vault.create_secret(Name="others", SecretString=json.dumps(text))["ARN"]
    with pytest.raises(aws.AwsError, match="Fill in turnstile first") as refused:
        account.check_secrets(arn)
    assert f"put-secret-value --region {REGION} --secret-id {arn}" in str(refused.value)
    vault.put_secret_value(SecretId=arn, SecretString=json.dumps(text | {"turnstile": "0x1"}))
    account.check_secrets(arn)
    assert account.number == ACCOUNT


def test_the_pages_lie_in_the_bucket_as_they_are_served_at_home(emulator: Emulator, tmp_path: Path) -> None:
    files = {
        "index.html": b"<!doctype html>",
        "assets/index-abc123.js": b"export {};",
        "assets/index-abc123.css": b"body {}",
        "favicon.svg": b"<svg/>",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="pages", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert pages.upload(s3, "pages", tmp_path, pages.configuration("0x4")) == len(files) + 1
    for name, content in files.items():
        found = s3.get_object(Bucket="pages", Key=name)
        assert found["Body"].read() == content
        assert found["CacheControl"] == home._keep(f"/{name}", tmp_path / name)
    kinds = {name: s3.head_object(Bucket="pages", Key=name)["ContentType"] for name in files}
    assert kinds["index.html"] == "text/html; charset=utf-8"
    assert kinds["assets/index-abc123.js"].startswith("text/javascript")
    assert kinds["favicon.svg"].startswith("image/svg+xml")
    config = s3.get_object(Bucket="pages", Key="config.json")
    assert config["CacheControl"] == "no-cache"
    assert set(json.loads(config["Body"].read())) == {"apiBaseUrl", "turnstileSiteKey", "turnstileScriptUrl"}


def test_without_built_pages_nothing_is_uploaded(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make web"):
        pages.upload(emulator.client("s3"), "nowhere", tmp_path, b"{}")


@pytest.fixture
def patient() -> Iterator[tuple[str, list[int]]]:
    """A site that is well at its second answer."""
    statuses = [503]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = statuses.pop() if statuses else 200
            body = json.dumps({"status": "ok" if status == 200 else "down"}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", statuses
    server.shutdown()
    server.server_close()


def test_it_waits_until_the_site_is_well_and_says_what_it_answered_if_not(
    patient: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, statuses = patient
    monkeypatch.setattr(aws, "_PAUSE_S", 0.01)
    aws.wait_until_healthy(url, within_s=5)
    statuses.extend([503] * 10_000)
    with pytest.raises(aws.AwsError, match=r'is not well: 503 ."status": "down".'):
        aws.wait_until_healthy(url, within_s=0.05)
