"""kill -9 in the middle of everything: what was acknowledged is there, what was under way is done once."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from sqlalchemy import select, text

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.models import Decision, Override, Waiver
from postmortems.guards import queries
from postmortems.guards.models import Evidence, Ping
from tests.faults.conftest import Figures
from tests.faults.ledger import Ledger
from tests.faults.serving import Group, Process, add_guard, attest, heartbeat_key, question

pytestmark = pytest.mark.faults

ROUNDS = 6
GUARDS = ("target-confirmed", "nightly")
REASON = "The labs of this week were cancelled, see the mail."


def is_whole(group: Group) -> bool:
    if not group.url.startswith("sqlite"):
        return True
    with db.reading():
        return session().scalar(text("PRAGMA integrity_check")) == "ok"


def decisions_of(slug: str) -> list[str]:
    """Which decisions the guard has a verdict of, as the list of its verdicts says."""
    found: list[str] = []
    page = queries.evaluations(queries.by_slug(slug), limit=200)
    while page.rows:
        found += [verdict.decision_id or "" for verdict in page.rows]
        if not page.after:
            break
        page = queries.evaluations(queries.by_slug(slug), page.after, limit=200)
    return sorted(found)


def test_no_acknowledged_decision_evidence_or_ping_is_lost_when_the_server_is_killed(
    processes: Group, figures: Figures
) -> None:
    add_guard(processes, GUARDS[0], "target", {})
    add_guard(processes, GUARDS[1], "heartbeat", {"period_s": 60, "grace_s": 30}, level="shadow")
    key, chance = heartbeat_key(processes, GUARDS[1]), random.Random(1)
    server: list[Process] = []

    def write(client: int, number: int) -> tuple[str, Any] | None:
        kind = (client + number) % 3
        if kind == 0:
            found = processes.ask(server[-1], key=f"{len(server)}-{client}-{number}")
            return ("decision", found["id"]) if found.status == 200 and found["id"] else None
        if kind == 1:
            name = f"{len(server)}-{client}-{number}"
            body = {"predicate": "tested", "subject": {"digest": question()["artifact"]["digest"]}}
            body |= {"service": "data8", "target": "staging", "result": "passed", "event_id": name}
            told = server[-1].send("POST", "/api/v1/evidence/attestations", body, processes.headers("ada"))
            return ("evidence", name) if told.status == 201 else None
        rid = f"{len(server)}-{client}-{number}"
        pinged = server[-1].send("POST", f"/api/v1/heartbeats/{key}?rid={rid}")
        return ("ping", rid) if pinged.status == 200 else None

    ledger = Ledger(write)
    for _ in range(ROUNDS):
        server.append(processes.serve())
        with ledger.writing(chance.randrange(20, 60)):
            server[-1].kill()

    with db.reading():
        decisions = set(session().scalars(select(Decision.id)))
        judged = {slug: decisions_of(slug) for slug in GUARDS}
        evidence = set(session().scalars(select(Evidence.event_id)))
        pings = set(session().scalars(select(Ping.rid)))
    there = {"decision": decisions, "evidence": evidence, "ping": pings}
    lost = [(kind, name) for kind, name in ledger.kept if name not in there[kind] and kind != "ping"]
    assert lost == []
    # Of pings only the newest are kept, by number.
    assert {name for kind, name in ledger.kept[-40:] if kind == "ping"} <= pings
    told = f"decisions, evidence and pings of 8 clients, kill -9 {ROUNDS} times: acknowledged and lost"
    figures(told, "0", f"0 of {len(ledger.kept)}")
    # Each with all its verdicts, and with each once.
    assert judged == dict.fromkeys(GUARDS, sorted(decisions))
    assert is_whole(processes)


def test_an_override_is_granted_whole_or_not_at_all_when_the_server_is_killed(processes: Group) -> None:
    add_guard(processes, "target-confirmed", "target", {})
    server = processes.serve()
    granted: list[int] = []
    for number in range(ROUNDS):
        decision = processes.ask(server, declared_target="biology/prod", run={"id": str(number)})["id"]
        body = {"guards": ["target-confirmed"], "reason": REASON}
        path = f"/api/v1/gate/decisions/{decision}/overrides"
        override = server.send("POST", path, body, processes.headers("ada"))["id"]
        ben = processes.browser(server, "ben")
        path = f"/api/v1/gate/overrides/{override}/grant"
        with ThreadPoolExecutor(1) as pool:
            grant = pool.submit(server.send, "POST", path, None, ben)
            sleep(0.004 * number)
            server.kill()
        granted += [override] if grant.result().status == 200 else []
        server = processes.serve()

    with db.reading():
        states = dict(session().execute(select(Override.id, Override.state)).all())
        waivers = set(session().scalars(select(Waiver.override_id)))
        events = select(Event.data).where(Event.verb == "decision.override_granted")
        told = {event["override"] for event in session().scalars(events)}
    whole = {number for number, state in states.items() if state == "granted"}
    assert set(granted) <= whole
    assert waivers == told == whole
    assert is_whole(processes)


def test_a_key_whose_answer_died_is_answered_by_the_next_server(processes: Group) -> None:
    add_guard(processes, "target-confirmed", "target", {})
    attest(processes, "tested")
    first, second = processes.serve(), processes.serve()
    asked = threading.Thread(target=lambda: processes.ask(first, key="run-17"))
    asked.start()
    first.kill()
    asked.join()
    answers = {processes.ask(second, key="run-17")["id"] for _ in range(3)}

    assert len(answers) == 1
    with db.reading():
        assert session().scalars(select(Decision.id)).all() == list(answers)
