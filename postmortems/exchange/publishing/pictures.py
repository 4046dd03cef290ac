"""Pictures that go along with a published incident: those of its texts, each by its name at the outlet."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from urllib.parse import quote

from sqlalchemy import select

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.exchange.exports.attached import SHORT
from postmortems.exchange.publishing.kind import Picture
from postmortems.incidents.attachments import file_store, links
from postmortems.incidents.attachments.models import USES, Attachment

# Of signs in a name that some systems take and some do not.
ODD = re.compile(r"[^\w.() -]+")
LONGEST_NAME = 150


def of(incident_id: int, text: str) -> tuple[Picture, ...]:
    """The pictures that a text of an incident has, in its order, as whoever may see nothing restricted."""
    # What an older revision has is in use, too.
    keys = list(dict.fromkeys(map(links.key, links.targets(text))))
    wanted = (
        select(USES.c.link, Attachment.name, Attachment.media_type, Attachment.sha256, Attachment.size)
        .join(Attachment, Attachment.id == USES.c.attachment_id)
        .where(USES.c.incident_id == incident_id, Attachment.media_type != "")
    )
    found: list[Picture] = []
    names: dict[str, str] = {}
    with visibility.seen_by(visibility.NOBODY):
        rows = {row.link: row for row in session().execute(wanted)}
    for link, name, media_type, sha256, size in (rows[key] for key in keys if key in rows):
        found.append(Picture(link, _name(name, sha256, names), media_type, sha256, size))
    return tuple(found)


def _name(name: str, sha256: str, names: dict[str, str]) -> str:
    """A name that no other picture of the incident has: the same content may have the same."""
    stem, dot, ending = ODD.sub("-", name).rpartition(".")
    stem, ending = (stem, f"{dot}{ending}") if stem and dot else (f"{stem}{dot}{ending}", "")
    said = f"{stem[:LONGEST_NAME]}{ending}"
    if names.setdefault(said.casefold(), sha256) != sha256:
        said = f"{stem[:LONGEST_NAME]}-{sha256[:SHORT]}{ending}"
        names[said.casefold()] = sha256
    return said


def addresses(pictures: Sequence[Picture]) -> dict[str, str]:
    """By the links of a text, the pictures as files beside the page."""
    return {picture.link: posixpath.join("attachments", quote(picture.name)) for picture in pictures}


def content(picture: Picture) -> bytes:
    """What a picture holds, read for the moment of a call. Raises `Unavailable` where its file is gone."""
    with db.reading():
        return file_store.get(picture.sha256)
