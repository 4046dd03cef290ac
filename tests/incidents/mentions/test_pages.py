"""What is offered behind `@` and `#`, and who is said not to be told, before a save and with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.accounts import operations as accounts
from postmortems.db import session as db
from postmortems.document.model import Document, Prose, Section
from tests.incidents.documents import FOUNDING, save
from tests.incidents.mentions.test_told import Report
from tests.world import World

HIDDEN = "cy may not see this restricted incident: they are not told of it"


def offered(world: World, sign: str, typed: str, who: str = "cy") -> list[str]:
    answer = world.browser(who).get("/mentions/choices", query_string={"sign": sign, "q": typed})
    return [pick["value"] for pick in answer.get_json()["picks"]]


@pytest.fixture
def slugs(any_database: str, client: FlaskClient, world: World) -> list[str]:
    restricted = Document(title="Merge of the leak", restricted=("ada",))
    return [str(save(each).slug) for each in (Document(title="Accidental merge to prod"), restricted)]


def test_accounts_are_offered_to_whoever_may_comment(slugs: list[str], world: World) -> None:
    assert offered(world, "@", "") == ["@ada", "@ben", "@cy"]
    assert offered(world, "@", "B") == ["@ben"]
    assert offered(world, "@", "nobody") == []


def test_incidents_are_offered_by_slug_and_words_where_one_may_see_them(
    slugs: list[str], world: World
) -> None:
    open_one, hidden = slugs

    assert offered(world, "#", open_one[:5]) == [f"#{open_one}"]
    assert offered(world, "#", "prod-accidental") == [f"#{open_one}"]
    save(replace(FOUNDING, title="Newer", sections=(Section("Summary", (Prose("As accidental."),)),)))
    assert offered(world, "#", "accidental") == [f"#{open_one}", "#2018-01-25-newer"]
    assert offered(world, "#", "%") == offered(world, "#", "_") == []
    assert offered(world, "#", "merge") == [f"#{open_one}"]
    assert sorted(offered(world, "#", "merge", "ada")) == sorted([f"#{open_one}", f"#{hidden}"])


@pytest.mark.parametrize("query", ["", "sign=", "sign=!", "sign=people"])
def test_other_signs_are_refused(client: FlaskClient, world: World, query: str) -> None:
    assert world.browser().get(f"/mentions/choices?{query}").status_code == 422


# What is typed, to whom the form shows it, and who is said not to be told.
TYPED: list[tuple[str, str | None, list[str]]] = [
    ("@cy", None, []),
    ("@cy", "", []),
    ("@cy", "ben", ["cy"]),
    ("@cy, @ada and @ben", "ben", ["cy"]),
    ("@cy", "ben, @cy", []),
    ("`@cy`", "ben", []),
    ("\\@cy and cy@example.org", "ben", []),
    ("@nobody", "ben", []),
    ("@off", "", ["off"]),
    ("@off", "ben", ["off"]),
    ("", "ben", []),
]


@pytest.mark.parametrize("text, restricted, wanted", TYPED)
def test_the_form_says_who_is_not_told(
    client: FlaskClient, world: World, text: str, restricted: str | None, wanted: list[str]
) -> None:
    with db.transaction():
        accounts.add_user("off", "viewer", actor=world.system)
        accounts.change_user("off", role="viewer", is_active=False, actor=world.system)
    form = {"text": text} | ({} if restricted is None else {"restricted": restricted})

    answer = world.browser().send("/mentions/untold", form=form)

    assert [each["name"] for each in answer.get_json()["untold"]] == wanted


def test_nobody_asks_about_an_incident_that_they_may_not_see(slugs: list[str], world: World) -> None:
    form = {"text": "@cy", "incident": slugs[1]}

    assert world.browser("cy").send("/mentions/untold", form=form).status_code == 404
    told = world.browser().send("/mentions/untold", form=form).get_json()["untold"]
    assert told == [{"name": "cy", "text": HIDDEN}]


def test_a_save_and_a_comment_answer_who_was_not_told(client: FlaskClient, world: World) -> None:
    report = Report(client, world)
    report.begin("Nobody.", restricted=["ada", "ben"])
    address = f"/incidents/{report.slug}"
    answers: list[Any] = [
        report.say("Ask @cy and @ben."),
        report("POST", f"{address}/comments", json={"text": "@cy?"}),
        report("POST", f"{address}/comments", json={"text": "@ben?"}),
    ]
    page = world.browser().send(f"{address}/comments", form={"text": "@cy!"}, follow_redirects=True).text

    assert [answer.get("warnings") for answer in answers] == [[HIDDEN], [HIDDEN], None]
    assert HIDDEN in page
