"""Service accounts: who opens them, who answers for them, and that nobody signs in or is meant by one."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts import proxy_sign_in, queries, sign_in
from postmortems.accounts.models import User
from postmortems.accounts.programs import operations as programs
from postmortems.accounts.programs import queries as program_queries
from postmortems.accounts.teams import operations as teams
from postmortems.accounts.teams import queries as team_queries
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from postmortems.incidents.mentions import queries as mentions
from postmortems.notify.people import operations as people
from tests.world import World

FIELDS = {"name": "data8-deploys", "role": "author", "owner": "ada", "purpose": "deploys of data8"}
OTTO = Actor("person", "otto", role="operator", user_id=99)


def opened(world: World, **changes: Any) -> User:
    return programs.add(FIELDS | changes, actor=world.ben).user


def test_it_is_there_with_who_answers_for_it(any_database: str, world: World) -> None:
    with db.transaction():
        opened(world)
        event = audit.latest(limit=1)[0]
    with db.reading():
        account = program_queries.by_name("data8-deploys")

        assert (account.user.kind, account.user.role, account.user.is_active) == ("service", "author", True)
        assert programs.said_of(account) == {"purpose": "deploys of data8", "owner": "ada", "team": ""}
        assert (event.verb, event.data["kind"], event.data["owner"]) == ("user.added", "service", "ada")


@pytest.mark.parametrize(
    "changes, pointer",
    [
        ({"name": "a b"}, "/name"),
        ({"role": "admin"}, "/role"),
        ({"role": "reviewer"}, "/role"),
        ({"role": ""}, "/role"),
        ({"owner": ""}, "/owner"),
        ({"team": "lab"}, "/owner"),
        ({"owner": "nobody"}, "/owner"),
        ({"owner": "", "team": "none"}, "/team"),
        ({"purpose": "x" * 201}, "/purpose"),
        ({"purpose": "two\nlines"}, "/purpose"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world: World, changes: dict[str, Any], pointer: str) -> None:
    with db.transaction():
        teams.create("lab", "Lab", {}, actor=world.ben)
        with pytest.raises(Invalid) as refused:
            opened(world, **changes)

    assert pointer in [problem.pointer for problem in refused.value.problems]


def test_one_answers_for_another_no_more_than_for_itself(world: World) -> None:
    with db.transaction():
        opened(world)
        with pytest.raises(Invalid, match="no person"):
            opened(world, name="other", owner="data8-deploys")


def test_a_name_that_is_taken_is_refused(world: World) -> None:
    with db.transaction(), pytest.raises(Conflict):
        opened(world, name="cy", owner="ada")


def test_an_operator_gives_the_role_viewer_and_an_admin_any(world: World) -> None:
    with db.transaction():
        account = programs.add(FIELDS | {"role": "viewer"}, actor=OTTO)
        with pytest.raises(NotAllowed, match="an admin gives"):
            programs.change(account.user.name, {"role": "author"}, actor=OTTO)
        with pytest.raises(NotAllowed, match="an admin gives"):
            programs.add(FIELDS | {"name": "other"}, actor=OTTO)

        assert programs.change(account.user.name, {"role": "author"}, actor=world.ben).user.role == "author"
        # What it does already it may go on doing, whoever changes what it is for.
        assert programs.change(account.user.name, {"purpose": "x"}, actor=OTTO).purpose == "x"


@pytest.mark.parametrize("name", ["ada", "cy"])
def test_others_open_none(world: World, name: str) -> None:
    with db.transaction(), pytest.raises(NotAllowed):
        programs.add(FIELDS, actor=getattr(world, name))


def test_a_team_takes_it_over_from_a_person(any_database: str, world: World) -> None:
    with db.transaction():
        teams.create("lab", "Lab", {}, actor=world.ben)
        opened(world)
    with db.transaction():
        account = programs.change("data8-deploys", {"team": "lab"}, actor=world.ben)

        assert programs.said_of(account) == {"purpose": "deploys of data8", "owner": "", "team": "lab"}
    with db.transaction():
        teams.delete("lab", actor=world.ben)
    with db.reading():
        assert programs.said_of(program_queries.by_name("data8-deploys"))["team"] == ""


def test_nobody_signs_in_as_it(world: World) -> None:
    with db.transaction():
        user, now = opened(world), clock.now()

        with pytest.raises(Conflict, match="nobody signs in"):
            sign_in.make_sign_in_link(user, now, actor=world.ben)
        with pytest.raises(NotAllowed):
            sign_in.open_session(user, now)
        with pytest.raises(NotAllowed, match="service account"):
            proxy_sign_in.account(user.name, "author")
        with pytest.raises(Conflict, match="no password"):
            accounts.reset(user.name, actor=world.ben)
        with pytest.raises(Conflict, match="no mail"):
            people.set_address(user.name, "ci@example.org", actor=world.ben, sends_mail=True)
        with pytest.raises(NotAllowed):
            sign_in.check("", user)


def test_nobody_means_it(world: World) -> None:
    with db.transaction():
        opened(world)

        assert team_queries.meant(["data8-deploys", "@data8-deploys"]) == {}
        assert mentions.accounts(["data8-deploys"]) == {}
        assert "data8-deploys" not in queries.able(frozenset({"author"}), 100)
        assert "data8-deploys" not in [user.name for user in queries.accounts()]
        with pytest.raises(Invalid, match="no account named data8-deploys"):
            teams.create("lab", "Lab", {"data8-deploys": False}, actor=world.ben)
        with pytest.raises(Conflict):
            teams.create("data8-deploys", "Deploys", {}, actor=world.ben)


@pytest.mark.parametrize(
    "role, refused", [("viewer", {"sign", "admin"}), ("author", {"sign", "admin"}), ("operator", {"sign"})]
)
def test_no_token_of_it_says_what_a_person_has_to_say(world: World, role: str, refused: set[str]) -> None:
    with db.transaction():
        user = opened(world, role=role)
        for scope in ("read", "write", "gate:read", "evidence:write", "metrics", "sign", "admin"):
            if scope in refused:
                with pytest.raises(Invalid, match=f"cannot have the scope {scope}"):
                    accounts.add_token(user.name, "ci", ["read", scope], None, actor=world.ben)
            else:
                accounts.add_token(user.name, "ci", ["read", scope], None, actor=world.ben)


def test_only_admins_make_its_tokens(world: World) -> None:
    with db.transaction():
        user = opened(world)
        for actor in (world.ada, OTTO):
            with pytest.raises(NotAllowed):
                accounts.add_token(user.name, "ci", ["read"], None, actor=actor)


def test_its_token_acts_as_it_until_it_is_switched_off(any_database: str, world: World) -> None:
    with db.transaction():
        secret = accounts.add_token(opened(world).name, "ci", ["read"], None, actor=world.ben)[1]
    with db.reading():
        actor = queries.actor_of_token(secret, clock.now())
    assert (actor.kind, actor.name, actor.role) == ("token", "data8-deploys", "author")

    with db.transaction():
        programs.change("data8-deploys", {"is_active": False}, actor=OTTO)
    with db.transaction():
        programs.change("data8-deploys", {"is_active": True}, actor=OTTO)
    with db.reading():
        assert queries.actor_of_token(secret, clock.now()) == Actor.nobody()


def test_a_token_ends_that_its_new_role_could_not_have(any_database: str, world: World) -> None:
    with db.transaction():
        name = opened(world, role="operator").name
        wide = accounts.add_token(name, "wide", ["admin"], None, actor=world.ben)[1]
        narrow = accounts.add_token(name, "narrow", ["write"], None, actor=world.ben)[1]
    with db.transaction():
        programs.change(name, {"role": "author"}, actor=world.ben)

    with db.reading():
        assert queries.actor_of_token(wide, clock.now()) == Actor.nobody()
        assert queries.actor_of_token(narrow, clock.now()).role == "author"


def test_people_are_none(world: World) -> None:
    with db.transaction():
        for name in ("ada", "nobody"):
            with pytest.raises(NotFound, match="no service account"):
                programs.change(name, {"is_active": False}, actor=world.ben)


@pytest.mark.parametrize("role", ["admin", "reviewer"])
def test_it_becomes_nobody_whose_word_counts(world: World, role: str) -> None:
    with db.transaction():
        opened(world)
        with pytest.raises(Invalid, match="service account must be one of viewer, author, operator"):
            accounts.change_user("data8-deploys", role=role, is_active=True, actor=world.ben)
