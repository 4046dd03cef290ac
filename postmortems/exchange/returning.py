"""An incident as the file to export: its path and its bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath

from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.readers import registry as readers_registry
from postmortems.document.source_edit.rewrite import returned
from postmortems.exchange import queries
from postmortems.exchange.exports import layouts
from postmortems.exchange.exports.layouts import Layout
from postmortems.exchange.imports.normalise import Filled, as_in_file
from postmortems.exchange.models import Source
from postmortems.incidents import rows, slugs
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions

LONGEST_PART = 200


@dataclass(frozen=True, slots=True)
class File:
    """A file of an export. `path` is relative, with `/` between its folders, and leads nowhere else."""

    path: str
    content: bytes


@dataclass(slots=True)
class Names:
    """The paths given so far, so that no two incidents get one. Some systems tell no capitals apart."""

    taken: set[str] = field(default_factory=set)

    def free(self, path: str) -> str:
        """The path, else the first of `-2`, `-3` and so on that is free."""
        found, number = path, 1
        while plain(found) in self.taken:
            number += 1
            found = _numbered(path, number)
        self.taken.add(plain(found))
        return found


def plain(path: str) -> str:
    """A path as systems see it that tell neither capitals nor spellings apart."""
    return unicodedata.normalize("NFC", path).casefold()


def _numbered(path: str, number: int) -> str:
    folder, slash, name = path.rpartition("/")
    stem = slugs.stem(name)
    return f"{folder}{slash}{stem}-{number}{name[len(stem) :]}"


def in_source(incident: Incident, dressed: Callable[[Document], Document]) -> File:
    """The file that the incident came from, with what was edited since; canonical where it came from none.

    `dressed` is what canonical Markdown shows beside what is stored.
    """
    source, document = queries.source_of(incident), rows.to_document(incident)
    if source is None:
        return File(f"{incident.slug}.md", parser.write(dressed(document)).encode())
    path = safe(source.name) or f"{incident.slug}.md"
    if incident.version == source.version:
        # Not even asked how it is read: a better reader tomorrow changes no file that nobody edited.
        return File(path, restrictions.file_without_hidden(source.content))
    then = readers_registry.read(source.name, source.content, is_stored=True)
    now = as_in_file(document, parser.normal(then, is_stored=True), Filled(source.service, source.timezone))
    if now == parser.normal(then, is_stored=True):
        return File(path, restrictions.file_without_hidden(source.content))
    text = _text(source)
    if text is None:
        other = PurePosixPath(path)
        return File(str(other.with_name(f"{slugs.stem(path)}.md")), parser.write(dressed(document)).encode())
    again = partial(parser.parse, name=source.name, is_stored=True)
    edited = returned(text, then, now, read=again)
    return File(path, edited.encode())


def _text(source: Source) -> str | None:
    """The Markdown that a source is; None for other formats and encodings, which we read and do not write."""
    try:
        text = source.content.decode()
    except UnicodeDecodeError:
        return None
    return text if readers_registry.to_markdown(source.name, text) == text else None


def in_layout(incident: Incident, layout: Layout, dressed: Callable[[Document], Document]) -> File:
    """Canonical Markdown as a family of site generators wants it."""
    document = rows.to_document(incident)
    path = layouts.path_for(layout, document, incident.slug, incident.occurred_on)
    text = layouts.written(layout, dressed(document), incident.slug)
    return File(path, text.encode())


def safe(name: str) -> str:
    """A path that leads out of no folder and into no hidden one; "" where nothing is left of it."""
    parts = [
        "".join(letter for letter in part if letter.isprintable() and letter not in '<>:"|?*').strip()
        for part in name.replace("\\", "/").split("/")
    ]
    kept = [part.rstrip(".")[-LONGEST_PART:] for part in parts if part.strip(".")]
    return "/".join(part.lstrip(".") for part in kept)
