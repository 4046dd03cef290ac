"""Lists and tables as people write them come out as GitHub would show them."""

from __future__ import annotations

import re

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postmortems.exchange.exports.python_markdown import normalised


def to_html(text: str) -> str:
    """As MkDocs renders it unless it is told otherwise."""
    return markdown.markdown(normalised(text), extensions=["toc", "tables", "fenced_code"])


def shape(html: str) -> str:
    """The tags alone, without what tells loose lists from tight ones."""
    return " ".join(re.findall(r"</?[a-z0-9]+", re.sub(r"</?p>", "", html)))


@pytest.mark.parametrize(
    "text, same_as",
    [
        ("Text:\n- a\n- b", "Text:\n\n- a\n- b"),
        ("- a\n  - b\n    - c\n- d", "- a\n    - b\n        - c\n- d"),
        ("1. one\n   - x\n2. two", "1. one\n    - x\n2. two"),
        ("-   wide\n    - nested", "- wide\n    - nested"),
        ("1) a\n2) b", "1. a\n2. b"),
        ("text\n| a |\n|---|\n| 1 |", "text\n\n| a |\n|---|\n| 1 |"),
        ("- c\n## H", "- c\n\n## H"),
        ("- a\n  ```\n  x\n  ```\n- b", "- a\n\n    ```\n    x\n    ```\n\n- b"),
        ("- a\r\n  - b\r\n", "- a\n    - b\n"),
        ("- a\n\t- b", "- a\n    - b"),
        ("> quoted\n> - a\n>   - b\n>     more", "> quoted\n>\n> - a\n>     - b\n>         more"),
        ("> > - a\n> >   - b", "> > - a\n> >     - b"),
        ("* a\n  continued\n  * b", "* a\n    continued\n    * b"),
    ],
)
def test_a_list_written_as_on_github_nests_the_same(text: str, same_as: str) -> None:
    assert shape(to_html(text)) == shape(to_html(same_as))


@pytest.mark.parametrize(
    "text",
    [
        "-   a\n-   b\n\ntext",
        "plain\ntext  \nwith a break",
        "```\n- not a list\n  - at all\n```",
        "    - code\n      - too",
        "> quoted\n> text",
        "# H\n\n* * *\n\nT\n===",
        "",
        "\n\n",
    ],
)
def test_what_is_written_plainly_stays_as_it_is(text: str) -> None:
    assert normalised(text).rstrip() == text.rstrip()


def test_an_empty_item_makes_no_heading_of_the_one_above() -> None:
    assert "<h2>" not in to_html("- a\n- \n- c")


def test_code_in_a_list_keeps_its_own_indentation() -> None:
    assert "x = 1\n  y" in to_html("- a\n\n  ```\n  x = 1\n    y\n  ```")


PIECES = st.sampled_from(
    [
        "- ",
        "  - ",
        "    - ",
        "1. ",
        "3) ",
        "* ",
        "\n",
        "\n\n",
        "```\n",
        "| a | b |\n",
        "|---|---|\n",
        "> ",
        "# ",
    ]
)
WORDS = st.text("abcxyz", min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, WORDS), max_size=30).map("".join))
def test_no_word_is_lost_on_the_way(text: str) -> None:
    assert re.findall("[a-z]+", normalised(text)) == re.findall("[a-z]+", text)
