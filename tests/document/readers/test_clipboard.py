"""Rich text of clipboards as Markdown: what programs put there, and no word lost whatever it is."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems import limits
from postmortems.document.readers import html as html_reader
from postmortems.document.readers import parse_process
from postmortems.document.readers.markup_tree import Element, Node
from postmortems.document.readers.rich_text import clipboard, pictures, styles
from postmortems.document.text import words
from postmortems.errors import Invalid
from tests.document.readers import clipboard_cases
from tests.document.readers.clipboard_cases import Case
from tests.document.readers.test_registry import HOSTILE_PAGES

CASES = clipboard_cases.all_cases()
UNSEEN = re.compile("script|style|head|title|svg|xml|noscript|template")
LABEL = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")


def seen(node: Node) -> str:
    """What a browser would show of it, each element's words apart; pictures are no words."""
    if isinstance(node, str):
        return node
    if UNSEEN.fullmatch(node.tag) or re.search(r"display:\s*none|mso-hide", node.attributes.get("style", "")):
        return ""
    # The number or bullet of a list becomes one of Markdown's; the numbers of lines are none of the code's.
    if re.search(r"mso-list:\s*Ignore", node.attributes.get("style", "")) or "linenumber" in node.classes:
        return ""
    is_box = any(name.startswith("data-") for name in node.attributes) or "sender" in str(node.classes)
    gap = (
        ""
        if not is_box
        and node.tag in ("b", "strong", "i", "em", "span", "a", "s", "code", "font", "ins", "del", "html")
        else " "
    )
    return gap + "".join(map(seen, node.children)) + gap


def read_words(text: str) -> str:
    """Markdown without its marks, so that a word in two looks is one again."""
    return re.sub(r"(?<!\\)(?:\*|~~|`)|\\", "", LABEL.sub(r"\1", text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_clipboard_becomes_the_markdown_that_says_the_same(case: Case) -> None:
    pasted = clipboard.read(case.html)

    assert pasted.markdown == case.markdown
    assert pasted.missing == case.missing


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_word_of_a_clipboard_is_lost(case: Case) -> None:
    shown = seen(html_reader.parsed(case.html))

    assert not words(shown) - words(read_words(clipboard.read(case.html).markdown))


WRITTEN = ("one", "two", "three", "14:30", "&lt;four&gt;", "* five", "1. six", "|seven|", "&nbsp;")
OPENED = """
<b> </b> <b style="font-weight:normal"> <span style="font-weight:700"> </span> <i> </i> <sup>
<a href="/y"> </a> <span style="font-family:Consolas"> <span style="white-space:pre">
<a href="https://example.org/x"> <o:p> <button> <p style="mso-list:l0 level1 lfo1">
<p style="mso-list:l0 level3 lfo2"> <ul data-indent="0"> <ul data-indent="2"> <p> </p> <div> </div> <ul>
<ol> <li> </li> </ul> <li role="checkbox" aria-checked="true"> <pre> </pre> <code> <table> <thead> <tr>
<td> <th> </table> <br> <h2> </h2> <blockquote> </blockquote> <nav> <!--x--> <![if !vml]>
<div data-task-state="DONE"> <div data-panel-type="info"> <div class="code-block">
<span data-node-type="status"> <div data-node-type="expand" data-title="eight"> <p class="MsoTitle">
<p class="MsoQuote"> <ts-mention> </code>
"""
PIECES = st.sampled_from([*WRITTEN, *re.findall(r"<[^<>]*>", OPENED)]).map(lambda piece: f"{piece} ")


@given(st.lists(PIECES, max_size=40).map("".join))
def test_whatever_is_pasted_no_word_is_lost(text: str) -> None:
    shown = html.unescape(re.sub(r"<[^<>]*>", " ", text))

    assert not words(shown) - words(clipboard.read(text).markdown)


MORE_HOSTILE = {
    "styles": '<p style="' + "font-weight:bold;" * 5_000 + '">x',
    "nested looks": '<span style="font-weight:700"><span style="font-weight:400">' * 3_000 + "deep",
    "spans": '<span style="font-weight:700">a</span>' * 10_000,
    "links": '<a href="https://example.org/">a</a> ' * 5_000,
    "levels": "<p style='mso-list:l0 level9999999999 lfo1'>a</p><p style='mso-list:l0 level0 lfo1'>b</p>",
    "list in a list in a list": "<ul>" * 2_000 + "deep",
    "marks of lists": "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>" * 3_000,
    "boxes": '<li role="checkbox">' * 3_000 + "deep",
    "panels": '<div data-panel-type="info">' * 3_000 + "deep",
    "day": '<span data-node-type="date" data-timestamp="99999999999999"></span>',
    "no day": '<span data-node-type="date" data-timestamp="²"></span>',
    "unknown section": "<![foo bar]>deep",
    "half an address": '<a href="http://[::1">deep</a>',
    "emoji": '<img class="emoji" src="/fffff-10ffff-d800.png" alt="deep">',
    "emoji too high": '<img class="emoji" src="/99999-fffff-110000-ffffff.png" alt="x">',
    "codes": "<p><code>a</code></p>" * 5_000,
}


@pytest.mark.parametrize(
    "text", (HOSTILE_PAGES | MORE_HOSTILE).values(), ids=(HOSTILE_PAGES | MORE_HOSTILE).keys()
)
def test_a_hostile_clipboard_is_text_like_any_other(text: str) -> None:
    written = clipboard.read(text).markdown

    assert "deep" not in text or "deep" in written
    written.encode()


def test_more_tags_than_a_report_has_are_refused_in_words() -> None:
    with pytest.raises(Invalid, match=r"what was pasted:1: more than 40,000 tags"):
        parse_process.clipboard("<i>" * (limits.TAGS + 1))


NOTHING_THAT_RUNS = {
    '<a href="javascript:alert(1)">word</a>': "word",
    '<a href=" JAVAscript:alert(1)">word</a>': "word",
    '<a href="data:text/html,x">word</a>': "word",
    '<a href="file:///etc/passwd">word</a>': "word",
    '<a href="/incidents/x">word</a>': "word",
    "<script>alert(1)</script>word": "word",
    "<img src=x onerror=alert(1)>word": "(picture missing)word",
    "&lt;script&gt;alert(1)&lt;/script&gt;": "\\<script>alert(1)\\</script>",
    "<iframe src='javascript:alert(1)'></iframe>word": "javascript:alert(1)word",
    "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>word": "word",
    '<a href="https://example.org/)[x](javascript:alert(1)">word</a>': "[word](<https://example.org/)[x](javascript:alert(1)>)",
}


@pytest.mark.parametrize("text, markdown", NOTHING_THAT_RUNS.items())
def test_what_would_run_or_lead_nowhere_is_words(text: str, markdown: str) -> None:
    assert clipboard.read(text).markdown == markdown


PICTURES = {
    '<img src="https://example.org/a.png" alt="graph">': ("[graph](https://example.org/a.png)", []),
    '<img src="https://example.org/a.png">': ("[picture](https://example.org/a.png)", []),
    '<img src="https://example.org/o.gif" width=1 height=1 alt="">': ("", []),
    '<img src="https://example.org/i.png" width=16 alt="">': ("", []),
    '<img src="https://example.org/1f525.png" class="emoji" alt=":fire:">': ("🔥", []),
    '<img src="https://example.org/x.png" alt="🙂">': ("🙂", []),
    '<img data-emoji="🙂" class="an1" alt="🙂" src="https://example.org/emoji">': ("🙂", []),
    '<img src="data:image/png;base64,iVBORw0=" alt="graph">': ("(picture missing: graph)", ["graph"]),
    '<img src="blob:https://example.org/1" alt="">': ("(picture missing)", [""]),
    '<img src="cid:image001.png@01D3" alt="">': ("(picture missing)", [""]),
    '<img src="file:///C:/x/clip_image001.png">': (
        "(picture missing: clip_image001.png)",
        ["clip_image001.png"],
    ),
    '<img src="pasted-picture-2" alt="graph">': ("![graph](pasted-picture-2)", []),
    '<a href="https://example.org/"><img src="https://example.org/a.png" alt="graph"></a>': (
        "[graph](https://example.org/)",
        [],
    ),
}


@pytest.mark.parametrize("text, told", PICTURES.items())
def test_a_picture_is_a_link_an_emoji_or_told_as_missing(text: str, told: tuple[str, list[str]]) -> None:
    missing: list[str] = []
    image = html_reader.parsed(text).children[0]
    assert isinstance(image, Element)
    if image.tag == "img":
        pictures.shown(image, missing)
        assert missing == told[1]

    assert clipboard.read(text).markdown == told[0]


ADDRESSES = {
    "https://www.google.com/url?q=https://example.org/a%20b&sa=D": "https://example.org/a b",
    "https://www.google.com/url?q=javascript:alert(1)": "https://www.google.com/url?q=javascript:alert(1)",
    "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2F&data=x": "https://example.org/",
    "https://evil.example.org/url?q=https://example.org/": "https://evil.example.org/url?q=https://example.org/",
    "mailto:ada@example.org": "mailto:ada@example.org",
    "#top": "",
    "//example.org/x": "",
}


@pytest.mark.parametrize("href, address", ADDRESSES.items())
def test_a_link_leads_where_its_reader_was_to_come(href: str, address: str) -> None:
    assert styles.address(href) == address


def test_a_long_clipboard_is_read_by_a_child_and_says_the_same() -> None:
    text = "<p><b>Word</b> and <img src='x' alt='graph'></p>" * (parse_process.LONG // 20)

    assert parse_process.clipboard(text) == clipboard.read(text)
