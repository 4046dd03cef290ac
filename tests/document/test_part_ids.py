"""Ids of sections and blocks: what is the same part after an edit, and that no two parts share an id."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document import part_ids
from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from tests.document.strategies import documents

TEXT = """## Summary

Users saw errors for two hours.

They could not log in.

## Timeline

- 14:00 a deploy begins
- 14:10 errors are seen
- 14:30 the deploy is taken back

## Actions

### Process

- Ask staging first (AI-1)
"""
STORED = part_ids.given(parser.parse(TEXT))


def ids(document: Document) -> list[str]:
    return [part.id for _, part in part_ids.placed(document)]


def says(document: Document) -> dict[str, str]:
    """By id, the first words of each part."""
    return {part.id: _words(part) for _, part in part_ids.placed(document)}


def _words(part: part_ids.Part) -> str:
    if isinstance(part, Entry):
        return f"{part.written} {part.title}{part.text}"
    return part.text if isinstance(part, Prose) else part.heading


# What somebody does to the text, and the first words of the parts that are new then.
EDITS: list[tuple[str, str, str, list[str]]] = [
    ("nothing", "", "", []),
    ("a word of an entry", "errors are seen", "many errors are seen by all", []),
    ("the time of an entry", "- 14:10 errors", "- 14:12 errors", []),
    ("an entry is added", "- 14:30", "- 14:20 somebody is paged\n- 14:30", ["14:20 somebody is paged"]),
    ("an entry is taken out", "- 14:10 errors are seen\n", "", []),
    ("two entries change places", "- 14:00 a deploy begins\n- 14:10 errors are seen",
     "- 14:10 errors are seen\n- 14:00 a deploy begins", []),
    ("an entry becomes another", "- 14:10 errors are seen", "- 15:45 lunch", ["15:45 lunch"]),
    ("a heading", "## Summary", "## What happened", []),
    ("a category", "### Process", "### How we deploy", []),
    ("a section is added", "## Timeline", "## Impact\n\nTen classes.\n\n## Timeline", ["Impact", "Ten classes."]),  # noqa: E501
    ("text is added above", "Users saw", "It was a Monday.\n\n- a list\n\nUsers saw", []),
]  # fmt: skip


@pytest.mark.parametrize("old, new, fresh", [edit[1:] for edit in EDITS], ids=[edit[0] for edit in EDITS])
def test_a_part_keeps_its_id_through_an_edit_of_the_text(old: str, new: str, fresh: list[str]) -> None:
    edited = parser.parse(TEXT.replace(old, new) if old else TEXT)

    found = part_ids.recognised(edited, STORED)

    assert [_words(part) for _, part in part_ids.placed(found) if not part.id] == fresh
    assert found == edited
    assert set(ids(found)) - {""} <= set(ids(STORED))


def test_moved_sections_take_their_ids_along() -> None:
    turned = replace(STORED, sections=tuple(reversed(STORED.sections)))

    found = part_ids.recognised(parser.parse(parser.write(turned)), STORED)

    assert says(found) == says(STORED)


def test_an_entry_that_moves_to_another_section_is_the_same_entry() -> None:
    summary, timeline, actions = STORED.sections
    moved = timeline.blocks[1]
    there = replace(actions, blocks=(moved, *actions.blocks))
    here = replace(timeline, blocks=(timeline.blocks[0], timeline.blocks[2]))

    found = part_ids.recognised(part_ids.recognised(replace(STORED, sections=(summary, here, there))), STORED)

    assert says(found) == says(STORED)


def test_an_id_that_is_sent_counts_more_than_what_the_part_says() -> None:
    first, second = Prose("one", id="a"), Prose("two", id="b")
    stored = Document(sections=(Section("Notes", (first, second), id="s"),))
    sent = Document(sections=(Section("Notes", (Prose("two", id="a"), Prose("one", id="b")), id="s"),))

    assert ids(part_ids.recognised(sent, stored)) == ["s", "a", "b"]


@pytest.mark.parametrize("sent", ["a", "unknown", "AI-1", "", "\N{GREEK SMALL LETTER ALPHA}"])
def test_of_two_parts_with_one_id_the_first_has_it_and_strange_ids_are_not_adopted(sent: str) -> None:
    stored = Document(sections=(Section("Notes", (Prose("one", id="a"),), id="s"),))
    twice = (Prose("one", id=sent), Prose("something else", id=sent))

    found = part_ids.recognised(Document(sections=(Section("Notes", twice, id=sent),)), stored)

    given_ids = ids(part_ids.given(found))
    assert len(set(given_ids)) == len(given_ids)
    assert {part for part in ids(found) if part} <= {"a", "s"}


def test_a_category_and_an_item_keep_to_themselves() -> None:
    section = Section("Actions", (Category("Process", id="k"), Item("Ask first", id="AI-1")), id="s")

    assert set(part_ids.by_id(Document(sections=(section,)))) == {"s", "k", "AI-1"}


@given(documents, documents)
def test_no_two_parts_ever_share_an_id(one: Document, other: Document) -> None:
    stored = part_ids.given(one)

    found = part_ids.given(part_ids.recognised(other, stored, part_ids.given(other)))

    assert found == other
    assert len(set(ids(found))) == len(ids(found))
    assert "" not in ids(found)


@given(documents)
def test_what_is_written_and_read_again_has_the_ids_it_had(document: Document) -> None:
    stored = part_ids.given(parser.normal(document))

    found = part_ids.recognised(parser.parse(parser.write(stored)), stored)

    assert ids(found) == ids(stored)


@given(
    st.lists(st.sampled_from("abc"), max_size=12),
    st.lists(st.sampled_from("abc"), max_size=12),
)
def test_parts_that_say_the_same_are_told_apart_by_their_order(before: list[str], after: list[str]) -> None:
    stored = part_ids.given(Document(sections=(Section("Notes", tuple(map(Prose, before))),)))

    found = part_ids.recognised(Document(sections=(Section("Notes", tuple(map(Prose, after))),)), stored)

    for word in "abc":
        was = [block.id for block in stored.sections[0].blocks if block == Prose(word)]
        now = [block.id for block in found.sections[0].blocks if block == Prose(word)]
        assert now[: len(was)] == was[: len(now)]


def test_ids_that_chance_gives_twice_are_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["aaaaaaaa" * 3, "aaaaaaaabbbbbbbb", "ccccccccdddddddd"])
    monkeypatch.setattr(part_ids.secrets, "token_hex", lambda _count: next(drawn))
    section = Section("Summary", (Prose("One."), Prose("Two."), Prose("Three.", id="bbbbbbbb")))

    document = part_ids.given(Document(sections=(section,)))

    assert [part.id for _, part in part_ids.placed(document)] == [
        "aaaaaaaa", "cccccccc", "dddddddd", "bbbbbbbb"
    ]  # fmt: skip


def test_no_part_keeps_an_id_that_no_earlier_document_has() -> None:
    document = Document(sections=(Section("Summary", (Prose("One.", id="strange"),), id="other"),))
    earlier = Document(sections=(Section("Summary", (Prose("One."),)),))

    found = part_ids.recognised(document, earlier)

    assert {part.id for _, part in part_ids.placed(found)} == {""}
