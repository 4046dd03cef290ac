"""Blocks that a generator reads otherwise, written as HTML: which, and that they show the same."""

from __future__ import annotations

import markdown
import pytest

from postmortems.exchange.exports import python_markdown, raw_html, site_dialects
from postmortems.exchange.exports.outline import outline
from tests import specifications, system_packages

# Blocks that no other block touches and that Python-Markdown would show in another way, or not at all.
OTHERWISE = [
    "- - a\n  - b",
    "1.     code in an item\n\n   and text",
    "a line\\\nbroken by a backslash",
    r"\$5 and \~home",
    "~~struck~~",
    "<details>\n<summary>More</summary>\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n</details>",
    "<div>\n\n<div>\n\n- in two\n\n</div>\n\n</div>",
    "* a\n  > b\n  >\n* c",
    "`` a`b ``` c ``",
    "[a](url &quot;tit&quot;)",
    "| a |\n|---|",
    "- a\n- ```\n  b\n\n\n  c\n  ```\n- d",
    "1234567890. no list",
]
ALIKE = [
    "plain words",
    "- a\n- b",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```\ncode\n```",
    "> quote",
    "**a** `b` [c](d)",
]


def as_mkdocs_shows(text: str) -> str:
    return outline(
        markdown.markdown(site_dialects.for_mkdocs(text), extensions=list(python_markdown.EXTENSIONS))
    )


@pytest.mark.parametrize("text", OTHERWISE)
def test_what_python_markdown_reads_otherwise_is_shown_alike(text: str) -> None:
    assert as_mkdocs_shows(f"Before.\n\n{text}\n\nBehind.") == outline(
        raw_html.shown(f"Before.\n\n{text}\n\nBehind.")
    )


@pytest.mark.parametrize("text", OTHERWISE)
def test_the_html_is_one_block_for_github_and_is_not_written_again(text: str) -> None:
    once = site_dialects.for_mkdocs(text)

    assert outline(raw_html.shown(once)) == outline(raw_html.shown(text))
    assert site_dialects.for_mkdocs(once) == once


@pytest.mark.parametrize("text", ALIKE)
def test_what_is_read_alike_stays_markdown(text: str) -> None:
    assert site_dialects.for_mkdocs(text) == text


def test_a_reference_keeps_its_address_in_html() -> None:
    written = site_dialects.for_mkdocs("~~old~~ [word][ref]\n\n[ref]: https://example.org/x\n")

    assert '<a href="https://example.org/x">word</a>' in written


def test_action_items_stay_items_even_where_they_show_otherwise() -> None:
    items = "## Action items\n\n1. ~~Rotate~~ the log\n   - Owner: @ada\n"

    assert "1.  ~~Rotate~~ the log" in site_dialects.for_mkdocs(items)


def test_an_element_that_holds_timeline_headings_stays_as_it_is() -> None:
    text = "## Timeline\n\n<details>\n\n### 2026-03-04 14:30\n\nDown.\n\n</details>\n"

    assert site_dialects.for_mkdocs(text) == text


def test_text_that_would_take_python_markdown_long_is_not_asked() -> None:
    assert not python_markdown.reads_otherwise("~~a~~ " + "[" * 5000)


def test_most_examples_of_the_specifications_show_alike() -> None:
    system_packages.require(specifications.why_missing())
    examples = [source for source, _ in specifications.examples("commonmark")]

    alike = [text for text in examples if as_mkdocs_shows(text) == outline(raw_html.shown(text))]

    # The rest are definitions over several lines, HTML that never ends, and headings of several lines.
    assert len(alike) / len(examples) > 0.9
