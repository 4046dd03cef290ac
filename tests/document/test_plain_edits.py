"""Edits of plain words are taken as they are: they are read back the same, whatever stands around them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document import plain_edits
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Entry, Prose, Section
from tests.document.strategies import LINES, sections, texts

WORDS = (
    "We look.",
    "Timeline",
    "All times in UTC: it is `up`",
    "um 14 Uhr",
    "a | b",
    "Summary:",
    "Kind: note",
    "x",
)
plain = st.lists(
    st.one_of(st.sampled_from(WORDS), st.sampled_from(LINES), st.text(max_size=8), st.just("")), max_size=4
).map("\n".join)
entries = st.builds(
    Entry,
    st.sampled_from(("14:30", "2018-01-25 14:30", "~15:30 - 15:45", "2018-01-25", "")),
    st.one_of(plain, texts),
)


@given(st.lists(sections, max_size=2), st.lists(entries, min_size=1, max_size=3), plain, st.integers(0, 2))
def test_what_is_a_plain_edit_is_read_back_as_it_is(
    around: list[Section], rows: list[Entry], text: str, at: int
) -> None:
    before = parser.normal(Document("A title", sections=(*around, Section("Timeline", tuple(rows)))))
    last = before.sections[-1]
    edited = [
        _edited(before, each, at)
        for each in (text, *WORDS)
        if len(last.blocks) > at and isinstance(last.blocks[at], Entry)
    ]

    plain_ones = [after for after in edited if plain_edits.is_plain_edit(after, before)]

    assert [parser.parse(parser.write(after)) for after in plain_ones] == plain_ones


def _edited(document: Document, text: str, at: int) -> Document:
    """The document with another text in one of its last section's entries."""
    last = document.sections[-1]
    block = last.blocks[at]
    assert isinstance(block, Entry)
    blocks = (*last.blocks[:at], replace(block, text=text), *last.blocks[at + 1 :])
    return replace(document, sections=(*document.sections[:-1], replace(last, blocks=blocks)))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("The hub is down for lab users.", True),
        ("One paragraph,\nof two lines.\n\nAnd another one.", True),
        ("It says `no route`, (twice) – naïve 漢字", True),
        ("Über uns", True),
        ("", False),
        ("- a list", False),
        ("1. a list", False),
        ("14:35 staging is well", False),
        ("a table | of two\n---|---", False),
        ("A heading\n===", False),
        ("# A heading", False),
        ("See <b>this</b>", False),
        ("```\ncode\n```", False),
        ("Opens ``` a fence", False),
        (" indented", False),
        ("hard break  \nbehind", False),
        ("two\n\n\nblank lines", False),
        ("ends in a line\n", False),
        ("a\u2028separator", False),
        ("a\u00a0hard space", False),
        ("a\ttab", False),
    ],
)
def test_plain_words_are_told_from_what_may_mean_more(text: str, expected: bool) -> None:
    assert plain_edits.is_plain(text) is expected


BEFORE = Document(
    "A title", sections=(Section("Timeline", (Entry("14:30", "We look.", "A title", "note"),)),)
)


@pytest.mark.parametrize(
    "other, expected",
    [
        (Entry("14:30", "We look again.", "A title", "note"), True),
        (Entry("14:31", "We look.", "A title", "note"), False),
        (Entry("14:30", "We look.", "Another title", "note"), False),
        (Entry("14:30", "We look.", "A title", "change"), False),
        (Entry("14:30", "- We look.", "A title", "note"), False),
        (Prose("We look."), False),
    ],
)
def test_a_plain_edit_is_one_of_an_entrys_text(other: Entry | Prose, expected: bool) -> None:
    after = replace(BEFORE, sections=(Section("Timeline", (other,)),))

    assert plain_edits.is_plain_edit(after, BEFORE) is expected


def test_a_day_over_its_entries_and_a_section_of_another_name_are_read_anew() -> None:
    day = Document(sections=(Section("Timeline", (Entry("2018-01-25", "We look."),)),))
    unnamed = Document(sections=(Section("Notes", (Entry("14:30", "We look."),)),))

    assert not plain_edits.is_plain_edit(_edited(day, "We see.", 0), day)
    assert not plain_edits.is_plain_edit(_edited(unnamed, "We see.", 0), unnamed)
