"""Roles in teams: who gives them, what an event says of it, and that they count as long as they are held."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts import sign_in
from postmortems.accounts.teams import operations, placements, queries
from postmortems.accounts.teams.placements import Placement
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Invalid, NotAllowed
from tests.conftest import Clock
from tests.statements import counted
from tests.world import World

SYSTEM = Actor.system("test")


def lab(roles: dict[str, str], leads: tuple[str, ...] = ()) -> int:
    """A team of these people with their roles; its id."""
    with db.transaction():
        members = {name: name in leads for name in roles}
        return operations.create("lab", "Lab", members, roles, actor=SYSTEM).id


def held() -> dict[str, str]:
    with db.reading():
        return {each.user.name: each.role for each in queries.team("lab").members}


def change(roles: dict[str, str], actor: Actor) -> None:
    with db.transaction():
        leads = {each.user.name: each.is_lead for each in queries.team("lab").members}
        operations.change("lab", "Lab", dict.fromkeys(roles, False) | leads, roles, actor=actor)


def test_the_api_gives_keeps_and_takes_roles_and_an_event_says_what_was_before(
    any_database: str, client: FlaskClient, world: World, clock: Clock
) -> None:
    def put(*members: dict[str, Any]) -> dict[str, str]:
        sent = {"name": "Lab", "members": list(members)}
        answer = client.put("/api/v1/teams/lab", json=sent, headers=world.headers("ben"))
        assert answer.status_code == 200, answer.text
        return {each["account"]: each["role"] for each in answer.json["members"]}

    lab({"cy": "", "ada": ""})
    assert put({"account": "cy", "role": "author"}, {"account": "ada"}) == {"cy": "author", "ada": ""}
    # Whoever knows nothing of roles takes none away.
    assert put({"account": "cy", "is_lead": True}) == {"cy": "author"}
    assert put({"account": "cy", "role": ""}) == {"cy": ""}
    with db.reading():
        events = session().query(Event).where(Event.verb == "team.changed").order_by(Event.id)
        said = [(event.data["before"], event.data["members"]) for event in events]
    assert said == [
        (["ada", "cy"], ["ada", "cy (author)"]),
        (["ada", "cy (author)"], ["cy (lead, author)"]),
        (["cy (lead, author)"], ["cy"]),
    ]


@pytest.mark.parametrize(
    "role, told",
    [
        ("operator", "for the service as a whole"),
        ("viewer", "leave the role out"),
        ("boss", "'boss' is none"),
    ],
)
def test_other_roles_are_not_a_teams_to_give(
    database: str, world: World, clock: Clock, role: str, told: str
) -> None:
    with pytest.raises(Invalid, match=told), db.transaction():
        operations.create("lab", "Lab", {"cy": False}, {"cy": role}, actor=SYSTEM)


def test_the_api_says_which_roles_a_team_gives(client: FlaskClient, world: World, clock: Clock) -> None:
    sent = {"id": "lab", "name": "Lab", "members": [{"account": "cy", "role": "operator"}]}
    refused = client.post("/api/v1/teams", json=sent, headers=world.headers("ben"))

    assert (refused.status_code, "for the service as a whole" in refused.text) == (422, True)


# What a lead of that role may make of a member's: (own, before, after, may).
LEADS = [
    ("author", "", "author", True),
    ("author", "", "reviewer", True),
    ("author", "author", "", True),
    ("author", "", "admin", False),
    ("author", "admin", "author", False),
    ("author", "admin", "", False),
    ("author", "admin", "admin", True),
    ("reviewer", "", "author", False),
    ("admin", "", "admin", True),
    ("", "", "reviewer", False),
    ("", "", "", True),
]


@pytest.mark.parametrize("own, before, after, may", LEADS)
def test_a_lead_gives_and_takes_what_they_hold_themselves_at_most(
    database: str, world: World, clock: Clock, own: str, before: str, after: str, may: bool
) -> None:
    lab({"cy": own, "ada": before}, leads=("cy",))

    if may:
        change({"ada": after}, world.cy)
    else:
        with pytest.raises(NotAllowed, match="up to their own"):
            change({"ada": after}, world.cy)
    assert held()["ada"] == (after if may else before)


def test_a_lead_raises_neither_themselves_nor_whom_they_put_in_anew(
    database: str, world: World, clock: Clock
) -> None:
    lab({"cy": "author", "ada": "admin"}, leads=("cy",))

    with pytest.raises(NotAllowed):
        change({"cy": "admin"}, world.cy)
    with db.transaction():
        operations.change("lab", "Lab", {"cy": True}, actor=world.cy)
    with pytest.raises(NotAllowed):
        change({"ada": "admin"}, world.cy)
    assert held() == {"cy": "author"}


def test_the_page_shows_and_takes_roles_one_account_a_line(world: World, clock: Clock) -> None:
    lab({"cy": "author", "ada": ""}, leads=("cy",))
    ben = world.browser("ben")
    assert "ada\ncy, lead, author" in ben.get("/settings/teams/lab").text

    lines = {"name": "Lab", "version": "1", "do": "save", "members": "ada, reviewer\ncy, Author, lead"}
    assert ben.send("/settings/teams/lab", lines).status_code == 303
    assert held() == {"ada": "reviewer", "cy": "author"}
    wrong = ben.send("/settings/teams/lab", lines | {"version": "2", "members": "ada, author, admin"})
    assert (wrong.status_code, "one role, or both" in wrong.text) == (422, True)


def test_one_statement_tells_who_signed_in_and_the_roles_they_hold(
    any_database: str, world: World, clock: Clock
) -> None:
    lab_id = lab({"cy": "author", "ada": ""})
    with db.transaction():
        secret = sign_in.open_session(accounts_queries.account("cy"), clock.now())
        web = operations.create("web", "Web", {"cy": False}, {"cy": "admin"}, actor=SYSTEM).id
    with db.reading(), counted() as statements:
        cy = accounts_queries.actor_of_session(secret, clock.now())
        bearer = accounts_queries.actor_of_token(world.tokens["cy"], clock.now())
        ada = accounts_queries.actor_of_token(world.tokens["ada"], clock.now())

    assert cy.team_roles == bearer.team_roles == {lab_id: "author", web: "admin"}
    assert ada.team_roles == {}
    assert len([each for each in statements if each.startswith("SELECT")]) == 3


def test_a_role_ends_with_the_team_the_membership_and_the_account(
    any_database: str, world: World, clock: Clock
) -> None:
    def roles() -> dict[int, str]:
        with db.reading():
            return dict(accounts_queries.actor_of_token(world.tokens["cy"], clock.now()).team_roles)

    lab_id = lab({"cy": "author"})
    assert roles() == {lab_id: "author"}
    with db.transaction():
        placements.place("lab", accounts_queries.account("cy"), Placement(False), actor=SYSTEM)
    assert roles() == {}
    with db.transaction():
        placements.place("lab", accounts_queries.account("cy"), Placement(True), actor=SYSTEM)
    # The directory knows nothing of it: who comes back has none.
    assert roles() == {}
    change({"cy": "admin"}, SYSTEM)
    with db.transaction():
        operations.delete("lab", actor=SYSTEM)
    assert roles() == {}
    lab({"cy": "author"})
    with db.transaction():
        accounts.change_user("cy", role="viewer", is_active=False, actor=SYSTEM)
    assert roles() == {}
