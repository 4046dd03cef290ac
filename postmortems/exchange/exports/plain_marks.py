"""Our own marks taken out of a page for readers elsewhere, where it is read as the same report without them.

Other editors show a comment or a class on a heading as the letters that it is. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.text import words
from postmortems.errors import Invalid

COMMENT = re.compile(r"^[ \t]*<!-- /?(?:prose|verbatim) -->[ \t]*$\n?", re.MULTILINE)
CLASS = re.compile(r"^(#{1,6} .*?)[ \t]*\{\.(?:timeline|action-items|entry)\}[ \t]*$", re.MULTILINE)


def without(text: str) -> str:
    """A text without marks."""
    return CLASS.sub(r"\1", without_comments(text))


def without_comments(text: str) -> str:
    """A text without the marks that are comments."""
    return COMMENT.sub("", text)


def spared(document: Document, write: Callable[[Document, bool], str], read: Callable[[str], str]) -> str:
    """The page without marks; with them, if it were read as another report otherwise.

    `write` makes the page, with marks where it is told so; `read` makes Markdown of it as its reader does.
    """
    bare = write(document, False)
    try:
        is_read_so = _told(parser.parse(read(bare))) == _told(document)
    except Invalid:
        # More than is read at once can be kept here, and is written out all the same.
        is_read_so = False
    return bare if is_read_so else write(document, True)


def _told(document: Document) -> object:
    """What has to come back: the day, the sections, and each entry and item with what is said of it."""
    return (
        document.title,
        document.date,
        [section.heading for section in document.sections if section.heading],
        [(entry.written, entry.title, words(entry.text)) for entry in document.entries],
        [
            (category, words(item.text), item.owner, item.due, item.status)
            for category, item in document.categorised()
        ],
    )
