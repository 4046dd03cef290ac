"""Home says what needs one person: each figure is defined, and is the number of the rows it leads to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from postmortems import clock as the_clock
from postmortems.accounts import operations as accounts
from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.gate.models import Override, Waiver
from postmortems.guards import operations as guards
from postmortems.guards import queries
from postmortems.guards.models import Evaluation, Guard
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.models import ActionItem, Incident
from postmortems.notify import held_messages, outbox
from postmortems.notify.models import Webhook
from postmortems.reports import definitions
from tests.conftest import Clock
from tests.incidents.documents import SYSTEM, save
from tests.shown import words
from tests.world import Browser, World

TODAY = date(2026, 3, 2)


def incident(title: str, *items: Item, **fields: Any) -> str:
    return save(Document(title=title, sections=(Section("Action items", items),), **fields)).slug


def due(days: int, owner: str, **fields: Any) -> Item:
    return Item(f"Do it by {days}", owner=owner, due=TODAY + timedelta(days=days), **fields)


def red(slug: str, verdict: str = "fail", **fields: Any) -> None:
    now = the_clock.now()
    with db.transaction():
        guard = Guard(slug=slug, kind="http", title=slug, created_at=now, edited_at=now, **fields)
        session().add(guard)
        session().flush()
        for number, each in enumerate(("pass", verdict)):
            session().add(
                Evaluation(
                    guard_id=guard.id,
                    guard_slug=slug,
                    guard_revision=1,
                    purpose="test",
                    at=now + timedelta(seconds=number),
                    level="hard",
                    verdict=each,
                    summary=f"{slug} says {each}",
                )
            )


def watching(slug: str, service: str) -> None:
    """A red guard that nobody owns, over the first target of the service."""
    red(slug, "error")
    with db.transaction():
        guard = session().scalars(select(Guard).where(Guard.slug == slug)).one()
        guard.targets = queries.service(service).targets[:1]


@pytest.fixture
def busy(world: World, clock: Clock) -> World:
    """Ada leads a team that Cy is in, and something of each kind waits, for her, for him, or for Ben."""
    now = clock.now()
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True, "cy": False}, actor=SYSTEM)
    slug = incident(
        "The hub went down",
        *(due(days, "@ada") for days in (-3, -1, 0, 7, 8)),
        *(due(days, "Platform") for days in (-9, -8, 3)),
        due(-2, "@cy", guards=("of-cy",)),
        due(-5, "@ada", status="wont_do", reason="no"),
        Item("Somebody should", team="platform"),
        Item("Perhaps", team="platform", status="proposed"),
    )
    incident("A secret", due(-4, "@ada"), due(-4, "platform"), restricted=("ben",))
    with db.transaction():
        guards.add_service("hub", "", ["prod"], team="platform", actor=SYSTEM)
    red("of-cy"), red("of-nobody"), red("of-ada", "pass", owner="@ada"), red("led", "stale", owner="platform")
    watching("of-nobody-else", "hub")
    with db.transaction():
        approvals.ask(slug, ["cy"], actor=world.ada)
        session().add(
            Override(
                decision_id="x",
                target="data8/prod",
                artifact="sha256:1",
                guards=["led"],
                reason="It has to go out",
                expires_s=60,
                requested_by="ada",
                requested_at=now,
            )
        )
        for made_by, granted_by in (("ada", ""), ("ben", ""), ("ada", "ben")):
            until = now + timedelta(days=1)
            said: dict[str, Any] = {"kind": "waiver", "guard": "led", "owner": "ada", "reason": ""}
            times: dict[str, Any] = {"made_at": now, "begins_at": now, "ends_at": until}
            session().add(Waiver(**said, **times, made_by=made_by, granted_by=granted_by))
    with db.transaction():
        outbox.put("webhook", "1", "one", {}, now)
        held_messages.hold()
        outbox.put("webhook", "1", "two", {}, now)
        # Who left: with an item that is open, with one that is done, and with none.
        for name in ("dan", "eve", "fay"):
            accounts.add_user(name, "author", actor=SYSTEM)
            accounts.change_user(name, role="author", is_active=False, actor=SYSTEM)
    incident("Long ago", Item("Look", owner="@Dan", status="open"), Item("Read", owner="eve", status="done"))
    return world


def needs(world: World, name: str) -> dict[tuple[str, str], int]:
    told = world.browser(name).get("/api/v1/home", headers=world.headers(name)).json
    return {(one["name"], one["whose"]): one["count"] for one in told["needs"]}


def behind(browser: Browser, url: str) -> int:
    """How many rows the address of a figure shows."""
    html = browser.get(url).text
    place = url.partition("#")[2]
    if not place:
        return len(re.findall('<tr><td>|<section class="card" id="AI-', html))
    part = html.split(f'<section id="{place}">')[1].split("</section>")[0]
    return part.count('class="list-row"')


WAITS = {
    "ada": {
        ("overdue", ""): 2,
        ("soon", ""): 2,
        ("overdue", "Platform"): 5,
        ("unowned", "Platform"): 1,
        ("proposed", "Platform"): 1,
        ("red", ""): 2,
    },
    "ben": {("exemptions", ""): 2, ("held", ""): 1, ("left", ""): 1},
    "cy": {("overdue", ""): 1, ("overdue", "Platform"): 5, ("reviews", ""): 1, ("red", ""): 2},
}


@pytest.mark.parametrize("name", WAITS)
def test_each_hears_what_waits_for_them_alone(busy: World, name: str) -> None:
    assert needs(busy, name) == WAITS[name]


@pytest.mark.parametrize("name", WAITS)
def test_every_figure_is_defined_and_is_the_number_of_its_rows(busy: World, name: str) -> None:
    browser = busy.browser(name)
    told = browser.get("/api/v1/home", headers=busy.headers(name)).json["needs"]
    shown = re.findall(r'<a href="[^"]+" title="[^"]+"><strong[^>]*>(\d+)', browser.get("/").text)

    assert [int(number) for number in shown] == [one["count"] for one in told]
    for one in told:
        assert (one["label"], one["definition"]) == (
            definitions.label(one["name"]),
            definitions.definition(one["name"]),
        )
        assert behind(browser, one["url"]) == one["count"], one


def test_whoever_has_nothing_to_do_is_told_how_things_become_theirs(world: World) -> None:
    text = words(world.browser("ada").get("/").text)

    assert "Nothing needs you today." in text
    assert "Action items are yours when their owner is @ada" in text
    assert "You are in no team yet" in text


def test_a_token_that_reads_nothing_of_incidents_reads_no_home(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token('ada', 'gate:read')}"}

    assert world.app is not None
    assert world.app.test_client().get("/api/v1/home", headers=headers).status_code == 403


def more(first: int, count: int) -> None:
    """So many incidents, each with an item of Ada's and one of her team that are overdue."""
    now = the_clock.now()
    own = range(first, first + count)
    plain = {"occurred_on": TODAY, "created_at": now, "saved_at": now}
    session().execute(insert(Incident), [{"id": one, "slug": f"x-{one}", **plain} for one in own])
    session().execute(
        insert(ActionItem),
        [
            {
                "number": 2 * one + place,
                "incident_id": one,
                "section_id": 1,
                "position": place,
                "text": "x",
                "owner": owner,
                "owner_key": owner,
                "due": TODAY - timedelta(days=one % 30 + 1),
                "opened_at": now,
            }
            for one in own
            for place, owner in enumerate(("ada", "platform"))
        ],
    )


def test_home_asks_as_often_of_many_incidents_as_of_few(
    busy: World, count_queries: Callable[[], Any]
) -> None:
    browser, costs = busy.browser("ada"), []
    for first, count in ((1_000, 10), (2_000, 1_000), (4_000, 500)):
        with db.transaction():
            more(first, count)
        browser.get("/")
        with count_queries() as statements:
            html = browser.get("/").text
        costs.append(len(statements))

    assert costs[1] == costs[2]
    # A team's first five hundred are looked up at once, and then, to count them, those behind.
    assert costs[1] - costs[0] <= 2
    assert "1000+" in html
    assert len(html) < 100_000


def test_a_webhook_that_is_gone_shows_to_who_manages_it_and_one_that_a_person_ended_does_not(
    world: World, clock: Clock
) -> None:
    about = {"url": "https://example.org/", "events": ["*"], "secret": "x", "created_at": clock.now()}
    with db.transaction():
        gone = Webhook(name="Gone", is_enabled=False, trouble="it answered 410: it is gone for good", **about)
        ended = Webhook(name="Ended", is_enabled=False, **about)
        session().add_all([gone, ended, Webhook(name="At work", **about)])
        session().flush()
        address = f"/settings/webhooks/{gone.id}"

    assert {name: needs(world, name).get(("off", ""), 0) for name in ("ada", "ben", "cy")} == {
        "ada": 0,
        "ben": 1,
        "cy": 0,
    }
    shown = world.browser("ben").get("/").text
    assert f'href="{address}"' in shown
    assert "it answered 410" in shown
