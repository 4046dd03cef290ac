"""Words that the form offers: what goes with what was typed, and none of an incident that one may not see."""

from __future__ import annotations

import pytest

from postmortems.accounts import operations as accounts
from postmortems.db import session as db
from postmortems.incidents.editor import picks
from postmortems.incidents.editor.picks import Pick
from tests.world import World

FORM = {
    "title": "The queue stood still",
    "date": "2026-03-01",
    "timezone": "Europe/Berlin",
    "services": "queue/prod, mail",
    "tags": "backlog, on call",
    "sections.0.heading": "Action items",
    "sections.0.blocks.0.type": "item",
    "sections.0.blocks.0.text": "Look.",
    "sections.0.blocks.0.owner": "@Zoë",
    "do": "save",
}
SLUG = "2026-03-01-the-queue-stood-still"


@pytest.mark.parametrize(
    "typed, found",
    [
        ("", ["data8", "data8/prod", "biology", "Über data8"]),
        # The word itself, then what begins with it, then a target's name, then what has it in it.
        ("data8", ["data8", "data8/prod", "Über data8"]),
        ("PROD", ["data8/prod"]),
        ("uber", ["Über data8"]),
        ("about life", ["biology"]),
        ("@biology", ["biology"]),
        ("nothing", []),
        ("%", []),
    ],
)
def test_what_goes_with_what_was_typed(typed: str, found: list[str]) -> None:
    offered = [Pick("data8"), Pick("data8/prod"), Pick("biology", "About life"), Pick("Über data8")]

    assert [pick.value for pick in picks.matching(offered, typed)] == found


def test_a_long_list_is_cut() -> None:
    assert len(picks.matching([Pick(str(number)) for number in range(1_000)], "")) == picks.MOST


def offered(world: World, of: str, typed: str = "", name: str = "ada") -> list[str]:
    answer = world.browser(name).get("/write/choices", query_string={"of": of, "q": typed})
    assert answer.status_code == 200
    return [pick["value"] for pick in answer.json["picks"]]


@pytest.mark.parametrize(
    "of, typed, value",
    [
        ("people", "zoe", "@Zoë"),
        ("people", "@be", "@ben"),
        ("accounts", "be", "ben"),
        ("tags", "on", "on call"),
        ("zones", "berlin", "Europe/Berlin"),
        ("zones", "los ang", ""),
        ("zones", "los_ang", "America/Los_Angeles"),
        ("services", "que", "queue"),
        ("services", "data8/p", "data8/prod"),
        ("incidents", "stood", SLUG),
        ("guards", "nothing", ""),
    ],
)
def test_each_kind_of_word_is_offered(world: World, of: str, typed: str, value: str) -> None:
    assert world.browser().send("/incidents/new", FORM).status_code == 303

    found = offered(world, of, typed)
    assert found[:1] == ([value] if value else [])


@pytest.mark.parametrize(
    "of, typed, is_known",
    [
        ("tags", "backlog", True),
        ("tags", "back", False),
        ("tags", "", True),
        ("people", "Zoe", True),
        ("people", "@zoë", True),
        ("services", "queue/prod", True),
        ("services", "queue/staging", False),
        ("zones", "UTC", True),
        ("zones", "Mars/Base", False),
    ],
)
def test_it_is_said_whether_a_word_is_known(world: World, of: str, typed: str, is_known: bool) -> None:
    world.browser().send("/incidents/new", FORM)

    answer = world.browser().get("/write/choices", query_string={"of": of, "q": typed})
    assert answer.json["is_known"] is is_known


@pytest.mark.parametrize(
    "of, typed", [("tags", "backlog"), ("services", "queue"), ("incidents", "queue"), ("people", "zoe")]
)
def test_of_a_restricted_incident_nobody_else_is_offered_a_word(world: World, of: str, typed: str) -> None:
    with db.transaction():
        accounts.add_user("eve", "author", actor=world.system)
    world.browser().send("/incidents/new", FORM | {"restricted": "ada"})

    assert offered(world, of, typed, "ada") != []
    assert offered(world, of, typed, "eve") == []
    assert offered(world, of, typed, "ben") == []


def test_an_authors_first_postmortem_begins_with_the_usual_zone_and_no_service(world: World) -> None:
    world.browser().send("/incidents/new", FORM)

    first = world.browser("ben").get("/incidents/new").text

    assert 'value="Europe/Berlin"' in first
    assert "queue/prod" not in first


def test_a_new_postmortem_begins_with_what_its_author_used_last(world: World) -> None:
    world.browser().send("/incidents/new", FORM)
    world.browser("ben").send("/incidents/new", FORM | {"timezone": "UTC", "services": "data8/prod"})
    world.browser("ben").send("/incidents/new", FORM | {"timezone": "UTC", "services": "data8/prod"})

    own, others = world.browser().get("/incidents/new").text, world.browser("ben").get("/incidents/new").text
    assert 'value="Europe/Berlin"' in own
    assert 'value="queue/prod, mail"' in own
    assert 'value="UTC"' in others
    assert 'value="data8/prod"' in others


def test_a_zone_that_does_not_exist_is_no_default(world: World) -> None:
    world.browser().send("/incidents/new", FORM)
    for _ in range(2):
        world.browser("ben").send("/incidents/new", FORM | {"timezone": "Mars/Base"})

    assert 'value="Europe/Berlin"' in world.browser("ben").get("/incidents/new").text


def test_who_has_written_nothing_begins_with_what_is_used_most(world: World) -> None:
    world.browser().send("/incidents/new", FORM)
    with db.transaction():
        accounts.add_user("eve", "author", actor=world.system)

    assert 'value="Europe/Berlin"' in world.browser("eve").get("/incidents/new").text


@pytest.mark.parametrize("query", ["", "of=secrets", "of=people%00", "q=x"])
def test_other_kinds_of_words_are_not_given(world: World, query: str) -> None:
    assert world.browser().get(f"/write/choices?{query}").status_code == 422


def test_who_may_not_write_is_offered_nothing(world: World) -> None:
    assert world.browser("cy").get("/write/choices?of=people").status_code == 403
