"""What was read from a file: the reader, the numbers of entries and items, what was left. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from postmortems.document.lint import warnings
from postmortems.document.lint.warnings import Warned
from postmortems.document.markdown import section_roles
from postmortems.document.markdown.tokens import VERBATIM
from postmortems.document.model import Document, Prose, Section
from postmortems.document.readers import formats
from postmortems.document.readers import registry as readers_registry
from postmortems.document.readers.formats import Format
from postmortems.document.times.incident_dates import incident_date

MOST_KEPT = 30
NO_TITLE = (
    "the file tells no title; write a heading with one # above the report, or title: in its front matter"
)
NO_DAY = "the file tells no day of the incident; write it in its title, in its name, or as date: 2018-01-25"


@dataclass(frozen=True, slots=True)
class Understood:
    """`sections` are heading, role, entries and items of each; `kept` says what stays as it was written."""

    reader: str
    title: str
    date: str
    sections: tuple[tuple[str, str, int, int], ...]
    entries: int
    items: int
    kept: tuple[str, ...]
    warnings: tuple[Warned, ...]

    def as_json(self) -> dict[str, Any]:
        """For a report that is stored."""
        return {
            "reader": self.reader,
            "title": self.title,
            "date": self.date,
            "sections": [
                {"heading": heading, "role": role, "entries": entries, "items": items}
                for heading, role, entries, items in self.sections
            ],
            "entries": self.entries,
            "items": self.items,
            "kept": list(self.kept),
            "warnings": [
                {"kind": each.kind, "line": each.line or None, "words": each.words, "text": each.text}
                for each in self.warnings
            ],
        }


def understood(
    document: Document, name: str, content: bytes, as_format: str = "", identity: str = ""
) -> Understood:
    """What was read from a file; `content` is what it was read from, `identity` what it is known by there."""
    text = readers_registry.text_of(name, content, as_format=as_format)
    its = readers_registry.format_of(name, text, as_format)
    odd = warnings.of(document, text, name=name, is_markdown=its.words == formats.MARKDOWN.words)
    return Understood(
        reader=_words(its, identity),
        title=document.title,
        date=document.date.isoformat() if document.date else "",
        sections=tuple(
            (section.heading, section_roles.role(section), len(section.entries), len(section.items))
            for section in document.sections
        ),
        entries=len(document.entries),
        items=len(document.items),
        kept=tuple(_kept(document))[:MOST_KEPT],
        warnings=(*its.remarks(text), *odd, *_missing(document, name)),
    )


def _missing(document: Document, name: str) -> Iterator[Warned]:
    """What a report needs and nothing in the file tells: which incident it was, and on which day."""
    if not document.title:
        yield Warned("title", "", NO_TITLE)
    if incident_date(document, name) is None:
        yield Warned("date", "", NO_DAY)


def _words(its: Format, identity: str) -> str:
    """What the file is called: one that was put together of pages of a tool is that tool's."""
    source = formats.NAMED.get(identity.partition(":")[0])
    return source.words if source and its is formats.MARKDOWN else its.words


def _kept(document: Document) -> list[str]:
    keys = [key for key, _ in document.extra if key]
    found = [f"front matter: {', '.join(keys)}"] if keys else []
    for section in document.sections:
        if why := _why_text(section):
            found.append(f"section “{section.heading}”: {why}")
    return found


def _why_text(section: Section) -> str:
    """Why a section that could be more is text; "" for one that is what its heading says."""
    if any(isinstance(block, Prose) and VERBATIM in block.text for block in section.blocks):
        return "as it is, since taking it apart would lose words"
    promised = section_roles.promised(section.heading)
    if promised == "timeline" and not section.entries and section.blocks:
        return "text, without a time that can be read"
    if promised == "action_items" and not section.items and section.blocks:
        return "text, without a list of items"
    return ""
