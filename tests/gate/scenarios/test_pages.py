"""A scenario is recorded and edited in its form, as text or as fields, by one author or by two at once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from postmortems import visibility
from postmortems.db import session as db
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.guards.kinds.registry import KINDS
from tests.artifacts import digest
from tests.browser_forms import Form, form_of
from tests.shown import FOUNDING, with_demo, words
from tests.world import Browser, World

SLUG = FOUNDING.rpartition("/")[2]
NEW = f"/gate/scenarios/new?incident={SLUG}"
FACTS = """\
at: 2018-01-25T15:30:00-08:00
request:
  service: data8
  target: prod
  declared_target: biology/prod
  artifact: {digest: "sha256:5100000000000000000000000000000000000000000000000000000000000000"}
"""
TEXT = {"incident": SLUG, "name": "Again", "kind": "bad", "as": "text", "facts": FACTS}


@pytest.fixture
def browser(world: World) -> Browser:
    return with_demo(world).browser()


def facts_of(path: str) -> dict[str, Any]:
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        return decisions_queries.scenario(int(path.split("/")[3])).facts


def begun(browser: Browser) -> Form:
    """The form for a new scenario, with what the deploy was."""
    form = form_of(browser.get(NEW).text)
    return form | {
        "name": "Promoted in a hurry",
        "at": "2018-01-25T15:30",
        "asked.declared_target": "biology/prod",
        "asked.artifact.digest": digest("51"),
    }


def test_the_form_begins_with_what_the_document_says(browser: Browser) -> None:
    form = form_of(browser.get(NEW).text)

    assert (form["target"], form["zone"], form["kind"]) == ("data8/prod", "America/Los_Angeles", "bad")
    assert form["at"].startswith("2018-01-2")


def test_a_scenario_is_made_from_rows_without_a_script(browser: Browser) -> None:
    form = begun(browser)
    form = form_of(browser.send(NEW, form | {"do": "add", "add": "look:staging-online"}).text)
    form = form_of(browser.send(NEW, form | {"do": "add", "add": "staging-validated:0"}).text)
    form = form_of(browser.send(NEW, form | {"do": "add", "add": "deploy"}).text)
    form = form_of(browser.send(NEW, form | {"do": "remove-2"}).text)
    assert form["seen.1.predicate"] == "staging-validated"
    assert form["seen.1.target"] == "data8/staging"
    assert "seen.2.sort" not in form

    rows = {"seen.0.status": "503", "seen.1.result": "failed", "seen.1.observed_at": "2018-01-25T15:00"}
    answer = browser.send(NEW, form | rows | {"do": "save"})

    path = answer.headers["Location"]
    assert "block as it should" in words(browser.get(path).text)
    facts = facts_of(path)
    assert facts["probes"] == {"staging-online": {"status": 503}}
    (one,) = facts["evidence"]
    assert (one["result"], one["digest"]) == ("failed", digest("51"))
    assert one["observed_at"] == "2018-01-25T15:00:00-08:00"


def test_form_and_text_turn_into_each_other(browser: Browser) -> None:
    path = browser.send("/gate/scenarios/new", TEXT).headers["Location"]
    stored, edit = facts_of(path), f"{path}/edit"

    as_text = form_of(browser.send(edit, form_of(browser.get(edit).text) | {"do": "as-text"}).text)
    as_form = form_of(browser.send(edit, as_text | {"do": "as-form"}).text)

    assert as_text["as"] == "text"
    assert as_form["as"] == "form"
    for form in (as_text, as_form):
        assert browser.send(edit, form | {"do": "save"}).status_code == 303
        assert facts_of(path) == stored


def test_the_panel_shows_what_the_fields_say(browser: Browser) -> None:
    said = browser.send("/gate/scenarios/as-text", begun(browser)).text
    unclear = browser.send("/gate/scenarios/as-text", begun(browser) | {"zone": "Mars"}).text

    assert "declared_target: biology/prod" in said
    assert "Not readable yet" in unclear


@pytest.mark.parametrize(
    "changes, field, message",
    [
        ({"facts": "at: [unclosed"}, "f-facts", "cannot be read as YAML in line"),
        ({"facts": "a: &a x\nb: *a"}, "f-facts", "in line 1, column 4: write it out"),
        ({"facts": "- a list"}, "f-facts", "write at, request"),
        ({"facts": ""}, "f-facts", "write at, request"),
        (
            {"facts": FACTS.replace("prod\n  declared", "moon\n  declared")},
            "f-facts",
            "line 4, request.target: data8/moon",
        ),
        (
            {"facts": FACTS.replace("2018-01-25T15:30:00-08:00", "yesterday")},
            "f-facts",
            "line 1, at: write an instant",
        ),
        (
            {"facts": FACTS + "probes: {staging-online: {status: up}}\n"},
            "f-facts",
            "probes.staging-online.status",
        ),
        ({"facts": "[" * 5000}, "f-facts", "cannot be read"),
        ({"facts": "x" * 100_001}, "f-facts", "at most 100,000"),
        ({"facts": "!!python/object/apply:os.system [id]"}, "f-facts", "the tag !!python"),
        ({"name": ""}, "f-name", ""),
        ({"name": "Promoted in lab hours"}, "f-name", "already"),
        ({"kind": "ugly"}, "f-kind", ""),
    ],
)
def test_text_that_cannot_be_is_refused_with_its_line(
    browser: Browser, changes: dict[str, Any], field: str, message: str
) -> None:
    answer = browser.send("/gate/scenarios/new", TEXT | changes)

    assert answer.status_code == 422
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert message in words(answer.text)


@pytest.mark.parametrize(
    "changes, field, message",
    [
        ({"name": ""}, "f-name", "give it a name"),
        ({"at": ""}, "f-at", "say when"),
        ({"zone": "Mars"}, "f-zone", "is no zone"),
        ({"target": "data8/moon"}, "f-target", "is no target we know"),
        ({"asked.artifact.digest": "x" * 201}, "f-asked-artifact-digest", "is no digest"),
        ({"asked.resolves": "two"}, "f-asked-resolves", "write action items as AI-2"),
        (
            {"seen.0.sort": "look:http", "seen.0.guard": "staging-online", "seen.0.status": "up"},
            "f-seen-0-status",
            "up",
        ),
        (
            {"seen.0.sort": "deploy", "seen.0.observed_at": "2018-01-25T15:00"},
            "f-seen-0-target",
            "on which target",
        ),
        ({"do": "add", "add": "look:of-nobody"}, "f-add", "choose what there was to see"),
        ({"do": "add", "add": "staging-validated:7"}, "f-add", "choose what there was to see"),
        ({"do": "as-text", "at": "later"}, "f-at", "is no time"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    browser: Browser, changes: dict[str, str], field: str, message: str
) -> None:
    answer = browser.send("/gate/scenarios/new", begun(browser) | {"do": "save"} | changes)

    assert answer.status_code == 422
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert message in words(answer.text)
    assert form_of(answer.text)["asked.declared_target"] == "biology/prod"


def test_of_two_authors_the_second_sees_what_differs_and_chooses(world: World) -> None:
    ada, ben = with_demo(world).browser("ada"), world.browser("ben")
    path = ada.send("/gate/scenarios/new", TEXT).headers["Location"]
    mine, theirs = (form_of(browser.get(f"{path}/edit").text) for browser in (ada, ben))
    assert ben.send(f"{path}/edit", theirs | {"at": "2018-01-25T16:45"}).status_code == 303

    answer = ada.send(f"{path}/edit", mine | {"at": "2018-01-25T17:15"})

    assert answer.status_code == 409
    assert "Somebody saved in between" in words(answer.text)
    assert "T16:45:00" in re.sub("<[^>]+>", "", answer.text)
    assert facts_of(path)["at"] == "2018-01-25T16:45:00-08:00"
    kept = form_of(answer.text)
    assert kept["at"] == "2018-01-25T17:15"
    assert ada.send(f"{path}/edit", kept).status_code == 303
    assert facts_of(path)["at"] == "2018-01-25T17:15:00-08:00"


def test_an_edit_that_names_no_revision_is_one_of_an_older_version(browser: Browser) -> None:
    path = browser.send("/gate/scenarios/new", TEXT).headers["Location"]

    assert browser.send(f"{path}/edit", TEXT | {"kind": "good"}).status_code == 409
    assert browser.send(f"{path}/edit", TEXT | {"revision": "1"}).status_code == 303


def test_what_the_guards_see_now_comes_into_the_form_in_either_way(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200, "latency_ms": 7})
    form = begun(browser)

    recorded = browser.send("/gate/scenarios/new/record-now", form)
    as_text = form_of(browser.send(NEW, form | {"do": "as-text"}).text)
    in_text = browser.send("/gate/scenarios/new/record-now", as_text)

    assert recorded.status_code == in_text.status_code == 200
    assert "Recorded what 4 guards over data8/prod can see now" in words(recorded.text)
    row = form_of(recorded.text)
    assert (row["seen.0.guard"], row["seen.0.status"], row["seen.0.latency_ms"]) == (
        "staging-online",
        "200",
        "7",
    )
    assert "latency_ms: 7" in form_of(in_text.text)["facts"]
    assert browser.send("/gate/scenarios/new/record-now", form | {"target": ""}).status_code == 422


@pytest.mark.parametrize(
    "text, message",
    [
        ("at: 2018-01-25T15:30:00-08:00", "request"),
        ("at: soon\nrequest: {service: data8, target: prod}", "line 1, at: write an instant"),
        ("request: {service: data8, target: prod}", "at: Missing data"),
        ("at: 2018-01-25T15:30:00-08:00\nrequest: data8/prod", "line 2, request"),
        (
            "at: 2018-01-25T15:30:00-08:00\nrequest: {service: data8, target: prod}\nevidence: [{}]",
            "evidence.0.observed_at: Missing data",
        ),
        (
            "at: 2018-01-25T15:30:00-08:00\nrequest: {service: data8, target: prod}\nprobes: [1]",
            "line 3, probes",
        ),
    ],
)
def test_nobody_looks_for_a_text_that_says_no_facts(browser: Browser, text: str, message: str) -> None:
    answer = browser.send("/gate/scenarios/new/record-now", TEXT | {"facts": text})

    assert answer.status_code == 422
    assert message in words(answer.text)


def test_recording_for_a_scenario_that_is_stored_saves_nothing(browser: Browser) -> None:
    path = browser.send("/gate/scenarios/new", TEXT).headers["Location"]
    before, form = facts_of(path), form_of(browser.get(f"{path}/edit").text)

    recorded = form_of(browser.send(f"{path}/record-now", form).text)

    assert facts_of(path) == before
    assert recorded["revision"] == "1"
    assert browser.send(f"{path}/edit", recorded).status_code == 303
    assert set(facts_of(path)["probes"]) == {"staging-online"}


def test_a_viewer_reads_the_facts_and_is_refused_every_act(world: World) -> None:
    ada, cy = with_demo(world).browser("ada"), world.browser("cy")
    path = ada.send("/gate/scenarios/new", TEXT).headers["Location"]

    shown = words(cy.get(path).text)

    assert "Declared target biology/prod" in shown
    assert "Edit" not in shown.split("Facts")[1]
    for address in (NEW, f"{path}/edit"):
        assert cy.get(address).status_code == 403
    acts = (NEW, f"{path}/edit", f"{path}/drill", f"{path}/delete", f"{path}/record-now")
    for address in (*acts, "/gate/scenarios/new/record-now", "/gate/scenarios/as-text"):
        assert cy.send(address, TEXT).status_code == 403
