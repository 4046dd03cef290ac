"""What each family of site generators gets: the name of the file, and its front matter."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from postmortems.document.markdown import parser
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.document.readers import registry as readers_registry
from postmortems.exchange.exports import raw_html
from postmortems.exchange.exports.layouts import LAYOUTS, laid_out, path_for, written
from postmortems.exchange.exports.outline import outline
from tests.document import cases

CORPUS = Path(os.environ.get("POSTMORTEMS_CORPUS", Path(__file__).parents[4] / "shared/corpus"))
SLUG = "2018-01-25-merge-to-prod"
DOCUMENT = Document(
    title="Merge: to prod",
    date=date(2018, 1, 25),
    status="published",
    services=("data8",),
    tags=("helm",),
    sections=(Section("Summary", (Prose("It went out."),)),),
)
KNOWN = """title: "Merge: to prod"
date: 2018-01-25
status: published
services: [data8]
tags: [helm]
"""
TABLE = [
    ("plain", f"{SLUG}.md", "", ""),
    ("quarto", f"{SLUG}.qmd", "categories: [data8, helm]\n", ""),
    ("jekyll", "_posts/2018-01-25-merge-to-prod.md", "layout: post\ncategories: [postmortems]\n", ""),
    ("hugo", f"content/postmortems/{SLUG}.md", f"slug: {SLUG}\n", ""),
    ("mkdocs", f"docs/postmortems/{SLUG}.md", "", "# Merge: to prod\n\n"),
    ("confluence", f"{SLUG}.xml", "", ""),
    ("notion", f"{SLUG}.md", "", ""),
    ("gdocs", f"{SLUG}.html", "", ""),
    ("docx", f"{SLUG}.docx", "", ""),
    ("sphinx", f"{SLUG}.md", "orphan: true\n", "# Merge: to prod\n\n"),
]
DRAFTS = [
    ("plain", f"{SLUG}.md", ()),
    ("quarto", f"{SLUG}.qmd", (("draft", "true"),)),
    ("jekyll", "_drafts/merge-to-prod.md", ()),
    ("hugo", f"content/postmortems/{SLUG}.md", (("draft", "true"),)),
    ("mkdocs", f"docs/postmortems/{SLUG}.md", (("draft", "true"),)),
    ("confluence", f"{SLUG}.xml", ()),
    ("notion", f"{SLUG}.md", ()),
    ("gdocs", f"{SLUG}.html", ()),
    ("docx", f"{SLUG}.docx", ()),
    ("sphinx", f"{SLUG}.md", ()),
]


def test_every_layout_stands_in_the_table() -> None:
    assert list(LAYOUTS) == [name for name, *_ in TABLE] == [name for name, *_ in DRAFTS]


@pytest.mark.parametrize("name, path, keys, heading", TABLE)
def test_a_family_gets_its_names_and_keys(name: str, path: str, keys: str, heading: str) -> None:
    text = parser.write(laid_out(LAYOUTS[name], DOCUMENT, SLUG))

    assert path_for(LAYOUTS[name], DOCUMENT, SLUG, date(2018, 1, 25)) == path
    assert text == f"---\n{KNOWN}{keys}---\n\n{heading}## Summary\n\nIt went out.\n"
    assert parser.parse(text).sections == DOCUMENT.sections


@pytest.mark.parametrize("name, path, keys", DRAFTS)
def test_a_draft_says_so_in_the_familys_words(
    name: str, path: str, keys: tuple[tuple[str, str], ...]
) -> None:
    draft = replace(DOCUMENT, status="draft")

    assert path_for(LAYOUTS[name], draft, SLUG, date(2018, 1, 25)) == path
    assert set(keys) <= set(laid_out(LAYOUTS[name], draft, SLUG).extra)
    assert not set(keys) & set(laid_out(LAYOUTS[name], DOCUMENT, SLUG).extra)


def test_what_the_author_wrote_stays_as_it_is() -> None:
    own = replace(DOCUMENT, extra=(("layout", "report"), ("author", "Sam")), heading="As told")

    assert laid_out(LAYOUTS["jekyll"], own, SLUG).extra == (*own.extra, ("categories", "[postmortems]"))
    assert laid_out(LAYOUTS["sphinx"], own, SLUG).heading == "As told"


def test_no_labels_and_no_date_are_no_trouble() -> None:
    bare = Document(title="x")

    assert laid_out(LAYOUTS["quarto"], bare, "x").extra == ()
    assert path_for(LAYOUTS["jekyll"], bare, "x", date(2020, 2, 3)) == "_posts/2020-02-03-x.md"
    assert (
        path_for(LAYOUTS["jekyll"], bare, "2020-02-03", date(2020, 2, 3)) == "_posts/2020-02-03-2020-02-03.md"
    )


@cache
def reports() -> list[tuple[str, Document]]:
    """The project's own cases, and the real reports where they are at hand."""
    own = [(f"{case.name}.md", case.input.encode()) for case in cases.all_cases()]
    folders = [path for path in sorted(CORPUS.iterdir()) if path.is_dir()] if CORPUS.exists() else []
    real = [
        path
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.name.endswith(readers_registry.ENDINGS)
    ]
    given = own + [(path.name, path.read_bytes()) for path in real]
    return [(name, _dated(readers_registry.read(name, content))) for name, content in given]


def _dated(came: Document) -> Document:
    """A file's name tells its day: without a date of its own it would come back with that of the name."""
    return parser.parse(parser.write(replace(came, date=came.date or date(2018, 1, 25))))


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_a_layout_writes_reads_back_to_the_same_document(name: str) -> None:
    layout = LAYOUTS[name]
    for given, document in reports():
        wanted = laid_out(layout, document, SLUG)
        text = parser.write(wanted)

        back = parser.parse(text, name=path_for(layout, document, SLUG, date(2018, 1, 25)))

        assert parser.write(back) == text, given
        assert back.sections == document.sections, given
        assert (back.title, back.date, back.status) == (document.title, document.date, document.status), given


def told(document: Document) -> list[object]:
    """All but prose, with texts as they are shown."""
    return [
        (section.heading, replace(block, text=shown(block.text)) if isinstance(block, Item) else block)
        for section in document.sections
        for block in (replace(each, text="") if isinstance(each, Entry) else each for each in section.blocks)
        if not isinstance(block, Prose)
    ]


def shown(text: str) -> str:
    return outline(raw_html.shown(text))


@pytest.mark.parametrize("name", [name for name in LAYOUTS if not LAYOUTS[name].page])
def test_a_file_keeps_entries_and_items_and_is_written_alike_again(name: str) -> None:
    layout = LAYOUTS[name]
    for given, document in reports():
        text = written(layout, document, SLUG)

        back = parser.parse(text, name=path_for(layout, document, SLUG, date(2018, 1, 25)))

        assert told(back) == told(document), given
        assert written(layout, back, SLUG) == text, given
