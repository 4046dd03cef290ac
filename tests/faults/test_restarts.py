"""Web processes restarted, reloaded and killed under clients that never pause, behind nginx and alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from tests import nginx, system_packages
from tests.deploy import steady
from tests.deploy import topology as topologies
from tests.deploy.steady import Clients
from tests.deploy.test_topology import reloaded, stored
from tests.deploy.topology import Topology, end, is_ready, kill
from tests.faults.conftest import Figures
from tests.faults.serving import Group, Process, until
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.faults

ROUNDS, OF_EACH, HAMMERING = 2, 5, 16


@pytest.fixture(scope="module")
def topology(postgres: TemporaryPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    system_packages.require(nginx.why_missing())
    folder: Path = tmp_path_factory.mktemp("topology")
    with topologies.running(postgres.fresh_database(), folder) as made:
        yield made


@pytest.fixture(autouse=True)
def without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "PAUSE_S", 0.0)


def begin_again(topology: Topology, place: int) -> None:
    topology.web[place] = topology.start_web(topology.web[place].port)
    until(lambda: is_ready(topology.web[place]))


@pytest.mark.postgres
def test_restarts_one_after_another_lose_no_request(topology: Topology, figures: Figures) -> None:
    with Clients(topology, OF_EACH).asking() as answered:
        for _ in range(ROUNDS):
            for place in range(2):
                assert end(topology.web[place]) == 0
                begin_again(topology, place)
        by_signal = answered.total()
        for _ in range(ROUNDS):
            for web in topology.web:
                reloaded(web)
    assert answered.failed() == {}
    assert stored(answered.kept) == sorted(answered.kept)
    under = f"under {3 * OF_EACH} clients behind nginx: requests that failed"
    figures(f"{2 * ROUNDS} restarts of web processes one after another {under}", "0", f"0 of {by_signal:,}")
    rest = answered.total() - by_signal
    figures(f"{2 * ROUNDS} reloads of web processes one after another {under}", "0", f"0 of {rest:,}")


@pytest.mark.postgres
def test_a_kill_fails_only_what_was_on_its_way(topology: Topology, figures: Figures) -> None:
    with Clients(topology, OF_EACH).asking() as answered:
        for turn in range(2 * ROUNDS):
            kill(topology.web[turn % 2])
            begin_again(topology, turn % 2)
    failed = answered.failed()
    assert not [key for key in failed if key[0] == "page"]
    assert stored(answered.kept) == sorted(answered.kept)
    # Each client has one on its way, and may be told so by the process that is killed next.
    assert sum(failed.values()) <= 2 * ROUNDS * 2 * OF_EACH
    figures(
        f"{2 * ROUNDS} × kill -9 of a web process under {3 * OF_EACH} clients: requests that failed",
        f"≤ {2 * ROUNDS * 2 * OF_EACH}, no page",
        f"{sum(failed.values())} of {answered.total():,}",
    )


@pytest.mark.parametrize("server", ["waitress", "gunicorn"])
def test_a_server_is_back_soon_though_many_hammer_it(processes: Group, figures: Figures, server: str) -> None:
    start = {"waitress": processes.serve, "gunicorn": processes.gunicorn}[server]
    began = monotonic()
    first = start()
    until(lambda: first.send("GET", "/sign-in").status == 200)
    alone = monotonic() - began
    place = [first]
    over = threading.Event()

    def hammer() -> None:
        # A moment's rest, as who is refused would take this machine's processors with nothing.
        while not over.wait(0.01):
            place[0].send("GET", "/sign-in", within_s=5)

    with ThreadPoolExecutor(HAMMERING) as pool:
        for _ in range(HAMMERING):
            pool.submit(hammer)
        try:
            first.kill()
            began = monotonic()
            second: Process = start()
            place[0] = second
            until(lambda: second.send("GET", "/sign-in").status == 200)
            took, worked = monotonic() - began, worked_s(second.process.pid)
        finally:
            over.set()
    measured = f"a server killed and started under {HAMMERING} clients: first answer"
    told = f"{took:.1f} s, of a processor {worked:.1f} s; without them {alone:.1f} s"
    figures(measured, "≤ 5 s", told)


def worked_s(pid: int) -> float:
    """Seconds that a processor has worked for a process and for those that it has started."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK") + sum(worked_s(int(one)) for one in started)
