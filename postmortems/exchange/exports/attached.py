"""Attached files in an export: where each goes, and what links to it there.

What goes back to the file it came from keeps its author's links, and the files of these lie where they lead.
Everything else has one folder for all, and a name for each content; links of ours become ways to there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from sqlalchemy import bindparam, select

from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.document import model
from postmortems.document.model import Document
from postmortems.document.readers import formats
from postmortems.exchange.exports.layouts import FOLDER, Layout
from postmortems.incidents.attachments import links
from postmortems.incidents.attachments.models import USES, Attachment

# As much of a content's hash as tells it from all others of an export.
SHORT = 12


@dataclass(frozen=True, slots=True)
class Used:
    """An attachment of an incident: the link that its text has, ours or its author's, and where it leads."""

    link: str
    number: str
    name: str
    sha256: str

    @property
    def is_ours(self) -> bool:
        return self.link.startswith(links.PATH)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies in an export, and the address there of the link to it, if that is another."""

    link: str
    address: str
    path: str
    sha256: str


USED = (
    select(USES.c.incident_id, USES.c.link, Attachment.id, Attachment.name, Attachment.sha256)
    .join(Attachment, Attachment.id == USES.c.attachment_id)
    .where(USES.c.incident_id.in_(bindparam("incidents", expanding=True)))
    .order_by(USES.c.link)
)


# Most have none, which the table of uses alone tells sooner: whether any from the first to the last has one.
IS_ANY = PreparedQuery(
    select(USES.c.link).where(USES.c.incident_id.between(bindparam("first"), bindparam("last"))).limit(1)
)


def of(incidents: Iterable[int]) -> dict[int, list[Used]]:
    """By incident id, what its texts have links to, in the order of the links; two queries at most."""
    found: dict[int, list[Used]] = {}
    ids = list(incidents)
    if not ids or not IS_ANY.rows({"first": min(ids), "last": max(ids)}):
        return found
    for incident_id, *used in session().execute(USED, {"incidents": ids}):
        found.setdefault(incident_id, []).append(Used(*used))
    return found


def places(used: Iterable[Used], path: str, layout: Layout | None = None) -> list[Place]:
    """Where they go beside a file at `path`; without a layout that goes back to where it came from."""
    found = []
    for one in used:
        if layout is None and not one.is_ours:
            if formats.is_packed(path):
                continue  # It holds its pictures itself.
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), one.link))
            if not beside.startswith(("../", "/")):
                found.append(Place(one.link, "", beside, one.sha256))
            continue
        name = f"{one.sha256[:SHORT]}-{one.name}"
        folder = layout.files if layout else FOLDER
        way = (layout.link if layout else "") or f"{'../' * path.count('/')}{folder}"
        found.append(Place(one.link, f"{way}/{quote(name)}", f"{folder}/{name}", one.sha256))
    return found


def led_to(document: Document, where: Iterable[Place]) -> Document:
    """The document with its links as they lead to these places."""
    return moved(document, {place.link: place.address for place in where if place.address})


def led_home(document: Document, used: Iterable[Used], path: str) -> Document:
    """A file's document, at that path, with the links of ours that an export had made ways to a folder."""
    ours = {one.link: one for one in used if one.is_ours}
    where = {
        links.key(place.address): links.address(ours[place.link].number, ours[place.link].name)
        for place in places(ours.values(), path)
    }
    return moved(document, where)


def moved(document: Document, where: Mapping[str, str]) -> Document:
    """The document with other addresses in its texts; itself where no text has one of them."""
    if not where:
        return document
    sections = tuple(
        replace(section, blocks=tuple(_block(block, where) for block in section.blocks))
        for section in document.sections
    )
    return document if sections == document.sections else replace(document, sections=sections)


def _block(block: model.Block, where: Mapping[str, str]) -> model.Block:
    match block:
        case model.Prose() | model.Item():
            return replace(block, text=links.moved(block.text, where))
        case model.Entry():
            return replace(block, text=links.moved(block.text, where), title=links.moved(block.title, where))
        case _:
            return block
