"""Links of items to issues: made, created there, taken away, and decided by a press where both sides changed.

An item of a restricted incident is never sent out: its words would be told to everybody who reads the
tracker. An admin may say otherwise of one tracker (`sends_restricted`).
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.followup import queries as items
from postmortems.gate.enforcement import save_incident
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import ActionItem, Admitted
from postmortems.tickets import accounts, queue, trackers, values
from postmortems.tickets.agreement import ASSIGNEE, FIELDS, STATE, TITLE
from postmortems.tickets.models import CREATING, LINKED, Ticket, Tracker
from postmortems.trackers.issue import DONE, DROPPED, OPEN
from postmortems.trackers.services import SERVICES

OURS, THEIRS, APART = "ours", "theirs", "apart"
CHOICES = (OURS, THEIRS, APART)
# `12` and `#12`: in Jira and Linear an issue of the tracker's place, whose keys begin with it.
NUMBER = re.compile(r"#?([1-9][0-9]{0,9})")
STATUSES = {OPEN: "open", DONE: "done", DROPPED: "wont_do"}


def create(ref: str, tracker_id: int, *, actor: Actor) -> Ticket:
    """Have an issue created for an item; one that is being created, or is linked already, stays as it is.

    Raises `NotFound`, `Conflict` where nothing may be sent there.
    """
    permissions.require_anywhere(actor, "item.edit")
    item = items.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    tracker = trackers.found(tracker_id)
    refuse_secret(item, tracker)
    if (known := _of(item, tracker)) is not None:
        return known
    return begin(item, tracker, by=actor)


def begin(item: ActionItem, tracker: Tracker, *, by: Actor) -> Ticket:
    """The row of a ticket that is to be created, and the message that has it done."""
    ticket = _row(item, tracker, by.name, CREATING)
    ticket.mark = str(uuid4())
    _put(ticket)
    _record("item.ticket_asked", ticket, by)
    return ticket


def link(ref: str, tracker_id: int, issue: str, *, actor: Actor) -> Ticket:
    """Link an item to an issue that is there, named by its number, key or address.

    Titles and states that differ stay as they are until one side changes. Raises `NotFound`, `Invalid`, and
    `Conflict` where the item has another issue of that tracker, or another item has this one.
    """
    permissions.require_anywhere(actor, "item.edit")
    item = items.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    tracker = trackers.found(tracker_id)
    refuse_secret(item, tracker)
    key = key_of(tracker, issue)
    if (known := _of(item, tracker)) is not None:
        if key in {known.key, known.shown.removeprefix("#")}:
            return known
        raise Conflict(f"{item.ref} is linked to {known.shown or 'a new issue'} of {tracker.name} already")
    if _has_key(tracker, key):
        raise Conflict(f"another item is linked to {issue.strip()} of {tracker.name}")
    ticket = _row(item, tracker, actor.name, LINKED)
    ticket.key, ticket.shown = key, key if "-" in key else f"#{key}"
    _put(ticket)
    _record("item.ticket_linked", ticket, actor)
    return ticket


def unlink(ref: str, ticket_id: int, *, actor: Actor) -> None:
    """Let nothing flow any more; the issue stays as it is. Raises `NotFound`."""
    permissions.require_anywhere(actor, "item.edit")
    ticket = found(ref, ticket_id, actor)
    _record("item.ticket_unlinked", ticket, actor)
    session().delete(ticket)
    session().flush()


def again(ref: str, ticket_id: int, *, actor: Actor) -> Ticket:
    """Look at the issue now, or try anew to create it. Raises `NotFound`."""
    permissions.require_anywhere(actor, "item.edit")
    ticket = found(ref, ticket_id, actor)
    # Whoever presses this has seen it; what is still there is told again when it changes.
    ticket.twin = ""
    queue.ask(ticket, clock.now())
    return ticket


def resolve(ref: str, ticket_id: int, field: str, choice: str, *, actor: Actor) -> Ticket:
    """Decide a field that both sides say differently: `ours` is sent, `theirs` is taken, `apart` leaves both.

    What is taken is this person's edit, by the same rules as any: an item becomes done with its proof alone.
    Raises `NotFound`, `Invalid`, `Conflict` where both say the same by now.
    """
    permissions.require_anywhere(actor, "item.edit")
    ticket = found(ref, ticket_id, actor)
    if field not in FIELDS or choice not in CHOICES:
        raise Invalid(f"choose one of {', '.join(CHOICES)} for {', '.join(FIELDS)}", "/choice")
    people = accounts.people(ticket.tracker, [ticket.item.owner])
    mine, yours = values.of_item(ticket.item, people).get(field), ticket.theirs.get(field)
    if mine is None or yours is None:
        raise Invalid("one side says nothing that the other could take", "/field")
    if mine == yours:
        raise Conflict(f"both say the same {field} by now")
    if choice == THEIRS:
        _take(ticket, field, yours, actor)
        mine = values.of_item(ticket.item, people).get(field) or ""
    pair = (yours, yours) if choice == OURS else (mine, yours)
    ticket.base = {**ticket.base, field: list(pair)}
    queue.ask(ticket, clock.now())
    told = {"field": field, "choice": choice, "ours": mine, "theirs": yours}
    _record("item.ticket_decided", ticket, actor, **told)
    return ticket


def found(ref: str, ticket_id: int, actor: Actor) -> Ticket:
    """The ticket of that number of an item that the actor may edit. Raises `NotFound`, `NotAllowed`."""
    item = items.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    ticket = session().get(Ticket, ticket_id)
    if ticket is None or ticket.item_id != item.id:
        raise NotFound(f"{item.ref} has no ticket {ticket_id}")
    return ticket


def changes(item: Any, field: str, theirs: str) -> dict[str, Any]:
    """The fields of an item that take what a ticket says."""
    if field == TITLE:
        whole = values.with_title(item.text, theirs)
        return {"text": theirs if whole is None else whole}
    if field == STATE:
        return {"status": STATUSES[theirs]}
    return {"owner": theirs} if field == ASSIGNEE else {"due": values.day(theirs)}


def key_of(tracker: Tracker, said: str) -> str:
    """The issue's key in what somebody wrote. Raises `Invalid`, also for an issue of another place."""
    service, said = SERVICES[tracker.service], said.strip()
    is_keyed = service.key.fullmatch(f"{tracker.place}-1") is not None
    if is_keyed and (number := NUMBER.fullmatch(said)):
        said = f"{tracker.place}-{number[1]}"
    named = service.key.fullmatch(said) if len(said) <= 2000 else None
    if named is None:
        form = f"its key, such as {tracker.place}-12," if is_keyed else "its number"
        raise Invalid(
            f"write an issue of {tracker.place} as {service.title} does: {form} or address", "/issue"
        )
    key, place = str(named[1]), tracker.place.casefold()
    if re.match(r"[A-Z]", key):
        is_here = key.rpartition("-")[0].casefold() == place
    else:
        is_here = "://" not in said or place.isdigit() or f"/{place}/" in said.casefold()
    if not is_here:
        raise Invalid(f"that is no issue of {tracker.place}: choose the tracker that it is in", "/issue")
    return key


def is_secret(item: ActionItem) -> bool:
    """Whether the item's incident is restricted."""
    admitted = select(Admitted.name).where(Admitted.incident_id == item.incident_id)
    return session().scalar(admitted.limit(1)) is not None


def refuse_secret(item: ActionItem, tracker: Tracker) -> None:
    """Raise `Conflict` where nothing of the item may be sent to the tracker."""
    if not tracker.sends_restricted and is_secret(item):
        raise Conflict(why_held(item.ref, tracker))


def why_held(ref: str, tracker: Tracker) -> str:
    """Why nothing of a restricted incident's item flows."""
    return (
        f"{ref} belongs to a restricted incident, and everybody who reads {tracker.name} would read its words"
        ": an admin may allow it for this tracker"
    )


def _take(ticket: Ticket, field: str, theirs: str, actor: Actor) -> None:
    change = changes(ticket.item, field, theirs)
    if theirs == DROPPED and not ticket.item.reason:
        change["reason"] = f"{ticket.shown} of {ticket.tracker.name} was closed as not planned"
    message = f"as {ticket.shown} of {ticket.tracker.name} says"
    save_incident.edit_item(ticket.item.ref, change, actor=actor, message=message)


def _of(item: ActionItem, tracker: Tracker) -> Ticket | None:
    its = select(Ticket).where(Ticket.tracker_id == tracker.id, Ticket.item_id == item.id)
    return session().scalars(its).one_or_none()


def _has_key(tracker: Tracker, key: str) -> bool:
    # By the table: that an issue is linked already is so whoever asks.
    its = Ticket.__table__
    same = select(its.c.id).where(its.c.tracker_id == tracker.id, its.c.key == key)
    return session().scalar(same) is not None


def _row(item: ActionItem, tracker: Tracker, by: str, standing: str) -> Ticket:
    row = Ticket(item_id=item.id, tracker_id=tracker.id, standing=standing, by=by, at=clock.now())
    row.asked = row.answered = 0
    row.base, row.theirs, row.item, row.tracker = {}, {}, item, tracker
    return row


def _put(ticket: Ticket) -> None:
    session().add(ticket)
    session().flush()
    queue.ask(ticket, clock.now())


def _record(verb: str, ticket: Ticket, actor: Actor, **more: Any) -> None:
    told = {"tracker": ticket.tracker.name, "ticket": ticket.shown, "incident": ticket.item.incident.slug}
    audit.record(actor, verb, "item", ticket.item.ref, **told, **more)
