"""What compose.yaml starts, as real processes: a journey through it, and restarts that nobody notices."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from postmortems import worker
from postmortems.cli import http_server
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.models import Decision
from postmortems.notify import webhooks
from postmortems.web.pdf import pdf
from postmortems.web.server import admission, gunicorn_worker
from tests import nginx, system_packages
from tests.deploy import topology as topologies
from tests.deploy.image import COMPOSE, NGINX, UNITS, gunicorn_settings
from tests.deploy.steady import Clients
from tests.deploy.topology import Browser, Topology, end, is_ready, kill
from tests.faults.serving import until
from tests.notify.receiving import receiving
from tests.postgres import TemporaryPostgres
from tests.world import PASSWORD

pytestmark = pytest.mark.postgres

REPORTS = 4


@pytest.fixture(scope="module")
def topology(postgres: TemporaryPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    system_packages.require(nginx.why_missing())
    folder: Path = tmp_path_factory.mktemp("topology")
    with topologies.running(postgres.fresh_database(), folder, processes=1) as made:
        yield made


def test_a_journey_from_signing_in_to_what_two_workers_tell_once(topology: Topology) -> None:
    browser = Browser(topology.proxy)
    form = {"csrf_token": browser.form_token("/sign-in"), "name": "ada", "password": PASSWORD}
    kind = "application/x-www-form-urlencoded"
    assert browser.send("POST", "/sign-in", urlencode(form), **{"Content-Type": kind}).status == 303

    token = browser.form_token("/incidents")
    with receiving() as receiver:
        with db.transaction():
            webhooks.add(
                "chat", receiver.url, ("incident.*",), actor=topology.world.ben, vault=topology.vault
            )
        for number in range(REPORTS):
            report = f"# The disk is full {number}\n\n## Summary\n\nIt is.\n"
            headers = {"Content-Type": "text/markdown", "X-CSRFToken": token}
            assert browser.send("POST", "/api/v1/incidents", report, **headers).status == 201
        asked = Clients(topology, 1)._gate("journey")
        decided = topology.proxy.send(asked[0], asked[1], asked[2], asked[3])
        assert (decided.status, decided["decision"]) == (200, "allow_with_warnings")
        until(lambda: len(_told(receiver.came)) >= REPORTS)
        assert set(_told(receiver.came).values()) == {1}
    assert "The disk is full 3" in browser.send("GET", "/incidents").body


def _told(came: list[object]) -> Counter[str]:
    """How often each message came, by its name."""
    return Counter(one.headers["webhook-id"] for one in list(came))  # type: ignore[attr-defined]


def test_web_processes_are_restarted_one_after_another_and_no_request_fails(topology: Topology) -> None:
    with Clients(topology, 1).asking() as answered:
        first = topology.web[0]
        assert end(first) == 0
        topology.web[0] = topology.start_web(first.port)
        until(lambda: is_ready(topology.web[0]))
        reloaded(topology.web[1])
    assert answered.failed() == {}
    assert stored(answered.kept) == sorted(answered.kept)


def reloaded(web: topologies.Process) -> None:
    """As `systemctl reload` does it: others take the place of the processes that were there."""
    before = children(web)
    web.process.send_signal(signal.SIGHUP)
    until(lambda: not before & children(web))


def children(web: topologies.Process) -> set[str]:
    found = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children")
    return set(found.read_text().split())


def stored(kept: list[str]) -> list[str]:
    with db.reading():
        there = session().scalars(select(Decision.id).where(Decision.id.in_(kept)))
        return sorted(there)


def test_of_a_web_process_that_is_killed_only_what_it_had_taken_fails(topology: Topology) -> None:
    clients = 2
    with Clients(topology, clients).asking() as answered:
        kill(topology.web[1])
        more = answered.total() + 60
        until(lambda: answered.total() > more)
    # Pages are asked for again at the other; of what may have been done, each client had one on its way.
    assert not [key for key in answered.failed() if key[0] == "page"]
    assert sum(answered.failed().values()) <= 2 * clients
    assert stored(answered.kept) == sorted(answered.kept)


def test_workers_that_are_told_to_stop_end_with_success(topology: Topology) -> None:
    assert [end(worker) for worker in topology.workers] == [0, 0]


def test_whoever_stops_a_process_waits_longer_than_its_requests_take() -> None:
    gunicorn = gunicorn_settings()["graceful_timeout"]
    turns = max(room.wait_s for room in admission.rooms().values()) + pdf.PATIENCE_S
    assert gunicorn >= turns + pdf.DEADLINE_S
    services = COMPOSE["services"]
    assert int(services["web"]["stop_grace_period"].rstrip("s")) > gunicorn
    assert int(services["worker"]["stop_grace_period"].rstrip("s")) > http_server.WORKER_ENDS_WITHIN_S
    waits = {unit.stem: re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.M) for unit in UNITS}
    assert int(waits["postmortems-web"][0]) > gunicorn
    assert int(waits["postmortems-worker@"][0]) > http_server.WORKER_ENDS_WITHIN_S
    assert http_server.WORKER_ENDS_WITHIN_S > worker.ENDS_WITHIN_S
    proxy = re.search(r"proxy_read_timeout (\d+)s;", NGINX)
    assert proxy is not None
    assert int(proxy[1]) >= turns + pdf.DEADLINE_S


def test_it_is_the_proxy_that_closes_idle_connections() -> None:
    kept = re.search(r"^    keepalive_timeout (\d+)s;", NGINX, re.M)
    assert kept is not None
    assert int(kept[1]) < gunicorn_worker.LAST_IDLE_S < gunicorn_settings()["keepalive"]


def test_nothing_was_complained_about(topology: Topology) -> None:
    assert "Traceback" not in topology.said()
    assert topology.world.tokens["ada"] not in topology.said()
