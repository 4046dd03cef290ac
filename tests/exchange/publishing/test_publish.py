"""Publishing to a Confluence: created, brought up to date, and never overwritten unasked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item, Prose, Section
from postmortems.document.readers.confluence import storage
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from postmortems.exchange.publishing import outlets, publish
from postmortems.exchange.publishing.models import Outlet, Publication
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries
from tests.conftest import Clock
from tests.exchange.publishing.wiki import PARENT, SPACE, TOKEN, Stored, Wiki
from tests.runtimes import LOCAL, VAULT
from tests.world import World

REPORT = Document(
    title="Disk full & more",
    status="published",
    sections=(Section("Action items", (Item("Buy one", owner="ben", status="open"),)),),
)


def outlet_of(found: Wiki, **changed: str) -> dict[str, str]:
    fields = {"name": "wiki", "kind": "confluence", "api": found.api, "place": f"{SPACE}/{PARENT}"}
    return {**fields, "account": found.account, "access_token": TOKEN, **changed}


def begin(world: World, found: Wiki, document: Document = REPORT) -> str:
    with db.transaction():
        outlets.save(outlet_of(found), actor=world.ben, vault=VAULT)
        return save_incident.save(None, document, version=None, actor=world.ada).slug


def send(world: World, slug: str, **decided: bool) -> Publication:
    number = publish.publish(slug, "wiki", actor=world.ada, runtime=LOCAL, **decided)
    with db.reading():
        return publish.one(number)


def edit(world: World, slug: str, **changed: Any) -> None:
    with db.transaction():
        incident = queries.by_slug(slug, world.ada)
        save_incident.save(slug, replace(REPORT, **changed), version=incident.version, actor=world.ada)


def test_a_page_is_created_below_the_one_that_is_named_and_reads_as_the_report(
    world: World, confluence: Wiki
) -> None:
    row = send(world, begin(world, confluence))

    [(key, page)] = confluence.pages.items()
    read = parser.parse(storage.to_markdown(page.body, page.title))
    assert (page.title, page.parent, page.version) == ("Disk full & more", PARENT, 1)
    assert [(item.text, item.owner) for item in read.items] == [("Buy one", "ben")]
    assert (row.key, row.version, row.standing, row.url) == (
        key, "1", "current", f"{confluence.url}/pages/{key}",
    )  # fmt: skip


def test_a_page_is_brought_up_to_date_in_its_place(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    send(world, slug)
    edit(world, slug, title="Disk full again")

    row = send(world, slug)

    [page] = confluence.pages.values()
    assert (page.title, page.version, row.version) == ("Disk full again", 2, "2")


def test_what_somebody_changed_there_stays_until_a_person_decides(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    key = send(world, slug).key
    confluence.edit(key, "<p>Their own words</p>")

    with pytest.raises(Conflict, match=r"somebody changed the page of .*version 2, ours was 1"):
        send(world, slug)

    assert confluence.pages[key].body == "<p>Their own words</p>"
    with db.reading() as session:
        [row] = session.query(Publication)
        assert (row.standing, row.version) == ("changed", "1")
    assert send(world, slug, overwrite=True).standing == "current"
    assert "Their own words" not in confluence.pages[key].body
    assert send(world, slug).version == "3"


def test_links_to_what_no_incident_has_stay_links(world: World, confluence: Wiki) -> None:
    names = ("a%20b.png", "c.png", "hub.log")
    graph, other, log = (f"/attachments/{sign * 22}/{name}" for sign, name in zip("ABC", names, strict=True))
    text = f"![Load & more]({graph}) ![]({other}) [log]({log})\n\n![](https://x.example/d.png)"
    slug = begin(world, confluence, replace(REPORT, sections=(Section("Summary", (Prose(text),)),)))

    send(world, slug)

    [page] = confluence.pages.values()
    url = LOCAL.settings.url
    assert f'<a href="{url}{graph}">Picture: Load &amp; more</a>' in page.body
    assert f'<a href="{url}{other}">Picture: c.png</a>' in page.body
    assert f'<a href="{url}{log}">log</a>' in page.body
    assert page.body.count("<ac:image") == 1
    assert "Files that are linked here are there, for whoever may sign in." in page.body


def test_a_version_of_the_same_words_overwrites_nothing(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    key = send(world, slug).key
    confluence.edit(key, confluence.pages[key].body)

    assert send(world, slug).version == "2"
    assert confluence.pages[key].version == 2


def test_what_has_not_changed_gets_no_version_more(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    key = send(world, slug).key

    again = send(world, slug)
    versions = [confluence.pages[key].version]
    edit(world, slug, title="Disk full again")
    send(world, slug)
    send(world, slug)
    versions.append(confluence.pages[key].version)

    assert (again.standing, versions) == ("current", [1, 2])


def test_what_was_published_before_that_was_kept_is_sent_once_more(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    key = send(world, slug).key
    with db.transaction():
        session().execute(update(Publication).values(sent=""))

    versions = [send(world, slug).version for _ in range(2)]

    assert (versions, confluence.pages[key].version) == (["2", "2"], 2)


def test_a_page_that_is_gone_comes_back_only_when_asked_for(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    key = send(world, slug).key
    confluence.pages[key].is_there = False

    with pytest.raises(Conflict, match="is gone"):
        send(world, slug)

    assert send(world, slug, anew=True).key != key


def test_a_page_of_the_same_title_is_somebody_elses(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    confluence.pages["7"] = Stored("Disk full & more", "<p>Another</p>")

    with pytest.raises(Conflict, match="has a page of this title already"):
        send(world, slug)

    assert confluence.pages["7"].body == "<p>Another</p>"
    assert send(world, slug, overwrite=True).key == "7"


def test_a_creation_whose_answer_never_came_makes_no_second_page(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    confluence.answers, confluence.does_work = [(503, "{}")], True
    with pytest.raises(Refusal, match="answered 503"):
        send(world, slug)

    row = send(world, slug)

    assert (len(confluence.pages), row.standing) == (1, "current")


ANSWERS = [
    (401, '{"message": "no such token"}', "Confluence answered 401: no such token"),
    (403, "{}", "Confluence answered 403"),
    (429, "{}", "Confluence answered 429"),
    (500, "<html>", "Confluence answered 500"),
    (200, "<html>", "Confluence answered with no JSON"),
    (200, "[]", "Confluence answered with no page"),
]


@pytest.mark.parametrize("status, body, told", ANSWERS)
def test_an_answer_that_is_none_is_told_and_kept(
    world: World, confluence: Wiki, status: int, body: str, told: str
) -> None:
    slug = begin(world, confluence)
    confluence.answers = [(status, body)]

    with pytest.raises(Refusal, match=told):
        send(world, slug)

    with db.reading() as session:
        [row] = session.query(Publication)
        assert (row.standing, row.key) == ("failed", "")
    assert confluence.pages == {}


WAITS = {
    "30": r"answered 429: slow down; it asks to wait: publish again after [\d-]{10} [\d:]{8} UTC$",
    "Fri, 01 Jan 2100 00:00:00 GMT": "answered 429: slow down; it asks to wait for more than a day$",
    "Fri, 01 Jan 2100 00:00:00 -0000": "answered 429: slow down; it asks to wait for more than a day$",
    "9" * 400: "answered 429: slow down; it asks to wait for more than a day$",
    "soon": "answered 429: slow down$",
    "": "answered 429: slow down$",
}


@pytest.mark.parametrize("waits", WAITS)
def test_a_limit_is_told_with_the_time_from_which_on_it_may_be_tried_again(
    world: World, confluence: Wiki, waits: str
) -> None:
    slug = begin(world, confluence)
    confluence.waits, confluence.answers = waits, [(429, '{"message": "slow down"}')]

    with pytest.raises(Refusal, match=WAITS[waits]):
        send(world, slug)

    assert send(world, slug).standing == "current"


def test_a_restricted_incident_is_never_published(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence, replace(REPORT, restricted=("ada",)))

    with pytest.raises(NotFound, match="what is restricted is never published"):
        send(world, slug)

    assert confluence.calls == []


def test_a_title_longer_than_theirs_is_cut(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence, replace(REPORT, title="Disk full " * 40))

    assert (send(world, slug).standing, send(world, slug).standing) == ("current", "current")
    [page] = confluence.pages.values()
    assert page.title == "Disk full " * 25 + "Disk…"


def test_a_draft_is_not_published(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence, replace(REPORT, status="draft"))

    with pytest.raises(Conflict, match="is a draft"):
        send(world, slug)


def test_the_token_is_encrypted_and_in_no_event(world: World, confluence: Wiki) -> None:
    send(world, begin(world, confluence))

    with db.reading() as session:
        [outlet] = session.query(Outlet)
        assert TOKEN not in outlet.access_token
        told = [str(vars(event)) for event in session.query(Event)]
    assert told
    assert not any(TOKEN in each for each in told)


WRONG = [
    ({"name": ""}, "/name"),
    ({"kind": "blackboard"}, "/kind"),
    ({"place": "OPS/x"}, "/place"),
    ({"place": ""}, "/place"),
    ({"api": "ftp://example.org"}, "/api"),
    ({"api": "https://ada:secret@example.org/rest/api"}, "/api"),
    ({"access_token": ""}, "/access_token"),
    ({"access_token": "two\nlines"}, "/access_token"),
    ({"account": "a" * 255}, "/account"),
]


@pytest.mark.parametrize("changed, pointer", WRONG)
def test_a_wrong_outlet_is_refused_by_its_field(world: World, changed: dict[str, str], pointer: str) -> None:
    fields = outlet_of(Wiki("https://wiki.example.org", "server"), **changed)

    with db.transaction(), pytest.raises(Invalid) as refused:
        outlets.save(fields, actor=world.ben, vault=VAULT)

    assert pointer in {problem.pointer for problem in refused.value.problems}


def test_a_token_does_not_go_to_another_address(world: World) -> None:
    fields = outlet_of(Wiki("https://wiki.example.org", "server"))
    with db.transaction():
        number = outlets.save(fields, actor=world.ben, vault=VAULT).id
    elsewhere = {**fields, "api": "https://other.example.org/rest/api", "access_token": ""}

    with db.transaction(), pytest.raises(Invalid, match="give the access token again"):
        outlets.save(elsewhere, actor=world.ben, vault=VAULT, outlet_id=number)


def test_a_token_whose_key_is_gone_says_so(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)
    with db.transaction() as session:
        session.query(Outlet).update({"access_token": "encrypted-otherwise"})

    with pytest.raises(Conflict, match="encrypted with a key that is gone"):
        send(world, slug)
    assert confluence.calls == []


def test_an_outlet_that_somebody_else_saved_since_is_not_overwritten(world: World, clock: Clock) -> None:
    fields = outlet_of(Wiki("https://wiki.example.org", "server"))
    with db.transaction():
        outlet = outlets.save(fields, actor=world.ben, vault=VAULT)
        number, old = outlet.id, outlets.seen(outlet)
    clock.advance(minutes=1)
    with db.transaction():
        outlets.save({**fields, "seen": old}, actor=world.ben, vault=VAULT, outlet_id=number)

    with db.transaction(), pytest.raises(Conflict, match="somebody else saved this since"):
        outlets.save({**fields, "seen": old}, actor=world.ben, vault=VAULT, outlet_id=number)


def test_outlets_are_for_admins_and_publishing_for_authors(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence)

    with db.transaction(), pytest.raises(NotAllowed):
        outlets.save(outlet_of(confluence, name="other"), actor=world.ada, vault=VAULT)
    with pytest.raises(NotAllowed):
        publish.publish(slug, "wiki", actor=world.cy, runtime=LOCAL)
