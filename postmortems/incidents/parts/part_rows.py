"""Rows of a document's parts, written by few statements: an edit writes what it changed and nothing else.

Rows of sections, prose, entries and categories are used again in their order; an item is found by its number
and keeps its row wherever it moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import selectinload

from postmortems import visibility
from postmortems.accounts.teams import queries as teams
from postmortems.db.session import Base, session
from postmortems.document import model
from postmortems.document.markdown import section_roles
from postmortems.document.model import Document
from postmortems.document.times.timeline_times import Reading
from postmortems.incidents.items import lifecycle
from postmortems.incidents.models import ActionItem, Category, Entry, Incident, ItemGuard, Prose, Section
from postmortems.incidents.parts import stored_parts
from postmortems.incidents.parts.stored_parts import COLUMNS, StoredSection, table_of

Placed = list[tuple[int, model.Block]]
# A statement takes so many keys: SQLite has some 30,000 parameters for one.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Act:
    """Whose save it is, and when. What came with a file began, as far as known, on the incident's day."""

    now: datetime
    by: str
    is_import: bool


@dataclass(slots=True)
class Changes:
    """What becomes of the rows of one table: each sort of change is one statement."""

    sort: type[Base]
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    def put(self, owner: int, known: Sequence[Row[Any]], wanted: Sequence[tuple[Any, ...]]) -> None:
        """Have an owner's rows say these values, in the order of their columns."""
        names = COLUMNS[self.sort]
        for row, values in zip_longest(known, wanted):
            if row is None:
                self.new.append(dict(zip(names[1:], (owner, *values), strict=True)))
            elif values is None:
                self.gone.append(row[0])
            elif tuple(row[2:]) != values:
                self.changed.append(dict(zip(names[2:], values, strict=True), key=row[0]))

    def write(self) -> None:
        _change(self.sort, self.changed)
        _delete(self.sort, self.gone)
        if self.new:
            session().connection().execute(insert(table_of(self.sort)), self.new)


def write(
    incident: Incident,
    document: Document,
    readings: Sequence[Reading],
    stored: Sequence[StoredSection],
    act: Act,
) -> None:
    """Make the `stored` rows of an incident that has its own say what the document's sections say."""
    stored_parts.forget(incident)
    was_begun = any(old.prose or old.entries or old.items for old in stored)
    blocks = (each for part in document.sections for each in part.blocks)
    if was_begun != any(not isinstance(each, model.Category) for each in blocks):
        stored_parts.note_begun(incident)
    keys = _sections(incident, document, stored)
    read, sorts = iter(readings), [Changes(Prose), Changes(Entry), Changes(Category)]
    for place, (key, part) in enumerate(zip(keys, document.sections, strict=True)):
        old = stored[place] if place < len(stored) else None
        placed = list(enumerate(part.blocks))
        rows = (old.prose, old.entries, old.categories) if old else ((), (), ())
        wanted = (_prose(placed), _entries(placed, read), _categories(placed))
        for changes, known, values in zip(sorts, rows, wanted, strict=True):
            changes.put(key, known, list(values))
    for changes in sorts:
        changes.write()
    _items(incident, document, stored, keys, act)
    # Last: an item that moved out of a section would go with it.
    _delete(Section, [section.row.id for section in stored[len(document.sections) :]])


def _sections(incident: Incident, document: Document, stored: Sequence[StoredSection]) -> list[int]:
    """The keys of the document's sections, in order."""
    changes = Changes(Section)
    wanted = [
        (place, part.heading, part.id, section_roles.role(part))
        for place, part in enumerate(document.sections)
    ]
    known = [section.row for section in stored[: len(wanted)]]
    changes.put(incident.id, known, wanted)
    _change(Section, changes.changed)
    keys = [row.id for row in known]
    return keys + _inserted(Section, changes.new)


def _prose(placed: Placed) -> Iterator[tuple[Any, ...]]:
    return ((place, block.id, block.text) for place, block in placed if isinstance(block, model.Prose))


def _categories(placed: Placed) -> Iterator[tuple[Any, ...]]:
    return ((place, block.id, block.heading) for place, block in placed if isinstance(block, model.Category))


def _entries(placed: Placed, readings: Iterator[Reading]) -> Iterator[tuple[Any, ...]]:
    for place, block in placed:
        if isinstance(block, model.Entry):
            reading = next(readings)
            said = (place, block.id, block.written, block.title, block.text, block.kind)
            times = (reading.at, reading.until, reading.instant, reading.zone)
            yield (*said, *times, reading.precision or "", reading.approximate)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An item where it has to stand: its section's key, its place, and what its kind is read from."""

    section_id: int
    position: int
    category: str
    heading: str
    block: model.Item


def _wanted(document: Document, keys: Sequence[int]) -> Iterator[_Wanted]:
    for key, part in zip(keys, document.sections, strict=True):
        category = ""
        for place, block in enumerate(part.blocks):
            if isinstance(block, model.Category):
                category = block.heading
            elif isinstance(block, model.Item):
                yield _Wanted(key, place, category, part.heading, block)


def _items(
    incident: Incident, document: Document, stored: Sequence[StoredSection], keys: Sequence[int], act: Act
) -> None:
    known = {
        row.number: (row, guards, section.row.heading) for section in stored for row, guards in section.items
    }
    new, moved, edited = list[_Wanted](), list[dict[str, Any]](), dict[int, _Wanted]()
    for wanted in _wanted(document, keys):
        found = known.pop(lifecycle.number_given(wanted.block), None)
        if found is None:
            new.append(wanted)
            continue
        row, guards, heading = found
        if (row.section_id, row.position) != (wanted.section_id, wanted.position):
            moved.append({"key": row.id, "section_id": wanted.section_id, "position": wanted.position})
        said = (row.category, heading, lifecycle.to_item(row, guards))
        if said != (wanted.category, wanted.heading, wanted.block):
            edited[row.id] = wanted
    if new or edited or known:
        stored_parts.note_items(incident)
    _change(ActionItem, moved)
    _delete(ActionItem, [row.id for row, _, _ in known.values()])
    _edit(edited, act)
    _begin(incident, new, act)


def _edit(edited: Mapping[int, _Wanted], act: Act) -> None:
    if not edited:
        return
    held = select(ActionItem).where(ActionItem.id.in_(edited)).options(selectinload(ActionItem.guards))
    held = held.execution_options(populate_existing=True)
    owners = teams.owner_keys(wanted.block.owner for wanted in edited.values())
    # The incident's own row moves its version when it is written, and that is once.
    with session().no_autoflush, visibility.seen_by(visibility.EVERYTHING):
        for item in session().scalars(held):
            wanted = edited[item.id]
            owner_key = owners[wanted.block.owner]
            lifecycle.apply(item, wanted.block, wanted.category, wanted.heading, owner_key, act.now, act.by)


def _begin(incident: Incident, new: Sequence[_Wanted], act: Act) -> None:
    owners = teams.owner_keys(one.block.owner for one in new)
    rows = [
        lifecycle.begun(one.block, one.category, one.heading, owners[one.block.owner], act.now, act.by,
                        day=incident.occurred_on if act.is_import else None)
        | {"incident_id": incident.id, "section_id": one.section_id, "position": one.position}
        for one in new
    ]  # fmt: skip
    links = [
        {"item_id": key, "slug": slug, "position": place, "written": written}
        for key, one in zip(_inserted(ActionItem, rows), new, strict=True)
        for slug, (place, written) in lifecycle.guards_of(one.block).items()
    ]
    if links:
        session().connection().execute(insert(table_of(ItemGuard)), links)


def _inserted(sort: type[Base], rows: list[dict[str, Any]]) -> list[int]:
    """The keys of new rows, in their order."""
    if not rows:
        return []
    table = table_of(sort)
    adding = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(session().connection().scalars(adding, rows))


def _change(sort: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        table = table_of(sort)
        session().connection().execute(update(table).where(table.c.id == bindparam("key")), rows)


def _delete(sort: type[Base], keys: Sequence[int]) -> None:
    table = table_of(sort)
    for start in range(0, len(keys), AT_ONCE):
        batch = keys[start : start + AT_ONCE]
        session().connection().execute(delete(table).where(table.c.id.in_(batch)))
