"""Restricting is a power: who may, who stays named, what admins see, and the glass they may break."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from postmortems import visibility
from postmortems.accounts import operations as accounts
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Prose, Section
from postmortems.errors import Invalid, NotAllowed, NotFound
from postmortems.exchange.git_sync.state import SYNC
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries
from postmortems.incidents.restricted import break_glass
from postmortems.visibility import Viewer
from tests.conftest import Clock
from tests.world import World

SYSTEM = Actor.system("test")
PUBLIC = Document("Zanzibar payroll leaked", sections=(Section("Summary", (Prose("A wombat."),)),))
SECRET = replace(PUBLIC, restricted=("ada", "eve"))


@pytest.fixture
def people_too(world: World, clock: Clock) -> World:
    """Besides Ada, Ben and Cy: Eve and Fay, who write, and Gil, another admin."""
    with db.transaction():
        for name, role in (("eve", "author"), ("fay", "author"), ("gil", "admin")):
            accounts.add_user(name, role, actor=world.system)
            made = accounts.add_token(name, "all", ["read", "write", "admin"], None, actor=world.system)
            world.tokens[name] = made[1]
    return world


def stored(world: World, document: Document = SECRET) -> str:
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        return save_incident.save(None, document, version=None, actor=world.ada).slug


def named(slug: str) -> tuple[str, ...]:
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        return tuple(queries.by_slug(slug, SYSTEM).restricted)


def put(world: World, name: str, slug: str, **changed: Any) -> Any:
    body = {"title": PUBLIC.title, "sections": [], **changed}
    headers = world.headers(name) | {"If-Match": "*"}
    assert world.app is not None
    return world.app.test_client().put(f"/api/v1/incidents/{slug}", json=body, headers=headers)


def restrictions(world: World) -> Any:
    """What the API tells Ben, the admin."""
    answer = world.browser("ben").get("/api/v1/restrictions", headers=world.headers("ben"))
    return answer.json["restrictions"]


def number_of(slug: str) -> int:
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        return queries.by_slug(slug, SYSTEM).id


@pytest.mark.parametrize(
    "before, by, wanted, status, after",
    [
        # Somebody else's public incident is nobody's to hide.
        (PUBLIC, "eve", ["eve"], 403, ()),
        (PUBLIC, "eve", ["ada", "eve"], 403, ()),
        (PUBLIC, "cy", ["cy"], 403, ()),
        # Who began it, and an admin; both stay among the named, and so does who began it.
        (PUBLIC, "ada", ["eve"], 200, ("eve", "ada")),
        (PUBLIC, "ben", ["eve"], 200, ("eve", "ada", "ben")),
        # A named person edits, and changes nothing of whom it is shown to.
        (SECRET, "eve", ["ada", "eve"], 200, ("ada", "eve")),
        (SECRET, "eve", ["@eve", "ada"], 200, ("ada", "eve")),
        (SECRET, "eve", None, 200, ("ada", "eve")),
        (SECRET, "eve", ["eve"], 403, ("ada", "eve")),
        (SECRET, "eve", ["ada", "eve", "fay"], 403, ("ada", "eve")),
        (SECRET, "eve", [], 403, ("ada", "eve")),
        # For others it is not there.
        (SECRET, "fay", ["fay"], 404, ("ada", "eve")),
        (SECRET, "ben", ["ben"], 404, ("ada", "eve")),
        (SECRET, "ada", ["ada", "eve", "fay"], 200, ("ada", "eve", "fay")),
        (SECRET, "ada", ["fay"], 200, ("fay", "ada")),
        (SECRET, "ada", [], 200, ()),
        (SECRET, "ada", ["ada", "nobody"], 422, ("ada", "eve")),
    ],
)
def test_who_may_say_to_whom_it_is_shown(
    people_too: World,
    before: Document,
    by: str,
    wanted: list[str] | None,
    status: int,
    after: tuple[str, ...],
) -> None:
    slug = stored(people_too, before)

    answer = put(people_too, by, slug, **({} if wanted is None else {"restricted": wanted}))

    assert answer.status_code == status, answer.text
    assert named(slug) == after
    if status == 403 and by == "eve":
        assert "ada, who began this incident, or an admin" in answer.json["detail"]


@pytest.mark.parametrize("door", ["form", "markdown", "import", "git"])
def test_every_door_asks_for_the_power(people_too: World, door: str) -> None:
    slug, world = stored(people_too, PUBLIC), people_too
    text = parser.write(replace(PUBLIC, restricted=("eve",)))
    if door == "form":
        form = {"title": PUBLIC.title, "version": "1", "restricted": "eve", "do": "save", "status": ""}
        assert world.browser("eve").send(f"/incidents/{slug}/edit", form).status_code == 403
    elif door == "markdown":
        headers = world.headers("eve") | {"If-Match": "*", "Content-Type": "text/markdown"}
        assert world.app is not None
        answer = world.app.test_client().put(f"/api/v1/incidents/{slug}", data=text, headers=headers)
        assert answer.status_code == 403
    else:
        actor = SYNC if door == "git" else replace(world.ada, name="eve")
        with pytest.raises(NotAllowed), db.transaction(), visibility.seen_by(Viewer("eve")):
            save_incident.save(slug, parser.parse(text), version=None, actor=actor, name="leak.md")

    assert named(slug) == ()


def test_the_form_offers_the_field_to_whom_it_belongs(people_too: World) -> None:
    slug = stored(people_too)
    field = 'name="restricted"'

    assert field in people_too.browser("ada").get(f"/incidents/{slug}/edit").text
    edited = people_too.browser("eve").get(f"/incidents/{slug}/edit").text
    assert field not in edited
    assert "Shown to ada, eve" in edited


def test_the_act_stays_in_the_audit_log_without_its_words(people_too: World) -> None:
    slug = stored(people_too, PUBLIC)
    put(people_too, "ada", slug, restricted=["eve"])

    page = people_too.browser("ben").get("/settings/audit").text

    assert "incident restricted" in page
    assert "incident created" in page
    assert "a restricted incident" in page
    assert slug not in page
    assert "Zanzibar" not in page


def test_no_filter_of_the_audit_log_tells_what_an_act_was_about(people_too: World) -> None:
    slug = stored(people_too, PUBLIC)
    put(people_too, "ada", slug, restricted=["eve"])
    client, headers = people_too.browser("ben"), people_too.headers("ben")

    def asked(query: str) -> list[dict[str, Any]]:
        answer = client.get(f"/api/v1/audit?{query}", headers=headers)
        assert slug not in answer.text
        assert "Zanzibar" not in answer.text
        return answer.json["events"]  # type: ignore[no-any-return]

    by_ada = asked("actor=ada&verb=incident.*")
    assert by_ada
    assert {(event["is_withheld"], event["subject"], bool(event["details"])) for event in by_ada} == {
        (True, "", False)
    }
    assert asked(f"subject={slug}") == asked("q=Zanzibar") == asked(f"q={slug}") == []


def test_an_admin_sees_that_there_is_one_and_breaks_the_glass(people_too: World, clock: Clock) -> None:
    slug, world = stored(people_too), people_too
    admin = world.browser("ben")
    page = admin.get("/settings/restricted").text
    assert "Restricted by ada" in page
    assert slug not in page
    assert "Zanzibar" not in page
    (one,) = (
        world.browser("ben").get("/api/v1/restrictions", headers=world.headers("ben")).json["restrictions"]
    )
    assert (one["restricted_by"], one["slug"], one["named"], one["active"]) == ("ada", "", 2, 2)

    broken = admin.send(f"/settings/restricted/{one['id']}/break", {"reason": "Ada is away & it burns"})

    assert broken.headers["Location"] == f"/incidents/{slug}"
    assert "A wombat" in admin.get(f"/incidents/{slug}").text
    assert world.browser("gil").get(f"/incidents/{slug}").status_code == 404
    assert "Ada is away &amp; it burns" in world.browser("eve").get(f"/incidents/{slug}").text
    audit = world.browser("gil").get("/settings/audit").text
    assert "incident glass broken" in audit
    assert slug not in audit
    clock.advance(minutes=61)
    assert admin.get(f"/incidents/{slug}").status_code == 404
    assert named(slug) == ("ada", "eve")


def test_the_glass_can_be_closed_before_its_time(people_too: World) -> None:
    slug, world = stored(people_too), people_too
    client, headers = world.browser("ben"), world.headers("ben")
    (one,) = client.get("/api/v1/restrictions", headers=headers).json["restrictions"]
    path = f"/api/v1/restrictions/{one['id']}/glass"

    assert client.post(path, json={"reason": "It burns"}, headers=headers).json == {"slug": slug}
    assert client.get(f"/api/v1/incidents/{slug}", headers=headers).status_code == 200
    assert client.delete(path, headers=headers).status_code == 204
    assert client.get(f"/api/v1/incidents/{slug}", headers=headers).status_code == 404
    assert client.delete(path, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "by, reason, status",
    [
        ("eve", "I want to", 403),
        ("fay", "I want to", 403),
        ("cy", "I want to", 403),
        ("ben", "", 422),
        ("ben", " ", 422),
    ],
)
def test_whoever_may_not_or_says_nothing_breaks_nothing(
    people_too: World, by: str, reason: str, status: int
) -> None:
    slug, world = stored(people_too), people_too
    number = number_of(slug)
    answers = [
        world.browser(by).send(f"/settings/restricted/{number}/break", {"reason": reason}),
        world.browser(by).post(
            f"/api/v1/restrictions/{number}/glass", json={"reason": reason}, headers=world.headers(by)
        ),
    ]

    assert [answer.status_code for answer in answers] == [status, status]
    assert not any("Zanzibar" in answer.text or slug in answer.text for answer in answers)
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        assert not session().scalars(select(Event).where(Event.verb == break_glass.BROKEN)).all()


def test_a_number_that_is_not_restricted_is_not_there(people_too: World) -> None:
    slug = stored(people_too, PUBLIC)
    number = number_of(slug)
    with pytest.raises(NotFound), db.transaction():
        break_glass.begin(number, "It burns", actor=people_too.ben)


def test_behind_the_glass_an_admin_adds_names_and_drops_nobody(people_too: World) -> None:
    slug, world = stored(people_too), people_too
    number = number_of(slug)
    with db.transaction():
        break_glass.begin(number, "Eve is ill", actor=world.ben)

    assert put(world, "ben", slug, restricted=["ada"]).status_code == 403
    assert put(world, "ben", slug, restricted=["ada", "eve", "fay"]).status_code == 200
    assert named(slug) == ("ada", "eve", "fay")
    assert world.browser("ben").get(f"/incidents/{slug}").status_code == 200


def test_one_whose_people_are_switched_off_is_no_orphan_for_long(people_too: World) -> None:
    slug, world = stored(people_too), people_too
    with db.transaction():
        for name in ("ada", "eve"):
            accounts.change_user(name, role="author", is_active=False, actor=world.ben)
    page = world.browser("ben").get("/settings/restricted").text
    assert "orphaned" in page

    (one,) = (
        world.browser("ben").get("/api/v1/restrictions", headers=world.headers("ben")).json["restrictions"]
    )
    world.browser("ben").send(f"/settings/restricted/{one['id']}/break", {"reason": "Nobody is left"})

    assert put(world, "ben", slug, restricted=["fay"]).status_code == 200
    assert named(slug) == ("fay",)
    assert world.browser("fay").get(f"/incidents/{slug}").status_code == 200


def test_an_admin_who_is_one_no_longer_looks_no_longer(people_too: World) -> None:
    slug, world = stored(people_too), people_too
    number = number_of(slug)
    with db.transaction():
        break_glass.begin(number, "Eve is ill", actor=world.ben)
        accounts.change_user("ben", role="author", is_active=True, actor=replace(world.ben, name="gil"))

    assert world.browser("ben").get(f"/incidents/{slug}").status_code == 404


def test_a_reason_is_asked_for_by_the_operation(people_too: World) -> None:
    with pytest.raises(Invalid), db.transaction():
        break_glass.begin(1, "  ", actor=people_too.ben)
