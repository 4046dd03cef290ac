"""What a report in the form lacks before it may be published, as its author types."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.incidents.approvals import operations as approvals
from tests.world import World

HEAD = {"title": "It broke", "date": "2026-03-04", "severity": "SEV1"}
ROWS = {
    "sections.3.heading": "Impact",
    "sections.5.heading": "Action items",
    "sections.5.blocks.2.type": "item",
    "sections.5.blocks.7.type": "item",
    "sections.5.blocks.7.text": "Refuse it.",
}


@pytest.fixture
def asking(world: World) -> World:
    """SEV1 asks for a time zone, owners, impact and a timeline."""
    with db.transaction():
        approvals.set_rule(
            "SEV1",
            approvals=0,
            due_days=5,
            actor=world.ben,
            required_fields=["timezone", "owners"],
            required_sections=["Impact", "Timeline"],
        )
    return world


def lacking(world: World, form: dict[str, str]) -> Any:
    answer = world.browser().send("/write/checklist", form)
    assert answer.status_code == 200
    return answer.json["lacking"]  # type: ignore[index]


def test_each_thing_that_is_missing_names_its_place_in_the_form(asking: World) -> None:
    assert lacking(asking, HEAD | ROWS) == [
        {"words": "Say its timezone", "field": "timezone"},
        {"words": "Add the section Timeline and write it", "field": "sections"},
        {"words": "Write something under Impact", "field": "sections.0.heading"},
        # The second row: the first says nothing, and is no item.
        {"words": "Each item needs an owner", "field": "sections.1.blocks.1.owner"},
    ]


def test_what_is_written_is_missing_no_more(asking: World) -> None:
    written = ROWS | {"sections.5.blocks.7.owner": "@ada", "timezone": "UTC"}
    written |= {"sections.3.blocks.0.type": "prose", "sections.3.blocks.0.text": "All of it."}
    written |= {
        "sections.4.heading": "Timeline",
        "sections.4.blocks.0.type": "entry",
        "sections.4.blocks.0.text": "x",
    }

    assert lacking(asking, HEAD | written) == []


@pytest.mark.parametrize(
    "form, missing",
    [
        ({}, ["Give it a title"]),
        ({"title": " "}, ["Give it a title"]),
        ({"title": "x", "severity": "SEV4"}, []),
        ({"title": "x", "date": "soon"}, None),
    ],
)
def test_where_little_is_asked_for_little_is_missing(
    asking: World, form: dict[str, str], missing: Any
) -> None:
    found = lacking(asking, form)

    assert (None if found is None else [each["words"] for each in found]) == missing


def test_the_template_that_fits_follows_the_severity(world: World) -> None:
    def best(severity: str) -> Any:
        answer = world.browser().send("/write/checklist", HEAD | {"severity": severity})
        return answer.json["best_template"]["name"]  # type: ignore[index]

    assert best("SEV1") != best("SEV4")


def test_the_form_shows_it_until_the_report_is_published(asking: World) -> None:
    page = asking.browser().get("/incidents/new").text

    assert 'id="checklist" data-asks="yes"' in page
    assert 'href="#f-title" data-field="title">Give it a title</a>' in page


def test_who_may_not_write_is_told_nothing(world: World) -> None:
    assert world.browser("cy").send("/write/checklist", HEAD).status_code == 403
