"""Incidents as pages of Confluence: well-formed, and the same report when they are read again."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.document.readers.confluence import forms
from postmortems.exchange.exports import confluence_page
from postmortems.exchange.exports.confluence_markup import inline, storage

SPACES = 'xmlns:ac="urn:ac" xmlns:ri="urn:ri"'
REPORT = Document(
    title="Merge <b> & *stars*: down #",
    date=date(2018, 1, 25),
    timezone="America/Los_Angeles",
    severity="SEV2",
    status="published",
    services=("data8", "data8/prod"),
    tags=("chart",),
    restricted=("ada",),
    extra=(("reviewed", "true"), ("people", "\n  - ada\n  - ben")),
    sections=(
        Section(
            "Summary",
            (Prose("The hub was **down**.\n\n> [!WARNING]\n> Mind this.\n\n```bash\necho ]]> <x>\n```"),),
        ),
        Section(
            "Timeline",
            (
                Prose("All times in PST."),
                Entry(
                    "2018-01-25 14:30", "Upgraded `chart`.\n\n| a | b |\n|---|---|\n| 1 | 2 |", kind="change"
                ),
                Entry("~15:30 - 15:45", "![graph](attachments/a%20graph.png)", title="Down"),
                Entry("Over spring break", "Nobody looked."),
                Prose("Behind the entries."),
            ),
        ),
        Section(
            "Action items",
            (
                Category("Process"),
                Item(
                    "Block promotion, see [the log](attachments/hub.log).",
                    id="AI-1",
                    owner="Lovelace, Ada (ext)",
                    team="Ops",
                    due=date(2018, 2, 8),
                    priority="P1",
                    status="done",
                    done_when="a promotion with staging stopped is refused",
                    tickets=("OPS-1", "https://example.org/2"),
                    guards=("staging-online (soft, enforced)",),
                ),
                Item("Due alone", due=date(2018, 2, 9), status="open"),
                Item("Not this", status="wont_do", reason="too dear"),
                Category("Upstream & more"),
                Item("Two parts\n\n- one\n- two", owner="ben", status="in_progress"),
                Prose("- a list that is none of items"),
            ),
        ),
        Section("Lessons", (Prose("1. One\n2. Two\n\nLine <br> and <details> as they are."),)),
    ),
)


def read_again(document: Document) -> Document:
    return parser.parse(forms.to_markdown(confluence_page.written(document)))


def test_a_report_read_again_is_the_same() -> None:
    again = read_again(REPORT)

    assert (again.title, again.date, again.timezone) == (REPORT.title, REPORT.date, REPORT.timezone)
    assert (again.severity, again.status, again.services) == ("SEV2", "published", REPORT.services)
    assert (again.tags, again.restricted, again.extra) == (("chart",), ("ada",), REPORT.extra)
    assert [section.heading for section in again.sections] == [section.heading for section in REPORT.sections]
    assert [(entry.written, entry.title, entry.kind) for entry in again.entries] == [
        (entry.written, entry.title, entry.kind) for entry in REPORT.entries
    ]
    assert list(again.categorised()) == list(REPORT.categorised())


def test_what_is_read_again_is_written_as_before() -> None:
    once = read_again(REPORT)

    assert read_again(once) == once


def test_a_page_is_well_formed_xml() -> None:
    text = re.sub(r"<!\[CDATA\[.*?\]\]>", "", confluence_page.written(REPORT))

    assert ElementTree.fromstring(f"<page {SPACES}>{text}</page>").tag == "page"


@pytest.mark.parametrize(
    "wrong",
    [
        "a < b & c",
        "a\x0bb\x00c",
        "\ud800",
        "</ac:task-body>",
        "]]>",
        "<!-- x",
        "&nbsp;",
        "`<x>`",
        '[a](b"c)',
        "![a](javascript:x)",
        "[x](<a b>)",
        "<br>",
        "<script>x</script>",
        "- [ ] box",
        "| a |\n|---|\n| <br> |",
        "> [!NOTE]",
        "> [!TIP] here\n> more",
        "    code",
        "~~~\n]]>]]>\n~~~",
        "[^1]: note",
        "# one\n## two",
        "***",
        "[a](attachments/b.log) and [c](https://x.example/d)",
        "\\<x>",
        "> > deep\n\n1. a\n   - b",
    ],
)
def test_whatever_is_written_the_page_stays_well_formed(wrong: str) -> None:
    text = wrong.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")
    parts = (Prose(text), Entry("14:30", text), Item(text or "x"))
    document = Document(title=text, sections=tuple(Section("S", (part,)) for part in parts))

    written = confluence_page.written(document)

    assert ElementTree.fromstring(f"<page {SPACES}>{written}</page>").tag == "page"


MARKUP = [
    ("a **b** *c* ~~d~~ `e`", "<p>a <strong>b</strong> <em>c</em> <del>d</del> <code>e</code></p>"),
    ("[a](https://x.example?a=1&b=2)", '<p><a href="https://x.example?a=1&amp;b=2">a</a></p>'),
    (
        "![a b](attachments/x%20y.png)",
        '<p><ac:image ac:alt="a b"><ri:attachment ri:filename="x y.png" /></ac:image></p>',
    ),
    (
        "![](https://x.example/y.png)",
        '<p><ac:image><ri:url ri:value="https://x.example/y.png" /></ac:image></p>',
    ),
    (
        "> [!NOTE]\n> Good",
        '<ac:structured-macro ac:name="info"><ac:rich-text-body><p>Good</p></ac:rich-text-body>'
        "</ac:structured-macro>",
    ),
    ("> Quoted", "<blockquote><p>Quoted</p></blockquote>"),
    ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
    ("3. a", '<ol start="3"><li>a</li></ol>'),
    ("a<br>b", "<p>a<br />b</p>"),
]


@pytest.mark.parametrize("text, wanted", MARKUP)
def test_markdown_becomes_the_element_that_confluence_has_for_it(text: str, wanted: str) -> None:
    assert storage(text) == wanted


def test_a_line_has_no_paragraph_round_it() -> None:
    assert inline("a *b*") == "a <em>b</em>"


def test_the_title_stays_out_where_the_page_has_a_place_for_it() -> None:
    assert "<h1>" not in confluence_page.written(REPORT, title=False)
