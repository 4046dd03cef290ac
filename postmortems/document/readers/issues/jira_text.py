"""A text of Jira as Markdown, whichever of its notations it is in: ADF, wiki markup or rendered HTML."""

from __future__ import annotations

import re
from typing import Any

from postmortems.document.readers import html
from postmortems.document.readers.confluence import adf, emoticons, shapes
from postmortems.document.readers.issues import task_owners, wiki_markup
from postmortems.document.readers.records import json_text
from postmortems.document.readers.rich_text.plain_tree import Plain
from postmortems.document.readers.to_markdown import compose

READ = "markdown"
# `(x)` before an item, as it is rendered; the tick is a box wherever it stands.
EMOTICON = re.compile(
    r"<img\b[^<>]*?\bsrc=[\"'](?P<source>[^\"'<>]*/emoticons/\w{1,20}\.\w{3})[\"'][^<>]*>", re.IGNORECASE
)
# Somebody who is mentioned, as it is rendered: by the name that wiki markup has for them.
PERSON = re.compile(
    r"<a\b(?=[^<>]*\bclass=[\"'][^\"'<>]*\buser-hover\b)[^<>]*?\brel=[\"'](?P<name>[\w.@-]{1,100})[\"'][^<>]*>[^<>]*</a>",
    re.IGNORECASE,
)
OPEN = re.compile(r"^(?P<mark> *(?:[-*+]|\d{1,3}\.) +)❌ +(?=\S)", re.MULTILINE)
RENDERED = re.compile(r"<(?:p|h[1-6]|ul|ol|table|div|pre|br)\b[^<>]*>", re.IGNORECASE)


def markdown(value: Any) -> str:
    """The same as `_written`, with the people at the end of to-dos as their owners."""
    return task_owners.told(_written(value))


def _written(value: Any) -> str:
    """A description or comment: an object is ADF (REST v3), a text wiki markup (v2, CSV) or HTML (XML)."""
    if adf.is_document(value):
        return compose(Plain().of(shapes.shaped(adf.nodes(value))))
    if isinstance(value, dict) and value.get("type") == READ:
        return json_text.text(value, "text")
    text = json_text.text({"text": value}, "text")
    if RENDERED.search(text) and not wiki_markup.is_marked(text):
        return _fragment(text)
    return wiki_markup.to_markdown(text)


def rendered(text: str) -> dict[str, str]:
    """HTML, as the XML export has it, read once: a part of the export is kept as what it reads as."""
    return {"type": READ, "text": _fragment(text)}


def _fragment(text: str) -> str:
    shown = EMOTICON.sub(lambda picture: emoticons.of_file(picture["source"]) or picture.group(), text)
    return OPEN.sub(r"\g<mark>[ ] ", html.fragment(PERSON.sub(r"@\g<name>", shown)))
