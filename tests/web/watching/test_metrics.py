"""`/metrics` tells of the running service: requests, decisions, queues, probes, deliveries, the database."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from postmortems import clock as the_clock
from postmortems import worker
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.exchange.models import Run, RunFile
from postmortems.jobs import counts
from postmortems.jobs.models import JobLease
from postmortems.notify import outbox
from postmortems.notify.delivery import Sender
from postmortems.notify.retry_schedule import Lent, Outcome
from postmortems.web.watching import metrics, request_log
from tests import forked, prometheus, system_packages
from tests.conftest import Clock
from tests.faults.serving import group
from tests.runtimes import RUNTIME
from tests.world import World

TOKEN = "prometheus-" + "x" * 32
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: postmortems
  authorization: {{credentials: {token}}}
  static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    counts._pending.take()
    yield
    counts._pending.take()


def told(world: World, client: FlaskClient) -> dict[str, float]:
    """By name and labels as they are written, each sample."""
    counts.flush()
    text = client.get("/metrics", headers=world.headers("cy")).text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_requests_are_counted_and_timed_by_route_method_and_class(
    any_database: str, world: World, app: Flask, client: FlaskClient
) -> None:
    for status, seconds in ((200, 0.02), (204, 0.3), (404, 0.02)):
        seen = request_log.Seen("1", "GET", 0.0, "/incidents/<slug>", status, seconds=seconds)
        request_log.count(seen)

    found = told(world, client)

    name, of = "postmortems_http_request_duration_seconds", 'route="/incidents/<slug>",method="GET",status='
    assert found[f'{name}_count{{{of}"2xx"}}'] == 2
    assert found[f'{name}_bucket{{{of}"2xx",le="0.025"}}'] == 1
    assert found[f'{name}_bucket{{{of}"2xx",le="+Inf"}}'] == 2
    assert found[f'{name}_sum{{{of}"2xx"}}'] == pytest.approx(0.32)
    assert found[f'{name}_count{{{of}"4xx"}}'] == 1


def test_what_has_no_route_is_counted_together(world: World, app: Flask, client: FlaskClient) -> None:
    watched = request_log.Watched(app.wsgi_app, believes_ids=False)
    app.wsgi_app = watched  # type: ignore[method-assign]
    for path in ("/no/such", "/nor/this"):
        client.get(path).close()
    app.wsgi_app = watched._app  # type: ignore[method-assign, assignment]

    found = told(world, client)

    of = 'route="-",method="GET",status="4xx"'
    assert found[f"postmortems_http_request_duration_seconds_count{{{of}}}"] == 2


def test_decisions_are_counted_by_outcome(any_database: str, world: World, client: FlaskClient) -> None:
    asked = {"service": "data8", "target": "prod", "artifact": {"digest": "sha256:" + "8c" * 32}}
    for more, headers in (
        ({}, {"Idempotency-Key": "a"}),
        ({}, {"Idempotency-Key": "a"}),
        ({"dry_run": True}, {}),
    ):
        headers = world.headers("ada") | headers
        assert client.post("/api/v1/gate/decisions", json=asked | more, headers=headers).status_code == 200

    found = told(world, client)

    decided = {name: value for name, value in found.items() if name.startswith("postmortems_decisions")}
    by_dry_run = {
        word: sum(value for name, value in decided.items() if f'dry_run="{word}"' in name)
        for word in ("yes", "no")
    }
    assert by_dry_run == {"yes": 1, "no": 1}
    # So that the first one is seen to be one more.
    assert decided['postmortems_decisions_total{decision="error",dry_run="no"}'] == 0


def test_deliveries_are_counted_by_channel_and_outcome(
    any_database: str, world: World, client: FlaskClient, clock: Clock
) -> None:
    outcomes = {"a": Outcome(True), "b": Outcome(False, "no"), "c": Outcome(False, "never", is_final=True)}

    def send(lent: Lent, _: Any) -> Outcome:
        return outcomes[lent.receiver]

    with db.transaction():
        for receiver in outcomes:
            outbox.put("mail", receiver, receiver, {}, the_clock.now())
    with Sender(RUNTIME, "tests", {"mail": (send, lambda *_: None)}) as sender:
        sender.send_due()
        sender.wait()

    found = told(world, client)

    ended = {
        outcome: found[f'postmortems_deliveries_total{{channel="mail",outcome="{outcome}"}}']
        for outcome in ("sent", "put_off", "given_up")
    }
    assert ended == {"sent": 1, "put_off": 1, "given_up": 1}


def test_queues_tell_how_many_wait_and_how_long(
    any_database: str, world: World, client: FlaskClient, clock: Clock
) -> None:
    now = the_clock.now()
    with db.transaction():
        outbox.put("mail", "ada", "1", {}, now - timedelta(hours=1), due_at=now + timedelta(hours=1))
        outbox.put("mail", "ben", "2", {}, now)
        session().add(JobLease(name="late", due_at=now - timedelta(minutes=10)))
        held = {"leased_until": now + timedelta(minutes=1), "holder": "w"}
        session().add(JobLease(name="held", due_at=now - timedelta(minutes=20), **held))
        session().add(JobLease(name="later", due_at=now + timedelta(minutes=10)))
        run = Run(created_at=now - timedelta(minutes=2), created_by="ada")
        session().add(RunFile(run=run, position=0, name="a.md", at="a.md", size=1, report={}))

    found = told(world, client)

    assert found['postmortems_messages_waiting{channel="mail"}'] == 2
    assert found['postmortems_messages_waiting_oldest_seconds{channel="mail"}'] == 3600
    assert found["postmortems_jobs_overdue"] == 1
    assert found["postmortems_jobs_overdue_oldest_seconds"] == 600
    assert found["postmortems_import_files_waiting"] == 1
    assert found["postmortems_import_files_waiting_oldest_seconds"] == 120


def test_the_database_tells_its_size_and_who_is_connected(
    any_database: str, world: World, client: FlaskClient
) -> None:
    # That the token was used is written behind the first answer, and so stands in the log.
    told(world, client)
    found = told(world, client)

    assert found["postmortems_database_size_bytes"] > 100_000
    assert found['postmortems_database_connections{state="active"}'] >= 1
    log = "wal_bytes" if any_database.startswith("sqlite") else "wal_written_bytes_total"
    assert found[f"postmortems_database_{log}"] > 0


def test_it_costs_as_much_however_much_is_stored(
    any_database: str, world: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def statements() -> int:
        with db.reading(), count_queries() as asked:
            metrics.families(the_clock.now())
        return len(asked)

    few = statements()
    for number in range(300):
        counts.add("deliveries", f"channel-{number}", "sent")
    counts.flush()
    with db.transaction():
        for number in range(300):
            outbox.put("mail", f"{number}", f"{number}", {}, the_clock.now())

    assert statements() == few <= 14


def test_promtool_finds_nothing_wrong(any_database: str, world: World, client: FlaskClient) -> None:
    system_packages.require(prometheus.why_missing())
    counts.took("requests", "/incidents/<slug>", "GET", "2xx", seconds=0.1)
    counts.took("probes", "http", seconds=3.0)
    counts.add("decisions", "allow", "no")
    counts.add("deliveries", "mail", "sent")
    counts.flush()
    text = client.get("/metrics", headers=world.headers("cy")).text

    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_each_channel_of_the_worker_fits_into_a_label() -> None:
    assert all(re.fullmatch(r"[a-z-]{1,20}", channel) for channel in worker.CHANNELS)


class TestTokenOfTheSettings:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {"metrics_token": TOKEN}

    @pytest.mark.parametrize(
        "header, status",
        [
            (f"Bearer {TOKEN}", 200),
            (f"bearer {TOKEN}", 200),
            (f"Bearer {TOKEN}x", 401),
            (f"Bearer {TOKEN[:-1]}", 401),
            ("Bearer ", 401),
            ("Bearer é", 401),
            (f"Basic {TOKEN}", 401),
            (TOKEN, 401),
            ("", 401),
        ],
    )
    def test_it_reads_the_metrics(self, app: Flask, header: str, status: int) -> None:
        answer = app.test_client().get("/metrics", headers={"Authorization": header})

        assert answer.status_code == status
        assert TOKEN not in answer.text

    @pytest.mark.parametrize("path", ["/api/v1/incidents", "/api/v1/webhooks", "/api/v1/gate/decisions"])
    def test_it_reads_nothing_else(self, app: Flask, path: str) -> None:
        answer = app.test_client().get(path, headers={"Authorization": f"Bearer {TOKEN}"})

        assert answer.status_code == 401

    def test_tokens_of_accounts_read_them_still(self, app: Flask, world: World) -> None:
        headers = {"Authorization": f"Bearer {world.token('cy', 'metrics')}"}

        assert app.test_client().get("/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize("sent", ["", "x" * 32])
def test_without_that_setting_no_such_token_is_taken(app: Flask, sent: str) -> None:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {sent}"})

    assert answer.status_code == 401


def test_prometheus_sees_the_requests_of_all_processes(tmp_path: Path) -> None:
    system_packages.require(prometheus.why_missing())
    workers = {"GUNICORN_CMD_ARGS": "--workers 2", "POSTMORTEMS_METRICS_TOKEN": TOKEN}
    with group(f"sqlite:///{tmp_path / 'test.db'}", tmp_path, forked.Process) as made:
        server = made.gunicorn(**workers)
        for _ in range(20):
            assert server.send("GET", "/api/v1/incidents", headers=made.headers("ada")).status == 200
        query = 'postmortems_http_request_duration_seconds_count{route="/api/v1/incidents"} >= 20'
        with prometheus.scraping(tmp_path, CONFIG.format(port=server.port, token=TOKEN)) as url:
            (series,) = prometheus.wait_for(url, query)
        server.end()

    assert series["metric"]["status"] == "2xx"
    assert series["value"][1] == "20"
