"""The path to proof on the page of an incident: for whom it is open, what it offers, who did what."""

from __future__ import annotations

import re

import pytest

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit import operations as audit_operations
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.gate.proof_path import queries
from postmortems.gate.protection import queries as protection_queries
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.guards import queries as guards
from postmortems.incidents import queries as incidents
from tests.shown import FOUNDING, with_demo, words
from tests.statements import counted
from tests.world import World

SLUG = FOUNDING.rpartition("/")[2]
FORM = {
    "title": "The till took no cards",
    "date": "2026-03-05",
    "services": "till/prod",
    "sections.0.heading": "Action items",
    "sections.0.blocks.0.type": "item",
    "sections.0.blocks.0.text": "Ask somebody first.",
    "sections.0.blocks.0.guardability": "enforceable",
    "do": "save",
}


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


def card(world: World, name: str, path: str = FOUNDING) -> str:
    """The card of that person's page, with its markup; "" where there is none."""
    found = re.search(
        r'<details class="card proof".*?</details>\s*<section', world.browser(name).get(path).text, re.DOTALL
    )
    return found[0] if found else ""


def new_incident(world: World, name: str = "ada") -> str:
    answer = world.browser(name).send("/incidents/new", FORM)
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["Location"]).partition("#")[0]


def test_a_proven_incident_shows_one_line_until_it_is_opened(shown: World) -> None:
    found = card(shown, "ada")

    assert not re.match(r"<details[^>]* open", found)
    assert "held by guards" in words(found.partition("</summary>")[0])


def test_each_step_that_is_done_says_what_was_done_and_by_whom(shown: World) -> None:
    found = words(card(shown, "ada"))
    with db.reading():
        drilled = scenarios_queries.would_stop(incidents.by_slug(SLUG, shown.ada)).replays[0].drill

    assert drilled is not None
    assert f"let the good one through. By {drilled.by}," in found
    assert re.search(r"Recorded: Promoted in lab hours\. By \S+", found)


def test_a_new_incident_shows_the_path_open_with_one_primary_button(shown: World) -> None:
    path = new_incident(shown, "ben")
    found = card(shown, "ben", path)

    assert re.match(r'<details[^>]*id="proof" open', found)
    assert found.count("button primary") == 1
    assert "Register till/prod" in words(found)
    assert "Waits for “Register the target”." in words(found)


def test_who_may_not_do_the_next_step_sees_who_can(shown: World) -> None:
    path = new_incident(shown)

    author, viewer = card(shown, "ada", path), card(shown, "cy", path)
    assert "An admin can do this: ben" in words(author)
    assert "button primary" not in author
    assert not re.match(r"<details[^>]* open", viewer)


def test_an_incident_without_an_item_for_guards_has_no_path(shown: World) -> None:
    answer = shown.browser().send(
        "/incidents/new", FORM | {"sections.0.blocks.0.guardability": "not_guardable"}
    )

    assert card(shown, "ada", str(answer.headers["Location"])) == ""


def test_the_forms_of_the_path_come_back_to_the_incident(shown: World) -> None:
    """As a browser without a script would send them: the page's own button, and the form that it opens."""
    path = new_incident(shown, "ben")
    slug, browser = path.rpartition("/")[2], shown.browser("ben")
    ref = re.search(r"AI-\d+", card(shown, "ben", path))
    assert ref is not None
    assert f'name="back" value="{slug}"' in browser.get(f"/services/till?back={slug}").text
    scenario = {
        "incident": slug,
        "as": "form",
        "do": "save",
        "zone": "UTC",
        "target": "till/prod",
        "at": "2026-03-05T10:00",
    }
    asked = {"asked.artifact.digest": "sha256:" + "5e" * 32, "asked.change_kind": "feature"}
    sent = [
        ("/services/till", {"title": "", "targets": "prod"}),
        (
            "/guards/new",
            {
                "kind": "target",
                "title": "Names the till",
                "item": ref[0],
                "targets": ["till/prod"],
                "is_enabled": "on",
                "level": "shadow",
                "on_error": "block",
            },
        ),
        (
            "/gate/scenarios/new",
            scenario | asked | {"kind": "bad", "name": "Bad", "asked.declared_target": "bar/prod"},
        ),
        (
            "/gate/scenarios/new",
            scenario | asked | {"kind": "good", "name": "Good", "asked.declared_target": "till/prod"},
        ),
        (f"{path}/drill", {}),
        (
            "/guards/names-the-till",
            {
                "title": "Names the till",
                "targets": ["till/prod"],
                "is_enabled": "on",
                "level": "soft",
                "on_error": "block",
                "config.confirm": "param",
            },
        ),
    ]

    for page, form in sent:
        answer = browser.send(page, {**form, "back": slug})
        assert (page, answer.headers.get("Location"), answer.status_code) == (page, f"{path}#proof", 303), (
            words(answer.text)
        )
    assert "1 fix held by guards" in words(card(shown, "ben", path))


def test_many_items_take_no_more_questions_than_one(shown: World) -> None:
    counts = []
    with db.reading():
        incident = incidents.with_items(SLUG, shown.ada)
        replays = scenarios_queries.would_stop(incident).replays
        protections = protection_queries.of_items([item.id for item in incident.items])
        items = list(incident.items)
        for some in (items[-1:], items):
            session_items = [item for item in some if item.guards]
            with counted() as seen:
                queries.of_incident(_With(incident, session_items), replays, protections, [])  # type: ignore[arg-type]
            counts.append(len(seen))
    assert counts[0] == counts[1] > 0


class _With:
    """The incident as if these were its items."""

    def __init__(self, incident: object, items: list[object]) -> None:
        self._incident, self.items = incident, items

    def __getattr__(self, name: str) -> object:
        return getattr(self._incident, name)


def test_of_many_items_the_page_has_the_steps_of_some_and_leads_to_the_others(shown: World) -> None:
    items = {
        f"sections.0.blocks.{n}.{name}": text
        for n in range(20)
        for name, text in (("type", "item"), ("text", f"Step {n}."), ("guardability", "enforceable"))
    }
    answer = shown.browser().send("/incidents/new", FORM | items)
    path = str(answer.headers["Location"])

    html = card(shown, "ada", path)
    last = re.findall(r'href="[^"]*\?proof=(AI-\d+)#proof"', html)[-1]
    assert html.count('class="path-steps"') == 12
    assert re.search(r'class="path" open>', html)
    asked = card(shown, "ada", f"{path}?proof={last}")
    assert asked.count('class="path-steps"') == 13
    assert last in words(asked.partition('class="path" open>')[2].partition("</summary>")[0])


def test_a_guard_that_was_disabled_is_the_step_to_take(shown: World) -> None:
    with db.transaction():
        guards.by_slug("lab-hours").is_enabled = False
        guards.by_slug("target-confirmed").is_enabled = False
        guards.by_slug("target-confirmed").edited_at = clock.now()

    assert "target-confirmed is disabled: nobody asks it." in words(card(shown, "ada"))


def test_the_newest_events_are_one_of_a_verb_and_the_last_edits(any_database: str) -> None:
    actor = Actor.system("test")
    with db.transaction():
        for number in range(60):
            audit_operations.record(actor, "guard.edited", "guard", "lab-hours", revision=number)
        for verb in ("guard.created", "guard.tested", "guard.tested"):
            audit_operations.record(actor, verb, "guard", "lab-hours")
        audit_operations.record(actor, "guard.created", "guard", "another")
        audit_operations.record(actor, "service.created", "service", "lab-hours")
        audit_operations.record(actor, "service.created", "service", "data8")
    with db.reading():
        found = audit.newest_of({"guard": ["lab-hours"], "service": ["data8"], "scenario": []})
        nothing = audit.newest_of({"guard": []})

    told = [(one.verb, one.subject, one.data.get("revision")) for one in found]
    assert told[:3] == [
        ("service.created", "data8", None),
        ("guard.tested", "lab-hours", None),
        ("guard.created", "lab-hours", None),
    ]
    assert told[3:] == [("guard.edited", "lab-hours", number) for number in range(59, 9, -1)]
    assert nothing == []
