"""An edited document in its author's own notation: what changed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from difflib import ndiff
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document.markdown import parser
from postmortems.document.model import Block, Category, Document, Entry, Item, Prose, Section
from postmortems.document.source_edit.rewrite import returned
from tests.document import strategies

REPORT = """---
title: "Disk full"   # as told
date: 2020-02-01
author: Sam
tags:
- disk
---

<!-- kept -->

## Summary ##

The disk   was full,
and nobody knew.

## Timeline

All times in PST

| Time             | What            |
|:-----------------|:----------------|
| 2020-02-01 10:00 | The disk fills. |
| 10:05            | It is *full*.   |

## What went well

* little

## Action items

**Process**

1. Order disks in time
1. [ ] Buy a bigger one,
   and label it
"""
HEADINGS = """# Hub down

Timeline
--------

### 4:27

It is down.

### 4:35 - Noticed

By a user.

Action items
------------

- Tell users
- Tell more users ✅
"""
LISTED = """# 2021-03-04 Outage

## Timeline

  * **18:53** `@sam` sees it
  * **18:55** `@ada` repairs it,
    with care

## Next steps

2. [x] Rest
3. [ ] Sleep
"""
LINES = """# Outage on 2021-03-04

## Timeline

15:35 – the plan is pushed<br>
15:40 – the plan is pulled<br>

## Action items

#### 1) Clean up

At night.
"""


def edited(document: Document, old: Block, *new: Block) -> Document:
    """The document with other blocks in the place of one."""
    sections = []
    for section in document.sections:
        blocks: list[Block] = []
        for block in section.blocks:
            blocks += new if block == old else [block]
        sections.append(replace(section, blocks=tuple(blocks)))
    return replace(document, sections=tuple(sections))


def text(old: str, new: str) -> Callable[[Document], Document]:
    """An edit of the one block that says the old words."""

    def edit(document: Document) -> Document:
        for section in document.sections:
            for block in section.blocks:
                for field in ("text", "written", "title", "heading"):
                    if old in getattr(block, field, ""):
                        changed: dict[str, Any] = {field: getattr(block, field).replace(old, new)}
                        return edited(document, block, replace(block, **changed))
        raise AssertionError(f"nothing says {old!r}")

    return edit


def about(place: int, **changes: Any) -> Callable[[Document], Document]:
    """An edit of an action item, by its place."""
    return lambda document: edited(document, document.items[place], replace(document.items[place], **changes))


def behind(find: Callable[[Document], Block], new: Block) -> Callable[[Document], Document]:
    """A new block behind one."""
    return lambda document: edited(document, find(document), find(document), new)


def without(find: Callable[[Document], Block]) -> Callable[[Document], Document]:
    return lambda document: edited(document, find(document))


def front(**changes: Any) -> Callable[[Document], Document]:
    return lambda document: replace(document, **changes)


def entry(place: int) -> Callable[[Document], Block]:
    return lambda document: document.entries[place]


def item(place: int) -> Callable[[Document], Block]:
    return lambda document: document.items[place]


def exchanged(document: Document) -> Document:
    """The first two entries in the other order."""
    first, second = document.entries[:2]
    stand_in = Entry("stand-in")
    return edited(edited(edited(document, first, stand_in), second, first), stand_in, second)


def said_by(author: str) -> Callable[[Document], Document]:
    """An edit of a key that is not ours."""

    def edit(document: Document) -> Document:
        others = [pair for pair in document.extra if pair[0] != "author"]
        return replace(document, extra=(*others, *([("author", author)] if author else [])))

    return edit


def moved(document: Document) -> Document:
    return replace(document, sections=(*document.sections[1:], document.sections[0]))


CASES = [
    (REPORT, text("nobody knew", "all knew"), ["-and nobody knew.", "+and all knew."]),
    (REPORT, text("knew.", "knew.\n\nUntil noon."), ["+", "+Until noon."]),
    (
        REPORT,
        text("It is *full*.", "It was full."),
        ["-| 10:05            | It is *full*.   |", "+| 10:05            | It was full.   |"],
    ),
    (
        REPORT,
        text("10:05", "10:15"),
        ["-| 10:05            | It is *full*.   |", "+| 10:15            | It is *full*.   |"],
    ),
    (
        REPORT,
        behind(entry(1), Entry("10:09", "It is empty.")),
        ["+| 10:09            | It is empty.   |"],
    ),
    (REPORT, without(entry(0)), ["-| 2020-02-01 10:00 | The disk fills. |"]),
    (
        REPORT,
        text("Order disks", "Order all disks"),
        ["-1. Order disks in time", "+1. Order all disks in time"],
    ),
    (REPORT, about(1, status="done"), ["-1. [ ] Buy a bigger one,", "+1. [x] Buy a bigger one,"]),
    (REPORT, about(1, status="in_progress"), ["+   - Status: in_progress"]),
    (REPORT, about(0, owner="@sam", due=date(2020, 3, 1)), ["+   - Owner: @sam", "+   - Due: 2020-03-01"]),
    (REPORT, behind(item(1), Item("Rest")), ["+1. Rest"]),
    (REPORT, without(item(0)), ["-1. Order disks in time"]),
    (REPORT, text("Process", "Ordering"), ["-**Process**", "+**Ordering**"]),
    (
        REPORT,
        front(title="Disk quite full"),
        ['-title: "Disk full"   # as told', '+title: "Disk quite full"   # as told'],
    ),
    (REPORT, front(date=date(2020, 2, 2)), ["-date: 2020-02-01", "+date: 2020-02-02"]),
    (REPORT, front(severity="SEV2"), ["+severity: SEV2"]),
    (REPORT, front(tags=("disk", "full")), ["-tags:", "-- disk", "+tags: [disk, full]"]),
    (REPORT, front(tags=()), ["-tags:", "-- disk"]),
    (REPORT, said_by("Ada"), ["-author: Sam", "+author: Ada"]),
    (REPORT, said_by(""), ["-author: Sam"]),
    (HEADINGS, text("It is down.", "It was down."), ["-It is down.", "+It was down."]),
    (HEADINGS, text("4:27", "4:25"), ["-### 4:27", "+### 4:25"]),
    (HEADINGS, text("Noticed", "Found"), ["-### 4:35 - Noticed", "+### 4:35 - Found"]),
    (
        HEADINGS,
        behind(entry(1), Entry("4:40", "All is well.")),
        ["+### 4:40", "+", "+All is well.", "+"],
    ),
    (HEADINGS, without(entry(1)), ["-### 4:35 - Noticed", "-", "-By a user.", "-"]),
    (HEADINGS, about(0, status="done"), ["+  - Status: done"]),
    (HEADINGS, front(title="Hub was down"), ["-# Hub down", "+# Hub was down"]),
    (HEADINGS, front(status="published"), ["+---", "+status: published", "+---", "+"]),
    (
        LISTED,
        text("`@sam` sees it", "`@ada` sees it"),
        ["-  * **18:53** `@sam` sees it", "+  * **18:53** `@ada` sees it"],
    ),
    (
        LISTED,
        text("18:53", "18:54"),
        ["-  * **18:53** `@sam` sees it", "+  * **18:54** `@sam` sees it"],
    ),
    (LISTED, text("with care", "with care\nand joy"), ["+    and joy"]),
    (LISTED, behind(entry(1), Entry("19:01", "Over")), ["+  * **19:01** Over"]),
    (LISTED, about(0, status="open"), ["-2. [x] Rest", "+2. [ ] Rest"]),
    (LISTED, behind(item(1), Item("Wake", status="open")), ["+4. [ ] Wake"]),
    (
        LISTED,
        exchanged,
        [
            *("-  * **18:55** `@ada` repairs it,", "-    with care"),
            *("+  * **18:55** `@ada` repairs it,", "+    with care"),
        ],
    ),
    (
        LINES,
        text("is pulled", "was pulled"),
        ["-15:40 – the plan is pulled<br>", "+15:40 – the plan was pulled<br>"],
    ),
    (LINES, text("At night.", "By day."), ["-At night.", "+By day."]),
    (LINES, text("Clean up", "Tidy up"), ["-#### 1) Clean up", "+#### 1) Tidy up"]),
]  # fmt: skip


@pytest.mark.parametrize("original, edit, changed", CASES)
def test_only_the_lines_of_what_was_edited_change(
    original: str, edit: Callable[[Document], Document], changed: list[str]
) -> None:
    then = parser.parse(original)
    now = edit(then)

    out = returned(original, then, now)

    found = [line[0] + line[2:] for line in ndiff(original.split("\n"), out.split("\n")) if line[0] in "+-"]
    assert sorted(found) == sorted(changed)
    assert parser.parse(out) == now


@pytest.mark.parametrize("original", [REPORT, HEADINGS, LISTED, LINES])
def test_sections_come_go_and_move_among_the_others(original: str) -> None:
    then = parser.parse(original)
    added = replace(then, sections=(*then.sections, Section("Thanks", (Prose("To all."),))))
    gone = replace(then, sections=then.sections[1:])
    renamed = replace(then, sections=(replace(then.sections[0], heading="Anew"), *then.sections[1:]))

    for now in (added, gone, renamed, moved(then)):
        assert parser.parse(returned(original, then, now)) == parser.normal(now)
    assert returned(original, then, added).startswith(original.rstrip("\n"))


@pytest.mark.parametrize(
    "original",
    [
        "\ufeff" + REPORT,
        REPORT.replace("\n", "\r\n"),
        "\ufeff" + REPORT.replace("\n", "\r\n").rstrip(),
        REPORT.rstrip("\n"),
        REPORT.replace("author: Sam\n", "author: Sam\r\n"),
    ],
)
def test_line_ends_the_mark_at_the_beginning_and_a_missing_end_stay(original: str) -> None:
    then = parser.parse(original)
    now = text("nobody knew", "all knew")(then)

    assert returned(original, then, then) == original
    assert returned(original, then, now) == original.replace("nobody knew", "all knew")


def test_lines_behind_a_last_one_without_end_are_lines_of_their_own() -> None:
    original = "# A\r\n\r\n## Action items\r\n\r\n- one"
    then = parser.parse(original)

    out = returned(original, then, behind(item(0), Item("two"))(then))

    assert out.replace("\r\n", "\n").rstrip("\n") == f"{original}\r\n- two".replace("\r\n", "\n")
    assert "\n" not in out.replace("\r\n", "")


def test_what_a_notation_cannot_say_is_written_anew_in_its_section_only() -> None:
    then = parser.parse(REPORT)
    now = edited(then, then.entries[0], replace(then.entries[0], kind="detection"))

    out = returned(REPORT, then, now)

    before, _, rest = out.partition("## Timeline")
    assert before == REPORT.partition("## Timeline")[0]
    assert rest.partition("## What went well")[2] == REPORT.partition("## What went well")[2]
    assert "### 10:05" in rest
    assert parser.parse(out) == now


def test_another_document_altogether_is_canonical() -> None:
    now = Document(title="Another", sections=(Section("Timeline", (Entry("10:00", "x"),)),))

    assert parser.parse(returned(REPORT, parser.parse(REPORT), now)) == now


def test_a_reader_whose_reading_does_not_hold_is_not_trusted() -> None:
    assert returned("## A\n", Document(title="something else"), Document(title="B")) == "---\ntitle: B\n---\n"


@given(strategies.documents_as_text)
def test_nothing_changed_is_the_very_text(original: str) -> None:
    then = parser.parse(original)

    assert returned(original, then, then) == original


@given(strategies.documents_as_text, st.data())
def test_what_is_returned_reads_as_what_it_should(original: str, data: st.DataObject) -> None:
    then = parser.parse(original)
    now = data.draw(edits(then))

    out = returned(original, then, now)

    assert parser.parse(out) == parser.normal(now)


@given(strategies.well_formed, st.data())
def test_a_canonical_text_comes_back_canonical(document: Document, data: st.DataObject) -> None:
    now = data.draw(edits(document))

    assert parser.parse(returned(parser.write(document), document, now)) == parser.normal(now)


NEW: tuple[Block, ...] = (
    Entry("12:34", "New entry."),
    Item("New item", owner="sam"),
    Prose("New prose."),
    Category("New category"),
)


@st.composite
def edits(draw: st.DrawFn, document: Document) -> Document:
    """The document with a block put in, changed or taken out somewhere, and another title now and then."""
    if draw(st.booleans()):
        document = replace(document, title="Another title")
    if not document.sections:
        return document
    at = draw(st.integers(0, len(document.sections) - 1))
    section = document.sections[at]
    place = draw(st.integers(0, len(section.blocks)))
    new = draw(st.sampled_from((*NEW, None)))
    end = draw(st.sampled_from((place, place + 1)))
    blocks = (*section.blocks[:place], *([new] if new else []), *section.blocks[end:])
    sections = (*document.sections[:at], replace(section, blocks=blocks), *document.sections[at + 1 :])
    return replace(document, sections=sections)
