"""Registry of readers: which one reads a file's ending, and how its bytes become text.

Every reader but the Markdown reader makes Markdown of what it is given, and the Markdown reader reads that:
there is one set of rules for sections, times and items. Adding a format is adding a line to `READERS`.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

from postmortems import limits
from postmortems.document import comment_block, text_size
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.readers import broken_marks, fenced, html, notebook, plain_text, rst
from postmortems.document.text import lines_of
from postmortems.errors import Invalid


def _markdown(text: str) -> str:
    return comment_block.without(text)


# The ending of a file's name, and what makes Markdown of its text. The first that fits is taken.
READERS: dict[str, Callable[[str], str]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".mdx": _markdown,
    ".qmd": _markdown,
    ".rmd": _markdown,
    ".html.md.erb": _markdown,
    ".md.erb": _markdown,
    ".rst": rst.to_markdown,
    ".rest": rst.to_markdown,
    ".ipynb": notebook.to_markdown,
    ".html": html.to_markdown,
    ".htm": html.to_markdown,
    ".xhtml": html.to_markdown,
    ".txt": plain_text.to_markdown,
    ".text": plain_text.to_markdown,
}
ENDINGS = tuple(READERS)
# Reads a long file where it holds up nobody; see `parse_process`.
elsewhere: Callable[[str, str], str | None] | None = None


def read(name: str, data: bytes, *, is_stored: bool = False) -> Document:
    """The document in a file. `name` may hold folders; only its end decides, and its date may tell the day.

    Raises `Invalid` naming file and line where the bytes are no text, or more than any postmortem has, unless
    they were let in and stored before.
    """
    text = text_of(name, data)
    if not is_stored:
        _refuse_bulk(name, text)
    return parser.parse(to_markdown(name, text), name=name, is_stored=is_stored)


def _refuse_bulk(name: str, text: str) -> None:
    """What is too much to be read takes as long to be made Markdown of, so it is counted before."""
    reader = _reader(name, text)
    if reader is html.to_markdown:
        text_size.check_tags(text, name)
    elif reader is rst.to_markdown:
        text_size.check(lines_of(text), name, further=text_size.PARAGRAPH)
    elif reader is plain_text.to_markdown:
        text_size.check(lines_of(text), name)


def to_markdown(name: str, text: str) -> str:
    """The text of a file as Markdown. A file of unknown ending, or of none, is taken for Markdown."""
    try:
        made = elsewhere(name, text) if elsewhere and _reader(name, text) is not _markdown else None
        return converted(name, text) if made is None else made
    except Invalid as refusal:
        # Most tell the line first.
        gap = "" if refusal.detail[:1].isdigit() else " "
        raise Invalid(f"{name}:{gap}{refusal.detail}") from refusal


def converted(name: str, text: str) -> str:
    """The text of a file as Markdown, read here and now. Raises `Invalid` with the line, but no name."""
    return _reader(name, text)(text)


def _reader(name: str, text: str) -> Callable[[str], str]:
    """The reader for a file by its ending; of what is called Markdown and is not, by what is in it."""
    by_name = READERS.get(next((each for each in READERS if name.lower().endswith(each)), ""), _markdown)
    if by_name is not _markdown:
        return by_name
    if fenced.is_whole(text):
        return fenced.to_markdown
    if broken_marks.is_spoilt(text):
        return broken_marks.to_markdown
    if html.is_page(text):
        return html.to_markdown
    return plain_text.to_markdown if plain_text.is_unmarked(text) else by_name


def text_of(name: str, data: bytes) -> str:
    """Bytes as text: UTF-8 with or without its mark, or UTF-16 with one."""
    if len(data) > limits.REPORT:
        raise Invalid(f"{name}: larger than {limits.in_mb(limits.REPORT)}, which no postmortem is")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _no_nul(name, _utf16(name, data))
    try:
        return _no_nul(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        byte, line = error.object[error.start], error.object.count(b"\n", 0, error.start) + 1
        raise Invalid(f"{name}:{line}: byte 0x{byte:02x} is not valid UTF-8") from error


def _utf16(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        line = data[: error.start & ~1].decode("utf-16", "replace").count("\n") + 1
        raise Invalid(f"{name}:{line}: half a character; the file says it is UTF-16") from error


def _no_nul(name: str, text: str) -> str:
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Invalid(f"{name}:{line}: a NUL byte; this is a binary file or UTF-16 without its mark")
    return text
