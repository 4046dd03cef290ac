"""Addresses that stand in the text of a page stay what they are, and lead where they led."""

from __future__ import annotations

import html
import re

import pytest

from postmortems.document.model import Prose
from postmortems.document.readers import registry as readers_registry
from postmortems.web.markdown.github_markdown import to_html

# What stands in the text, the address in it, and what Markdown is made of it.
ADDRESSES = {
    "words in one": (
        "https://example.org/snake_case",
        "https://example.org/snake_case",
        "https://example.org/snake_case",
    ),
    "a folder that begins with a sign": (
        "https://example.org/_next/a",
        "https://example.org/_next/a",
        "<https://example.org/_next/a>",
    ),
    "a search of Kibana, in brackets": (
        "(https://example.org/app#/?_g=(time:(from:now-15m))&_a=(x)).",
        "https://example.org/app#/?_g=(time:(from:now-15m))&_a=(x)",
        "(<https://example.org/app#/?_g=(time:(from:now-15m))&_a=(x)>).",
    ),
    "a star": ("https://example.org/x*y, then", "https://example.org/x*y", "<https://example.org/x*y>, then"),
    "between stars": ("*https://example.org/a*", "https://example.org/a", r"\*<https://example.org/a>\*"),
    "a file of Python": (
        "https://example.org/__init__.py",
        "https://example.org/__init__.py",
        "<https://example.org/__init__.py>",
    ),
}


@pytest.mark.parametrize("text, address, markdown", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize("page", ["<p>See {} now</p>", "<p>See <b>{}</b> now</p>"], ids=["plain", "bold"])
def test_an_address_leads_where_it_led(page: str, text: str, address: str, markdown: str) -> None:
    prose = _read(page.format(html.escape(text)))

    assert markdown in prose
    assert _targets(prose) == [address]


def test_a_link_whose_words_are_another_address_stays_one_link() -> None:
    prose = _read('<p><a href="https://example.org/2">https://example.org/_1</a></p>')

    assert _targets(prose) == ["https://example.org/2"]


def test_a_link_that_says_its_address_is_that_address() -> None:
    assert (
        _read('<p><a href="https://example.org/_1">https://example.org/_1</a></p>')
        == "<https://example.org/_1>"
    )


def _read(page: str) -> str:
    document = readers_registry.read("report.html", f"<h1>Hub down</h1>{page}".encode())
    (block,) = document.sections[0].blocks
    assert isinstance(block, Prose)
    return block.text


def _targets(markdown: str) -> list[str]:
    return [html.unescape(target) for target in re.findall('href="([^"]*)"', to_html(markdown))]
