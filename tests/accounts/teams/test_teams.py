"""Teams: made, changed by admins and leads, deleted; and whom a name in a report means."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.teams import operations, queries
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict
from tests.accounts.teams.owners import owned
from tests.conftest import Clock
from tests.incidents.documents import SYSTEM
from tests.world import World


class Api:
    """Requests of one of the world's people about teams."""

    def __init__(self, client: FlaskClient, world: World) -> None:
        self.client, self.world = client, world

    def __call__(self, method: str, path: str, who: str = "ben", **sent: Any) -> TestResponse:
        headers = self.world.headers(who) | sent.pop("headers_of", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def platform(self, *members: tuple[str, bool], name: str = "Platform") -> TestResponse:
        named = [{"account": account, "is_lead": leads} for account, leads in members]
        return self("POST", "/teams", json={"id": "platform", "name": name, "members": named})


@pytest.fixture
def api(any_database: str, client: FlaskClient, world: World, clock: Clock) -> Api:
    return Api(client, world)


def test_a_team_is_made_found_changed_and_deleted(api: Api) -> None:
    made = api.platform(("cy", False), ("ada", True))
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/teams/platform")
    assert made.json["members"] == [
        {"account": "ada", "is_lead": True, "role": ""},
        {"account": "cy", "is_lead": False, "role": ""},
    ]
    sent = {"name": "Platform", "members": [{"account": "cy"}], "version": 1}
    changed = api("PUT", "/teams/platform", json=sent)
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert changed.json["members"] == [{"account": "cy", "is_lead": False, "role": ""}]
    assert api("PUT", "/teams/platform", json=sent | {"members": []}).status_code == 409
    # An ETag says the same: who has that state is sent nothing, and who read another one changes nothing.
    tag = api("GET", "/teams/platform").headers["ETag"]
    assert api("GET", "/teams/platform", headers_of={"If-None-Match": tag}).status_code == 304
    named = {"name": "Platform", "members": [{"account": "cy"}, {"account": "ada"}]}
    assert api("PUT", "/teams/platform", json=named, headers_of={"If-Match": tag}).status_code == 200
    assert api("PUT", "/teams/platform", json=sent, headers_of={"If-Match": tag}).status_code == 412
    assert [team["id"] for team in api("GET", "/teams", "cy").json["teams"]] == ["platform"]
    assert api("DELETE", "/teams/platform").status_code == 204
    assert api("GET", "/teams/platform").status_code == 404
    with db.reading():
        verbs = [event.verb for event in session().query(Event).order_by(Event.id)]
    assert [verb for verb in verbs if verb.startswith("team.")] == [
        "team.created",
        "team.changed",
        "team.changed",
        "team.deleted",
    ]


def test_saving_what_is_there_is_no_change(api: Api) -> None:
    api.platform(("ada", True))
    again = api("PUT", "/teams/platform", json={"name": "Platform", "members": api_members(("ada", True))})
    assert again.json["version"] == 1


def api_members(*members: tuple[str, bool]) -> list[dict[str, object]]:
    return [{"account": account, "is_lead": leads} for account, leads in members]


@pytest.mark.parametrize(
    "sent, status, told",
    [
        ({"id": "Platform", "name": "Platform"}, 422, "small letters"),
        ({"id": "-x", "name": "X"}, 422, "small letters"),
        ({"id": "platform", "name": "  "}, 422, "letters"),
        ({"id": "platform", "name": "two\nlines"}, 422, "on one line"),
        ({"id": "platform", "name": "@"}, 422, "letters"),
        ({"id": "platform", "name": "Platform", "members": [{"account": "nobody"}]}, 422, "nobody"),
        ({"id": "ada", "name": "Web"}, 409, "an account is called ada"),
        ({"id": "web", "name": "@Ada"}, 409, "an account is called ada"),
        ({"id": "web", "name": "Platform "}, 409, "has that name"),
        ({"id": "web", "name": "PLÁTFORM"}, 409, "has that name"),
        ({"id": "platform", "name": "Web"}, 409, "has that name"),
        ({"name": "Web"}, 422, "id"),
    ],
)
def test_what_is_no_team_is_refused(api: Api, sent: dict[str, Any], status: int, told: str) -> None:
    if status == 409:
        api.platform()
    refused = api("POST", "/teams", json=sent)
    assert (refused.status_code, told in refused.text) == (status, True)


def test_whoever_leads_a_team_chooses_its_members_on_the_page_and_not_its_name(api: Api) -> None:
    api.platform(("ada", True))
    ada = api.world.browser("ada")
    lines = {"members": "ada, lead\n@cy", "version": "1", "do": "save"}
    assert ada.send("/settings/teams/platform", lines).status_code == 303
    assert "cy" in ada.get("/settings/teams/platform").text
    renamed = ada.send("/settings/teams/platform", lines | {"name": "Other", "version": "2"})
    assert renamed.status_code == 403
    assert ada.send("/settings/teams/platform", {"do": "delete"}).status_code == 403
    # A token of hers acts within its scopes, whatever she leads.
    sent = {"name": "Platform", "members": []}
    assert api("PUT", "/teams/platform", "ada", json=sent).status_code == 403


def test_members_who_are_no_accounts_are_said_with_what_was_typed(api: Api) -> None:
    api.platform()
    ben = api.world.browser("ben")
    for lines, told in {
        "ada\nyuvi": "no account named yuvi",
        "ada, boss": "role in a team is reviewer, author, admin",
    }.items():
        fields = {"name": "Platform", "members": lines, "version": "1", "do": "save"}
        refused = ben.send("/settings/teams/platform", fields)
        assert (refused.status_code, told in refused.text, lines.split("\n")[0] in refused.text) == (
            422,
            True,
            True,
        )


PICKED: dict[str, tuple[dict[str, str], list[tuple[str, bool, str]]]] = {
    "one more": ({"account": " @cy "}, [("ada", True, ""), ("cy", False, "")]),
    "with a role": (
        {"account": "cy", "role": "author", "leads": "true"},
        [("ada", True, ""), ("cy", True, "author")],
    ),
    "in the team already": ({"account": "ada", "role": "reviewer"}, [("ada", False, "reviewer")]),
    "nobody": ({"account": " "}, [("ada", True, "")]),
}


@pytest.mark.parametrize("case", PICKED)
def test_somebody_is_picked_beside_the_lines(api: Api, case: str) -> None:
    fields, expected = PICKED[case]
    api.platform(("ada", True))
    ben = api.world.browser("ben")
    page = ben.get("/settings/teams/platform").text
    assert 'list="people"' in page
    assert '<option value="cy">' in page

    sent = {"name": "Platform", "members": "ada, lead\n", "version": "1", "do": "save"} | fields
    assert ben.send("/settings/teams/platform", sent).status_code == 303

    with db.reading():
        members = queries.team("platform").members
        found = sorted((one.user.name, one.is_lead, one.role) for one in members)
    assert found == expected


def test_who_was_picked_and_is_nobody_stands_below_the_lines_with_the_question_who_it_is(api: Api) -> None:
    api.platform()
    picked = {"account": "yuvi", "leads": "true", "role": "author"}
    sent = {"name": "Platform", "members": "ada", "version": "1", "do": "save"} | picked

    refused = api.world.browser("ben").send("/settings/teams/platform", sent)

    assert refused.status_code == 422
    assert "no account named yuvi: who is this?" in refused.text
    assert "ada\nyuvi, lead, author</textarea>" in refused.text


def test_others_see_teams_and_change_none(api: Api) -> None:
    api.platform(("ada", True))
    cy = api.world.browser("cy")
    page = cy.get("/settings/teams/platform").text
    assert "ada" in page
    assert "<textarea" not in page
    assert cy.send("/settings/teams", {"id": "web", "name": "Web"}).status_code == 403
    assert cy.send("/settings/teams/names", {"owner": "Yuvi", "who": "ada"}).status_code == 403


@pytest.mark.parametrize(
    "name, kind, who",
    [
        ("@ada", "account", "ada"),
        ("ADA", "account", "ada"),
        ("Platform", "team", "Platform"),
        ("@platform-team", "team", "Platform"),
        ("Yuvi", "account", "ada"),
        ("@yuvi", "account", "ada"),
        ("The hub people", "team", "Platform"),
        ("kim", "", ""),
        ("", "", ""),
    ],
)
def test_whom_a_name_means(any_database: str, world: World, name: str, kind: str, who: str) -> None:
    with db.transaction():
        operations.create("platform-team", "Platform", {"ada": True}, actor=world.ben)
        operations.name_owner("Yuvi", account="ada", actor=world.ben)
        operations.name_owner("the hub people", team="platform-team", actor=world.ben)
    with db.reading():
        found = queries.meant([name]).get(name)
        assert (found.kind if found else "", found.name if found else "") == (kind, who)


def test_a_name_means_whoever_was_said_last_and_nobody_once_forgotten(api: Api) -> None:
    api.platform()
    assert api("PUT", "/owner-names", json={"name": "@Yuvi", "account": "ada"}).json["account"] == "ada"
    assert api("PUT", "/owner-names", json={"name": "yuvi", "team": "platform"}).json == {
        "name": "yuvi",
        "account": None,
        "team": "platform",
    }
    assert len(api("GET", "/owner-names", "cy").json["owner_names"]) == 1
    assert api("POST", "/owner-names/forget", json={"name": "YUVI"}).status_code == 204
    assert api("POST", "/owner-names/forget", json={"name": "yuvi"}).status_code == 404


@pytest.mark.parametrize(
    "sent, status, told",
    [
        ({"name": "Yuvi"}, 422, "one of them"),
        ({"name": "Yuvi", "account": "ada", "team": "platform"}, 422, "one of them"),
        ({"name": "Yuvi", "account": "nobody"}, 422, "no account named"),
        ({"name": "Yuvi", "team": "nothing"}, 422, "no team"),
        ({"name": "@", "account": "ada"}, 422, "as reports have it"),
        ({"name": "ada", "account": "cy"}, 409, "means that"),
        ({"name": "Platform", "account": "cy"}, 409, "means that"),
    ],
)
def test_a_name_that_cannot_be_said_is_refused(
    api: Api, sent: dict[str, str], status: int, told: str
) -> None:
    api.platform()
    refused = api("PUT", "/owner-names", json=sent)
    assert (refused.status_code, told in refused.text) == (status, True)


def test_no_account_takes_the_name_of_a_team_or_of_somebody(any_database: str, world: World) -> None:
    with db.transaction():
        operations.create("platform", "Platform", {}, actor=world.ben)
        operations.name_owner("yuvi", account="ada", actor=world.ben)
        for name in ("platform", "Platform", "Yuvi"):
            with pytest.raises(Conflict):
                accounts.add_user(name, "author", actor=SYSTEM)


def test_what_is_of_somebody_is_found_under_all_names(any_database: str, world: World) -> None:
    with db.transaction():
        operations.name_owner("Yuvi Panda", account="ada", actor=world.ben)
    with db.reading():
        ada = accounts_queries.account("ada")
        assert sorted(queries.keys_of(ada.id)) == ["ada", "yuvi panda"]


def test_owners_whom_nobody_knows_are_asked_about_where_an_admin_can_say(world: World) -> None:
    owned("@kim", "@ada")
    page = world.browser("ben").get("/settings/teams").text
    assert "Who is @kim?" in page
    assert "Who is @ada?" not in page
    assert (
        world.browser("ben").send("/settings/teams/names", {"owner": "@kim", "who": "ada"}).status_code == 303
    )
    assert "Who is @kim?" not in world.browser("ben").get("/settings/teams").text


def test_a_switched_off_lead_is_told_nothing(any_database: str, world: World) -> None:
    with db.transaction():
        team = operations.create("platform", "Platform", {"ada": True, "cy": True}, actor=world.ben)
        accounts.change_user("cy", role="viewer", is_active=False, actor=Actor.system("test"))
        assert [user.name for user in queries.leads(team.id)] == ["ada"]
