"""Two hundred guards look while some of what they look at hangs: nobody waits for that but its own guard."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from postmortems import worker
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.gate.decisions import ask
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Guard, Service, Target
from postmortems.jobs.models import JobLease
from tests.conftest import Clock
from tests.gate.founding import CI, request
from tests.loopback import drip, http, listening
from tests.runtimes import with_egress

# Of each sort so many, every one at a host of its own. The held ones hang until the test lets them go.
PROBES = {"healthy": 180, "silent": 8, "dripping": 8, "held": 4}
# How long each may take, in seconds: what answers has all the time there is.
TIMEOUT_S = {"healthy": 20, "silent": 1, "dripping": 1, "held": 20}


@dataclass
class Town:
    """The servers that guards look at, and when the held ones were all asked."""

    ports: dict[str, int]
    all_held: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def egress(self) -> Egress:
        return Egress(("127.0.0.0/8",), resolve=lambda host, port: ["127.0.0.1"])


@contextmanager
def town() -> Iterator[Town]:
    """A server that answers, one that accepts and is silent, one that drips, and one that is held."""
    asked = threading.Semaphore(0)
    built = Town({})

    def hold(connection: socket.socket, over: threading.Event) -> None:
        asked.release()
        built.let_go.wait(60)
        connection.sendall(http())

    def silence(connection: socket.socket, over: threading.Event) -> None:
        over.wait(60)

    slow = drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    with (
        listening(http()) as healthy,
        listening(silence) as silent,
        listening(slow) as dripping,
        listening(hold) as held,
    ):
        places = {"healthy": healthy, "silent": silent, "dripping": dripping, "held": held}
        built.ports = {sort: place.port for sort, place in places.items()}

        def count() -> None:
            for _ in range(PROBES["held"]):
                asked.acquire()
            built.all_held.set()

        threading.Thread(target=count, daemon=True).start()
        try:
            yield built
        finally:
            built.let_go.set()


def build(town: Town, clock: Clock) -> None:
    """A guard for each probe; two healthy ones are over data8's prod, and a held one over its canary."""
    places = {name: Target(name=name, position=at) for at, name in enumerate(("elsewhere", "canary", "prod"))}
    session().add(Service(name="data8", title="", targets=list(places.values())))
    for sort, count in PROBES.items():
        for number in range(count):
            over = {("healthy", 0): "prod", ("healthy", 1): "prod", ("held", 0): "canary"}
            config = {
                "url": f"http://{sort}-{number}.example.org:{town.ports[sort]}/",
                "timeout_s": TIMEOUT_S[sort],
            }
            session().add(
                Guard(
                    slug=f"{sort}-{number}",
                    kind="http",
                    config=KINDS["http"].configured(config),
                    level="soft",
                    max_age_s=0,
                    created_at=clock.now(),
                    edited_at=clock.now(),
                    targets=[places[over.get((sort, number), "elsewhere")]],
                )
            )


def work(egress: Egress) -> None:
    """What one worker does until nothing is due any more: the clock stands still."""
    with worker.WorkerPool(with_egress(egress)) as crew:
        while worker.start_due(crew) or crew.under_way:
            wait(crew.under_way.values(), return_when=FIRST_COMPLETED)
            crew.free()


def test_of_two_hundred_looks_those_that_hang_end_and_hold_up_no_other(
    database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town() as place:
        with db.transaction():
            build(place, clock)
        working = threading.Thread(target=work, args=[place.egress()])
        working.start()
        assert place.all_held.wait(60)

        # While the worker hangs, decisions look for themselves.
        passing = ask.ask(request(), actor=CI, runtime=with_egress(place.egress()))
        monkeypatch.setattr(ask, "PROBED_WITHIN_S", 0.2)
        hanging = ask.ask(
            request(target="canary", declared_target="data8/canary"),
            actor=CI,
            runtime=with_egress(place.egress()),
        )
        place.let_go.set()
        working.join()

    assert [one["verdict"] for one in passing["guards"]] == ["pass", "pass"]
    assert passing["decision"] == "allow"
    (late,) = hanging["guards"]
    assert (hanging["decision"], late["verdict"], late["reason_code"]) == ("block", "error", "not_observed")
    assert "not back within the time" in late["summary"]
    assert _said() == Counter(
        {
            ("healthy", "pass", "as_expected"): PROBES["healthy"],
            ("silent", "fail", "unreachable"): PROBES["silent"],
            ("dripping", "fail", "unreachable"): PROBES["dripping"],
            ("held", "pass", "as_expected"): PROBES["held"],
        }
    )
    with db.reading():
        held = session().scalars(
            select(JobLease).where(JobLease.name.startswith(worker.OBSERVE), JobLease.holder != "")
        )
        assert held.all() == []


def _said() -> Counter[tuple[str, str, str]]:
    """How many guards of each sort said what by the clock."""
    with db.reading():
        rows = session().execute(
            select(Evaluation.guard_slug, Evaluation.verdict, Evaluation.reason_code).where(
                Evaluation.purpose == "schedule"
            )
        )
        return Counter((slug.partition("-")[0], verdict, code) for slug, verdict, code in rows)
