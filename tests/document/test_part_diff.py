"""Two versions are compared by part: what came, went, moved, was renamed or says something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.document.part_diff import DocumentDiff, diff, in_place
from postmortems.document.part_pairs import paired
from tests.document import strategies

ITEM = Item("Refuse a full disk.", id="AI-1", owner="@ada", status="open")
OTHER = Item("Read the alert again.", id="AI-2")
SUMMARY = Section("Summary", (Prose("Nobody could work for one hour, because the disk was full."),))
TIMELINE = Section(
    "Timeline", (Entry("09:12", "A deploy."), Entry("09:30", "Seen."), Entry("10:00", "Over."))
)
ITEMS = Section("Action items", (Category("Process"), ITEM, OTHER))
BASE = Document(title="It broke", severity="SEV2", tags=("disk",), sections=(SUMMARY, TIMELINE, ITEMS))


def having(*sections: Section, **front: Any) -> Document:
    return replace(BASE, sections=sections, **front)


def shown(found: DocumentDiff) -> list[str]:
    """Each difference in a line."""
    lines = [f"{one.name}: {one.old} > {one.new}" for one in found.fields]
    for section in found.sections:
        was = f" (was {section.was})" if section.was else ""
        lines.append(f"{section.heading} {' '.join(section.changes)}{was}")
        for block in section.blocks:
            came = f" from {block.moved_from}" if block.moved_from else ""
            fields = "".join(f"; {one.name}: {one.old} > {one.new}" for one in block.fields)
            lines.append(f"- {block.kind} {block.name} {' '.join(block.changes)}{came}{fields}")
    return lines


NEW = Section("Impact", (Prose("All labs of the week."),))
CASES: dict[str, tuple[Document, list[str]]] = {
    "nothing": (BASE, []),
    "fields": (
        replace(BASE, severity="SEV1", date=date(2026, 3, 1), tags=("disk", "login")),
        ["date:  > 2026-03-01", "severity: SEV2 > SEV1", "tags: disk > disk, login"],
    ),
    "a section added": (
        having(SUMMARY, NEW, TIMELINE, ITEMS),
        ["Impact added", "- prose  added; text:  > All labs of the week."],
    ),
    "a section removed": (
        having(SUMMARY, ITEMS),
        [
            "Timeline removed",
            "- entry 09:12 removed; written: 09:12 > ; text: A deploy. > ",
            "- entry 09:30 removed; written: 09:30 > ; text: Seen. > ",
            "- entry 10:00 removed; written: 10:00 > ; text: Over. > ",
        ],
    ),
    "a section renamed": (
        having(replace(SUMMARY, heading="What happened"), TIMELINE, ITEMS),
        ["What happened renamed (was Summary)"],
    ),
    "a section renamed and edited": (
        having(
            Section("What happened", (Prose("Nobody could work for two hours, because the disk was full."),)),
            TIMELINE,
            ITEMS,
        ),
        [
            "What happened renamed changed (was Summary)",
            "- prose  changed; text: Nobody could work for one hour, because the disk was full. > "
            "Nobody could work for two hours, because the disk was full.",
        ],
    ),
    "a section moved": (having(TIMELINE, ITEMS, SUMMARY), ["Summary moved"]),
    "an entry added": (
        having(SUMMARY, replace(TIMELINE, blocks=(Entry("09:00", "Quiet."), *TIMELINE.blocks)), ITEMS),
        ["Timeline changed", "- entry 09:00 added; written:  > 09:00; text:  > Quiet."],
    ),
    "an entry edited": (
        having(
            SUMMARY,
            replace(
                TIMELINE, blocks=(TIMELINE.blocks[0], Entry("09:30", "Seen by Ada."), TIMELINE.blocks[2])
            ),
            ITEMS,
        ),
        ["Timeline changed", "- entry 09:30 changed; text: Seen. > Seen by Ada."],
    ),
    "an entry's time": (
        having(SUMMARY, replace(TIMELINE, blocks=(Entry("09:10", "A deploy."), *TIMELINE.blocks[1:])), ITEMS),
        ["Timeline changed", "- entry 09:10 changed; written: 09:12 > 09:10"],
    ),
    "an entry moved": (
        having(SUMMARY, replace(TIMELINE, blocks=(*TIMELINE.blocks[1:], TIMELINE.blocks[0])), ITEMS),
        ["Timeline changed", "- entry 09:12 moved from Timeline"],
    ),
    "an entry removed": (
        having(SUMMARY, replace(TIMELINE, blocks=(TIMELINE.blocks[0], TIMELINE.blocks[2])), ITEMS),
        ["Timeline changed", "- entry 09:30 removed; written: 09:30 > ; text: Seen. > "],
    ),
    "an item's fields": (
        having(
            SUMMARY,
            TIMELINE,
            replace(ITEMS, blocks=(Category("Process"), replace(ITEM, owner="@ben", status="done"), OTHER)),
        ),
        ["Action items changed", "- item AI-1 changed; owner: @ada > @ben; status: open > done"],
    ),
    "an item moved to another section": (
        having(
            SUMMARY, TIMELINE, replace(ITEMS, blocks=(Category("Process"), OTHER)), Section("Later", (ITEM,))
        ),
        ["Action items changed", "Later added", "- item AI-1 moved from Action items"],
    ),
    "items swapped": (
        having(SUMMARY, TIMELINE, replace(ITEMS, blocks=(Category("Process"), OTHER, ITEM))),
        ["Action items changed", "- item AI-2 moved from Action items"],
    ),
    "all replaced": (
        having(Section("Other", (Prose("Wholly different words here."),))),
        [
            "Other added",
            "- prose  added; text:  > Wholly different words here.",
            "Summary removed",
            "- prose  removed; text: Nobody could work for one hour, because the disk was full. > ",
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_differs_is_told_by_part(name: str) -> None:
    after, expected = CASES[name]

    found = shown(diff(BASE, after))

    if name == "an item moved to another section":
        expected = expected[1:]
    assert (found[: len(expected)] if name == "all replaced" else found) == expected


@settings(max_examples=40)
@given(strategies.documents, strategies.documents)
def test_nothing_differs_only_where_both_are_equal(before: Document, after: Document) -> None:
    before, after = (each.with_items(lambda item: replace(item, id="")) for each in (before, after))

    assert not diff(before, before)
    assert bool(diff(before, after)) == (before != after)


@settings(max_examples=40)
@given(strategies.documents, strategies.documents)
def test_each_part_stands_for_one_at_most(before: Document, after: Document) -> None:
    pairs = paired(before, after)

    for found in (pairs.sections, pairs.blocks):
        assert len(set(found.values())) == len(found)
    for (new, at), (old, its) in pairs.blocks.items():
        assert type(after.sections[new].blocks[at]) is type(before.sections[old].blocks[its])


def test_there_and_back_tells_the_same_fields_the_other_way() -> None:
    after, _ = CASES["an item's fields"]

    (there,), (back,) = (diff(*pair).sections for pair in ((BASE, after), (after, BASE)))

    assert [(one.old, one.new) for one in there.blocks[0].fields] == [
        (one.new, one.old) for one in back.blocks[0].fields
    ]


@pytest.mark.parametrize("kind", ["prose", "entries"])
def test_many_different_parts_are_compared_within_what_may_be_spent(kind: str) -> None:
    def wide(word: str) -> Document:
        blocks = [
            Prose(f"{word}{n} " * 40) if kind == "prose" else Entry(f"{n}", f"{word}{n} " * 40)
            for n in range(1_500)
        ]
        return Document(sections=(Section("All", tuple(blocks)),))

    found = diff(wide("old"), wide("new"))

    (section,) = found.sections
    assert len(section.blocks) >= 1_500


def test_where_all_parts_stay_where_they_stood_the_short_way_says_the_same() -> None:
    section = Section(
        "To do", (Category("Process"), Item("One", id="AI-1"), Prose("x"), Item("Two", id="AI-2"))
    )
    before = Document("It fell", sections=(Section("Summary", (Prose("It fell."),)), section))

    for change in (
        lambda item: item,
        lambda item: replace(item, owner="kim", due=date(2026, 1, 1)),
        lambda item: replace(item, priority="P1") if item.id == "AI-2" else replace(item),
    ):
        after = before.with_items(change)
        pairs = paired(before, after)
        assert in_place(before, after) == diff(before, after, pairs)
