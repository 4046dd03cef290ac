"""Footnotes of pages, in the shapes of the programs that make them, with words of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from postmortems.document.markdown import parser
from postmortems.document.readers import html
from postmortems.document.readers.confluence import storage

# Each is the report below, as the program that names the file writes a page of it.
PAGES = sorted((Path(__file__).parent / "pages_with_notes").glob("*.html"))
WRITTEN = """# Outage

## Timeline

- 15:30 Down[^1]
- 15:40 Up[^2]

## Action items

1. Alert on 5xx[^2]
2. Rotate keys

[^1]: A reset.

[^2]: By hand, twice.
"""


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_notes_below_the_items_stay_notes(page: Path) -> None:
    read = html.to_markdown(page.read_text(encoding="utf-8"))

    assert read == WRITTEN
    assert [item.text for item in parser.parse(read).items] == ["Alert on 5xx[^2]", "Rotate keys"]


NOTES = {
    "words and code": (
        '<div id="n1"><a href="#r1">1</a>. Ran <code>rm -r</code>, twice.</div>',
        "Ran `rm -r`, twice.",
    ),
    "two paragraphs": ('<div id="n1"><p>Ran <b>it</b>.</p><p>Twice.</p></div>', "Ran **it**. Twice."),
}


@pytest.mark.parametrize("note, written", NOTES.values(), ids=NOTES.keys())
def test_a_note_says_what_it_said(note: str, written: str) -> None:
    page = (
        f'<main><h1>Outage</h1><p>Down<a id="r1" href="#n1">1</a></p><div id="footnotes">{note}</div></main>'
    )

    assert html.to_markdown(page) == f"# Outage\n\nDown[^1]\n\n[^1]: {written}\n"


def test_notes_of_a_page_in_confluence_stay_notes() -> None:
    # As markdown-to-confluence 0.6.5 writes them.
    def anchor(name: str) -> str:
        parameter = f'<ac:parameter ac:name="">{name}</ac:parameter>'
        return (
            f'<ac:structured-macro ac:name="anchor" ac:schema-version="1">{parameter}</ac:structured-macro>'
        )

    def link(name: str, said: str) -> str:
        return f'<ac:link ac:anchor="{name}"><ac:link-body>{said}</ac:link-body></ac:link>'

    text = (
        "<h1>Outage</h1><h2>Action items</h2><ac:task-list><ac:task><ac:task-status>complete</ac:task-status>"
        "<ac:task-body>Alert</ac:task-body></ac:task></ac:task-list>"
        f"<p>Down<sup>{anchor('footnote-ref-1')}{link('footnote-def-1', '1')}</sup>.</p>"
        f'<div class="footnote"><hr/><ol start="1"><li><p>{anchor("footnote-def-1")}A reset. '
        f"{link('footnote-ref-1', '↩')}</p></li></ol></div>"
    )

    read = storage.to_markdown(text)

    assert "Down[^1]." in read
    assert "[^1]: A reset.\n" in read
    assert [item.text for item in parser.parse(read).items] == ["Alert"]


LEFT_ALONE = {
    "a list that nothing leads to": (
        '<p>Down.</p><div class="footnotes"><ol><li id="fn1">A reset.</li></ol></div>',
        "Down.\n\n1. A reset.",
    ),
    "contents, which lead to headings": (
        '<ul><li><a id="toc1" href="#what">What</a></li></ul>'
        '<h2 id="what"><a href="#toc1">What</a></h2><p>Down.</p>',
        "- [What](#what)\n\n## [What](#toc1)\n\nDown.",
    ),
    "items with anchors": (
        '<p>See <a href="#two">the second</a>.</p><ol><li id="one">Alert</li><li id="two">Rotate</li></ol>',
        "See [the second](#two).\n\n1. Alert\n2. Rotate",
    ),
}


@pytest.mark.parametrize("text, written", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_what_is_no_note_stays_as_it_is(text: str, written: str) -> None:
    assert html.to_markdown(f"<main><h1>Outage</h1>{text}</main>").rstrip() == f"# Outage\n\n{written}"


def test_nothing_beside_the_notes_is_lost() -> None:
    notes = (
        '<section class="footnotes"><h2>Sources</h2><hr><ol><li id="fn1"><p>A reset:</p><pre>rm a*b*c</pre>'
        '<p>Twice.</p></li><li id="fn2">Said by nobody.</li></ol></section>'
    )

    read = html.to_markdown(
        f'<main><h1>Outage</h1><p>Down<a href="#fn1">1</a></p><hr><p>Up.</p>{notes}</main>'
    )

    assert read.split("\n\n")[1:] == [
        "Down[^1]",
        "***",
        "Up.",
        "## Sources",
        "[^1]: A reset: Twice.",
        "```\nrm a*b*c\n```",
        "1. Said by nobody.\n",
    ]
