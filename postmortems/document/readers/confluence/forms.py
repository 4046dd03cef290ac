"""Forms of a page of Confluence: exported page, storage format, or JSON of its API; told by the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from postmortems.document.readers.confluence import answer, page, storage
from postmortems.errors import Invalid


def is_confluence(text: str) -> bool:
    """Whether a text is a page of Confluence in any of its forms."""
    return page.is_page(text) or answer.is_answer(text) or storage.is_storage(text)


def to_markdown(text: str) -> str:
    """The page as Markdown. Raises `Invalid`, with the line, where it is none of them or was cut off."""
    if page.is_page(text):
        return page.to_markdown(text)
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return answer.to_markdown(text)
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        # A page without a single macro is plain HTML.
        return storage.to_markdown(text)
    raise Invalid(
        "1: no page of Confluence: an exported page (with #title-text and #main-content), storage format, "
        "or JSON of its REST API is expected"
    )


# `Hub-down_98304.html`, and `98304.html` where no letter of a title can stand in a file's name.
NUMBERED = re.compile(r"(?:.*_)?(\d{1,19})\.html?")
SOURCE = "confluence"


def identity(name: str, text: str) -> str:
    """`confluence:98304`, by the number in an exported page's name or in an answer; "" for none."""
    named = NUMBERED.fullmatch(PurePosixPath(name).name)
    if named and page.is_page(text):
        return f"{SOURCE}:{named[1]}"
    number = answer.number(text) if answer.is_answer(text) else ""
    return f"{SOURCE}:{number}" if number else ""


def parts(text: str) -> Iterator[tuple[str, str, str]]:
    """Each page in a list of the API: a name, its JSON, and its identity."""
    for each in answer.pages(text):
        number = answer.identity(each)
        said = re.sub(r"[\W_]+", "-", str(each["title"])).strip("-") or "page"
        name = f"{said}_{number}.json" if number else f"{said}.json"
        yield name, json.dumps(each, ensure_ascii=False), f"{SOURCE}:{number}" if number else ""
