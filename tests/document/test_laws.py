"""The laws of documents.md: whatever is written comes back, and no word is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date as Date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from postmortems.document.json_form import convert
from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.document.text import is_all_there, words
from postmortems.document.times import timeline_times
from tests.document.strategies import documents, documents_as_text, well_formed


@given(well_formed)
def test_a_well_formed_document_is_read_back_as_it_was(document: Document) -> None:
    assert parser.parse(parser.write(document)) == document


@given(documents)
def test_what_is_saved_is_read_back_as_it_was(document: Document) -> None:
    saved = parser.normal(document)

    assert parser.normal(saved) == saved


@given(documents)
def test_saving_loses_no_word_of_a_document(document: Document) -> None:
    written = parser.write(document)

    assert is_all_there("\n".join(_texts(document)), written)
    assert is_all_there(written, parser.write(parser.normal(document)))


@given(documents_as_text)
def test_writing_what_was_read_is_a_fixed_point(text: str) -> None:
    written = parser.write(parser.parse(text))

    assert parser.write(parser.parse(written)) == written


@given(documents_as_text)
def test_reading_loses_no_word_of_a_text(text: str) -> None:
    written = parser.write(parser.parse(text))

    assert not words(text) - words(written)


@given(st.text())
def test_any_text_is_a_document(text: str) -> None:
    document = parser.parse(text, name=text)

    assert is_all_there(text, parser.write(document))


@given(documents)
def test_every_entry_has_a_reading(document: Document) -> None:
    assert len(timeline_times.read_entries(document)) == len(document.entries)


@given(documents)
def test_a_saved_document_goes_through_json_unchanged(document: Document) -> None:
    assume("\0" not in parser.write(document))
    saved = parser.normal(document)

    assert convert.from_json(convert.to_json(saved, timeline_times.read_entries(saved))) == saved


@pytest.mark.parametrize(
    "typed",
    [
        "## Not a section",
        "# Not a title",
        "### 14:30",
        "```\nnever closed",
        "<!-- never closed",
        "<script>\nnever closed",
        "---\ntitle: not front matter\n---",
        "text\n---",
        "- Kind: detection",
        "<!-- prose -->",
        "<!-- verbatim -->\n## x",
    ],
)
def test_what_is_typed_into_a_field_never_takes_the_rest_with_it(typed: str) -> None:
    document = Document(
        sections=(
            Section("Summary", (Prose(typed),)),
            Section("Timeline", (Entry("10:00", typed), Entry("11:00", "after"))),
            Section("Action items", (Category("Process"), Item(typed), Item("last", owner="Ada"))),
        )
    )

    saved = parser.normal(document)

    assert saved.entries[-1] == Entry("11:00", "after")
    assert saved.items[-1] == Item("last", owner="Ada")


OF_NAMES = [
    ("Look back (due November 1)", "2018-01-25-hub.md", Date(2018, 11, 1)),
    ("Look back (due January 9)", "reports/2018_12_28_hub.md", Date(2019, 1, 9)),
    ("Alert on age (Emre, by December 19)", "20181125-hub.txt", Date(2018, 12, 19)),
    ("Look back (due November 1)", "hub.md", None),
    ("Look back (due 2018-11-01)", "2018-01-25-hub.md", Date(2018, 11, 1)),
]


@pytest.mark.parametrize("words_of_item, name, due", OF_NAMES)
def test_a_day_that_only_a_name_tells_settles_what_is_due_and_stays_so(
    words_of_item: str, name: str, due: Date | None
) -> None:
    document = parser.parse(f"# Hub down\n\n## Action items\n\n- {words_of_item}\n", name=name)

    assert [item.due for item in document.items] == [due]
    assert parser.parse(parser.write(document)) == document


def test_a_section_of_both_sorts_keeps_the_words_of_both() -> None:
    document = Document(
        sections=(Section("Timeline", (Entry("10:00", "one"), Item("two"), Category("three"))),)
    )

    assert is_all_there("one two three", parser.write(parser.normal(document)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
