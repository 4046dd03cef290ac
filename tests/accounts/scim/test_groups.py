"""Teams by SCIM: what directories send of their groups."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from postmortems.accounts import queries
from postmortems.accounts.teams import queries as teams
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.incidents.items import owners
from postmortems.oidc_values import GroupRule
from tests.accounts.scim.directory import GROUP, TOKEN, Directory
from tests.apps import app_on
from tests.world import World


def members(slug: str) -> dict[str, bool]:
    with db.reading():
        return {member.user.name: member.is_lead for member in teams.team(slug).members}


def test_a_group_is_a_team(any_database: str, directory: Directory) -> None:
    made = directory.create_group("Site Reliability", "1", "3", externalId="g-1")

    assert [one["display"] for one in made["members"]] == ["ada", "cy"]
    assert members("site-reliability") == {"ada": False, "cy": False}
    assert [one["display"] for one in directory.ask("GET", "/Users/1").get_json()["groups"]] == [
        "Site Reliability"
    ]
    with db.reading():
        assert {(event.verb, event.actor) for event in audit.latest(limit=2)} == {
            ("team.created", "scim"),
            ("team.linked", "scim"),
        }


@pytest.mark.parametrize(
    "operation, names",
    [
        # Okta and Entra add.
        ({"op": "add", "path": "members", "value": [{"value": "3", "display": "cy"}]}, ["ada", "ben", "cy"]),
        ({"op": "Add", "path": "members", "value": [{"$ref": None, "value": "3"}]}, ["ada", "ben", "cy"]),
        # Again, under another display name.
        ({"op": "Add", "path": "members", "value": [{"value": "1", "display": "Ada L."}]}, ["ada", "ben"]),
        # They take away: by path, by value, all of them.
        ({"op": "remove", "path": 'members[value eq "1"]'}, ["ben"]),
        ({"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "1"}]}, ["ben"]),
        ({"op": "remove", "path": 'members[value eq "9"]'}, ["ada", "ben"]),
        ({"op": "remove", "path": "members"}, []),
        # Okta puts others in their place.
        ({"op": "replace", "path": "members", "value": [{"value": "3"}]}, ["cy"]),
        ({"op": "replace", "path": "members", "value": []}, []),
        ({"op": "replace", "value": {"id": "1", "displayName": "Platform"}}, ["ada", "ben"]),
        ({"op": "Replace", "path": "displayName", "value": "Platform"}, ["ada", "ben"]),
    ],
)
def test_members_come_and_go_and_who_leads_stays_lead(
    any_database: str, directory: Directory, world: World, operation: dict[str, Any], names: list[str]
) -> None:
    made = directory.create_group("Team", "1", "2")
    with db.transaction():
        owners.change_team("team", "Team", {"ada": False, "ben": True}, actor=world.ben)

    answer = directory.patch(f"/Groups/{made['id']}", operation)

    assert answer.status_code == 200, answer.text
    assert members("team") == {name: name == "ben" for name in names}


def test_a_put_replaces_name_and_members(directory: Directory) -> None:
    made = directory.create_group("Team", "1", "2")

    answer = directory.ask(
        "PUT",
        f"/Groups/{made['id']}",
        {"schemas": [GROUP], "displayName": "Platform", "members": [{"value": "3"}]},
    )

    assert answer.get_json()["displayName"] == "Platform"
    assert members("team") == {"cy": False}


@pytest.mark.parametrize(
    "wanted, found",
    [
        ('displayName eq "Platform"', 1),
        ('displayName eq "platform"', 1),
        ('displayName eq "Plätform"', 0),
        ('displayName eq "plat"', 0),
        ('externalId eq "g-1"', 1),
        ('externalId eq "g-1" and displayName eq "Platform"', 1),
        ('displayName eq "Platform" and members[value eq "1"]', 1),
        ('members.value eq "1"', 1),
        ('members.value eq "2"', 0),
    ],
)
def test_a_filter_finds_teams(any_database: str, directory: Directory, wanted: str, found: int) -> None:
    directory.create_group("Platform", "1", externalId="g-1")
    directory.create_group("Plat form")

    assert len(directory.find("/Groups", wanted)) == found


def test_members_are_left_out_where_they_are_not_wanted(directory: Directory) -> None:
    directory.create_group("Platform", "1")

    page = directory.ask("GET", "/Groups", query={"excludedAttributes": "members"}).get_json()

    assert "members" not in page["Resources"][0]
    assert page["totalResults"] == 1


def test_a_search_in_a_body_finds_teams(directory: Directory) -> None:
    directory.create_group("Platform", "1")
    directory.create_group("Network", "1")
    asked = {"filter": 'displayName eq "Network"', "excludedAttributes": ["members"]}

    page = directory.ask("POST", "/Groups/.search", asked).get_json()

    assert [one["displayName"] for one in page["Resources"]] == ["Network"]
    assert "members" not in page["Resources"][0]


def test_a_group_that_is_deleted_is_gone_with_its_team(directory: Directory) -> None:
    made = directory.create_group("Platform", "1")

    assert directory.ask("DELETE", f"/Groups/{made['id']}").status_code == 204

    assert directory.ask("GET", f"/Groups/{made['id']}").status_code == 404
    with db.reading():
        assert teams.teams() == []


def test_names_that_come_to_the_same_get_slugs_of_their_own(directory: Directory) -> None:
    for name in ("On Call", "On-Call!", "on/call", "ada!", "日本"):
        directory.create_group(name)

    with db.reading():
        assert [team.slug for team in teams.teams()] == ["ada-2", "on-call", "on-call-2", "on-call-3", "team"]


@pytest.mark.parametrize(
    "body, status, kind",
    [
        ({"schemas": [GROUP]}, 400, "invalidValue"),
        ({"schemas": [GROUP], "displayName": "x" * 101}, 400, "invalidValue"),
        ({"schemas": [GROUP], "displayName": "a\nb"}, 400, "invalidValue"),
        ({"schemas": [GROUP], "displayName": "Platform"}, 409, "uniqueness"),
        ({"schemas": [GROUP], "displayName": "PLATFORM"}, 409, "uniqueness"),
        ({"schemas": [GROUP], "displayName": "ada"}, 409, "uniqueness"),
        ({"schemas": [GROUP], "displayName": "New", "members": [{"value": "77"}]}, 400, "invalidValue"),
        ({"schemas": [GROUP], "displayName": "New", "members": [{"value": "ada"}]}, 400, "invalidValue"),
        ({"schemas": [GROUP], "displayName": "New", "members": [{"value": "١"}]}, 400, "invalidValue"),
        ({"schemas": [GROUP], "displayName": "New", "members": [{}]}, 400, "invalidValue"),
        ({"schemas": [GROUP], "displayName": "New", "members": "1"}, 400, "invalidValue"),
    ],
)
def test_a_group_that_cannot_be_is_refused(
    directory: Directory, body: dict[str, Any], status: int, kind: str
) -> None:
    directory.create_group("Platform")

    answer = directory.ask("POST", "/Groups", body)

    assert (answer.status_code, answer.get_json().get("scimType")) == (status, kind), answer.text
    with db.reading():
        assert [team.slug for team in teams.teams()] == ["platform"]


def test_groups_give_roles_by_the_operators_rules(any_database: str, world: World) -> None:
    rules = (GroupRule("SRE", role="admin"), GroupRule("g-dev", role="author"))
    app: Flask = app_on(any_database, scim_token=TOKEN, oidc_groups=rules)
    directory = Directory(app.test_client())
    sre = directory.create_group("SRE", "2", "3")
    directory.create_group("Developers", "1", externalId="g-dev")

    def roles() -> list[str]:
        with db.reading():
            return [queries.account(name).role for name in ("ada", "ben", "cy")]

    assert roles() == ["author", "admin", "admin"]
    directory.patch(f"/Groups/{sre['id']}", {"op": "remove", "path": 'members[value eq "3"]'})
    assert roles() == ["author", "admin", "viewer"]
    directory.ask("DELETE", f"/Groups/{sre['id']}")
    assert roles() == ["author", "admin", "viewer"], "the only admin stays one"


IN_TEAMS = (
    GroupRule("SRE", role="admin"),
    GroupRule("Pay Leads", role="admin", team="payments"),
    GroupRule("g-pay", role="author", team="payments"),
)


def held(name: str) -> dict[str, tuple[str, str]]:
    with db.reading():
        user = queries.account(name)
        return {one.slug: (one.role, one.group) for one in teams.held_by([user.id]).get(user.id, ())}


class TestRolesInTeams:
    """Cy (3) is in the group of Payments and comes into that of its leads, as directories say it."""

    @pytest.fixture
    def directory(self, any_database: str, world: World) -> Directory:
        app = app_on(any_database, scim_token=TOKEN, oidc_groups=IN_TEAMS)
        return Directory(app.test_client())

    @pytest.fixture
    def leads(self, directory: Directory) -> str:
        """The address of the group of the leads, in which nobody is yet."""
        directory.create_group("Payments", "1", "3", externalId="g-pay")
        made: str = directory.create_group("Pay Leads")["id"]
        assert held("cy") == {"payments": ("author", "g-pay")}
        return f"/Groups/{made}"

    @pytest.mark.parametrize(
        "add, remove",
        [
            # Okta
            (
                {"op": "add", "path": "members", "value": [{"value": "3", "display": "cy"}]},
                {"op": "remove", "path": 'members[value eq "3"]'},
            ),
            # Entra, as it is and with the flag aadOptscim062020
            (
                {"op": "Add", "path": "members", "value": [{"$ref": None, "value": "3"}]},
                {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "3"}]},
            ),
            (
                {"op": "add", "path": "members", "value": [{"value": "3"}]},
                {"op": "remove", "path": "members", "value": [{"value": "3"}]},
            ),
            # Google and others put all of them in their place.
            (
                {"op": "replace", "path": "members", "value": [{"value": "3"}]},
                {"op": "replace", "path": "members", "value": []},
            ),
            ({"op": "replace", "value": {"members": [{"value": "3"}]}}, {"op": "remove", "path": "members"}),
        ],
    )
    def test_they_come_and_go_with_the_group(
        self, directory: Directory, leads: str, add: dict[str, Any], remove: dict[str, Any]
    ) -> None:
        assert directory.patch(leads, add).status_code == 200
        assert held("cy") == {"payments": ("admin", "Pay Leads")}
        assert directory.patch(leads, remove).status_code == 200

        assert held("cy") == {"payments": ("author", "g-pay")}
        assert members("payments") == {"ada": False, "cy": False}

    @pytest.mark.parametrize(
        "method, body",
        [
            ("PUT", {"schemas": [GROUP], "displayName": "Guests", "members": [{"value": "2"}]}),
            ("PATCH", {"op": "Replace", "path": "displayName", "value": "Guests"}),
            ("PATCH", {"op": "replace", "value": {"displayName": "Guests"}}),
            ("DELETE", None),
        ],
    )
    def test_a_group_that_is_renamed_or_deleted_gives_nothing_from_then_on(
        self, directory: Directory, leads: str, method: str, body: Any
    ) -> None:
        directory.patch(leads, {"op": "add", "path": "members", "value": [{"value": "2"}]})
        assert held("ben") == {"payments": ("admin", "Pay Leads")}
        assert members("payments") == {"ada": False, "ben": False, "cy": False}
        if method == "PATCH":
            assert directory.patch(leads, body).status_code == 200
        else:
            assert directory.ask(method, leads, body).status_code in {200, 204}

        assert held("ben") == {}
        assert members("payments") == {"ada": False, "cy": False}

    def test_who_is_switched_off_meanwhile_has_it_no_more_when_they_are_on_again(
        self, directory: Directory, leads: str
    ) -> None:
        sre = directory.create_group("SRE", "3")["id"]
        directory.patch(leads, {"op": "add", "path": "members", "value": [{"value": "3"}]})
        directory.patch("/Users/3", {"op": "replace", "path": "active", "value": False})
        for place in (leads, f"/Groups/{sre}"):
            directory.patch(place, {"op": "remove", "path": 'members[value eq "3"]'})
        directory.patch("/Users/3", {"op": "replace", "path": "active", "value": True})

        assert held("cy") == {"payments": ("author", "g-pay")}
        with db.reading():
            assert queries.account("cy").role == "viewer"

    def test_who_comes_back_under_a_name_that_was_deleted_is_in_no_team(
        self, directory: Directory, leads: str
    ) -> None:
        directory.patch(leads, {"op": "add", "path": "members", "value": [{"value": "3"}]})
        assert directory.ask("DELETE", "/Users/3").status_code == 204
        directory.create("cy")

        assert held("cy") == {}
        assert members("payments") == {"ada": False}

    def test_the_directory_sees_only_whom_it_put_there(self, directory: Directory, leads: str) -> None:
        directory.patch(leads, {"op": "add", "path": "members", "value": [{"value": "2"}]})
        payments = directory.find("/Groups", 'externalId eq "g-pay"')[0]

        assert [one["display"] for one in payments["members"]] == ["ada", "cy"]
        assert [one["display"] for one in directory.ask("GET", "/Users/2").get_json()["groups"]] == [
            "Pay Leads"
        ]
        body = {"schemas": [GROUP], "displayName": "Payments", "externalId": "g-pay"}
        body["members"] = [{"value": "1"}]
        directory.ask("PUT", f"/Groups/{payments['id']}", body)
        assert members("payments") == {"ada": False, "ben": False}
        assert held("ben") == {"payments": ("admin", "Pay Leads")}

    def test_whom_a_lead_adds_has_what_the_team_is_but_not_what_the_group_gives(
        self, directory: Directory, world: World
    ) -> None:
        sre = directory.create_group("SRE", "1", "2")["id"]
        directory.create_group("Pay Leads", "1")
        directory.create_group("Payments")
        with db.transaction():
            for slug, name in (("sre", "SRE"), ("pay-leads", "Pay Leads")):
                owners.change_team(slug, name, {"ada": True, "ben": False}, actor=world.ben)
                owners.change_team(slug, name, {"ada": True, "ben": False, "cy": False}, actor=world.ada)
        dora = directory.create("dora")["id"]
        directory.patch(f"/Groups/{sre}", {"op": "add", "path": "members", "value": [{"value": dora}]})
        directory.patch(f"/Groups/{sre}", {"op": "replace", "path": "displayName", "value": "SRE"})

        assert members("sre") == {"ada": True, "ben": False, "cy": False, "dora": False}
        with db.reading():
            assert [queries.account(name).role for name in ("cy", "dora")] == ["viewer", "admin"]
        assert held("cy") == {}
        # Once the directory says it, it counts.
        directory.patch(f"/Groups/{sre}", {"op": "add", "path": "members", "value": [{"value": "3"}]})
        with db.reading():
            assert queries.account("cy").role == "admin"
