"""Guards suggested from an incident's causes, filled with its own values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.errors import NotAllowed, NotFound
from postmortems.gate.enforcement import save_incident
from postmortems.gate.suggestions import suggest
from postmortems.gate.suggestions.suggest import Suggestion
from postmortems.guards import operations
from postmortems.guards import queries as guards
from postmortems.guards.kinds.registry import KINDS
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import ActionItem
from tests.runtimes import VAULT
from tests.world import World

STORY = Document(
    title="Merged by mistake",
    date=date(2018, 1, 25),
    timezone="America/Los_Angeles",
    services=("data8/prod",),
    sections=(
        Section("Summary", (Prose("Nobody had opened the staging hub. It was a lab day."),)),
        Section(
            "Timeline",
            (
                Entry("2018-01-25 14:30", "To staging.", kind="change"),
                Entry("15:30", "To production.", kind="trigger"),
                Entry("16:35", "Back.", kind="recovery"),
            ),
        ),
        Section("Action items", (Item("Show which deployment is about to change."), Item("Do better."))),
    ),
)


def suggested(document: Document, world: World) -> dict[str, Suggestion]:
    with db.transaction():
        incident = save_incident.save(None, document, version=None, actor=world.ada)
        return {one.kind: one for one in suggest.for_incident(incident)}


def test_each_cause_gets_its_guards_with_the_incidents_own_values(world: World) -> None:
    found = suggested(STORY, world)

    assert list(found) == ["attestation", "parity", "target", "window"]
    assert found["attestation"].config == {"predicate": "data8-validated", "target": "data8/staging"}
    assert found["parity"].config == {"source_target": "data8/staging"}
    assert (found["target"].item, found["target"].because) == ("AI-1", "it says “which deployment”")
    assert found["window"].config == {
        "mode": "deny",
        "tz": "America/Los_Angeles",
        "starts": "15:00",
        "ends": "17:00",
        "rrule": "FREQ=WEEKLY;BYDAY=TH",
        "reason": "it happened Thursday at 15:30",
    }
    assert {one.targets for one in found.values()} == {("data8/prod",)}


def test_whatever_is_suggested_can_be_made(world: World) -> None:
    for kind, one in suggested(STORY, world).items():
        assert KINDS[kind].configured(one.config)


@pytest.mark.parametrize(
    "service, begins", [("Mein Hub", "mein-hub"), ("Data8", "data8"), ("決済", "service")]
)
def test_they_can_be_made_for_a_service_of_any_name(world: World, service: str, begins: str) -> None:
    with db.transaction():
        operations.save_service(service, "", ["staging", "prod"], actor=world.ben)
    found = suggested(replace(STORY, services=(f"{service}/prod",)), world)

    assert {one.slug for one in found.values()} >= {f"{begins}-validated", f"{begins}-target-confirmed"}
    with db.transaction():
        for kind, one in found.items():
            fields = {"slug": one.slug, "title": "", "kind": kind, "config": one.config}
            made = operations.create(fields | {"targets": list(one.targets)}, actor=world.ada, vault=VAULT)
            assert made.targets[0].full_name == f"{service}/prod"


NO_WORDS = replace(STORY, sections=(Section("Summary", (Prose("Down."),)),))


@pytest.mark.parametrize(
    "document, kinds",
    [
        (NO_WORDS, []),
        (replace(NO_WORDS, tags=("Wrong-Target",)), ["target"]),
        (replace(NO_WORDS, tags=("untested",), services=("data8/staging",)), ["attestation"]),
        (replace(NO_WORDS, tags=("untested",), services=("data8",)), ["attestation", "parity"]),
        (replace(NO_WORDS, tags=("error-ignored",)), ["halt"]),
        (replace(NO_WORDS, tags=("peak-hours",)), []),
        (replace(STORY, timezone="Nowhere/City"), ["attestation", "parity", "target"]),
        (replace(STORY, services=("unknown/prod",)), []),
        (replace(STORY, services=()), []),
        (replace(STORY, services=("data8/nowhere",)), []),
    ],
    ids=[
        "nothing recognised",
        "a tag in any case",
        "nothing comes before staging",
        "a service alone",
        "an ignored error",
        "no times",
        "no such zone",
        "no such service",
        "no service",
        "no such target",
    ],
)
def test_what_is_suggested_depends_on_what_it_says(
    world: World, document: Document, kinds: list[str]
) -> None:
    assert list(suggested(document, world)) == kinds


def test_taking_one_makes_it_at_shadow_and_names_it_in_the_item(world: World) -> None:
    found = suggested(STORY, world)
    with db.transaction():
        incident = incidents.by_slug("2018-01-25-merged-by-mistake", world.ada)
        suggest.take(incident, "target", actor=world.ada, vault=VAULT)

    with db.reading() as session:
        guard = guards.by_slug(found["target"].slug)
        item = session.get(ActionItem, 1)
        assert (guard.level, [target.full_name for target in guard.targets]) == ("shadow", ["data8/prod"])
        assert item is not None
        assert [one.slug for one in item.guards] == [guard.slug]
        incident = incidents.by_slug("2018-01-25-merged-by-mistake", world.ada)
        assert "target" not in {one.kind for one in suggest.for_incident(incident)}


@pytest.mark.parametrize(
    "kind, item, named",
    [
        # By words of the summary, so it is for whom it was pressed; by words of an item, for that one.
        ("window", "AI-2", {"AI-1": [], "AI-2": ["data8-quiet-hours"]}),
        ("target", "AI-2", {"AI-1": ["data8-target-confirmed"], "AI-2": []}),
        ("window", "", {"AI-1": [], "AI-2": []}),
        ("window", "AI-99", {"AI-1": [], "AI-2": []}),
    ],
)
def test_one_that_no_item_asks_for_is_named_in_the_item_it_was_taken_for(
    world: World, kind: str, item: str, named: dict[str, list[str]]
) -> None:
    with db.transaction():
        incident = save_incident.save(None, STORY, version=None, actor=world.ada)
        suggest.take(incident, kind, item, actor=world.ada, vault=VAULT)
    with db.reading():
        found = incidents.with_items(incident.slug, world.ada).items
        assert {one.ref: [guard.slug for guard in one.guards] for one in found} == named


def test_what_is_not_suggested_cannot_be_taken(world: World) -> None:
    suggested(STORY, world)
    with db.transaction():
        incident = incidents.by_slug("2018-01-25-merged-by-mistake", world.ada)
        with pytest.raises(NotFound):
            suggest.take(incident, "http", actor=world.ada, vault=VAULT)
        with pytest.raises(NotAllowed):
            suggest.take(incident, "target", actor=world.cy, vault=VAULT)


def test_the_page_makes_it_by_one_press(world: World) -> None:
    suggested(STORY, world)
    address = "/incidents/2018-01-25-merged-by-mistake"
    assert "Suggested guards" in world.browser("ada").get(address).text
    assert "Suggested guards" not in world.browser("cy").get(address).text

    made = world.browser("ada").send(f"{address}/suggestions", {"kind": "window"}, follow_redirects=True)

    assert "data8-quiet-hours is there, at shadow" in made.text
    assert world.browser("ada").send(f"{address}/suggestions", {"kind": "x"}).status_code == 404


def test_they_are_read_over_http(world: World, client: FlaskClient) -> None:
    suggested(STORY, world)
    address = "/api/v1/incidents/2018-01-25-merged-by-mistake/suggestions"

    answer: dict[str, Any] = client.get(address, headers=world.headers("cy")).get_json()

    assert [one["kind"] for one in answer["suggestions"]] == ["attestation", "parity", "target", "window"]


def test_the_table_names_causes_tags_words_and_kinds() -> None:
    for row in suggest.causes():
        assert set(row) == {"cause", "tags", "words", "kinds"}
        assert all(words == words.casefold() for words in [*row["words"], *row["tags"]])
        assert set(row["kinds"]) <= set(suggest.NAMES)
