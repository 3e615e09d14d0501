"""
What a real Prometheus sees: the running fleet's figures, the rules, every panel of the dashboard.

The figures are counted by many processes (API containers and workers) and read from whichever answers.
"""

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from local.stack.ports import choose_ports
from tests.journey.conftest import Site

ROOT = Path(__file__).resolve().parents[2]
WATCH = ROOT / "infra" / "watch"
SETTLED_S = 2.0  # how long a page that is true by then does not change
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of prometheus and promtool; `make test` finds or brings them."""
    folder = os.environ.get("PROMETHEUS", "")
    assert folder, "PROMETHEUS is not set: run the suite by `make test`, which finds it"
    return Path(folder)


def _promtool(programs: Path, *words: str, page: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(programs / "promtool"), *words]
    return subprocess.run(command, cwd=WATCH, input=page, capture_output=True, text=True, check=False)


def _page(site: Site, *, address: str = "127.0.0.1") -> str:
    token = site.stack.secrets["metrics_token"]
    answer = site.call("GET", "/api/metrics", headers={"Authorization": f"Bearer {token}"}, address=address)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.body.decode()


def _series(page: str) -> Series:
    """The page as Prometheus' own client for Python reads it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def _counted(series: Series, paths: set[str]) -> Counter[tuple[str, str, str]]:
    found = Counter[tuple[str, str, str]]()
    for (name, labels), value in series.items():
        of = dict(labels)
        if name == "http_requests_total" and of["path"] in paths:
            found[of["method"], of["path"], of["status"]] = int(value)
    return found


def _settled(site: Site, paths: set[str]) -> Counter[tuple[str, str, str]]:
    """The counts, once they have not changed for two seconds."""
    while True:
        earlier = _counted(_series(_page(site)), paths)
        time.sleep(SETTLED_S)
        if _counted(_series(_page(site)), paths) == earlier:
            return earlier


@pytest.mark.proves("P24")
def test_a_scrape_agrees_with_what_was_sent_through_all_processes(
    site: Site, phones: Callable[[], str]
) -> None:
    """P24: counts per route and status are exact and the same whoever answers, two seconds after the last."""
    paths = {"/service-categories", "/materials", "/leads", "/leads/{id}"}
    before = _settled(site, paths)
    sent = Counter[tuple[str, str, str]]()

    def call(request: tuple[int, str, str, Any]) -> tuple[str, str, str]:
        number, method, path, body = request
        answer = site.call(method, f"/api{path}", body, address=f"127.0.7.{number + 1}")
        return method, path, str(answer.status)

    wanted: list[tuple[str, str, Any]] = []
    for number in range(10):
        wanted += [("GET", "/service-categories", None), ("GET", "/materials", None)] * 4
        wanted.append(("POST", "/leads", site.new_lead(phones()) if number % 2 else {"name": "x"}))
    with ThreadPoolExecutor(4) as threads:  # as many as there are API containers
        sent.update(threads.map(call, [(number, *each) for number, each in enumerate(wanted)]))
    assert _settled(site, paths) == before + sent
    assert [_counted(_series(_page(site)), paths) for _ in range(4)] == [before + sent] * 4
    assert sent["POST", "/leads", "201"] == 5


@pytest.mark.proves("P24")
def test_promtool_has_nothing_against_the_page(site: Site, programs: Path) -> None:
    """P24: `promtool check metrics` passes on a scrape of the running product."""
    done = _promtool(programs, "check", "metrics", page=_page(site))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_jobs_that_were_queued_are_done_dead_or_unfinished(site: Site, phones: Callable[[], str]) -> None:
    queues = ("sync", "notification")

    def of(name: str, **labels: str) -> float:
        return _series(_page(site)).get((name, frozenset(labels.items())), 0)

    def balances() -> bool:
        return all(
            of("queue_jobs_total", queue=queue, status="queued")
            == of("queue_jobs_total", queue=queue, status="completed")
            + of("queue_jobs_total", queue=queue, status="dead")
            + of("queue_depth", queue=queue)
            > 0
            for queue in queues
        )

    # Other tests kill processes, and what those had counted is gone: so everybody begins at nought, once
    # nothing is left to do and to bring.
    site.wait_for(lambda: not any(of("queue_depth", queue=queue) for queue in queues), "all is done")
    time.sleep(SETTLED_S)
    site.fault("redis", "flush")
    leads = [site.call("POST", "/api/leads", site.new_lead(phones())).json["id"] for _ in range(3)]
    site.wait_for_rows(leads)
    site.wait_for(balances, "queued = completed + dead + depth")


def test_lines_for_cloudwatch_stand_in_a_file_of_their_own(site: Site) -> None:
    site.call("GET", "/api/materials")
    figures = site.stack.logs / "metrics.jsonl"
    site.wait_for(lambda: '"path":"/materials"' in figures.read_text(encoding="utf-8"), "a line of figures")
    for log in site.stack.logs.glob("*.jsonl"):
        lines = log.read_text(encoding="utf-8").splitlines()
        assert all(line.startswith('{"_aws"') == (log == figures) for line in lines), log


@pytest.mark.parametrize(
    "words",
    [
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("check", "rules", "prometheus-rules.yml"),
        ("test", "rules", "prometheus-rules.test.yml"),
    ],
)
def test_promtool_accepts_what_ships(programs: Path, words: tuple[str, ...]) -> None:
    done = _promtool(programs, *words)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested() -> None:
    rules = (WATCH / "prometheus-rules.yml").read_text(encoding="utf-8")
    tests = (WATCH / "prometheus-rules.test.yml").read_text(encoding="utf-8")
    alerts = [line.split()[-1] for line in rules.splitlines() if "- alert:" in line]
    assert len(alerts) > 10
    assert [alert for alert in alerts if f"alertname: {alert}" not in tests] == []


@dataclass(frozen=True)
class Prometheus:
    """A real one that scrapes the running product every second."""

    url: str

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """What an instant query finds now."""
        answer = requests.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=10)
        document = answer.json()
        assert document["status"] == "success", (expression, document)
        result: list[dict[str, Any]] = document["data"]["result"]
        return result


@pytest.fixture
def prometheus(site: Site, programs: Path, tmp_path: Path) -> Iterator[Prometheus]:
    """Started with the example that ships, for this address and token."""
    config = (WATCH / "prometheus.yml").read_text(encoding="utf-8")
    token = tmp_path / "token"
    token.write_text(site.stack.secrets["metrics_token"], encoding="utf-8")
    for shipped, here in (
        ("15s", "1s"),
        ("scheme: https", "scheme: http"),
        ("/etc/prometheus/plumbline-token", str(token)),
        ("plumbline.example", f"127.0.0.1:{site.stack.ports['site']}"),
        ("prometheus-rules.yml", str(WATCH / "prometheus-rules.yml")),
    ):
        assert shipped in config
        config = config.replace(shipped, here)
    (tmp_path / "prometheus.yml").write_text(config, encoding="utf-8")
    port = choose_ports(tmp_path / "ports.json", ["prometheus"])["prometheus"]
    process = subprocess.Popen(
        [
            programs / "prometheus",
            f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_every_panel_of_the_dashboard_shows_something(
    site: Site, prometheus: Prometheus, phones: Callable[[], str]
) -> None:
    dashboard = json.loads((WATCH / "grafana-dashboard.json").read_text(encoding="utf-8"))
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 10
    queries = {
        (panel["title"], target["expr"].replace("$__rate_interval", "1m"))
        for panel in panels
        for target in panel["targets"]
    }
    empty = set(queries)

    def all_show() -> bool:
        site.call("GET", "/api/materials")
        site.call("POST", "/api/leads", site.new_lead(phones()))
        for _ in range(11):
            site.call("POST", "/api/auth/login", {"email": "a@b.test", "password": "x"}, address="127.0.9.1")
        for title, expression in sorted(empty):
            found = _ask_patiently(prometheus, expression)
            if found and all(each["value"][1] != "NaN" for each in found[:1]):
                empty.discard((title, expression))
        return not empty

    site.wait_for(all_show, f"every panel: {empty}")
    assert prometheus.ask('up{job="plumbline"}')[0]["value"][1] == "1"
    rules = requests.get(f"{prometheus.url}/api/v1/rules", timeout=10).json()["data"]["groups"][0]["rules"]
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}, rules


def _ask_patiently(prometheus: Prometheus, expression: str) -> list[dict[str, Any]]:
    """Nothing as long as Prometheus is not up yet."""
    try:
        return prometheus.ask(expression)
    except requests.ConnectionError:
        return []
