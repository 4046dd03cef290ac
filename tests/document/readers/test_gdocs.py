"""Every file of `gdocs/`, named as a download is: what it becomes, and no word lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from postmortems.document.markdown import parser
from postmortems.document.readers import html
from postmortems.document.readers.gdocs import document, download, page, style_sheet
from postmortems.document.times import timeline_times
from tests.document.cases import Case, load, shown

CASES = [load(path) for path in sorted((Path(__file__).parents[1] / "gdocs").glob("*.md"))]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def markdown_of(case: Case) -> str:
    to_markdown = page.to_markdown if case.name.endswith(".html") else download.to_markdown
    return to_markdown(case.input)


@every_case
def test_a_download_is_recognised(case: Case) -> None:
    is_it = page.is_page if case.name.endswith(".html") else download.is_download

    assert is_it(case.input)


@every_case
def test_a_download_is_written_as_its_canonical_form(case: Case) -> None:
    assert parser.write(parser.parse(markdown_of(case))) == case.canonical


@every_case
def test_the_canonical_form_of_a_download_stays_as_it_is(case: Case) -> None:
    assert parser.write(parser.parse(case.canonical)) == case.canonical


@every_case
def test_the_times_of_a_download_are_read_as_they_were_meant(case: Case) -> None:
    read = parser.parse(markdown_of(case))

    assert [shown(reading) for reading in timeline_times.read_entries(read)] == list(case.readings)


NOT_OURS = {
    "a page": "<html><body><h1>a</h1><p class='c1'>b</p></body></html>",
    "a page with such classes": "<style>.c1{color:red}</style><p class='c1'>b</p>",
    "Markdown": "# a\n\n- [ ] b\n\n| a | b |\n|---|---|\n",
    "Markdown that escapes": "# a\n\n1\\. b \\- c\n",
    "Markdown with bold headings": "# **a**\n\n## **b**\n",
    "Markdown with a picture": "# a\n\n![b][image1]\n\n[image1]: images/b.png\n",
}


@pytest.mark.parametrize("text", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_other_texts_are_not_taken_for_a_download(text: str) -> None:
    assert not page.is_page(text)
    assert not download.is_download(text)


EDGES = {
    "a line is the header of each sheet": ("<div><p>Internal</p></div>", False),
    "a list is the report's": ("<div><ul><li>Internal</li></ul></div>", True),
    "a table is the report's": ("<div><table><tr><td>Internal</td></tr></table></div>", True),
    "a long text is the report's": (f"<div><p>Internal {'word ' * 80}</p></div>", True),
}


@pytest.mark.parametrize("edge, is_kept", EDGES.values(), ids=EDGES.keys())
def test_a_box_at_the_edge_of_a_page_is_kept_unless_it_is_of_the_paper(edge: str, is_kept: bool) -> None:
    text = f'<body>{edge}<p class="title">Pool ran out</p><p>All waited.</p></body>'

    assert ("Internal" in page.to_markdown(text)) is is_kept


UNESCAPED = {
    r"14:30 \- merged": "14:30 - merged",
    r"1\.5 GB\!": "1.5 GB!",
    r"max\_connections": "max_connections",
    r"\_not emphasis\_": r"\_not emphasis\_",
    r"\# no heading": r"\# no heading",
    r"\> no quote": r"\> no quote",
    r"a \# b \> c": "a # b > c",
    r"\- typed": "- typed",
    r"1\. typed": "1. typed",
    r"\~40%": "~40%",
    r"a \~~ b": r"a \~~ b",
    r"\*stars\* \[sic\] \<tag\> \`tick\`": r"\*stars\* \[sic\] \<tag> \`tick\`",
    "`a\\-b`": "`a-b`",
}


@pytest.mark.parametrize("escaped, plain", UNESCAPED.items())
def test_punctuation_is_escaped_only_where_it_would_be_a_mark(escaped: str, plain: str) -> None:
    assert download.to_markdown(f"x\n\n{escaped}") == f"x\n\n{plain}\n"


def test_escapes_in_code_are_code() -> None:
    assert download.to_markdown("```\na \\- b\n```") == "```\na \\- b\n```\n"


def test_a_picture_in_the_text_is_a_file_beside_it() -> None:
    text = "# a\n\n![The pool][image1] ![][image2]\n\n[image1]: <data:image/jpeg;base64,AAAA>\n"

    assert download.to_markdown(text) == "# a\n\n![The pool](image1.jpg) ![][image2]\n"
    assert document.picture(text.encode(), "image1.jpg") == b"\0\0\0"
    assert document.picture(text.encode(), "image2.jpg") is None
    assert document.picture(text.replace("AAAA", "A").encode(), "image1.jpg") is None


def test_the_style_sheet_says_what_classes_look_like_and_which_lists_have_boxes() -> None:
    text = (
        "<style>.c1{font-weight:700;color:red}.c1,p{font-style:italic}"
        '.lst-kix_a-0>li:before{content:"\\002610  "}.lst-kix_b-0 > li:before{content:"\\002611"}'
        '.lst-kix_c-0>li:before{content:"\\0025cf"}.lst-kix_d-0>li:before{content:"\\ffffff"}</style>'
    )
    sheet = style_sheet.read(html.parsed(text))

    assert sheet.looks == {"c1": "font-weight:700;font-style:italic;"}
    assert (sheet.open_boxes, sheet.ticked_boxes) == (frozenset({"lst-kix_a-0"}), frozenset({"lst-kix_b-0"}))


HOSTILE = {
    "a style sheet without end": "<style>.c1{font-weight:700<p>x</p></style><p>deep",
    "rules": "<style>" + ".c1{font-weight:700}" * 5_000 + "</style><p class='c1'>deep",
    "selectors": "<style>" + ".c1," * 5_000 + "{font-weight:700}</style><p class='c1'>deep",
    "deep lists": '<ul class="lst-kix_a-99 start"><li>deep</li></ul>',
    "nested lists": '<ul class="lst-kix_a-1"><li>' * 500 + "deep",
    "notes without marks": '<div><p><a id="ftnt1"></a></p></div><p>deep',
    "a note that is the page": '<div><p><a id="cmnt1"></a>deep</p></div>',
    "notes in notes": '<div><a id="ftnt1"></a>' * 500 + "deep",
    "tables": "<table><tr><td>" * 500 + "deep",
    "an empty table": "<table></table><table><tr></tr><tr></tr></table>deep",
    "titles": '<p class="title"></p>' * 500 + "<p>deep",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_page_is_text_like_any_other(text: str) -> None:
    assert "deep" in page.to_markdown(text)


HOSTILE_MARKDOWN = {
    "half a picture": "[image1]: <data:image/png;base64,AAAA deep",
    "stars": "# " + "**" * 5_000 + "deep",
    "escapes": "\\-" * 50_000 + "deep",
    "struck": "- [x] " + "~~" * 5_000 + "deep",
    "people": "- [ ] " + "[a](mailto:a@b) " * 2_000 + "deep",
    "brackets": "- [ ] " + "[" * 5_000 + "deep",
    "tabs": "# Tab 1\n\n# Tab 2\n\ndeep",
    "nothing but headings": "# \n## \n# deep",
}


@pytest.mark.parametrize("text", HOSTILE_MARKDOWN.values(), ids=HOSTILE_MARKDOWN.keys())
def test_a_hostile_download_is_text_like_any_other(text: str) -> None:
    assert "deep" in download.to_markdown(text)
