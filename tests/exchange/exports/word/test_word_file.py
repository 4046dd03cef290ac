"""What is written as a document of Word is read as the same report again."""

from __future__ import annotations

import io
from functools import cache
from zipfile import ZipFile

import docx
import pytest

from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item, Prose, Section
from postmortems.document.readers.office import files
from postmortems.document.text import words
from postmortems.document.times import timeline_times
from postmortems.exchange.exports.word import word_file
from tests.document.cases import Case, all_cases
from tests.incidents.attachments import samples

# What Word has no place for: our marks for prose, comments, a fence's language, a report without title.
# Where a list stands in a table's cell or code in an item, it stands behind the item. A heading above the
# title is a subtitle there, and comes back as a line.
OTHERWISE = {
    "bold-bullets", "boxes-anywhere", "html-in-markdown", "items-beside-other-parts", "kept-verbatim",
    "items-in-the-words-of-their-authors", "lists-in-items", "marked-sections", "numbered-headings",
    "days-with-a-full-stop", "days-with-remarks", "front-matter-kept", "times-in-other-sections",
    "kind-above-the-title", "kind-beside-the-title", "sections-below-other-headings",
}  # fmt: skip
CASES = [case for case in all_cases() if case.name not in OTHERWISE]
# Comments, those of front matter too, and the name of a file that is no picture here.
UNSEEN = {
    "above-the-title",
    "bullets",
    "comments-below-names-in-bold",
    "front-matter-unquoted",
    "lines-and-breaks",
    "tags-parted-by-commas",
    "toml-front-matter",
}


def again(document: Document) -> Document:
    """The document as it is read from the file that is written of it."""
    text = files.read(word_file.written(document, lambda _: None)).markdown
    return parser.normal(parser.parse(text))


@cache
def there_and_back(canonical: str) -> tuple[Document, Document]:
    """A report, and what comes of it by way of Word: two tests look at each."""
    document = parser.normal(parser.parse(canonical))
    return document, again(document)


def fields(item: Item) -> tuple[object, ...]:
    return (" ".join(item.text.split()), item.owner, item.due, item.status, item.priority, item.kind)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_report_comes_back_from_word(case: Case) -> None:
    document, back = there_and_back(case.canonical)

    assert back.title == document.title
    assert timeline_times.incident_date(back) == timeline_times.incident_date(document)
    assert [section.heading for section in back.sections] == [each.heading for each in document.sections]
    assert [entry.written for entry in back.entries] == [entry.written for entry in document.entries]
    assert list(map(fields, back.items)) == list(map(fields, document.items))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name not in UNSEEN], ids=lambda case: case.name
)
def test_no_word_is_lost_on_the_way_to_word(case: Case) -> None:
    document, back = there_and_back(case.canonical)

    assert not words(parser.write(document)) - words(parser.write(back))


REPORT = """\
---
title: "Checkout: down"
date: 2026-03-04
severity: SEV1
services: [checkout, pay]
---

## Timeline

### 2026-03-04 10:00

![Load](attachments/load.png) and ![gone](attachments/gone.png)

## Action items

1. Alert
   - Owner: Ana
   - Due: 2026-03-10
   - Status: done
2. Rotate
   - Status: open
"""


def test_the_same_report_is_the_same_bytes() -> None:
    document = parser.parse(REPORT)

    assert word_file.written(document, lambda _: None) == word_file.written(document, lambda _: None)


def test_front_matter_and_items_come_back_whole() -> None:
    back = again(parser.parse(REPORT))

    assert (back.severity, back.services) == ("SEV1", ("checkout", "pay"))
    assert [(item.owner, str(item.due), item.status) for item in back.items] == [
        ("Ana", "2026-03-10", "done"),
        ("", "None", "open"),
    ]


def test_pictures_stand_in_the_file_and_what_is_none_is_a_link() -> None:
    data = word_file.written(parser.parse(REPORT), {"attachments/load.png": samples.picture("PNG")}.get)

    assert "![Load](word/media/image1.png)" in files.read(data).markdown
    assert "word/media/image1.png" in ZipFile(io.BytesIO(data)).namelist()
    assert b'"attachments/gone.png"' in ZipFile(io.BytesIO(data)).read("word/_rels/document.xml.rels")


def test_an_item_has_a_box_to_press() -> None:
    data = word_file.written(parser.parse(REPORT), lambda _: None)
    text = ZipFile(io.BytesIO(data)).read("word/document.xml").decode()

    assert text.count("<w14:checkbox>") == 2
    assert text.count('<w14:checked w14:val="1"/>') == 1
    assert "Status: done" not in text


HOSTILE = [
    ("a long title", Document(title="T" * 300), "T" * 300),
    ("a title that XML cannot hold", Document(title="Disk\x01full\uffff"), "Disk\ufffdfull\ufffd"),
    (
        "a heading that XML cannot hold",
        Document(title="Disk", heading="Disk\x0bfull"),
        "Disk\ufffdfull",
    ),
    (
        "a text that XML cannot hold",
        Document(
            title="Disk", sections=(Section("Summary", (Prose("a\x08b [c](https://x.example/\x01)"),)),)
        ),
        "a\ufffdb",
    ),
]


@pytest.mark.parametrize("document, shown", [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_what_word_cannot_hold_does_not_stop_an_export(document: Document, shown: str) -> None:
    made = docx.Document(io.BytesIO(word_file.written(document, lambda address: None)))

    assert shown in "\n".join(paragraph.text for paragraph in made.paragraphs)


def test_code_and_links_have_the_names_by_which_other_programs_know_them() -> None:
    # pandoc 3.9 takes paragraphs in Courier for prose, `# comment` for words and `- a` for a list.
    text = "Ran `rm a*b` as [told](https://example.org/a).\n\n```yaml\nlist:  # all\n  - a\n```"
    document = Document("Down", sections=(Section("Summary", (Prose(text),)),))

    made = docx.Document(io.BytesIO(word_file.written(document, lambda _: None)))

    (said,) = [each for each in made.paragraphs if each.text.startswith("Ran")]
    code = [each.text for each in made.paragraphs if each.style and each.style.name == "Source Code"]
    (link,) = said.hyperlinks
    assert [run.text for run in said.runs if run.style.name == "Verbatim Char"] == ["rm a*b"]
    assert [run.style.name for run in link.runs] == ["Hyperlink"]
    assert code == ["list:  # all", "  - a"]
