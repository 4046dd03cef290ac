"""Divides what was found into reports: a file of many becomes one for each; what is no report is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from postmortems.document.readers import formats
from postmortems.document.readers import registry as readers_registry
from postmortems.document.readers.formats import Format, Part
from postmortems.document.readers.records import tools
from postmortems.document.readers.wikis import foreign
from postmortems.errors import Invalid, Refusal
from postmortems.exchange.imports.files import NO_READER, ImportFile, Left, most_of

NOT_RECOGNISED = "data that no format recognises"
NONE_IN_IT = "holds no report"
NOT_READ = f"{NO_READER}; convert it to Markdown, a web page or .docx, or say what it is (Format, --as)"


def divided(found: Iterable[ImportFile], left: Left, as_format: str = "") -> Iterator[ImportFile]:
    """The reports in what was found, one after the other; `as_format` is for what says no format itself.

    What is wrong with a file is its `trouble`; `left` counts what was only looked into and is no report.
    """
    for file in found:
        said = file.format or as_format or formats.by_content(file.content)
        yield from _reports(replace(file, format=said), left)


def named(as_format: str) -> str:
    """The name of a format that somebody asked for. Raises `Invalid` for one that there is not."""
    if as_format and as_format not in formats.NAMED:
        raise Invalid(f"{as_format!r} is no format; there are {', '.join(sorted(formats.NAMED))}", "/as")
    return as_format


def _reports(file: ImportFile, left: Left) -> Iterator[ImportFile]:
    is_read = not (file.trouble or not file.content)
    if is_read and not file.format and PurePosixPath(file.name).suffix and not formats.ending_of(file.name):
        yield replace(file, content=b"", trouble=foreign.told(file.name) or NOT_READ)
    elif not is_read or formats.is_packed(file.name, file.format) or (text := _text(file)) is None:
        yield file
    elif its := formats.format_of(file.name, text, file.format):
        yield from _divided(file, text, its)
    elif file.is_guess and (why := tools.broken(text)):
        yield replace(file, content=b"", trouble=why)
    elif file.is_guess:
        left.leaves(file.name, tools.why_none(text) or NOT_RECOGNISED)
    else:
        yield file


def _text(file: ImportFile) -> str | None:
    """The text of a file; None for what is none, which is told where it is read."""
    try:
        return readers_registry.text_of(
            file.name, file.content, as_format=file.format, most=most_of(file.name)
        )
    except Invalid:
        return None


def _divided(file: ImportFile, text: str, its: Format) -> Iterator[ImportFile]:
    if its.split is None:
        yield replace(file, identity=file.identity or its.identity(file.name, text))
        return
    try:
        parts = readers_registry.parts(file.name, text, its)
        if not parts:
            raise Invalid(NONE_IN_IT)
    except Refusal as refusal:
        why = refusal.detail.removeprefix(file.name).lstrip(": ")
        yield replace(file, content=b"", trouble=why)
        return
    for part in parts:
        yield _of(file, part, its.parts_are or its.name)


def _of(file: ImportFile, part: Part, as_format: str) -> ImportFile:
    return replace(
        file,
        name=part.name,
        content=part.text.encode("utf-8", "surrogatepass"),
        at=file.at if part.name == file.name else f"{file.at or file.name}: {part.name}",
        format=as_format,
        identity=part.identity or file.identity,
    )
