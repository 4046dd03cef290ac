"""Incidents as pages for Notion and Google Docs: the same report when they are read again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postmortems.document.markdown import parser
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.document.readers import formats
from postmortems.document.readers.gdocs import page
from postmortems.document.readers.notion import export
from postmortems.exchange.exports import confluence_page, gdocs_page, notion_page, plain_marks
from tests.document import cases
from tests.exchange.exports.test_confluence_page import REPORT

Write, Read = Callable[[Document], str], Callable[[str], str]
WAYS: dict[str, tuple[Write, Read]] = {
    "notion": (notion_page.written, export.to_markdown),
    "gdocs": (gdocs_page.written, page.to_markdown),
}
every_way = pytest.mark.parametrize("write, read", WAYS.values(), ids=WAYS.keys())
# Of all cases, those whose authors' own marks are read as something more, or less, in between.
MOST_THAT_DIFFER = 5


def read_again(document: Document, write: Write, read: Read) -> Document:
    return parser.parse(read(write(document)))


@every_way
def test_a_report_read_again_is_the_same(write: Write, read: Read) -> None:
    again = read_again(REPORT, write, read)

    assert (again.title, again.date, again.timezone) == (REPORT.title, REPORT.date, REPORT.timezone)
    assert (again.severity, again.status, again.services) == ("SEV2", "published", REPORT.services)
    assert (again.tags, again.restricted) == (("chart",), ("ada",))
    assert headings(again) == headings(REPORT)
    assert [(entry.written, entry.title, entry.kind) for entry in again.entries] == [
        (entry.written, entry.title, entry.kind) for entry in REPORT.entries
    ]
    items = list(REPORT.categorised())
    assert list(again.categorised())[: len(items)] == items


BARE = Document(title="It fell", sections=(Section("", (Prose("It fell at noon."),)),))


@pytest.mark.parametrize(
    "write, name, document, known",
    [
        (notion_page.written, "it-fell.md", REPORT, "notion"),
        (gdocs_page.written, "it-fell.html", REPORT, "gdocs"),
        (gdocs_page.written, "it-fell.html", BARE, "gdocs"),
        (confluence_page.written, "it-fell.xml", REPORT, "confluence"),
        (confluence_page.written, "it-fell.xml", BARE, "confluence-body"),
    ],
)
def test_a_page_that_was_written_is_known_without_being_told(
    write: Write, name: str, document: Document, known: str
) -> None:
    its = formats.format_of(name, write(document))

    assert its is not None
    assert its.name == known


@pytest.mark.parametrize("text", ["<?xml version='1.0'?><p/>", "<rss/>", "<feed/>", "<path/>", "<project>"])
def test_other_xml_is_no_body_of_a_page(text: str) -> None:
    assert formats.format_of("it-fell.xml", text) is None


def headings(document: Document) -> list[str]:
    return [section.heading for section in document.sections if section.heading]


@every_way
def test_title_day_and_sections_of_every_case_come_back(write: Write, read: Read) -> None:
    for case in cases.all_cases():
        document = parser.parse(case.input)
        again = read_again(document, write, read)

        assert (again.title or again.heading, again.date) == (
            document.title or document.heading,
            document.date,
        ), case.name
        assert headings(again) == headings(document), case.name


AUTHORS_OWN = ["Date: 2026-03-16", "Status: published", "Tags: disk", "Restricted: ada", "Services: hub"]


@every_way
@pytest.mark.parametrize("line", AUTHORS_OWN)
def test_a_line_of_the_authors_that_looks_like_a_key_stays_a_line(
    line: str, write: Write, read: Read
) -> None:
    key, _, said = line.partition(": ")
    text = f"**{key}:** {said}"
    document = Document(title="Down", sections=(Section("", (Prose(text),)), Section("Impact")))
    again = read_again(document, write, read)

    assert again == document


@every_way
def test_the_incident_that_happened_again_comes_back(write: Write, read: Read) -> None:
    document = Document(title="Down again", recurrence_of="2018-01-25-down")

    assert read_again(document, write, read).recurrence_of == "2018-01-25-down"


@every_way
def test_entries_and_items_of_nearly_every_case_come_back(write: Write, read: Read) -> None:
    def told(document: Document) -> object:
        items = [(item.owner, item.due, item.status) for item in document.items]
        return [entry.written for entry in document.entries], items

    documents = {case.name: parser.parse(case.input) for case in cases.all_cases()}
    other = [
        name
        for name, document in documents.items()
        if told(read_again(document, write, read)) != told(document)
    ]

    assert len(other) <= MOST_THAT_DIFFER, other


PLAIN = Document(
    title="Down",
    sections=(
        Section("Changes", (Prose("All of it."), Entry("14:30", "Merged."))),
        Section("To be done", (Item("Watch", status="open"),)),
    ),
)


def test_marks_of_ours_are_left_out_where_nothing_needs_them() -> None:
    for write, _ in WAYS.values():
        assert "<!--" not in write(PLAIN)
        assert "{." not in write(PLAIN)


def test_marks_are_taken_off_headings_and_lines_alone() -> None:
    marked = "## Changes {.timeline}\n\n<!-- prose -->\n\na {.timeline} `<!-- prose -->`\n"

    assert plain_marks.without(marked) == "## Changes\n\n\na {.timeline} `<!-- prose -->`\n"


WRONG = [
    "a < b & c",
    "<script>x</script>",
    '"><img src=x onerror=y>',
    "[a](javascript:x)",
    "<!-- x",
    "`<x>`",
    "a\x0bb",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_would_run_in_a_page_for_docs_is_words(wrong: str) -> None:
    item = Item(wrong, owner=wrong, status="open")
    text = gdocs_page.written(
        Document(title=wrong, timezone=wrong, sections=(Section(wrong, (Prose(wrong), item)),))
    )

    assert "<script" not in text
    assert "onerror=y>" not in text.replace("&quot;", "").replace("&gt;", "")
    assert 'href="javascript' not in text
    assert "<!--" not in text


@every_way
def test_a_report_longer_than_is_read_at_once_is_written(
    write: Callable[[Document], str], read: Callable[[str], str]
) -> None:
    """So many can be kept: an export must not end at one report."""
    items = tuple(Item(f"item {number}") for number in range(3_001))

    assert "item 3000" in write(Document(title="Long", sections=(Section("Action items", items),)))
