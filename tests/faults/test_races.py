"""Two servers on one database that are asked the same at the same moment: one of them wins, never both."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.models import Decision, Override, Waiver
from postmortems.guards.models import Evidence, Ping
from tests.faults.serving import CLAIM, DIGEST, Answer, Group, Process, add_guard, heartbeat_key, together
from tests.loopback import http, listening

pytestmark = pytest.mark.faults

AT_ONCE = 16
REASON = "The labs of this week were cancelled, see the mail."


@pytest.fixture
def servers(processes: Group) -> tuple[Process, Process]:
    return processes.serve(), processes.serve()


def blocked(group: Group, server: Process, **guard: str) -> str:
    """The id of a decision that a soft guard blocks."""
    add_guard(group, "target-confirmed", "target", {}, **guard)
    found = group.ask(server, declared_target="biology/prod")
    assert found["decision"] == "block"
    return str(found["id"])


def override(group: Group, server: Process, decision: str, by: str = "ada") -> int:
    body = {"guards": ["target-confirmed"], "reason": REASON}
    path = f"/api/v1/gate/decisions/{decision}/overrides"
    asked = server.send("POST", path, body, group.headers(by))
    assert asked.status == 201, asked
    return int(asked["id"])


def settle(server: Process, number: int, verb: str, headers: dict[str, str]) -> Answer:
    return server.send("POST", f"/api/v1/gate/overrides/{number}/{verb}", None, headers)


def test_one_key_gets_one_decision_though_guards_have_to_look(
    processes: Group, servers: tuple[Process, Process]
) -> None:
    with listening(http()) as hub:
        add_guard(processes, "online", "http", {"url": hub.url()}, max_age_s=0)
        calls = [lambda n=n: processes.ask(servers[n % 2], key="run-17") for n in range(AT_ONCE)]
        answers = together(calls)

    given = {answer["id"] for answer in answers if answer.status == 200}
    refused = [answer for answer in answers if answer.status != 200]
    assert len(given) == 1
    assert {answer.status for answer in refused} <= {409}
    assert all("Retry-After" in answer.headers for answer in refused)
    assert processes.ask(servers[1], key="run-17")["id"] in given
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Decision)) == 1


def test_an_override_serves_one_of_the_deploys_that_come_at_once(
    processes: Group, servers: tuple[Process, Process]
) -> None:
    number = override(processes, servers[0], blocked(processes, servers[0]))
    ben = processes.browser(servers[0], "ben")
    assert settle(servers[0], number, "grant", ben).status == 200
    calls = [
        lambda n=n: processes.ask(servers[n % 2], declared_target="biology/prod", run={"id": str(n)})
        for n in range(AT_ONCE)
    ]
    answers = together(calls)

    assert Counter(answer.status for answer in answers) == {200: AT_ONCE}
    assert Counter(answer["decision"] for answer in answers) == {"allow": 1, "block": AT_ONCE - 1}
    served = next(answer["id"] for answer in answers if answer["decision"] == "allow")
    with db.reading():
        assert session().scalars(select(Waiver.used_by)).all() == [served]


def test_the_same_person_never_counts_as_two(processes: Group, servers: tuple[Process, Process]) -> None:
    decision = blocked(processes, servers[0], override="two")
    number = override(processes, servers[0], decision, by="ben")
    ben = processes.browser(servers[0], "ben")
    answers = together([lambda n=n: settle(servers[n % 2], number, "grant", ben) for n in range(4)])

    assert {answer.status for answer in answers} == {403}
    with db.reading():
        assert session().scalars(select(Override.state)).all() == ["requested"]
        assert session().scalars(select(Waiver)).all() == []


def test_of_all_who_settle_an_override_at_once_one_does(
    processes: Group, servers: tuple[Process, Process]
) -> None:
    number = override(processes, servers[0], blocked(processes, servers[0], override="two"))
    ben = processes.browser(servers[0], "ben")
    verbs = ["grant", "refuse"] * 4
    calls = [lambda n=n, verb=verb: settle(servers[n % 2], number, verb, ben) for n, verb in enumerate(verbs)]
    answers = together(calls)

    assert Counter(answer.status for answer in answers) == {200: 1, 409: len(verbs) - 1}
    state = next(answer["state"] for answer in answers if answer.status == 200)
    with db.reading():
        assert session().scalars(select(Override.state)).all() == [state]
        assert len(session().scalars(select(Waiver)).all()) == (1 if state == "granted" else 0)


def test_a_decision_that_serves_once_is_found_valid_once(
    processes: Group, servers: tuple[Process, Process]
) -> None:
    add_guard(processes, "target-confirmed", "target", {})
    decision = processes.ask(servers[0])["id"]
    path, body = f"/api/v1/gate/decisions/{decision}/verify", CLAIM | {"use": True}
    calls = [
        lambda n=n: servers[n % 2].send("POST", path, body, processes.headers("ada")) for n in range(AT_ONCE)
    ]
    answers = together(calls)

    assert Counter(answer["is_valid"] for answer in answers) == {True: 1, False: AT_ONCE - 1}
    assert {answer["reason_code"] for answer in answers} == {"valid", "used"}


def test_an_event_that_is_sent_twice_at_once_is_kept_once(
    processes: Group, servers: tuple[Process, Process]
) -> None:
    body = {"service": "data8", "target": "prod", "artifact": {"digest": DIGEST}, "outcome": "succeeded"}
    calls = [
        lambda n=n: servers[n % 2].send(
            "POST", "/api/v1/evidence/deploys", body | {"event_id": "run-17"}, processes.headers("ada")
        )
        for n in range(AT_ONCE)
    ]
    answers = together(calls)

    assert {answer.status for answer in answers} == {201}
    with db.reading():
        assert session().scalars(select(Evidence.event_id)).all() == ["run-17"]


def test_pings_at_once_are_all_kept_and_numbered(processes: Group, servers: tuple[Process, Process]) -> None:
    config = {"period_s": 60, "grace_s": 30}
    add_guard(processes, "nightly", "heartbeat", config)
    key = heartbeat_key(processes, "nightly")
    ways = ["", "/start", "/fail", "/0", "/3"]
    calls = [
        lambda n=n: servers[n % 2].send("POST", f"/api/v1/heartbeats/{key}{ways[n % len(ways)]}")
        for n in range(AT_ONCE)
    ]
    answers = together(calls)

    assert {answer.status for answer in answers} == {200}
    with db.reading():
        numbers = session().scalars(select(Ping.number).order_by(Ping.number)).all()
    assert numbers == list(range(1, AT_ONCE + 1))
