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

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.orm import selectinload

from postmortems import visibility
from postmortems.accounts.teams import queries as teams
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.db.session import Base, session
from postmortems.document import model
from postmortems.document.markdown import section_roles
from postmortems.document.model import Document
from postmortems.document.times.timeline_times import Reading
from postmortems.incidents.items import lifecycle
from postmortems.incidents.models import ActionItem, Category, Entry, Incident, ItemGuard, Prose, Section
from postmortems.incidents.parts import fresh_rows, stored_parts
from postmortems.incidents.parts.stored_parts import COLUMNS, NewItem, StoredSection, table_of

Placed = list[tuple[int, model.Block]]
# A statement takes so many keys: SQLite has some 30,000 parameters for one.
AT_ONCE = 500
# Of an item that stays, what a save writes so; else its row changes by its life.
OF_PLACE = ("section_id", "position")
# A new row is known again by what its incident has once, and an item by its number.
NEW: dict[type[Base], PreparedInsert] = {
    Section: PreparedInsert(Section, *COLUMNS[Section][1:], returning=("position", "id")),
    **{sort: PreparedInsert(sort, *COLUMNS[sort][1:]) for sort in (Prose, Entry, Category)},
    ActionItem: PreparedInsert(
        ActionItem,
        *("incident_id", "section_id", "position", *lifecycle.BEGINS_WITH),
        returning=("number", "id"),
    ),
    ItemGuard: PreparedInsert(ItemGuard, "item_id", "slug", "position", "written"),
}


def _changing(sort: type[Base], names: Sequence[str]) -> PreparedQuery:
    table = table_of(sort)
    changed = update(table).where(table.c.id == bindparam("key"))
    return PreparedQuery(changed.values({name: bindparam(name) for name in names}))


def _deleting(sort: type[Base]) -> PreparedQuery:
    table = table_of(sort)
    return PreparedQuery(delete(table).where(table.c.id.in_(bindparam("keys", expanding=True))))


CHANGED: dict[type[Base], PreparedQuery] = {
    **{sort: _changing(sort, COLUMNS[sort][2:]) for sort in (Section, Prose, Entry, Category)},
    ActionItem: _changing(ActionItem, OF_PLACE),
}
GONE: dict[type[Base], PreparedQuery] = {
    sort: _deleting(sort) for sort in (Section, Prose, Entry, Category, ActionItem)
}


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
        CHANGED[self.sort].each(self.changed)
        _delete(self.sort, self.gone)
        NEW[self.sort].run(self.new)


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
    CHANGED[Section].each(changes.changed)
    keys = [row.id for row in known]
    added = dict(NEW[Section].returned(changes.new))
    return keys + [added[row["position"]] for row in changes.new]


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
    CHANGED[ActionItem].each(moved)
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
    if not new:
        stored_parts.note_new_items(incident, ())
        return
    owners = teams.owner_keys(one.block.owner for one in new)
    rows = [
        lifecycle.begun(one.block, one.category, one.heading, owners[one.block.owner], act.now, act.by,
                        day=incident.occurred_on if act.is_import else None)
        | {"incident_id": incident.id, "section_id": one.section_id, "position": one.position}
        for one in new
    ]  # fmt: skip
    keys = dict(NEW[ActionItem].returned(rows))
    fresh_rows.note(ActionItem, keys.values())
    links = [
        {"item_id": keys[row["number"]], "slug": slug, "position": place, "written": written}
        for row, one in zip(rows, new, strict=True)
        for slug, (place, written) in lifecycle.guards_of(one.block).items()
    ]
    NEW[ItemGuard].run(links)
    begun = [
        NewItem(keys[row["number"]], row, bool(one.block.guards)) for row, one in zip(rows, new, strict=True)
    ]
    stored_parts.note_new_items(incident, begun)


def _delete(sort: type[Base], keys: Sequence[int]) -> None:
    for start in range(0, len(keys), AT_ONCE):
        GONE[sort].rows({"keys": keys[start : start + AT_ONCE]})
