"""Reads a document of Google Docs, whichever way it was downloaded."""

from __future__ import annotations

import binascii
from base64 import b64decode

from postmortems.document.readers import html
from postmortems.document.readers.gdocs import download, page


def is_it(text: str) -> bool:
    """Whether a text is a download of Google Docs, by what is in it."""
    return page.is_page(text) if html.begins_as_page(text) else download.is_download(text)


def to_markdown(text: str) -> str:
    """The document as Markdown."""
    return page.to_markdown(text) if html.begins_as_page(text) else download.to_markdown(text)


def picture(data: bytes, link: str) -> bytes | None:
    """A picture that stands in the text of a download, by the name of the file that it becomes."""
    found = download.picture(data.decode("utf-8", "replace"), link)
    try:
        return b64decode(found, validate=True) if found else None
    except (binascii.Error, ValueError):
        return None
