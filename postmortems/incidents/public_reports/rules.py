"""Rules of public reports: what one shows, its state, and who may approve it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from postmortems.incidents.public_reports import redaction
from postmortems.incidents.public_reports.redaction import Known, Redacted, Removal

STATES = ("draft", "waiting", "approved", "published", "withdrawn")
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_TEXT, MOST_SECTIONS = 200, 500, 60_000, 50
MOST_KEPT, MOST_PICTURES = 200, 50
# Names of the parts that are no section, as removals say where they stood.
TITLE, SUMMARY, ADDRESS = "Title", "Summary line", "Address"


@dataclass(frozen=True, slots=True)
class PublicSection:
    """A section in words of its own; `part` is the incident's section that it was drawn from, or ""."""

    heading: str
    text: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class PublicText:
    """A public report as its authors wrote it; `pictures` are links of the incident's that were chosen."""

    title: str = ""
    summary: str = ""
    sections: tuple[PublicSection, ...] = ()
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a public report shows, what was taken out of it, and what marks in it still spell out."""

    text: PublicText
    removals: tuple[Removal, ...] = ()
    hidden: tuple[Removal, ...] = ()

    @property
    def digest(self) -> str:
        """What an approval is of: every letter that would be shown, as SHA-256."""
        told = json.dumps(asdict(self.text), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


def shown(text: PublicText, known: Known, kept: Collection[str], address: str = "") -> Shown:
    """The report as customers would read it; `address` is its slug, once that is settled."""
    parts: list[Redacted] = []

    def without(words: str, where: str) -> str:
        parts.append(redaction.redacted(words, known, kept, where))
        return parts[-1].text

    sections = tuple(
        PublicSection(
            without(each.heading, each.heading or f"Section {number}"),
            without(each.text, each.heading or f"Section {number}"),
        )
        for number, each in enumerate(text.sections, 1)
    )
    written = PublicText(without(text.title, TITLE), without(text.summary, SUMMARY), sections, text.pictures)
    removals, hidden = redaction.merged(parts)
    told = redaction.redacted(address.replace("-", " "), known, kept, ADDRESS).removals
    return Shown(written, removals, (*hidden, *(each for each in told if not each.is_kept)))


def edition_of(text: PublicText) -> dict[str, Any]:
    """What is stored of a text that is published, without its pictures."""
    sections = [{"heading": each.heading, "text": each.text} for each in text.sections]
    return {"title": text.title, "summary": text.summary, "sections": sections}


def as_markdown(title: str, summary: str, sections: Iterable[tuple[str, str]]) -> str:
    """The report as one text, for comparing two of them."""
    parts = [f"# {title}", summary]
    for heading, text in sections:
        parts += [f"## {heading}" if heading else "", text]
    return "\n\n".join(part for part in parts if part) + "\n"


def state(*, is_public: bool, is_withdrawn: bool, is_same: bool, is_asked: bool, is_approved: bool) -> str:
    """The one state that a report is shown in, of `STATES`.

    `is_same`: its text is the published one. A text that goes on from there is a draft again, while the page
    stays what it was.
    """
    if is_public and is_same:
        return "published"
    if is_approved:
        return "approved"
    if is_asked:
        return "waiting"
    return "withdrawn" if is_withdrawn and is_same else "draft"


def is_second_person(name: str, editors: Collection[str], asked_by: str) -> bool:
    """Whether this person neither wrote what is to be approved nor asked for it to be."""
    own = {each.casefold() for each in (*editors, asked_by)}
    return bool(name) and name.casefold() not in own
