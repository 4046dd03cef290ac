"""Pages show Markdown as GitHub does: all examples of both specifications, and what reports are made of."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

from postmortems.document.text import SHOWN_AS_TEXT
from postmortems.web.markdown import github_markdown, markdown_child
from postmortems.web.markdown.markdown_child import sanitised
from postmortems.web.markdown.mention_links import bare
from tests import specifications
from tests.system_packages import require

COUNTS = {"commonmark": 652, "gfm": 672}
# Headings have anchors on a page, of which the specifications do not speak.
PASSED_OVER = ("class", "tabindex", "id")
BOX = re.compile(r'<input ([^>]*)type="checkbox"> ?')
LINES = (Path(__file__).parents[1] / "github_exceptions.txt").read_text().splitlines()
EXCEPTIONS = {tuple(line.split()[:2]): line for line in LINES if not line.startswith("#")}


def to_html(text: str, definitions: str = "") -> str:
    """The text as a page shows it whose mentions lead nowhere."""
    return bare(markdown_child.to_html(text, definitions))


class Shape(HTMLParser):
    """Tags with the attributes that mean something, and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        meant = [f"{name}={value}" for name, value in sorted(attrs) if name not in PASSED_OVER]
        self.parts += [" ".join([f"<{tag}", *meant]), *self._language(attrs)]

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts += data.split()

    def _language(self, attrs: list[tuple[str, str | None]]) -> list[str]:
        return [value for name, value in attrs if name == "class" and value and value.startswith("language-")]


def wanted(html: str) -> str:
    """What a specification wants, as it may stand on a page: sanitised, its boxes drawn."""
    drawn = BOX.sub(lambda box: github_markdown.BOXES["checked" in box[1]], html)
    return sanitised(SHOWN_AS_TEXT.sub("&lt;", drawn), "none")


@pytest.mark.parametrize("name", specifications.NAMES)
def test_examples_of_the_specification_look_as_it_says_or_are_named(name: str) -> None:
    require(specifications.why_missing())
    found = specifications.examples(name)
    differing = {
        (name, str(number))
        for number, (text, html) in enumerate(found, 1)
        if Shape(to_html(text)).parts != Shape(wanted(html)).parts
    }

    assert len(found) == COUNTS[name]
    assert differing == {key for key in EXCEPTIONS if key[0] == name}
    assert len(differing) <= 0.02 * len(found)


def test_each_exception_gives_its_reason() -> None:
    assert all(len(line.split(maxsplit=2)) == 3 for line in EXCEPTIONS.values())


@pytest.mark.parametrize(
    "text, same_as",
    [
        ("- a\n- \n  b\n- c", "<ul><li>a</li><li>b</li><li>c</li></ul>"),
        ("#1234 and", "<p>#1234 and</p>"),
        ("Text:\n- a\n- b", "<p>Text:</p><ul><li>a</li><li>b</li></ul>"),
        ("- a\n  - b\n    - c\n- d", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>"),
        ("1. one\n   - x\n2. two", "<ol><li>one<ul><li>x</li></ul></li><li>two</li></ol>"),
        ("3) a\n4) b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("- - a", "<ul><li><ul><li>a</li></ul></li></ul>"),
        ("- c\n## H", "<ul><li>c</li></ul><h2>H</h2>"),
        ("> [!WARNING]\n> Do not.", "<div><p>Warning</p><p>Do not.</p></div>"),
        ("> [!WHATEVER]\n> x", "<blockquote><p>[!WHATEVER] x</p></blockquote>"),
        ("~one~ ~~two~~", "<p><del>one</del> <del>two</del></p>"),
        ("a <style> b", "<p>a &lt;style&gt; b</p>"),
        ("a </SCRIPT > b", "<p>a &lt;/SCRIPT &gt; b</p>"),
        ("a <styled> b", "<p>a b</p>"),
        ("> " * 30 + "deep", "<blockquote>" * 30 + "<p>deep</p>" + "</blockquote>" * 30),
    ],
)
def test_a_text_has_the_structure_that_github_gives_it(text: str, same_as: str) -> None:
    assert Shape(to_html(text)).parts == Shape(same_as).parts


@pytest.mark.parametrize("address", ["a_b@example.org", "a.b_c-d_e@mail.example.org", "_x@example.org"])
@pytest.mark.parametrize("around", ["{}", "ask {}.", "({})", "**{}**"])
def test_an_address_with_underscores_is_one_link(address: str, around: str) -> None:
    assert f'<a href="mailto:{address}"' in to_html(around.format(address))


@pytest.mark.parametrize("text", ["a_b@c", "a_b@c.d-", "a_b@c.d_", "`a_b@example.org`"])
def test_what_only_resembles_an_address_is_no_link(text: str) -> None:
    assert "<a" not in to_html(text)


def test_definitions_from_elsewhere_in_the_document_count() -> None:
    html = to_html("[a][r] b[^n]", "[r]: https://example.org/r\n\n[^n]: the note\n\n[^m]: not asked for\n")

    assert '<a href="https://example.org/r"' in html
    assert "the note" in html
    assert "not asked for" not in html


def test_the_own_definition_comes_first() -> None:
    assert "/own" in to_html("[a]\n\n[a]: /own", "[a]: /other")


@pytest.mark.parametrize("opened", ["```\n[a]", "<!-- [a]", "~~~~\n[a]"])
def test_no_open_block_swallows_or_shows_definitions(opened: str) -> None:
    assert "/other" not in to_html(opened, "[a]: /other")


def test_a_footnote_is_linked_there_and_back_from_each_place() -> None:
    html = to_html("a[^1] b[^1]\n\n[^1]: note")
    anchors = set(re.findall(r'id="([^"]+)"', html))

    assert len(anchors) == 3
    assert set(re.findall(r'href="#([^"]+)"', html)) == anchors


@pytest.mark.parametrize(
    "heading, address",
    [
        ("Time line", "#time-line"),
        ("What `kubectl` did, *exactly*?", "#what-kubectl-did-exactly"),
        ("Größe", "#gr%C3%B6%C3%9Fe"),
        ("a_b - c", "#a_b---c"),
    ],
)
def test_a_link_leads_to_its_heading_as_on_github(heading: str, address: str) -> None:
    html = to_html(f"[there]({address})\n\n#### {heading}\n")

    assert re.findall('href="#([^"]+)"', html) == [quote(found) for found in re.findall('id="([^"]+)"', html)]


def test_the_second_heading_of_the_same_words_has_its_own_anchor() -> None:
    assert re.findall('id="([^"]+)"', to_html("# A\n\n# A\n")) == ["in-text-a", "in-text-a-1"]


@pytest.mark.parametrize("anchor", ['<a name="old"></a>', '<a id="old"></a>', '<p id="old">x</p>'])
def test_an_anchor_of_the_authors_own_is_found_and_is_none_of_the_page(anchor: str) -> None:
    html = to_html(f"[there](#old) {anchor}")

    assert 'href="#in-text-old"' in html
    assert re.search('(?:name|id)="in-text-old"', html)
