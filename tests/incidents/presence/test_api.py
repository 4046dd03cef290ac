"""Who edits an incident at this moment, through the API: told to whoever may see it, gone by itself."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.incidents.presence.models import Presence
from tests.conftest import Clock
from tests.incidents.drafts.test_api import MARKDOWN, TEXT, Api
from tests.statements import counted
from tests.world import World


@pytest.fixture
def ada(any_database: str, client: FlaskClient, world: World) -> Api:
    return Api(client, world)


@pytest.fixture
def ben(ada: Api, world: World) -> Api:
    return Api(ada.client, world, "ben")


@pytest.fixture
def place(ada: Api) -> str:
    slug = ada("POST", "/incidents", data=TEXT, headers=MARKDOWN).get_json()["slug"]
    return f"/incidents/{slug}/presence"


def people(api: Api, place: str) -> list[tuple[str, str]]:
    return [(one["name"], one["part"]) for one in api("GET", place).get_json()["people"]]


def test_each_hears_of_the_others_where_they_were_last(ada: Api, ben: Api, place: str) -> None:
    assert ada("POST", place, json={"part": "5f3a9c01"}).get_json() == {"version": 1, "people": []}
    ada("POST", place, json={"part": "AI-2"})
    ben("POST", place, json={})

    assert people(ben, place) == [("ada", "AI-2")]
    assert people(ada, place) == [("ben", "")]
    assert people(Api(ada.client, ada.world, "cy"), place) == [("ada", "AI-2"), ("ben", "")]


def test_whoever_leaves_is_gone(ada: Api, ben: Api, place: str) -> None:
    ada("POST", place, json={})

    assert ada("DELETE", place).status_code == 204
    assert ada("DELETE", place).status_code == 204
    assert people(ben, place) == []


def test_who_says_nothing_is_gone_after_twenty_seconds(ada: Api, ben: Api, place: str, clock: Clock) -> None:
    ada("POST", place, json={})
    clock.advance(seconds=19)
    assert people(ben, place) == [("ada", "")]
    clock.advance(seconds=2)
    assert people(ben, place) == []
    ben("POST", place, json={})

    with db.reading():
        assert db.session().scalars(select(func.count()).select_from(Presence)).one() == 1


def test_the_newest_version_is_told(ada: Api, ben: Api, place: str) -> None:
    path = place.removesuffix("/presence")
    stored = ben("GET", path).get_json()
    ben("PUT", path, json=stored | {"title": "Another"})

    assert ada("POST", place, json={}).get_json()["version"] == 2


def test_nobody_hears_of_an_incident_that_they_may_not_see(ada: Api, ben: Api, place: str) -> None:
    ben("POST", place, json={})
    path = place.removesuffix("/presence")
    ada("PUT", path, json=ada("GET", path).get_json() | {"restricted": ["ada"]})

    assert [ben(method, place).status_code for method in ("GET", "DELETE")] == [404, 404]
    assert ben("POST", place, json={}).status_code == 404


@pytest.mark.parametrize(
    "body, names", [({"part": "a b"}, "/part"), ({"part": "a" * 41}, "/part"), ({"part": 7}, "part")]
)
def test_what_is_no_part_is_refused_by_name(ada: Api, place: str, body: dict[str, Any], names: str) -> None:
    answer = ada("POST", place, json=body)

    assert answer.status_code == 422
    assert names in answer.text


def test_it_is_no_event(ada: Api, place: str) -> None:
    count = select(func.count()).select_from(Event)
    with db.reading():
        before = db.session().scalars(count).one()
    ada("POST", place, json={})
    ada("DELETE", place)

    with db.reading():
        assert db.session().scalars(count).one() == before


def test_to_look_is_one_statement_and_to_say_it_again_two(ada: Api, place: str) -> None:
    ada("POST", place, json={})
    told = {}
    for method, options in (("GET", {}), ("POST", {"json": {}})):
        with counted() as statements:
            ada(method, place, **options)
        told[method] = [said.split()[0] for said in statements if "presences" in said]

    assert told == {"GET": ["SELECT"], "POST": ["SELECT", "UPDATE"]}
