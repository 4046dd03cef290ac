"""A row that two edits moved: it stands once, where the first of them put it, with what both changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from postmortems.document import double_moves, part_ids, part_merge
from postmortems.document.model import Document, Entry, Item, Prose, Section

SEEN = [Entry(f"09:{n}0", f"Seen {n}.", id=f"0000000{n}") for n in range(6)]
TODO = [Item(f"Do {n}.", id=f"AI-{n}") for n in range(1, 6)]
BASE = Document(
    title="It broke",
    sections=(
        Section("Summary", (Prose("Nobody could work."),), id="a0000000"),
        Section("Timeline", tuple(SEEN), id="b0000000"),
        Section("Detection", (Prose("By hand."),), id="c0000000"),
        Section("Action items", tuple(TODO), id="d0000000"),
    ),
)


def ordered(order: Sequence[int], section: int = 1) -> Document:
    rows = BASE.sections[section].blocks
    return _with({section: tuple(rows[place] for place in order)})


def elsewhere(section: int, row: Entry = SEEN[2]) -> Document:
    left = tuple(each for each in SEEN if each.id != row.id)
    return _with({1: left, section: (*BASE.sections[section].blocks, row)})


def _with(blocks: dict[int, tuple[object, ...]]) -> Document:
    sections = [
        replace(section, blocks=blocks.get(at, section.blocks)) for at, section in enumerate(BASE.sections)
    ]
    return replace(BASE, sections=tuple(sections))


def bare(document: Document) -> Document:
    """The document as a stored text of it has it: without ids, but of its items."""
    return part_ids.recognised(document)


def together(mine: Document, theirs: Document) -> double_moves.Moved:
    merged = part_merge.merged(bare(BASE), mine, theirs)
    assert merged is not None
    return double_moves.settled(bare(BASE), mine, theirs, merged)


@pytest.mark.parametrize(
    "mine, theirs, stands",
    [
        ([1, 2, 0, 3, 4, 5], [1, 2, 3, 4, 0, 5], [1, 2, 0, 3, 4, 5]),
        ([1, 2, 3, 4, 0, 5], [1, 2, 0, 3, 4, 5], [1, 2, 3, 4, 0, 5]),
        ([0, 2, 3, 1, 4, 5], [0, 2, 3, 4, 5, 1], [0, 2, 3, 1, 4, 5]),
    ],
)
def test_a_row_that_both_moved_stands_once_where_the_first_put_it(
    mine: list[int], theirs: list[int], stands: list[int]
) -> None:
    found = together(ordered(mine), ordered(theirs))

    assert found.document.sections[1].blocks == tuple(SEEN[place] for place in stands)
    assert len(found.rows) == 1


def test_a_row_that_both_moved_to_other_sections_stands_once() -> None:
    found = together(elsewhere(0), elsewhere(2))

    assert SEEN[2] in found.document.sections[0].blocks
    assert SEEN[2] not in found.document.sections[2].blocks
    assert found.rows == (SEEN[2],)


def test_what_the_other_changed_in_it_is_kept() -> None:
    edited = replace(SEEN[2], text="Seen by Ben.")

    found = together(elsewhere(0), elsewhere(2, edited))

    assert edited in found.document.sections[0].blocks
    assert "Seen 2." not in str(found.document)


def test_two_texts_of_it_both_stay() -> None:
    mine, theirs = replace(SEEN[2], text="Seen by Ada."), replace(SEEN[2], text="Seen by Ben.")

    found = together(elsewhere(0, mine), elsewhere(2, theirs))

    assert mine in found.document.sections[0].blocks
    assert theirs in found.document.sections[2].blocks
    assert found.rows == ()


@pytest.mark.parametrize(
    "mine, theirs",
    [
        (BASE, ordered([1, 2, 0, 3, 4, 5])),
        (ordered([1, 2, 0, 3, 4, 5]), BASE),
        (ordered([1, 2, 0, 3, 4, 5]), ordered([1, 2, 0, 3, 4, 5])),
        (_with({1: (*SEEN, replace(SEEN[0], id=""))}), ordered([0, 2, 1, 3, 4, 5])),
    ],
)
def test_what_only_one_moved_or_wrote_twice_is_left_alone(mine: Document, theirs: Document) -> None:
    assert together(mine, theirs).rows == ()
