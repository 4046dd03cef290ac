"""Reads the rich text of a clipboard as Markdown: what Google Docs, Word, Confluence, Slack and others copy.

All words that a reader sees stay. Nothing is fetched and nothing is run; links inside the page that it was
copied from, which lead nowhere from here, become words.
"""

from __future__ import annotations

from dataclasses import dataclass

from postmortems.document.readers import html
from postmortems.document.readers.rich_text.plain_tree import Plain
from postmortems.document.readers.to_markdown import compose
from postmortems.document.text import joined


@dataclass(frozen=True, slots=True)
class Pasted:
    """`missing`: the names ("" where it has none) of the pictures that were not in the clipboard."""

    markdown: str
    missing: tuple[str, ...]


def read(text: str) -> Pasted:
    """The clipboard's HTML as Markdown; whoever lets it in has counted its tags."""
    plain = Plain()
    nodes = plain.of(html.parsed(text).children)
    return Pasted(joined(compose(nodes).split("\n")), tuple(plain.missing))
