"""Overrides, waivers and scenarios by who has a role in a team: about its targets and incidents alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import NotAllowed
from postmortems.gate.decisions import ask, live_drill
from postmortems.gate.exemptions import overrides, requests, waivers
from postmortems.gate.models import Override, Scenario, Waiver
from postmortems.gate.scenarios import operations as scenarios
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Service
from postmortems.incidents.items import owners
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CI, WHY, only, request
from tests.runtimes import RUNTIME

SYSTEM = Actor.system("test")
# Viewers, and what they are in the team that data8 is of, or in that of biology.
PEOPLE = {"liv": ("lab", "admin"), "lou": ("lab", "admin"), "lea": ("lab", "author")}
PEOPLE |= {"bea": ("bio", "admin"), "bob": ("bio", "author")}


@pytest.fixture
def stopped(any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    """A decision about data8/prod that a guard blocks; the value is its id."""
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    founding.tell(clock.now())
    with db.transaction():
        accounts.add_user("root", "admin", actor=SYSTEM)
        for name in PEOPLE:
            accounts.add_user(name, "viewer", actor=SYSTEM)
        for team, service in (("lab", "data8"), ("bio", "biology")):
            roles = {name: role for name, (of, role) in PEOPLE.items() if of == team}
            members = dict.fromkeys(roles, False)
            made = owners.create_team(team, team.title(), members, roles, actor=SYSTEM)
            row = session().scalars(select(Service).where(Service.name == service)).one()
            row.team_id = made.id
    only("target-confirmed")
    asked = request(declared_target="biology/prod")
    return str(ask.ask(asked, actor=CI, runtime=RUNTIME)["id"])


def person(name: str, kind: str = "person") -> Actor:
    with db.reading():
        user = accounts_queries.account(name)
        return Actor(kind, name, user.role, user_id=user.id, team_roles=teams.roles_of(user.id))


def asked_for(decision: str, by: Actor) -> int:
    with db.transaction():
        return overrides.request(decision, {"guards": ["target-confirmed"], "reason": WHY}, actor=by).id


def may(act: Any, *given: Any, name: str) -> bool:
    actor = person(name)
    try:
        with db.transaction():
            act(*given, actor=actor)
    except NotAllowed:
        return False
    return True


def waiver(clock: Clock, by: Actor, **changes: Any) -> int:
    until = (clock.now() + timedelta(hours=2)).isoformat()
    fields = {"kind": "pause", "guard": "target-confirmed", "target": "data8/prod", "reason": WHY}
    with db.transaction():
        return waivers.add(fields | {"until": until} | changes, actor=by).id


@pytest.mark.parametrize("name, granted", [("liv", True), ("lea", False), ("bea", False), ("bob", False)])
@pytest.mark.parametrize("answer", [overrides.grant, overrides.refuse])
def test_an_override_is_answered_by_an_admin_of_the_targets_team(
    stopped: str, answer: Any, name: str, granted: bool
) -> None:
    number = asked_for(stopped, CI)

    assert may(answer, number, name=name) is granted
    with db.reading():
        assert (session().get_one(Override, number).state != "requested") is granted


def test_nobody_grants_what_they_asked_for_and_no_token_does(stopped: str) -> None:
    number = asked_for(stopped, person("liv"))

    assert not may(overrides.grant, number, name="liv")
    token = person("lou", "token")
    with pytest.raises(NotAllowed), db.transaction():
        overrides.grant(number, actor=token)
    assert may(overrides.grant, number, name="lou")


WAIVERS = [
    ("liv", {}, True),
    ("lea", {}, False),
    ("bea", {}, False),
    # All of the guard's targets, which may come to be more than these.
    ("liv", {"target": ""}, False),
    ("liv", {"kind": "probe_pause", "guard": ""}, True),
    ("liv", {"kind": "probe_pause", "guard": "", "target": "biology/prod"}, False),
    ("bea", {"kind": "probe_pause", "guard": "", "target": "biology/prod"}, True),
]


@pytest.mark.parametrize("name, changes, made", WAIVERS)
def test_a_waiver_is_made_by_an_admin_of_the_targets_team(
    stopped: str, clock: Clock, name: str, changes: dict[str, Any], made: bool
) -> None:
    if made:
        waiver(clock, person(name), **changes)
    else:
        with pytest.raises(NotAllowed):
            waiver(clock, person(name), **changes)


def test_a_waiver_is_granted_by_another_admin_of_the_team_and_ended_by_one(
    stopped: str, clock: Clock
) -> None:
    number = waiver(clock, person("liv"))
    with db.reading():
        assert session().get_one(Waiver, number).granted_by == ""
    for name in ("liv", "bea", "lea"):
        assert not may(waivers.grant, number, name=name), name
    assert may(waivers.grant, number, name="lou")
    for name in ("bea", "lea"):
        assert not may(waivers.end, number, name=name), name
    assert may(waivers.end, number, name="liv")


def test_a_waiver_of_all_targets_is_not_a_teams_to_grant_or_end(stopped: str, clock: Clock) -> None:
    number = waiver(clock, SYSTEM, target="", kind="waiver")

    assert not may(waivers.grant, number, name="liv")
    assert not may(waivers.end, number, name="liv")


def test_home_asks_the_admins_of_the_targets_team(stopped: str, clock: Clock) -> None:
    asked_for(stopped, CI)
    waiver(clock, person("lou"))
    actors = {name: person(name) for name in (*PEOPLE, "root")}
    with db.reading():
        told = {
            name: (len(requests.overrides(actor, 9)), len(requests.waivers(actor, clock.now(), 9)))
            for name, actor in actors.items()
        }

    assert told == {"root": (1, 1), "liv": (1, 1), "lou": (1, 0), "lea": (0, 0), "bea": (0, 0), "bob": (0, 0)}


def test_scenarios_of_an_incident_are_edited_and_drilled_by_authors_of_its_team(stopped: str) -> None:
    with db.reading():
        bad = session().scalars(select(Scenario).where(Scenario.kind == "bad")).one()
        number, facts, slug = bad.id, bad.facts, bad.incident.slug
    new = {"incident": slug, "name": "again", "kind": "bad", "facts": facts}
    tried = [
        (scenarios.drill, (number,)),
        (scenarios.edit, (number, {"description": "As it was."})),
        (scenarios.record, (new,)),
        (scenarios.delete, (number,)),
    ]
    for act, given in tried:
        assert not may(act, *given, name="bob"), act
        assert not may(act, *given, name="bea"), act
        assert may(act, *given, name="lea"), act


def test_the_gate_itself_is_asked_by_whose_role_counts_everywhere(stopped: str) -> None:
    with db.reading():
        number = session().scalars(select(Scenario.id).where(Scenario.kind == "bad")).one()
    assert not may(live_drill.question, number, name="liv")
