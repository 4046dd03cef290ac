"""Where one is signed in: seen and ended by oneself alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from postmortems import clock
from postmortems.accounts import browser_sessions, operations
from postmortems.accounts.models import BrowserSession
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import NotAllowed
from tests.world import World

ENDS = re.compile(r"/settings/sessions/\d+/end\b")


def test_one_sees_this_browser_first_and_ends_another(any_database: str, world: World) -> None:
    here, there = world.browser("ada"), world.browser("ada")
    page = here.get("/settings").text
    newest = ENDS.findall(page)[0]

    assert page.index("this browser") < page.index(newest)
    assert here.send(newest).status_code == 303

    assert there.get("/settings").status_code == 303
    assert "That browser is signed out" in here.get("/settings").text
    with db.reading():
        assert audit.latest(limit=1)[0].verb == "user.session_ended"


def test_all_others_end_and_this_one_stays(any_database: str, world: World) -> None:
    here, others, ben = world.browser("ada"), [world.browser("ada") for _ in range(2)], world.browser("ben")

    assert here.send("/settings/sessions/end-others").status_code == 303

    page = here.get("/settings").text
    assert "other browsers are signed out" in page
    assert "Sign out all others" not in page
    assert [other.get("/settings").status_code for other in others] == [303, 303]
    assert ben.get("/settings").status_code == 200


def test_another_ones_browser_is_not_even_there(world: World) -> None:
    ada, ben = world.browser("ada"), world.browser("ben")
    world.browser("ben")
    theirs = ENDS.findall(ben.get("/settings").text)

    assert [ada.send(path).status_code for path in theirs] == [404] * len(theirs)

    assert theirs
    assert ENDS.findall(ben.get("/settings").text) == theirs


@pytest.mark.parametrize("session_id", ["999999", "9" * 30])
def test_a_browser_that_is_not_there_is_not_found(any_database: str, world: World, session_id: str) -> None:
    answer = world.browser("ada").send(f"/settings/sessions/{session_id}/end")

    assert answer.status_code in {404, 422}


def test_a_browser_signed_out_already_is_told_so(world: World) -> None:
    here = world.browser("ada")
    world.browser("ada")
    path = ENDS.findall(here.get("/settings").text)[0]
    here.send(path)

    answer = here.send(path)

    assert answer.status_code == 404
    assert "signed out already" in answer.text


def test_what_has_expired_is_not_listed(world: World) -> None:
    here = world.browser("ada")
    world.browser("ada")
    path = ENDS.findall(here.get("/settings").text)[0]
    with db.transaction():
        number = int(path.split("/")[-2])
        over = update(BrowserSession).where(BrowserSession.id == number)
        session().execute(over.values(expires_at=clock.now() - timedelta(seconds=1)))

    assert path not in here.get("/settings").text


def test_a_long_list_is_cut_and_counted(world: World) -> None:
    now = clock.now()
    with db.transaction():
        for number in range(browser_sessions.SHOWN + 3):
            session().add(
                BrowserSession(
                    secret_hash=f"hash {number}", user_id=world.cy.user_id, created_at=now,
                    expires_at=now + timedelta(days=1),
                )
            )  # fmt: skip
    with db.reading():
        shown, count = browser_sessions.live(world.cy, "", now)

    assert (len(shown), count >= browser_sessions.SHOWN + 3) == (browser_sessions.SHOWN, True)
    assert "this browser" in world.browser("cy").get("/settings").text


@pytest.mark.parametrize("name", ["ada", "cy"])
def test_only_an_admin_resets_an_account(world: World, name: str) -> None:
    with db.transaction(), pytest.raises(NotAllowed):
        operations.reset("ben", actor=getattr(world, name))


@pytest.mark.parametrize("kind", ["token", "nobody", "system"])
def test_only_a_person_ends_browsers(world: World, kind: str) -> None:
    actor = Actor.nobody() if kind == "nobody" else Actor(kind=kind, name="x", role="admin", user_id=1)  # type: ignore[arg-type]
    with db.transaction():
        with pytest.raises(NotAllowed):
            browser_sessions.end(1, actor=actor)
        with pytest.raises(NotAllowed):
            browser_sessions.end_others("", actor=actor)
