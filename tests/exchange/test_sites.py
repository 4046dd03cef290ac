"""What the layouts write, built by the real site generators: each word, list and item is in the page."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from postmortems.document.markdown import parser
from postmortems.exchange.exports.layouts import LAYOUTS, path_for, written
from postmortems.web.markdown import github_markdown
from tests import sites, system_packages

SLUG = "2026-03-04-every-notation"
SOURCE = (Path(__file__).parent / "sites" / "notations.md").read_text(encoding="utf-8")
DOCUMENT = parser.parse(SOURCE)
BODY = parser.write(DOCUMENT).split("\n---\n", 1)[1]
# The name of the alert, which these generators show as a quote, and our mark on a heading.
OURS = {"Note", "action", "items"}
# What a generator would run or read as its own, letter by letter.
LITERAL = [
    "image: {{ .Values.image }}", "token: ${{ secrets.KEY }}", "{{ .Values.x }}", "{{ .Values.y }}",
    "{% if broken %}", "{% endif %}", "{% raw %}", "{{% figtwo %}}", "{{< figthree >}}", "{{< figfour >}}",
    "{% include four.html %}", "|substword|", "% percent line words", "(label)=", "{code}", "+++",
    "{{ .Values.z }}", "{{ .Values.first }}", "# not a heading", "$dollar words$", "[!NOTE]",
    "[not one](a b)", "[v]( {{ site.url }}/x )", "&notachar;", "<a&b>", "<script>scripted()</script>",
    "{{< onlyopen here", "{: .attributed #words}", "{:.spanned}", "{::extended}", "*[API]:", "box [x] inside",
    "{#custom .classy}", "5. no list five", "[x](a b) at {: .here}", "<b&c>",
]  # fmt: skip
# Footnotes are a list of their own where the generator knows them; MkDocs and Sphinx set them otherwise.
NOTES = {"Footnoteword", "The longer footnote says this"}


class Page(HTMLParser):
    """The text of a page without its frame, and the text of each list item."""

    FRAME = frozenset({"script", "style", "nav", "head"})
    APART = frozenset({"h1", "h2", "h3", "p", "li", "td", "th", "pre", "sup", "div", "br"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.items: list[str] = []
        self.tags: Counter[str] = Counter()
        self._begun: list[int] = []
        self._framed = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._framed += tag in self.FRAME
        self.tags[tag] += 1
        self.said.append(" " if tag in self.APART else "")
        if tag == "li" and not self._framed:
            self._begun.append(len(self.said))

    def handle_endtag(self, tag: str) -> None:
        self._framed -= tag in self.FRAME
        if tag == "li" and not self._framed:
            self.items.append(words("".join(self.said[self._begun.pop() :])))

    def handle_data(self, data: str) -> None:
        if not self._framed:
            self.said.append(data)


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def task(item: str) -> str:
    """Without the box, which GitHub draws and others write."""
    return re.sub(r"^x (?=ticked)", "", item)


@pytest.fixture(scope="session", params=sites.GENERATORS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The page of an incident that holds every notation."""
    name = request.param
    system_packages.require(sites.why_missing(name))
    layout = LAYOUTS[name]
    files = {path_for(layout, DOCUMENT, SLUG, date(2026, 3, 4)): written(layout, DOCUMENT, SLUG)}

    def page(folder: Path) -> Path:
        return next(each for each in folder.rglob("*.html") if "every-notation" in str(each))

    return Page(sites.build(name, tmp_path_factory.mktemp(name), files, page))


def test_every_word_is_in_the_built_page(built: Page) -> None:
    wanted = Counter(words("".join(Page(github_markdown.to_html(BODY)).said)).split())

    # Where a part of a list begins anew, its numbers do so, too: they are no words of the text.
    missing = {word for word in wanted - Counter(words("".join(built.said)).split()) if not word.isdecimal()}

    assert missing - OURS == set()


def test_every_list_item_is_one_in_the_built_page(built: Page) -> None:
    wanted = set(Page(github_markdown.to_html(BODY)).items) - NOTES

    assert wanted - set(map(task, built.items)) == set()


def test_tables_and_code_stay_what_they_are(built: Page) -> None:
    shown = Page(github_markdown.to_html(BODY))

    assert built.tags["table"] >= 2
    assert built.tags["pre"] >= shown.tags["pre"] - 1
    assert built.tags["blockquote"] == 2


@pytest.mark.parametrize("literal", LITERAL)
def test_what_generators_would_run_is_shown(built: Page, literal: str) -> None:
    shown = re.sub(r"\s+", " ", "".join(built.said))

    assert literal in shown


@pytest.mark.parametrize("name", [name for name in LAYOUTS if not (LAYOUTS[name].page or LAYOUTS[name].file)])
def test_a_file_that_came_back_is_written_alike(name: str) -> None:
    layout = LAYOUTS[name]
    once = written(layout, DOCUMENT, SLUG)

    assert written(layout, parser.parse(once), SLUG) == once
