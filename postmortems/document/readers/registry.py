"""Registry of readers: a file's bytes become text, and by its format Markdown.

Every reader but the Markdown reader makes Markdown of what it is given, and the Markdown reader reads that:
there is one set of rules for sections, times and items. `formats` lists them.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from postmortems import limits
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.parse_cache import Kept
from postmortems.document.readers import formats
from postmortems.document.readers.formats import Format, Part
from postmortems.document.readers.records import json_text, tools
from postmortems.errors import Invalid

HOW_TO_SAY = "say what it is with --as, or convert it to Markdown"
ENDINGS = formats.ENDINGS
JSON_ENDINGS = (".json", ".ndjson", ".jsonl")
# Reads a long file where it holds up nobody; see `parse_process`: the format's name, the file's, its text.
elsewhere: Callable[[str, str, str], str | None] | None = None
split_elsewhere: Callable[[str, str, str], list[Part] | None] | None = None
# Makes text of the bytes of a file that is none, likewise: the format's name, the bytes.
decode_elsewhere: Callable[[str, bytes], str] | None = None
# What was made of them, by their hash: a file is read several times on its way in.
_decoded: Kept[str] = Kept(8 * limits.MB, 2 * limits.MB)


def read(name: str, data: bytes, *, as_format: str = "", is_stored: bool = False) -> Document:
    """The document in a file. `name` may hold folders; its end and the text decide how it is read, unless
    `as_format` does, and its date may tell the day.

    Raises `Invalid` naming file and line where the bytes are no text, or more than any postmortem has, unless
    they were let in and stored before.
    """
    text = text_of(name, data, as_format=as_format)
    if not is_stored:
        format_of(name, text, as_format).check(text, name)
    return parser.parse(to_markdown(name, text, as_format), name=name, is_stored=is_stored)


def to_markdown(name: str, text: str, as_format: str = "") -> str:
    """The text of a file as Markdown. A file of unknown ending, or of none, is taken for Markdown."""
    its = format_of(name, text, as_format)
    with _naming(name):
        made = elsewhere(its.name, name, text) if elsewhere and its is not formats.MARKDOWN else None
        return its.to_markdown(text) if made is None else made


def parts(name: str, text: str, its: Format) -> list[Part]:
    """The reports of a file that may hold several. Raises `Invalid` with its name."""
    with _naming(name):
        found = split_elsewhere(its.name, name, text) if split_elsewhere else None
        return list(its.split(name, text)) if found is None and its.split else found or []


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Let each refusal say which file it is about."""
    try:
        yield
    except Invalid as refusal:
        # Most tell the line first.
        gap = "" if refusal.detail[:1].isdigit() else " "
        raise Invalid(f"{name}:{gap}{refusal.detail}") from refusal


def format_of(name: str, text: str, as_format: str = "") -> Format:
    """The format of a text. Raises `Invalid` for data that no format recognises."""
    if its := formats.format_of(name, text, as_format):
        return its
    ending = formats.ending_of(name)
    if ending in JSON_ENDINGS:
        with _naming(name):
            if why := tools.without_records(json_text.loaded(text)):
                raise Invalid(why)
    raise Invalid(f"{name}: {ending.removeprefix('.').upper()} that no format recognises; {HOW_TO_SAY}")


def text_of(name: str, data: bytes, *, as_format: str = "", most: int = limits.REPORT) -> str:
    """Bytes as text: UTF-8 with or without its mark, or UTF-16 with one; or what the format makes of them."""
    its = formats.NAMED[as_format] if as_format else formats.by_ending(name)
    most = max(most, limits.PACKED) if its is not None and its.decode else most
    if len(data) > most:
        raise Invalid(f"{name}: larger than {limits.in_mb(most)}, which no postmortem is")
    if its is not None and its.decode is not None:
        return _unpacked(name, data, its)
    if packed := formats.by_content(data):
        raise Invalid(f"{name}: this is a file of {formats.NAMED[packed].words}; name no other format for it")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _no_nul(name, _utf16(name, data))
    try:
        return _no_nul(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        byte, line = error.object[error.start], error.object.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"{name}:{line}: byte 0x{byte:02x} is not valid UTF-8; save the text as UTF-8"
        ) from error


def _unpacked(name: str, data: bytes, its: Format) -> str:
    key = (its.name, hashlib.sha256(data).digest())
    text = _decoded.get(key)
    if text is None and its.decode:
        with _naming(name):
            text = decode_elsewhere(its.name, data) if decode_elsewhere else its.decode(data)
        _decoded.put(key, text, len(text))
    return text or ""


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
