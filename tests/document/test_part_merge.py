"""Two edits of one document, brought together part by part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from postmortems.document import markdown, part_merge
from postmortems.document.model import Document, Entry, Item, Prose, Section
from tests.document import strategies

ITEM = Item("Refuse it.", id="AI-1", owner="@ada")
BASE = Document(
    title="It broke",
    date=date(2026, 3, 1),
    tags=("disk",),
    sections=(
        Section("Summary", (Prose("Nobody could work."),)),
        Section("Timeline", (Entry("09:12", "A deploy."), Entry("09:30", "Seen."))),
        Section("Conclusion", (Prose("It was the disk."),)),
        Section("Action items", (ITEM,)),
    ),
)


def saying(place: int, *blocks: Any) -> Document:
    """The document with other blocks in one section."""
    sections = list(BASE.sections)
    sections[place] = replace(sections[place], blocks=blocks)
    return replace(BASE, sections=tuple(sections))


@pytest.mark.parametrize(
    "mine, theirs",
    [
        (saying(0, Prose("Some could.")), saying(2, Prose("It was not."))),
        (replace(BASE, title="It broke twice"), replace(BASE, date=date(2026, 3, 2))),
        (replace(BASE, severity="SEV1"), replace(BASE, status="published")),
        (saying(3, replace(ITEM, text="Refuse it at once.")), saying(3, replace(ITEM, status="in_progress"))),
        (saying(3, replace(ITEM, owner="@ben")), saying(3, replace(ITEM, due=date(2026, 4, 1)))),
        (
            saying(1, Entry("09:12", "A bad deploy."), Entry("09:30", "Seen.")),
            saying(1, Entry("09:12", "A deploy."), Entry("09:30", "Seen.", kind="detection")),
        ),
        (saying(0, Prose("Nobody could work.\n\nMore.")), saying(2, Prose("It was the disk.\n\nMore."))),
    ],
)
def test_edits_of_different_parts_come_together(mine: Document, theirs: Document) -> None:
    one, other = part_merge.merged(BASE, mine, theirs), part_merge.merged(BASE, theirs, mine)

    assert one is not None
    assert one == other
    assert one not in (mine, theirs, BASE)


CLASHES = [
    (saying(0, Prose("Mine.")), saying(0, Prose("Theirs."))),
    (replace(BASE, title="Mine."), replace(BASE, title="Theirs.")),
    (saying(3, replace(ITEM, owner="@mine")), saying(3, replace(ITEM, owner="@theirs"))),
    (saying(3, replace(ITEM, text="Mine.")), saying(3)),
    (saying(1, Entry("10:00", "Mine.")), saying(1, Entry("11:00", "Theirs."))),
]


@pytest.mark.parametrize("mine, theirs", CLASHES)
def test_different_edits_of_the_same_part_do_not(mine: Document, theirs: Document) -> None:
    assert part_merge.merged(BASE, mine, theirs) is None
    assert part_merge.merged(BASE, theirs, mine) is None


def test_leaning_to_both_keeps_the_words_of_both() -> None:
    found = part_merge.merged(BASE, *CLASHES[0], leans="both")

    assert found is not None
    assert "Mine." in markdown.write(found)
    assert "Theirs." in markdown.write(found)


@settings(max_examples=20)
@given(strategies.documents, strategies.documents)
def test_who_alone_edited_is_right(one: Document, other: Document) -> None:
    base, edited = markdown.normal(one), markdown.normal(other)

    assert part_merge.merged(base, base, edited) == edited
    assert part_merge.merged(base, edited, base) == edited
    assert part_merge.merged(base, edited, edited) == edited
