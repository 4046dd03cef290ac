"""A service in the shape of Backstage's catalogue: what is told, to whom, and how it is named."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.guards import operations as guards
from postmortems.reports.services import entity
from tests.conftest import Clock
from tests.reports.services import told_services
from tests.world import World


@pytest.fixture
def told(any_database: str, world: World, clock: Clock) -> World:
    told_services.told(world)
    return world


def read(
    client: FlaskClient, world: World, service: str, name: str = "cy", query: str = ""
) -> dict[str, Any]:
    answer = client.get(f"/api/v1/catalog/{service}{query}", headers=world.headers(name))
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json, dict)
    return answer.json


def test_it_is_a_component_with_its_incidents_and_open_items(told: World, client: FlaskClient) -> None:
    found = read(client, told, "hub")

    assert (found["apiVersion"], found["kind"]) == ("backstage.io/v1alpha1", "Component")
    assert found["metadata"]["name"] == found["metadata"]["title"] == "hub"
    assert found["metadata"]["annotations"] == {"postmortems/service": "hub"}
    ours = found["spec"]["postmortems"]
    assert ours["counts"] == {"open": 3, "overdue": 2, "unproven": 1}
    assert [incident["title"] for incident in ours["incidents"]] == ["Both fell", "The hub fell"]
    assert [(item["text"], item["overdue"]) for item in ours["action_items"]] == [
        ("Watch it.", True),
        ("Buy a bell.", False),
        ("Split them.", True),
        ("Ask twice.", False),
    ]
    assert ours["targets"] == ["prod"]


def test_it_is_the_same_whoever_asks(told: World, client: FlaskClient) -> None:
    assert read(client, told, "hub", "ada") == read(client, told, "hub", "cy")


@pytest.mark.parametrize("service", ["vault", "nothing", "%00"])
@pytest.mark.parametrize("name", ["ada", "ben", "cy"])
def test_what_restricted_incidents_alone_name_is_there_for_nobody(
    told: World, client: FlaskClient, service: str, name: str
) -> None:
    answer = client.get(f"/api/v1/catalog/{service}", headers=told.headers(name))

    assert answer.status_code == 404


def test_the_team_that_answers_for_it_owns_it(told: World, client: FlaskClient) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {"ada": False}, actor=told.ben)
        guards.save_service("hub", "The hub", ["prod"], team="platform", actor=told.ben)

    found = read(client, told, "hub")

    assert found["metadata"]["title"] == "The hub"
    assert found["spec"]["owner"] == "group:default/platform"
    assert found["relations"] == [{"type": "ownedBy", "targetRef": "group:default/platform"}]


def test_a_reader_that_has_it_is_told_so(told: World, client: FlaskClient) -> None:
    first = client.get("/api/v1/catalog/hub", headers=told.headers())
    again = client.get(
        "/api/v1/catalog/hub", headers={**told.headers(), "If-None-Match": first.headers["ETag"]}
    )

    assert again.status_code == 304


@pytest.mark.parametrize("limit, incidents, items", [(0, 0, 0), (1, 1, 1), (100, 2, 4)])
def test_as_much_is_told_as_is_asked_for(
    told: World, client: FlaskClient, limit: int, incidents: int, items: int
) -> None:
    ours = read(client, told, "hub", query=f"?limit={limit}")["spec"]["postmortems"]

    assert (len(ours["incidents"]), len(ours["action_items"])) == (incidents, items)


@pytest.mark.parametrize("query", ["?limit=-1", "?limit=101", "?limit=x", "?limits=1"])
def test_a_query_that_is_wrong_is_refused(told: World, client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/catalog/hub{query}", headers=told.headers()).status_code == 422


NAMES = [
    ("hub", "hub"),
    ("a.b-c_d", "a.b-c_d"),
    ("A1", "A1"),
    ("x" * 63, "x" * 63),
]
# What Backstage does not take gets a mark, so that two such names are not one.
MADE = ["a b", "-a", "a-", "x" * 64, "größe", "日本", "a/b", "a:b", ""]


@pytest.mark.parametrize("name, kept", NAMES)
def test_a_name_that_backstage_takes_is_kept(name: str, kept: str) -> None:
    assert entity.name_of(name) == kept


@pytest.mark.parametrize("name", MADE)
def test_any_other_name_becomes_one_that_it_takes(name: str) -> None:
    made = entity.name_of(name)

    assert entity.NAME.fullmatch(made)
    assert len(made) <= 63
    assert len({entity.name_of(each) for each in MADE}) == len(MADE)
