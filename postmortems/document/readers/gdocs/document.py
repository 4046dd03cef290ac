"""Reads a document of Google Docs, whichever way it was downloaded."""

from __future__ import annotations

from postmortems.document.readers import html
from postmortems.document.readers.gdocs import download, page


def is_it(text: str) -> bool:
    """Whether a text is a download of Google Docs, by what is in it."""
    return page.is_page(text) if html.begins_as_page(text) else download.is_download(text)


def to_markdown(text: str) -> str:
    """The document as Markdown."""
    return page.to_markdown(text) if html.begins_as_page(text) else download.to_markdown(text)
