"""Forms of a page of Confluence: exported page, storage format, or JSON of its API; told by the text."""

from __future__ import annotations

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
