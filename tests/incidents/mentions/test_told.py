"""Who is mentioned is told of it, once for each place, and nobody who may not see it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postmortems.accounts import operations as accounts
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.incidents import operations as incidents
from postmortems.incidents.mentions import operations
from postmortems.incidents.mentions.models import Mention
from postmortems.visibility import EVERYTHING, seen_by
from tests.incidents.test_api import Api
from tests.world import World

MARKDOWN = {"Content-Type": "text/markdown"}


class Report:
    """A report that ada keeps by the API, and what others are told of it."""

    def __init__(self, client: FlaskClient, world: World) -> None:
        self.client, self.world, self.slug = client, world, ""

    def __call__(self, method: str, path: str, who: str = "ada", **sent: Any) -> Any:
        headers = self.world.headers(who) | sent.pop("headers", {})
        answer = self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)
        assert answer.status_code < 300, answer.text
        return answer.get_json(silent=True)

    def begin(self, *texts: str, who: str = "ada", path: str = "/incidents", **fields: Any) -> None:
        blocks = [{"type": "prose", "text": text} for text in texts]
        sections = [{"heading": f"Part {number}", "blocks": [each]} for number, each in enumerate(blocks)]
        self.slug = self("POST", path, who, json={"title": "Down", "sections": sections, **fields})["slug"]

    def say(self, *texts: str, who: str = "ada", **fields: Any) -> Any:
        """Save it with these texts in its parts."""
        document = self("GET", f"/incidents/{self.slug}", who)
        for section, text in zip(document["sections"], texts, strict=True):
            blocks = section["blocks"] or [{"type": "prose"}]
            section["blocks"] = [blocks[0] | {"text": text}] if text else []
        return self("PUT", f"/incidents/{self.slug}", who, json=document | fields)

    def told(self, who: str = "ben", **query: Any) -> list[tuple[str, str]]:
        """By whom, and where, in the order it happened."""
        found = self("GET", "/mentions", who, query_string=query)["mentions"]
        return [(each["by"], each["url"].partition("#")[2]) for each in reversed(found)]


@pytest.fixture
def report(any_database: str, client: FlaskClient, world: World) -> Report:
    return Report(client, world)


@contextmanager
def everything() -> Iterator[None]:
    with seen_by(EVERYTHING), db.reading():
        yield


def events() -> list[tuple[str, str]]:
    with everything():
        wanted = select(Event).where(Event.verb == "mention.created").order_by(Event.id)
        return [(event.actor, event.data["person"]) for event in db.session().scalars(wanted)]


def test_who_is_mentioned_is_told_where(report: Report) -> None:
    report.begin("Ask @ben.", "And @ben, @cy and @nobody.")

    assert [by for by, _ in report.told()] == ["ada", "ada"]
    assert all(anchor.startswith("part-") for _, anchor in report.told())
    assert len(report.told("cy")) == 1
    assert sorted(events()) == [("ada", "ben"), ("ada", "ben"), ("ada", "cy")]


def test_saving_again_tells_nobody_again(report: Report) -> None:
    report.begin("Ask @ben.", "")
    report.say("Ask @ben, now.", "")
    report.say("", "Ask @ben, now.")
    report.say("", "Ask @ben at last.")

    assert [by for by, _ in report.told()] == ["ada"]
    assert len(events()) == 1


def test_a_mention_that_moves_is_linked_where_it_stands(report: Report) -> None:
    report.begin("Ask @ben.", "Else.")
    before = report.told()
    document = report("GET", f"/incidents/{report.slug}")
    there = document["sections"][1]["blocks"][0]["id"]
    report.say("Else.", "Ask @ben.")

    assert before != report.told() == [("ada", f"part-{there}")]


def test_what_is_taken_out_is_news_to_nobody_and_not_again_when_it_comes_back(report: Report) -> None:
    report.begin("Ask @ben.")
    report.say("Ask nobody.")
    gone = report.told()
    report.say("Ask @ben.")

    assert gone == []
    assert len(report.told()) == 1
    assert len(events()) == 1


def test_somebody_else_who_saves_tells_nothing_that_was_there(report: Report) -> None:
    report.begin("I, @ada, did it.")
    report.say("I, @ada, did it and fixed it.", who="ben")

    assert report.told("ada") == []


def test_nobody_is_told_of_themselves_but_by_others(report: Report) -> None:
    report.begin("I, @ada.", "")
    report.say("I, @ada.", "Ask @ada.", who="ben")

    assert [by for by, _ in report.told("ada")] == ["ben"]


def test_an_account_that_is_switched_off_is_not_told(report: Report) -> None:
    with db.transaction():
        accounts.change_user("cy", role="viewer", is_active=False, actor=report.world.system)
    report.begin("Ask @cy.")
    report.say("Ask @cy, please.")

    assert events() == []


def test_files_tell_nobody_and_edits_of_them_only_what_is_new(report: Report) -> None:
    report.begin("Ask @ben.", "", path="/incidents?name=old.md")
    report.say("Ask @ben, please.", "")
    told_of_the_file = events()
    report.say("Ask @ben, please.", "See @cy.")

    assert told_of_the_file == []
    assert events() == [("ada", "cy")]


def test_a_restricted_incident_tells_those_alone_who_may_see_it(report: Report) -> None:
    report.begin("Ask @ben and @cy.", restricted=["ada", "cy"])

    assert report.told() == []
    assert len(report.told("cy")) == 1
    assert events() == [("ada", "cy")]


def test_who_is_let_in_later_is_told_then(report: Report) -> None:
    report.begin("Ask @ben.", restricted=["ada"])
    report.say("Ask @ben.", restricted=["ada", "ben"])
    report.say("Ask @ben.", restricted=[])

    assert len(report.told()) == 1
    assert events() == [("ada", "ben")]


def test_who_is_shut_out_later_finds_nothing_of_it(report: Report) -> None:
    report.begin("Ask @ben.")
    (mention,) = report("GET", "/mentions", "ben")["mentions"]
    report.say("Ask @ben.", restricted=["ada"])

    assert report.told() == []
    answer = report.client.patch(
        f"/api/v1/mentions/{mention['id']}", headers=report.world.headers("ben"), json={"seen": True}
    )
    assert answer.status_code == 404


def test_comments_tell_once_and_no_more_when_they_are_deleted(report: Report) -> None:
    report.begin("Nobody.")
    address = f"/incidents/{report.slug}/comments"
    number = report("POST", address, json={"text": "@ben, was it so?"})["id"]
    report("PATCH", f"{address}/{number}", json={"text": "@ben, was it not so? And @cy?"})
    told = report.told(), report.told("cy")
    report("DELETE", f"{address}/{number}")

    assert told == ([("ada", f"comment-{number}")], [("ada", f"comment-{number}")])
    assert (report.told(), report.told("cy")) == ([], [])
    assert len(events()) == 2


def test_a_comment_on_a_restricted_incident_tells_those_who_may_see_it(report: Report) -> None:
    report.begin("Nobody.", restricted=["ada", "cy"])
    report("POST", f"/incidents/{report.slug}/comments", json={"text": "@ben and @cy"})

    assert events() == [("ada", "cy")]


def test_a_typed_draft_tells_nobody_until_it_is_saved(report: Report) -> None:
    report.begin("Nobody.")
    address = f"/incidents/{report.slug}"
    text = report.client.get(
        f"/api/v1{address}", headers=report.world.headers() | {"Accept": "text/markdown"}
    ).text.replace("Nobody", "@ben")
    report("PUT", f"{address}/draft?version=1", data=text.encode(), headers=MARKDOWN)

    assert events() == []


def test_a_retried_save_tells_once(report: Report) -> None:
    report.begin("Nobody.")
    document = report("GET", f"/incidents/{report.slug}")
    document["sections"][0]["blocks"][0]["text"] = "Ask @ben."
    for _ in range(3):
        report("PUT", f"/incidents/{report.slug}", json=document)

    assert events() == [("ada", "ben")]


def test_two_who_save_at_once_tell_once(report: Report) -> None:
    report.begin("Nobody.", "Nobody.")
    base = report("GET", f"/incidents/{report.slug}")
    start, answers = threading.Barrier(2), []

    def save(who: str) -> None:
        document = base | {"sections": [section | {} for section in base["sections"]]}
        block = document["sections"][0]["blocks"][0]
        document["sections"][0] = document["sections"][0] | {"blocks": [block | {"text": "Ask @cy."}]}
        start.wait()
        answers.append(
            report.world.app.test_client()  # type: ignore[union-attr]
            .put(f"/api/v1/incidents/{report.slug}", headers=report.world.headers(who), json=document)
            .status_code
        )

    threads = [threading.Thread(target=save, args=(who,)) for who in ("ada", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200, 200]
    assert len(events()) == 1


def test_one_save_tells_a_hundred_people_and_no_more(report: Report) -> None:
    names = [f"p{number}" for number in range(operations.MOST_TOLD + 5)]
    with db.transaction():
        for name in names:
            accounts.add_user(name, "viewer", actor=report.world.system)
    report.begin(" ".join(f"@{name}" for name in names))

    assert len(events()) == operations.MOST_TOLD


def test_a_mention_is_seen_and_unseen_by_its_own_person(report: Report) -> None:
    report.begin("Ask @ben and @cy.")
    (mention,) = report("GET", "/mentions", "ben")["mentions"]
    address = f"/mentions/{mention['id']}"

    assert mention["seen_at"] is None
    assert report("PATCH", address, "ben", json={"seen": True})["seen_at"]
    assert [len(report.told(seen=seen)) for seen in ("true", "false")] == [1, 0]
    assert len(report.told("cy", seen="false")) == 1
    assert report("PATCH", address, "ben", json={"seen": False})["seen_at"] is None
    headers = report.world.headers("cy")
    answer = report.client.patch(f"/api/v1{address}", headers=headers, json={"seen": True})
    assert answer.status_code == 404


BAD: list[tuple[str, str, Any]] = [
    ("GET", "/mentions?seen=perhaps", None),
    ("GET", "/mentions?before=0", None),
    ("GET", "/mentions?limit=0", None),
    ("GET", "/mentions?of=me", None),
    ("PATCH", "/mentions/{id}", {}),
    ("PATCH", "/mentions/{id}", {"seen": "yes"}),
    ("PATCH", "/mentions/{id}", {"seen": None}),
    ("PATCH", "/mentions/{id}", {"seen": True, "at": "now"}),
]


@pytest.mark.parametrize("method, path, body", BAD)
def test_bad_requests_are_refused(
    client: FlaskClient, world: World, method: str, path: str, body: Any
) -> None:
    report = Report(client, world)
    report.begin("Ask @ben.")
    (mention,) = report("GET", "/mentions", "ben")["mentions"]
    address = f"/api/v1{path.format(id=mention['id'])}"

    answer = client.open(address, method=method, headers=world.headers("ben"), json=body)

    assert answer.status_code == 422, answer.text


def test_lists_go_on_where_they_ended(client: FlaskClient, world: World) -> None:
    report = Report(client, world)
    report.begin("@ben", "@ben", "@ben")
    first = report("GET", "/mentions?limit=2", "ben")
    rest = report("GET", f"/mentions?limit=2&before={first['next']}", "ben")

    assert [len(page["mentions"]) for page in (first, rest)] == [2, 1]
    assert rest["next"] is None


def test_an_incident_that_is_deleted_takes_its_mentions_along(report: Report) -> None:
    report.begin("Ask @ben.")
    with db.transaction():
        incidents.delete(report.slug, actor=report.world.system)

    with everything():
        assert db.session().scalars(select(Mention)).all() == []


def test_home_and_the_incident_say_it_until_it_is_opened(client: FlaskClient, world: World) -> None:
    Api(client, world)
    report = Report(client, world)
    report.begin("Ask @ben.")
    anchor = report.told()[0][1]
    browser = world.browser("ben")

    home, page = browser.get("/").text, browser.get(f"/incidents/{report.slug}").text
    assert "You were mentioned" in home
    assert f'href="/incidents/{report.slug}#{anchor}"' in home
    assert f'href="#{anchor}"' in page
    assert f'id="{anchor}"' in page
    assert "You were mentioned" not in world.browser("cy").get("/").text

    seen = browser.send("/mentions/seen", form={"incident": report.slug})
    assert seen.location == f"/incidents/{report.slug}"
    assert "You were mentioned" not in browser.get("/").text
    assert "You are mentioned here" not in browser.get(f"/incidents/{report.slug}").text
