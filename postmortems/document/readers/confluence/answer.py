"""Reads a page as Confluence's REST API gives it: JSON of version 1 or 2, whatever its body is written in.

`GET /rest/api/content/{id}?expand=body.storage` (version 1) and `GET /api/v2/pages/{id}?body-format=…`
(version 2) answer an object with `title` and `body`; each member of the body has a `value`. That of
`atlas_doc_format` is JSON in a text.
"""

from __future__ import annotations

import json
import re
from typing import Any

from postmortems.document.readers import html
from postmortems.document.readers.confluence import adf, page, storage
from postmortems.errors import Invalid

BODIES = (
    "storage",
    "atlas_doc_format",
    "export_view",
    "view",
    "styled_view",
    "anonymous_export_view",
    "editor",
)
HINT = re.compile(
    r'"(?:storage|atlas_doc_format|export_view|view|styled_view|anonymous_export_view|editor)"\s*:\s*\{'
)
WITHOUT = (
    "the page has no body: ask for it with ?expand=body.storage (version 1 of the API) "
    "or ?body-format=storage (version 2)"
)


def is_answer(text: str) -> bool:
    """Whether a text is a page of the API, or the beginning of one, of which `to_markdown` says so."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start.startswith("{") or '"title"' not in text or '"body"' not in text or not HINT.search(text):
        return False
    value = _value(start)
    return value is None or is_page(value)


def is_list(text: str) -> bool:
    """Whether a text is a list of pages of the API."""
    return bool(HINT.search(text)) and bool(pages(text))


def pages(text: str) -> list[dict[str, Any]]:
    """The pages in a list of them: the members of `results`, or of an array."""
    value = _value(text.lstrip("\ufeff \t\r\n"))
    listed = value.get("results") if isinstance(value, dict) else value
    return [each for each in listed if is_page(each)] if isinstance(listed, list) else []


def identity(page: dict[str, Any]) -> str:
    """The page's number, as text; "" where it has none."""
    number = page.get("id")
    return str(number) if isinstance(number, str | int) and re.fullmatch(r"\d{1,19}", str(number)) else ""


def number(text: str) -> str:
    """The number of the page that a text is; "" where it is cut off, or has none."""
    value = _value(text.lstrip("\ufeff \t\r\n"))
    return identity(value) if is_page(value) else ""


def _value(text: str) -> Any:
    """What a text is as JSON; None where it is none."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None


def is_page(value: object) -> bool:
    """Whether a value of JSON is a page of the API with a body."""
    return isinstance(value, dict) and "title" in value and isinstance(value.get("body"), dict)


def to_markdown(text: str) -> str:
    """The page as Markdown. Raises `Invalid` where the JSON is cut off, is no page, or has no body."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Invalid(f"{error.lineno}: this is no JSON ({error.msg}); was it cut off?") from error
    except RecursionError as error:
        raise Invalid("1: nested deeper than any page is") from error
    if not is_page(value):
        raise Invalid("1: no page of Confluence: an object with `title` and `body` is expected")
    return _written(str(value["title"] or ""), value["body"])


def _written(title: str, body: dict[str, Any]) -> str:
    name, value = _body(body)
    if name == "storage" or (name == "editor" and storage.MARK.search(value)):
        return storage.to_markdown(value, title)
    if name != "atlas_doc_format":
        return page.written(title, html.parsed(value).children)
    try:
        document = json.loads(value)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Invalid("1: `body.atlas_doc_format.value` is no JSON") from error
    if not adf.is_document(document):
        raise Invalid('1: `body.atlas_doc_format.value` is no document: {"type": "doc"} is expected')
    return page.written(title, adf.nodes(document))


def _body(body: dict[str, Any]) -> tuple[str, str]:
    """The name and text of the first body that is there, in the order in which they keep most."""
    for name in BODIES:
        held = body.get(name)
        value = held.get("value") if isinstance(held, dict) else None
        if isinstance(value, str):
            return name, value
    raise Invalid(f"1: {WITHOUT}")
