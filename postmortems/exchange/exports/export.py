"""Incidents as the files of an export, for every door: as they came, canonical, or for a site generator.

What is stored as text already goes out as it stands; only what an edit or a guard makes different is read row
by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.exchange import queries, returning
from postmortems.exchange.exports import guard_annotations, layouts
from postmortems.exchange.exports.layouts import LAYOUTS
from postmortems.exchange.queries import Listed
from postmortems.exchange.returning import File
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import Filters
from postmortems.incidents.restricted import restrictions

# How an incident's file is written: like the file it came from, or in the house layout.
STYLES = ("source", "canonical")
# So many documents are held at once.
AT_ONCE = 100


def layout_of(style: str, layout: str) -> str:
    """The layout that a style and a layout ask for together; "" gives files back. Raises `Invalid`."""
    if style == "source" and layout:
        raise Invalid("source gives files back as they came; a layout writes others", "/layout")
    return layout or (layouts.PLAIN if style == "canonical" else "")


def files(filters: Filters, *, actor: Actor, layout: str = "", drafts: bool = False) -> Iterator[File]:
    """The files, page by page, every page in a unit of its own and seen with the eyes of who asked.

    `layout` is one of `LAYOUTS`; without one each file goes back as it came.
    """
    names, after, viewer = returning.Names(), 0, visibility.viewer()
    while True:
        with visibility.seen_by(viewer), db.reading():
            page = queries.to_export(filters, actor=actor, drafts=drafts, after=after, limit=AT_ONCE)
            made = _made(page, layout)
        for file in made:
            yield replace(file, path=names.free(file.path))
        if len(page) < AT_ONCE:
            return
        after = page[-1].id


def _made(page: Sequence[Listed], layout: str) -> list[File]:
    # What came from no file has nothing to go back to.
    wanted = {one.id: layout or ("" if one.source_name else layouts.PLAIN) for one in page}
    made = {one.id: _as_stored(one, wanted[one.id]) for one in page}
    others = [number for number, file in made.items() if file is None]
    rows = select(Incident).where(Incident.id.in_(others)).options(*incidents.whole())
    for incident in session().scalars(rows) if others else ():
        made[incident.id] = _written(incident, wanted[incident.id])
    return [file for file in made.values() if file is not None]


def _as_stored(listed: Listed, layout: str) -> File | None:
    """The file, where it is stored as it has to be written."""
    if not layout and listed.content is not None:
        return File(
            returning.safe(listed.source_name) or f"{listed.slug}.md",
            restrictions.file_without_hidden(listed.content),
        )
    if layout == layouts.PLAIN and listed.text is not None and not listed.is_guarded:
        return File(f"{listed.slug}.md", restrictions.without_hidden(listed.text).encode())
    return None


def _written(incident: Incident, layout: str) -> File:
    if layout:
        return returning.in_layout(incident, LAYOUTS[layout], guard_annotations.annotated)
    return returning.in_source(incident, guard_annotations.annotated)
