"""Edits owners, teams, due dates and priorities of many items at once, as so many saves would.

Each incident gets one version with its revision, and each item its events, by few statements for some hundred
incidents. What closes or opens an item has rules of its own and is saved one by one: see the gate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.document.model import Document, Item
from postmortems.incidents import change_summary, rows, search_entries, warnings
from postmortems.incidents.history import bulk_revisions
from postmortems.incidents.history.bulk_revisions import Texts
from postmortems.incidents.items import lifecycle, team_rights
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, Incident
from postmortems.incidents.parts import stored_parts
from postmortems.incidents.parts.stored_parts import StoredSection, table_of
from postmortems.incidents.warnings import IncidentWarning

# What may be set, for no rule stands in its way.
FIELDS = frozenset({"owner", "team", "due", "priority"})
AT_ONCE, MOST_SOUGHT = 200, 1_000
ITEMS, EVENTS = table_of(ActionItem), table_of(Event)

# By the number of an item, fields with their values.
Values = Mapping[int, Mapping[str, Any]]


@dataclass(slots=True)
class Outcome:
    """Numbers of items: changed; as they were to be already; changed by others meanwhile; not there; and
    those of teams in which the actor may not."""

    changed: list[int] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    forbidden: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Edited:
    """An incident with its document before and after."""

    incident: Incident
    before: Document
    after: Document


def apply(edits: Values, *, actor: Actor, message: str = "", expected: Values | None = None) -> Outcome:
    """Set these fields of these items, by number; values are as `document.model.Item` has them.

    An item that does not say what is `expected` of it any more is left alone and counted as a conflict. One
    that is not there for whoever looks is `missing`. All happens in the unit of work of the caller.
    """
    permissions.require_anywhere(actor, "item.edit")
    strange = {name for values in edits.values() for name in values} - FIELDS
    if strange:
        raise ValueError(f"{', '.join(sorted(strange))} cannot be set in bulk")
    now, outcome = clock.now(), Outcome()
    theirs = team_rights.allowed_numbers(actor, team_rights.EDIT, edits)
    by_incident = _by_incident(edits, theirs, outcome)
    for some in _batches(sorted(by_incident), AT_ONCE):
        numbers = {number for id in some for number in by_incident[id]}
        wanted = {number: edits[number] for number in numbers}
        _apply_some(some, wanted, expected or {}, (now, actor, message), outcome)
    return outcome


def _batches(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def _by_incident(edits: Values, theirs: Collection[int], outcome: Outcome) -> dict[int, list[int]]:
    """The numbers by the incident's key, as far as the viewer may know of them."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for some in _batches(list(edits), MOST_SOUGHT):
        known = session().execute(
            select(ActionItem.number, ActionItem.incident_id).where(ActionItem.number.in_(some))
        )
        there = {row.number: row.incident_id for row in known}
        for number in some:
            if number in there and number not in theirs:
                outcome.forbidden.append(number)
            elif number in there:
                found[there[number]].append(number)
            else:
                outcome.missing.append(number)
    return found


def _apply_some(
    ids: Sequence[int], wanted: Values, expected: Values, act: tuple[datetime, Actor, str], outcome: Outcome
) -> None:
    now, actor, message = act
    # In the order of their keys, so that two such edits never wait for each other.
    held = select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id).with_for_update()
    incidents = session().scalars(held.execution_options(populate_existing=True)).all()
    sections = stored_parts.of_several(ids)
    stored_parts.forget(*incidents)
    edited = [
        one
        for incident in incidents
        if (one := _edited(incident, sections[incident.id], wanted, expected, outcome)) is not None
    ]
    if edited:
        _write(edited, sections, now, actor, message)
    for incident in incidents:
        session().expire(incident)


def _edited(
    incident: Incident, sections: list[StoredSection], wanted: Values, expected: Values, outcome: Outcome
) -> Edited | None:
    stored_parts.hand_over(incident, sections)
    before = rows.to_document(incident)

    def changed(item: Item) -> Item:
        number = number_of(item.id) or 0
        if number not in wanted:
            return item
        if any(getattr(item, name) != value for name, value in expected.get(number, {}).items()):
            outcome.conflicts.append(number)
            return item
        if all(getattr(item, name) == value for name, value in wanted[number].items()):
            outcome.same.append(number)
            return item
        outcome.changed.append(number)
        return replace(item, **wanted[number])

    count = len(outcome.changed)
    after = before.with_items(changed)
    return None if len(outcome.changed) == count else Edited(incident, before, after)


def _write(
    edited: Sequence[Edited],
    sections: Mapping[int, list[StoredSection]],
    now: datetime,
    actor: Actor,
    message: str,
) -> None:
    ids = [one.incident.id for one in edited]
    texts = bulk_revisions.add(
        [(one.incident.id, one.incident.version, one.before, one.after) for one in edited],
        at=now,
        author=actor.name,
        message=message,
    )
    _write_items(edited, sections)
    _warn(edited, texts)
    _record(edited, now, actor, message)
    stored_parts.forget(edited[-1].incident)
    # By the class: what is kept beside incidents notices it.
    moved = update(Incident).where(Incident.id.in_(ids))
    moved = moved.values(version=Incident.version + 1, saved_at=now)
    session().execute(moved.execution_options(synchronize_session=False))
    search_entries.put(session().connection(), ids)


def _write_items(edited: Sequence[Edited], sections: Mapping[int, list[StoredSection]]) -> None:
    values = []
    owners = teams.owner_keys(item.owner for one in edited for item in one.after.items)
    for one in edited:
        keys = {row.number: row.id for section in sections[one.incident.id] for row, _ in section.items}
        for old, new in zip(one.before.items, one.after.items, strict=True):
            if old is not new:
                said = {name: getattr(new, name) for name in FIELDS}
                key = keys[lifecycle.number_given(new)]
                values.append(said | {"owner_key": owners[new.owner], "key": key})
    session().connection().execute(update(ITEMS).where(ITEMS.c.id == bindparam("key")), values)


def _warn(edited: Sequence[Edited], texts: Mapping[int, Texts]) -> None:
    """What was odd may stand on another line now."""
    ids = [id for id, said in texts.items() if said.before.count("\n") != said.after.count("\n")]
    warned = select(IncidentWarning.incident_id).where(IncidentWarning.incident_id.in_(ids)).distinct()
    odd = set(session().scalars(warned))
    for one in edited:
        if one.incident.id in odd:
            warnings.restate(one.incident, one.after, texts[one.incident.id].after)


def _record(edited: Sequence[Edited], now: datetime, actor: Actor, message: str) -> None:
    who = {"at": now, "is_sealed": False, "is_told": False, **audit.whence(actor)}
    session().connection().execute(
        insert(EVENTS), [who | event for one in edited for event in _events(one, message)]
    )


def _events(one: Edited, message: str) -> Iterator[dict[str, Any]]:
    slug, version = one.incident.slug, one.incident.version + 1
    about = {"incident": slug, "version": version}
    for verb, ref, data in change_summary.item_events(one.before, one.after):
        yield {"verb": verb, "subject_kind": "item", "subject": ref, "data": about | data}
    changed = change_summary.parts(one.before, one.after)
    said = {"version": version, "changed": changed, "message": message}
    yield {"verb": "incident.saved", "subject_kind": "incident", "subject": slug, "data": said}
