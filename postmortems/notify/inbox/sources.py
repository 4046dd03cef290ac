"""Sources: what of the events that happened is news to whom. With the eyes of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from postmortems import visibility
from postmortems.accounts.models import User
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.teams.queries import Meant
from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.followup import rules
from postmortems.followup.bulk.models import UNDOING, UNDONE, BulkEdit, BulkLine
from postmortems.followup.item.models import ItemBlocker
from postmortems.gate.models import Override
from postmortems.gate.verdicts import active_waivers
from postmortems.incidents.approvals.models import ReviewRequest
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, Incident
from postmortems.notify.inbox import audience
from postmortems.notify.inbox.news import News

ASSIGNED, CLOSED = "item.assigned", "item.closed"
# Who gets back within it what was theirs has hardly noticed that it was gone.
A_MOMENT = timedelta(hours=1)
REQUESTED = "decision.override_requested"
SWITCHED_OFF = ("webhook.switched_off", "channel.switched_off", "mail.switched_off")


class Item(NamedTuple):
    """What of an item matters here."""

    number: int
    incident_id: int
    owner: str
    status: str


class Freed(NamedTuple):
    """An item that waits for nothing that is open, since its last blocker was closed at that moment."""

    item: Item
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a batch of events speaks of: items by ref, incidents by slug, people and teams by name."""

    items: dict[str, Item]
    incidents: dict[str, int]
    people: dict[str, int]
    owners: dict[str, Meant]
    speakers: dict[int, list[int]]
    asked: dict[tuple[int, str], ReviewRequest]
    # Who manages channels, and hears that one was switched off.
    operators: list[int]
    # By ref of a closed item, those that waited for it and wait for nothing now.
    freed: dict[str, list[Freed]]
    # By an event's id, when the bulk edit began that it took back.
    undone: dict[int, datetime]
    # Overrides that still wait, and by their targets who may decide.
    overrides: dict[int, Override]
    deciders: dict[str, set[int]]

    def answer_for(self, owner: str) -> list[int]:
        """The people who answer for what this owner owns: the account, or who speaks for the team."""
        meant = self.owners.get(owner)
        if meant is None:
            return []
        return [meant.id] if meant.kind == "account" else self.speakers.get(meant.id, [])


def of(events: Sequence[Event]) -> list[News]:
    """The news in a batch of events. A fixed number of statements."""
    wanted = [event for event in events if event.verb in TELLERS]
    if not wanted:
        return []
    with visibility.seen_by(visibility.EVERYTHING):
        facts = _facts(wanted)
    found = [news for event in wanted for news in TELLERS[event.verb](event, facts)]
    # Who got an item twice before anybody looked is told of it once.
    return list({(one.user_id, one.kind, one.item or one.key): one for one in found}.values())


def _facts(events: Sequence[Event]) -> Facts:
    items = _items([ref for event in events for ref in _refs(event)])
    freed = _freed([event.subject for event in events if event.verb == CLOSED])
    incidents = _incidents([event.subject for event in events if event.subject_kind == "incident"])
    names = {event.actor for event in events} | {event.data.get("person", "") for event in events}
    reviewers = {name for event in events for name in event.data.get("reviewers", [])}
    owned = [*items.values(), *(one.item for those in freed.values() for one in those)]
    owners = teams.meant(item.owner for item in owned)
    overrides = _waiting([event.data["override"] for event in events if event.verb == REQUESTED])
    targets = {one.target for one in overrides.values()}
    team_ids = {meant.id for meant in owners.values() if meant.kind == "team"}
    return Facts(
        items=items,
        incidents=incidents,
        people=_people(names | reviewers),
        owners=owners,
        speakers=audience.speakers(team_ids),
        asked=_asked(list(incidents.values()) if reviewers else []),
        operators=audience.able("channel.manage")
        if any(event.verb in SWITCHED_OFF for event in events)
        else [],
        freed=freed,
        undone=_undone([event for event in events if event.verb == ASSIGNED]),
        overrides=overrides,
        deciders=audience.able_about("override.grant", targets) if targets else {},
    )


def _refs(event: Event) -> list[str]:
    """The items that an event speaks of: those that an incident began with, too."""
    return [event.subject] if event.subject_kind == "item" else list(event.data.get("items", []))


def _items(refs: Sequence[str]) -> dict[str, Item]:
    numbers = {number for ref in refs if (number := number_of(ref))}
    columns = select(ActionItem.number, ActionItem.incident_id, ActionItem.owner, ActionItem.status)
    rows = session().execute(columns.where(ActionItem.number.in_(numbers))).all() if numbers else []
    return {f"AI-{row.number}": Item(*row) for row in rows}


def _freed(refs: Sequence[str]) -> dict[str, list[Freed]]:
    numbers = {number for ref in refs if (number := number_of(ref))}
    if not numbers:
        return {}
    blocker, other = aliased(ActionItem), aliased(ActionItem)
    others = select(other).join(ItemBlocker, ItemBlocker.blocker_id == other.id)
    others = others.where(ItemBlocker.item_id == ActionItem.id).correlate(ActionItem)
    since = others.with_only_columns(func.max(other.closed_at)).scalar_subquery()
    waiting = (
        select(blocker.number, since, ActionItem.number, ActionItem.incident_id)
        .add_columns(ActionItem.owner, ActionItem.status)
        .select_from(ItemBlocker)
        .join(blocker, blocker.id == ItemBlocker.blocker_id)
        .join(ActionItem, ActionItem.id == ItemBlocker.item_id)
        .where(blocker.number.in_(numbers), ActionItem.status.not_in(rules.CLOSED))
        .where(~others.where(other.status.not_in(rules.CLOSED)).exists())
    )
    found: dict[str, list[Freed]] = {}
    for number, moment, *item in session().execute(waiting):
        found.setdefault(f"AI-{number}", []).append(Freed(Item(*item), moment))
    return found


def _undone(events: Sequence[Event]) -> dict[int, datetime]:
    """Which of these gave an item back to its owner as a bulk edit was undone."""
    numbers = {number for event in events if (number := number_of(event.subject))}
    if not numbers:
        return {}
    edits = select(BulkLine, BulkEdit).join(BulkEdit, BulkEdit.id == BulkLine.bulk_id)
    edits = edits.where(BulkLine.number.in_(numbers), BulkLine.state == UNDONE)
    known: dict[tuple[str, str, Any, Any], list[BulkEdit]] = {}
    for line, edit in session().execute(edits):
        given = (f"AI-{line.number}", edit.undone_by, line.changes.get("owner"), line.before.get("owner"))
        known.setdefault(given, []).append(edit)
    found = {}
    for event in events:
        given = (event.subject, event.actor, event.data.get("from"), event.data.get("to"))
        for edit in known.get(given, ()):
            ended_at = None if edit.state == UNDOING else edit.ended_at
            if edit.at <= event.at and (ended_at is None or event.at <= ended_at):
                found[event.id] = edit.at
    return found


def _incidents(slugs: Sequence[str]) -> dict[str, int]:
    wanted = select(Incident.slug, Incident.id).where(Incident.slug.in_(set(slugs)))
    return {row.slug: row.id for row in session().execute(wanted)} if slugs else {}


def _people(names: set[str]) -> dict[str, int]:
    return {
        row.name: row.id for row in session().execute(select(User.name, User.id).where(User.name.in_(names)))
    }


def _asked(incident_ids: list[int]) -> dict[tuple[int, str], ReviewRequest]:
    wanted = select(ReviewRequest).where(ReviewRequest.incident_id.in_(incident_ids))
    rows = session().scalars(wanted).all() if incident_ids else []
    return {(row.incident_id, row.reviewer): row for row in rows}


def _waiting(ids: list[int]) -> dict[int, Override]:
    found = active_waivers.overrides(ids)
    return {number: one for number, one in found.items() if one.state == "requested"}


def _begun(event: Event, facts: Facts) -> Iterator[News]:
    """A new incident gives its items to those whom it names."""
    for ref in event.data.get("items", []):
        if ref in facts.items and facts.items[ref].status not in rules.CLOSED:
            yield from _of_item(event, facts, facts.items[ref], "assigned", {"by": _by(event)})


def _assigned(event: Event, facts: Facts) -> Iterator[News]:
    item = facts.items.get(event.subject)
    given_to = event.data.get("to") if event.verb == ASSIGNED else item and item.owner
    # Who has given it on meanwhile need not hear of it.
    if item is None or given_to != item.owner:
        return
    taken_at = facts.undone.get(event.id)
    if taken_at is None:
        yield from _of_item(event, facts, item, "assigned", {"by": _by(event)})
    elif event.at - taken_at > A_MOMENT:
        yield from _of_item(event, facts, item, "assigned", {"by": _by(event), "undone": "yes"})


def _reopened(event: Event, facts: Facts) -> Iterator[News]:
    item = facts.items.get(event.subject)
    if item is not None:
        why = str(event.data.get("reason", ""))[:300]
        yield from _of_item(event, facts, item, "reopened", {"by": _by(event), "why": why})


def _closed(event: Event, facts: Facts) -> Iterator[News]:
    """What waited for the item alone is free. Its blocker is not named: not all may know of it."""
    for item, since in facts.freed.get(event.subject, []):
        for user_id in facts.answer_for(item.owner):
            if user_id != facts.people.get(_by(event)):
                # The same of whichever of its blockers is looked at.
                key = f"free:{item.number}:{since.isoformat() if since else ''}"
                yield News(user_id, "free", key, item.incident_id, item.number)


def _of_item(event: Event, facts: Facts, item: Item, kind: str, data: dict[str, str]) -> Iterator[News]:
    for user_id in facts.answer_for(item.owner):
        if user_id != facts.people.get(_by(event)):
            key = f"{kind}:{item.number}:{event.id}"
            yield News(user_id, kind, key, item.incident_id, item.number, data)


def _mentioned(event: Event, facts: Facts) -> Iterator[News]:
    user_id, incident_id = facts.people.get(event.data["person"]), facts.incidents.get(event.subject)
    if user_id is not None and incident_id is not None:
        data = {"by": event.actor, "place": event.data["place"]}
        yield News(user_id, "mention", f"mention:{event.id}", incident_id, data=data)


def _asked_to_review(event: Event, facts: Facts) -> Iterator[News]:
    incident_id = facts.incidents.get(event.subject)
    for name in event.data["reviewers"]:
        request = facts.asked.get((incident_id or 0, name))
        if request is not None and name in facts.people:
            # Who was asked before and stays so is not asked again.
            key = f"review:{incident_id}:{request.asked_at.isoformat()}"
            yield News(facts.people[name], "review", key, incident_id, data={"by": request.asked_by})


def _override_requested(event: Event, facts: Facts) -> Iterator[News]:
    override = facts.overrides.get(event.data["override"])
    if override is None:
        return
    data = {"override": override.id, "why": override.reason[:300]}
    # Whoever asked is not to decide.
    for user_id in sorted(facts.deciders[override.target] - {facts.people.get(override.requested_by, 0)}):
        yield News(user_id, "override", f"override:{override.id}", data=data)


def _switched_off(event: Event, facts: Facts) -> Iterator[News]:
    what = event.verb.partition(".")[0]
    data = {"what": what, "name": event.subject, "trouble": str(event.data.get("trouble", ""))}
    for user_id in facts.operators:
        yield News(user_id, "channel", f"channel:{event.id}", data=data)


def _by(event: Event) -> str:
    """Whose act it was; a token acts for its owner, the service for nobody."""
    return event.actor if event.actor_kind in {"person", "token"} else ""


# By verb, what to make of an event: another is one line here.
TELLERS: dict[str, Callable[[Event, Facts], Iterator[News]]] = {
    "incident.created": _begun,
    "item.added": _assigned,
    ASSIGNED: _assigned,
    "item.reopened": _reopened,
    CLOSED: _closed,
    "mention.created": _mentioned,
    "review.requested": _asked_to_review,
    REQUESTED: _override_requested,
    **dict.fromkeys(SWITCHED_OFF, _switched_off),
}
