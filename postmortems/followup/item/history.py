"""History of one action item: who changed what of it, when, and from what to what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.followup.item import older_edits
from postmortems.incidents import page_keys
from postmortems.incidents.models import ActionItem, Revision

# Events of an act that tell one field's old and new value.
FIELDS = {
    "item.assigned": "owner",
    "item.dated": "due",
    "item.progressed": "status",
    "item.closed": "status",
    "item.reopened": "status",
}
# Where an event says why something happened, the first of these that it has.
REASONS = ("why", "missing", "reason")
OF_TICKETS = "item.ticket_"


@dataclass(frozen=True, slots=True)
class Change:
    """A field with what it said before and after; of tickets and guards one a line.

    Both are None where they were not recorded: old events name the field alone.
    """

    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened to the item. `what` is the event's verb: `assigned`, `edited`, `regressed`.

    `version` is the one that the incident got by it, None for what is no save; `message` is that version's:
    it names the bulk edit or the policy. `why` is what the act itself gives as its reason.
    `by_kind` is person, token, ci or system, the service itself.
    """

    id: int
    at: datetime
    what: str
    by: str
    by_kind: str
    changes: tuple[Change, ...]
    version: int | None
    message: str
    why: str


def of(item: ActionItem, after: str = "", limit: int = 50) -> page_keys.Page[Act]:
    """What happened to the item, the newest first; last that it was written. `after` is the page before's.

    Three statements, wherever the page stands, and few more for old edits. Raises `Invalid` at `/after`.
    """
    limit = max(1, min(limit, page_keys.LARGEST))
    events = _events(item.ref, after, limit + 1)
    older = older_edits.data(item, events[:limit])
    data = {event.id: older.get(event.id, event.data) for event in events}
    saved = _saved(item, data.values())
    acts = [_act(event, data[event.id], saved) for event in events]
    if len(acts) <= limit and not _begins(acts):
        acts += _written(item)
    return page_keys.Page(acts[:limit], str(acts[limit - 1].id) if len(acts) > limit else "")


def _events(ref: str, after: str, most: int) -> list[Event]:
    wanted = select(Event).where(Event.subject_kind == "item", Event.subject == ref)
    if after:
        if not after.isdecimal() or len(after) > 18:
            raise Invalid("is no place in this list; take it from the page before", "/after")
        wanted = wanted.where(Event.id < int(after))
    return list(session().scalars(wanted.order_by(Event.id.desc()).limit(most)))


def _saved(item: ActionItem, data: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """By version, the message of the saves that these events came with."""
    versions = {said["version"] for said in data if said.get("version") is not None}
    if not versions:
        return {}
    told = select(Revision.version, Revision.message).where(
        Revision.incident_id == item.incident_id, Revision.version.in_(versions)
    )
    return {row.version: row.message for row in session().execute(told)}


def _act(event: Event, data: Mapping[str, Any], saved: Mapping[int, str]) -> Act:
    version = data.get("version")
    return Act(
        id=event.id,
        at=event.at,
        what=event.verb.partition(".")[2],
        by=event.actor,
        by_kind=event.actor_kind,
        changes=tuple(_changes(event.verb, data)),
        version=version,
        message=saved.get(version, "") if version is not None else "",
        why=_why(event),
    )


def _why(event: Event) -> str:
    if event.verb in FIELDS:
        # Of a change the reason is a field of the item, and told as such.
        return ""
    if event.verb.startswith(OF_TICKETS):
        return _of_ticket(event.data)
    return next((event.data[name] for name in REASONS if event.data.get(name)), "")


def _of_ticket(data: Mapping[str, Any]) -> str:
    """Which ticket it is about, at which tracker, and what was decided: `#12 of hub: title, theirs`."""
    ticket = " of ".join(filter(None, [data.get("ticket", ""), data.get("tracker", "")]))
    decided = ", ".join(filter(None, [data.get("field", ""), data.get("choice", "")]))
    return ": ".join(filter(None, [ticket, decided or data.get("second", "")]))


def _changes(verb: str, data: Mapping[str, Any]) -> Iterator[Change]:
    if verb in FIELDS:
        yield Change(FIELDS[verb], data.get("from", ""), data.get("to", ""))
    elif verb == "item.edited":
        before, after = data.get("from", {}), data.get("to", {})
        for name in data.get("fields", ()):
            yield Change(name, _text(before.get(name)), _text(after.get(name)))
    elif verb == "item.added":
        yield Change("text", "", data.get("text", ""))


def _text(value: str | list[str] | None) -> str | None:
    return "\n".join(value) if isinstance(value, list) else value


def _begins(acts: Collection[Act]) -> bool:
    return any(act.what == "added" for act in acts)


def _written(item: ActionItem) -> list[Act]:
    """That the item came with its incident, which is one event for all of them."""
    first = select(Revision.at, Revision.author, Revision.message)
    first = first.where(Revision.incident_id == item.incident_id, Revision.version == 1)
    row = session().execute(first).one_or_none()
    if row is None:
        return []
    return [
        Act(
            id=0,
            at=row.at,
            what="written",
            by=row.author,
            by_kind="",
            changes=(),
            version=1,
            message=row.message,
            why="",
        )
    ]
