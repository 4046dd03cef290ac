"""Who and what a text mentions: the same whether it is read to tell people, or rendered for a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document import mentions
from postmortems.document.markdown import tokens
from postmortems.web.markdown import mention_links
from postmortems.web.markdown.markdown_child import to_html

LINES = (Path(__file__).parent / "cases_of_mentions.txt").read_text(encoding="utf-8").split("\n")
ROWS = [line.rpartition(" => ") for line in LINES if " => " in line and not line.startswith("# What")]
CASES = [(_read, wanted.split()) for _read, _, wanted in ROWS]
ESCAPES = {r"\n": "\n", r"\t": "\t", "%20": " ", r"\u0301": "\u0301"}


def plain(written: str) -> str:
    return re.sub(r"\\n|\\t|%20|\\u0301", lambda found: ESCAPES[found[0]], written)


def told(sign: str, names: tuple[str, ...]) -> str:
    return sign + "|".join(names)


def read(text: str) -> list[str]:
    found = []
    for paragraph in tokens.inlines(text):
        here = sorted(mentions.in_words(mentions.words_of(paragraph)), key=lambda mention: mention.start)
        found += [told(mention.sign, mention.names) for mention in here]
    return found


def rendered(text: str) -> list[str]:
    found = mention_links.MARKED.findall(to_html(text))
    return [told(sign, mentions.candidates(sign, run)) for sign, run, _ in found]


@pytest.mark.parametrize("written, wanted", CASES, ids=[row[0] for row in CASES])
def test_a_text_mentions_what_the_table_says(written: str, wanted: list[str]) -> None:
    assert read(plain(written)) == [plain(each) for each in wanted]


@pytest.mark.parametrize("written, wanted", CASES, ids=[row[0] for row in CASES])
def test_a_page_shows_the_mentions_that_are_told(written: str, wanted: list[str]) -> None:
    # What emphasis surrounds is without its marks on a page: the shortest that may be meant is the same.
    assert [shortest(each) for each in rendered(plain(written))] == [shortest(plain(one)) for one in wanted]


def shortest(one: str) -> str:
    return one[0] + one[1:].split("|")[-1]


PIECES = (
    *(
        "@sam",
        "#outage",
        "@kim.",
        "\\@sam",
        "x",
        " ",
        "\n",
        "\n\n",
        "`",
        "``",
        "*",
        "_",
        "**",
        "[",
        "](y)",
        "]",
    ),
    *(
        "<b>",
        "</b>",
        "<a>",
        "</a>",
        "<",
        ">",
        "> ",
        "- ",
        "    ",
        "# ",
        "|",
        "~~",
        "&#64;",
        "/",
        ".",
        "!",
        "\\",
    ),
    *("https://example.org/", "[x](y)", "```\n", "e\u0301"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_who_is_told_is_on_the_page(text: str) -> None:
    """A text of odd pieces tells nobody whom its page does not name. Emphasis cuts names that have an @."""
    on_page = [shortest(each) for each in rendered(text)]

    assert [each for each in map(shortest, read(text)) if each not in on_page and "@" not in each[1:]] == []


@pytest.mark.parametrize(
    "piece",
    ["@", "@sam ", "_@", "[", "[@sam](", "<a b='", "`" * 3 + "`` ", "<!-- ", "<?", "<!X ", "\\@", "&#64"],
)
def test_a_text_of_nothing_but_signs_is_read_to_its_end(piece: str) -> None:
    """What is read again and again for each sign would take minutes here."""
    text = piece * (100_000 // len(piece))

    assert {said.names[-1] for said in mentions.people(f"{text}\n\n@kim")} <= {"sam", "kim", "_"}


def test_a_link_that_is_defined_elsewhere_mentions_nobody() -> None:
    defined = {"@sam", "there"}

    assert [said.names for said in mentions.people("[@sam] [ask @kim][there] [@ben][]", defined)] == [
        ("ben",)
    ]


def test_a_mention_has_the_line_it_stands_in() -> None:
    found = mentions.people("- one\n  *ask*   @sam \n- @kim or @sam")

    assert [(said.names[-1], said.line) for said in found] == [
        ("sam", "*ask* @sam"),
        ("kim", "@kim or @sam"),
        ("sam", "@kim or @sam"),
    ]
