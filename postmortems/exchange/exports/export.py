"""Export of incidents as files: as imported, canonical, or in a site generator's layout.

What is stored as text already goes out as it stands; only what an edit or a guard makes different is read row
by row.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath

from sqlalchemy import select

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.readers import registry as readers_registry
from postmortems.document.source_edit.rewrite import returned
from postmortems.errors import Invalid
from postmortems.exchange import queries
from postmortems.exchange.exports import attached, guard_annotations, layouts
from postmortems.exchange.exports.attached import Place, Used
from postmortems.exchange.exports.layouts import LAYOUTS, Layout
from postmortems.exchange.imports.normalise import ImportDefaults, as_in_file
from postmortems.exchange.models import Source
from postmortems.exchange.queries import Listed
from postmortems.followup.item import written_blockers
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows, slugs
from postmortems.incidents.attachments import file_store
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import Filters
from postmortems.incidents.restricted import restrictions

# How an incident's file is written: like the file it came from, or in the house layout.
STYLES = ("source", "canonical")
# So many documents are held at once.
AT_ONCE = 200


def layout_of(style: str, layout: str) -> str:
    """The layout that a style and a layout ask for together; "" gives files back. Raises `Invalid`."""
    if style == "source" and layout:
        raise Invalid("source gives files back as they came; a layout writes others", "/layout")
    return layout or (layouts.PLAIN if style == "canonical" else "")


def files(filters: Filters, *, actor: Actor, layout: str = "", drafts: bool = False) -> Iterator[File]:
    """The files, page by page, every page in a unit of its own and seen with the eyes of who asked.

    `layout` is one of `LAYOUTS`; without one each file goes back as it came.
    """
    names, after, viewer = Names(), 0, visibility.viewer()
    given: dict[str, str] = {}
    with visibility.seen_by(viewer), db.reading(may_lag=True):
        wanted = queries.listed(filters, drafts=drafts)
    while True:
        with visibility.seen_by(viewer), db.reading(may_lag=True):
            page = queries.page_of(wanted, actor=actor, after=after, limit=AT_ONCE)
            made = _made(page, layout)
        for file in made:
            path = names.free(file.path)
            yield file if path == file.path else replace(file, path=path)
            if file.beside:
                yield from _beside(file, names, given)
        if len(page) < AT_ONCE:
            return
        after = page[-1].id


def _beside(file: File, names: Names, given: dict[str, str]) -> Iterator[File]:
    """The files that an incident's file has links to, one in memory at a time; each content once a place."""
    for place in file.beside:
        if given.get(place.path) == place.sha256:
            continue
        with db.reading():
            content = file_store.get(place.sha256)
        given.setdefault(place.path, place.sha256)
        yield File(names.free(safe(place.path)), content)


def _made(page: Sequence[Listed], layout: str) -> list[File]:
    used = attached.of([one.id for one in page])
    made, others = dict[int, File | None](), dict[int, str]()
    for one in page:
        # What came from no file has nothing to go back to.
        wanted = layout or ("" if one.source_name else layouts.PLAIN)
        made[one.id] = file = _as_stored(one, wanted, used.get(one.id, ()))
        if file is None:
            others[one.id] = wanted
    if others:
        rows = select(Incident).where(Incident.id.in_(others)).options(*incidents.whole())
        for incident in session().scalars(rows):
            made[incident.id] = _written(incident, others[incident.id], used.get(incident.id, ()))
    return [file for file in made.values() if file is not None]


def _as_stored(listed: Listed, layout: str, used: Sequence[Used]) -> File | None:
    """The file, where it is stored as it has to be written."""
    if not layout and listed.content is not None and not (listed.is_linked or BLOCKED in listed.content):
        path = safe(listed.source_name or "") or f"{listed.slug}.md"
        content = restrictions.file_without_hidden(listed.content)
        return File(path, content, tuple(attached.places(used, path)))
    if (
        layout == layouts.PLAIN
        and listed.text is not None
        and not (listed.is_guarded or listed.is_linked or used)
    ):
        return File(f"{listed.slug}.md", restrictions.without_hidden(listed.text).encode())
    return None


def _written(incident: Incident, layout: str, used: Sequence[Used]) -> File:
    return in_layout(incident, LAYOUTS[layout], used) if layout else in_source(incident, used)


LONGEST_PART = 200
# Pictures that a file with pictures in it holds.
HELD = (".png", ".jpg", ".jpeg", ".gif")
# In a file that says which item waits for which: links change without a version.
BLOCKED = b"Blocked by: AI-"


@dataclass(frozen=True, slots=True)
class File:
    """A file of an export. `path` is relative, with `/` between its folders, and leads nowhere else.

    `beside` are the attached files that it has links to.
    """

    path: str
    content: bytes
    beside: tuple[Place, ...] = ()


@dataclass(slots=True)
class Names:
    """The paths given so far, so that no two incidents get one. Some systems tell no capitals apart."""

    taken: set[str] = field(default_factory=set)

    def free(self, path: str) -> str:
        """The path, else the first of `-2`, `-3` and so on that is free."""
        found, key, number = path, plain(path), 1
        while key in self.taken:
            number += 1
            found = _numbered(path, number)
            key = plain(found)
        self.taken.add(key)
        return found


def plain(path: str) -> str:
    """A path as systems see it that tell neither capitals nor spellings apart."""
    return unicodedata.normalize("NFC", path).casefold()


def _numbered(path: str, number: int) -> str:
    folder, slash, name = path.rpartition("/")
    stem = slugs.stem(name)
    return f"{folder}{slash}{stem}-{number}{name[len(stem) :]}"


def in_source(incident: Incident, used: Sequence[Used] | None = None) -> File:
    """The file that the incident came from, with what was edited since; canonical where it came from none.

    `used` are its attached files, where the caller knows them already.
    """
    if used is None:
        used = attached.of([incident.id]).get(incident.id, [])
    source, document = queries.source_of(incident), rows.to_document(incident)
    path = (safe(source.name) if source else "") or f"{incident.slug}.md"
    beside = tuple(attached.places(used, path))
    document = attached.led_to(document, beside)
    if source is None:
        return File(path, _canonical(document), beside)
    says_more = BLOCKED in source.content or queries.has_links(incident)
    if incident.version == source.version and not says_more:
        # Not even asked how it is read: a better reader tomorrow changes no file that nobody edited.
        return File(path, restrictions.file_without_hidden(source.content), beside)
    then = readers_registry.read(source.name, source.content, as_format=source.format, is_stored=True)
    now = as_in_file(
        written_blockers.noted(document) if says_more else document,
        parser.normal(then, is_stored=True),
        ImportDefaults(source.service, source.timezone),
    )
    if now == parser.normal(then, is_stored=True):
        return File(path, restrictions.file_without_hidden(source.content), beside)
    text = _text(source)
    if text is None:
        other = str(PurePosixPath(path).with_name(f"{slugs.stem(path)}.md"))
        return File(other, _canonical(document), tuple(attached.places(used, other)))
    again = partial(parser.parse, name=source.name, is_stored=True)
    edited = returned(text, then, now, read=again)
    return File(path, edited.encode(), beside)


def _canonical(document: Document) -> bytes:
    return parser.write(guard_annotations.annotated(document)).encode()


def _text(source: Source) -> str | None:
    """The Markdown that a source is; None for other formats and encodings, which we read and do not write."""
    try:
        text = source.content.decode()
    except UnicodeDecodeError:
        return None
    return text if readers_registry.to_markdown(source.name, text, source.format) == text else None


def in_layout(incident: Incident, layout: Layout, used: Sequence[Used] = ()) -> File:
    """Canonical Markdown as a family of site generators wants it."""
    document = rows.to_document(incident)
    path = layouts.path_for(layout, document, incident.slug, incident.occurred_on)
    beside = tuple(attached.places(used, path, layout))
    document = attached.led_to(document, beside)
    if layout.file:
        laid_out = layouts.laid_out(layout, guard_annotations.annotated(document), incident.slug)
        return _packed(layout.file, path, laid_out, beside)
    text = layouts.written(layout, guard_annotations.annotated(document), incident.slug)
    return File(path, text.encode(), beside)


def alone(incident: Incident, layout: Layout) -> bytes:
    """An incident's file in a layout, taken alone: pictures are in it where it holds such."""
    used = attached.of([incident.id]).get(incident.id, ()) if layout.file else ()
    return in_layout(incident, layout, used).content


def _packed(write: layouts.Packed, path: str, document: Document, beside: tuple[Place, ...]) -> File:
    """A file that holds its pictures itself; other files lie beside it."""
    shown = {place.address: place.sha256 for place in beside if place.path.lower().endswith(HELD)}
    content = write(document, lambda address: file_store.get(shown[address]) if address in shown else None)
    return File(path, content, tuple(place for place in beside if place.address not in shown))


# What no name may have on some system; on some, folders stand behind a backslash.
SPELLED = str.maketrans("\\", "/", '<>:"|?*')


def safe(name: str) -> str:
    """A path that leads out of no folder and into no hidden one; "" where nothing is left of it."""
    spelled = name.translate(SPELLED)
    if not spelled.isprintable():
        spelled = "".join(letter for letter in spelled if letter.isprintable())
    parts = [part.strip() for part in spelled.split("/")]
    kept = [part.rstrip(".")[-LONGEST_PART:] for part in parts if part.strip(".")]
    return "/".join(part.lstrip(".") for part in kept)
