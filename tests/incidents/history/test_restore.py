"""What is restored goes into today's document, wherever its section stands now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postmortems.document.model import Document, Item, Prose, Section
from postmortems.incidents.history import restore

IMPACT = Section("Impact", (Prose("All labs of the week had no place to work in."),))
CAUSE = Section("Cause", (Prose("The disk was full, and nobody had looked."),))
ITEMS = Section("Action items", (Item("Look at it.", id="AI-1"), Item("Watch it.", id="AI-2")))
THEN = Document(title="It broke", status="draft", restricted=("ada",), sections=(IMPACT, CAUSE, ITEMS))
EDITED = replace(IMPACT, blocks=(Prose("All labs of the week had a place."),))


def now(*sections: Section) -> Document:
    return Document(title="It broke again", status="published", restricted=("ben",), sections=sections)


CASES = {
    "edited since": (now(EDITED, CAUSE, ITEMS), 0, [IMPACT, CAUSE, ITEMS]),
    "renamed since": (now(replace(IMPACT, heading="Whom it hit"), CAUSE, ITEMS), 0, [IMPACT, CAUSE, ITEMS]),
    "removed since": (now(IMPACT, ITEMS), 1, [IMPACT, CAUSE, ITEMS]),
    "removed first": (now(CAUSE, ITEMS), 0, [IMPACT, CAUSE, ITEMS]),
    "moved since": (now(CAUSE, ITEMS, EDITED), 0, [CAUSE, ITEMS, IMPACT]),
    "all others gone": (now(), 2, [Section("Action items", (Item("Look at it."), Item("Watch it.")))]),
    "an item gone": (
        now(IMPACT, replace(ITEMS, blocks=ITEMS.blocks[1:])),
        2,
        [IMPACT, replace(ITEMS, blocks=(Item("Look at it."), ITEMS.blocks[1]))],
    ),
    "an item moved elsewhere": (
        now(IMPACT, Section("Later", ITEMS.blocks[:1]), replace(ITEMS, blocks=ITEMS.blocks[1:])),
        2,
        [IMPACT, Section("Later"), ITEMS],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_section_comes_back(name: str) -> None:
    document, place, expected = CASES[name]

    found = restore.section(THEN, document, place, document.status)

    assert list(found.sections) == expected
    assert (found.title, found.status, found.restricted) == ("It broke again", "published", ("ben",))


def test_all_of_it_comes_back_but_whom_it_is_shown_to() -> None:
    found = restore.whole(THEN, now(replace(ITEMS, blocks=ITEMS.blocks[:1])), "draft")

    assert (found.title, found.status, found.restricted) == ("It broke", "draft", ("ben",))
    assert [item.id for item in found.items] == ["AI-1", ""]


def test_a_text_at_the_top_stays_at_the_top() -> None:
    lead = Section("", (Prose("At the top."),))
    then = replace(THEN, sections=(lead, IMPACT))

    assert restore.section(then, now(IMPACT, CAUSE), 0, "").sections == (lead, IMPACT, CAUSE)
