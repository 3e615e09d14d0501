"""The toy app in a folder of its own, and one running stack with it for the tests that need no other."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud.settings import CloudSettings
from local.stack import Stack
from local.stack.postgres_home import remove_home

_CONFIG = {"version": "2.0", "app_name": "toy", "stages": {"local": {"lambda_timeout": 20}}}


@pytest.fixture(scope="session")
def toy_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the toy as `app.py`."""
    folder = tmp_path_factory.mktemp("toy")
    shutil.copy(Path(__file__).with_name("toy_app.py"), folder / "app.py")
    (folder / ".chalice").mkdir()
    (folder / ".chalice" / "config.json").write_text(json.dumps(_CONFIG))
    return folder


@pytest.fixture(scope="session")
def running(toy_app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack without the world that runs the toy."""
    data_dir = tmp_path_factory.mktemp("stack")
    site = tmp_path_factory.mktemp("site")
    (site / "assets").mkdir()
    (site / "index.html").write_text("<!doctype html><title>toy</title>")
    (site / "assets" / "index-abc123.js").write_text("export {};")
    stack = Stack(
        data_dir,
        with_world=False,
        app_dir=toy_app,
        site_dir=site,
        api_containers=2,
        extra_environment={"RECORD_FILE": str(data_dir / "records")},
    )
    with stack:
        yield stack
    remove_home(data_dir)


@pytest.fixture(scope="session")
def running_with_world(toy_app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with the stand-ins that runs the toy."""
    data_dir = tmp_path_factory.mktemp("world")
    environment = {"RECORD_FILE": str(data_dir / "records")}
    with Stack(data_dir, app_dir=toy_app, api_containers=1, extra_environment=environment) as stack:
        yield stack
    remove_home(data_dir)


@pytest.fixture
def cloud_settings(toy_app: Path, tmp_path: Path) -> CloudSettings:
    """Settings for containers of the toy without a stack around them."""
    return CloudSettings(
        port=0,
        data_dir=tmp_path,
        log_dir=tmp_path,
        world_url="http://127.0.0.1:9",
        site_dir=tmp_path,
        app_dir=toy_app,
        sqs_endpoint_url="http://127.0.0.1:9",
        api_containers=1,
        container_environment={"AWS_REGION": "us-east-2", "RECORD_FILE": str(tmp_path / "records")},
    )
