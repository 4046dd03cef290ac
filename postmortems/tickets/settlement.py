"""Settles a ticket in a unit of work: the three-way rule applied to item and issue, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.gate.enforcement import closing_rules, save_incident
from postmortems.tickets import accounts, agreement, links, values
from postmortems.tickets.agreement import ASSIGNEE, DUE, FIELDS, STATE, TITLE, Base, Values
from postmortems.tickets.models import AGREED, DISPUTED, GONE, HELD, LINKED, UNPROVEN, Ticket
from postmortems.tickets.values import People
from postmortems.trackers.issue import DONE, OPEN, Change, Issue

OF_OTHERS = (
    "the tracker was moved, and {} of {} is another issue than before: unlink it, and link the one it is now"
)
Wanted = tuple[tuple[str, ...], Change, Values]


def created(ticket: Ticket, issue: Issue, ours: Values) -> None:
    """The issue was created with what the item said then: both agree on it."""
    if ticket.key and ticket.key != issue.key:
        # Whoever took this over meanwhile made one as well.
        doubled(ticket, issue)
        return
    _note(ticket, issue)
    theirs = _theirs(ticket, issue, _people(ticket, issue))
    ticket.base = {
        name: [ours[name], theirs[name]] for name in FIELDS if None not in (ours[name], theirs[name])
    }
    ticket.theirs, ticket.standing, ticket.trouble = _told(theirs), AGREED, ""
    _name_ticket(ticket)
    told = {"tracker": ticket.tracker.name, "ticket": ticket.shown, "incident": ticket.item.incident.slug}
    audit.record(actor(ticket), "item.ticket_created", "item", ticket.item.ref, **told)


def doubled(ticket: Ticket, issue: Issue) -> None:
    """There is a second issue with the ticket's mark: a slow tracker made it late, or somebody copied one.

    Which of them stays is for people to say, so nothing is done to it but that it is told.
    """
    address = issue.url or issue.shown
    if ticket.twin == address:
        return
    ticket.twin = address
    told = {"tracker": ticket.tracker.name, "ticket": ticket.shown, "second": address}
    told |= {"incident": ticket.item.incident.slug}
    audit.record(actor(ticket), "item.ticket_doubled", "item", ticket.item.ref, **told)


def single(ticket: Ticket) -> None:
    """The second issue was closed: nobody has to decide any more."""
    ticket.twin = ""


def settle(ticket: Ticket, issue: Issue) -> Wanted | None:
    """Take what is theirs; returns the fields to send with the change that says them, None for none."""
    if _is_of_others(ticket, issue):
        ticket.standing, ticket.trouble = HELD, OF_OTHERS.format(ticket.shown, ticket.tracker.place)
        return None
    if not _note(ticket, issue):
        return None
    if ticket.standing == LINKED:
        _name_ticket(ticket)
    people = _people(ticket, issue)
    base, ours = _base(ticket), values.of_item(ticket.item, people)
    theirs = _theirs(ticket, issue, people)
    if ticket.standing == LINKED:
        # Both were there before: what they are called and how they stand is nobody's change.
        base = {**base, **_as_they_are(ours, theirs, (TITLE, STATE))}
    settled = agreement.settle(base, ours, theirs)
    agreed, troubles = dict(settled.base), []
    for field in settled.fields(agreement.TAKE):
        trouble = _take(ticket, field, theirs[field] or "", issue)
        if trouble is None or field == STATE:
            now = values.of_item(ticket.item, _people(ticket, issue)).get(field) or ""
            agreed[field] = (now, theirs[field] or "")
        if trouble:
            troubles.append(trouble)
    sends = settled.fields(agreement.SEND)
    ticket.base = {name: list(pair) for name, pair in agreed.items()}
    ticket.theirs, ticket.trouble = _told(theirs), "; ".join(troubles)[:500]
    _stand(ticket, people)
    return (sends, _change(sends, ours, theirs, people, issue), ours) if sends else None


def sent(ticket: Ticket, issue: Issue, fields: tuple[str, ...], ours: Values) -> None:
    """The fields were sent, and the issue says what it says now; what it did not take, the ticket tells."""
    _note(ticket, issue)
    people = _people(ticket, issue)
    theirs = _theirs(ticket, issue, people)
    agreed = {name: list(pair) for name, pair in _base(ticket).items()}
    refused = []
    for name in fields:
        mine, yours = ours.get(name) or "", theirs.get(name)
        if yours is None:
            continue
        agreed[name] = [mine, yours]
        is_taken = mine == yours or (name == STATE and OPEN not in (mine, yours))
        if not is_taken:
            refused.append(f"{ticket.tracker.name} did not take the {name} {mine or 'nobody'!r}")
    ticket.base, ticket.theirs, ticket.trouble = agreed, _told(theirs), "; ".join(refused)[:500]
    _stand(ticket, people)


def disputes(ticket: Ticket) -> list[tuple[str, str, str]]:
    """The fields that both sides say differently and nobody decided: name, ours and theirs."""
    people = accounts.people(ticket.tracker, [ticket.item.owner])
    ours = values.of_item(ticket.item, people)
    return [(name, ours[name] or "", ticket.theirs[name]) for name in disputed(ticket, ours)]


def disputed(ticket: Ticket, ours: Values) -> tuple[str, ...]:
    """The names of those fields."""
    outcome = agreement.settle(_base(ticket), ours, ticket.theirs)
    kept = [name for name in outcome.fields(agreement.TAKE) if name == TITLE]
    return tuple(name for name in FIELDS if name in {*outcome.fields(agreement.DISPUTED), *kept})


def actor(ticket: Ticket) -> Actor:
    """Who acts where a ticket changes an item: nobody who could close it without its proof."""
    return Actor(kind="system", name=ticket.tracker.name[:100], role="author")


def _take(ticket: Ticket, field: str, theirs: str, issue: Issue) -> str | None:
    """Let the item say what the issue does; returns None where that is done, else why not."""
    if field == TITLE and values.with_title(ticket.item.text, theirs) is None:
        return "the title there changed, and here it is longer than a title: choose which one holds"
    by = actor(ticket)
    if field == STATE and theirs != OPEN:
        closer = accounts.closer(ticket.tracker, issue.closed_by)
        if theirs != DONE or not _may_be_asked(ticket, has_closer=closer is not None):
            return ""
        if closer is not None:
            by = Actor(kind="system", name=closer.name, role="author", user_id=closer.id)
    change = links.changes(ticket.item, field, theirs)
    message = f"as {ticket.shown} of {ticket.tracker.name} says"
    try:
        with session().begin_nested():
            save_incident.edit_item(ticket.item.ref, change, actor=by, message=message)
    except (Invalid, Conflict) as refused:
        session().refresh(ticket.item)
        return "" if field == STATE else f"the {field} there could not be taken: {refused.detail}"
    return None


def _may_be_asked(ticket: Ticket, *, has_closer: bool) -> bool:
    """Whether a ticket that was closed says enough for its item: what people confirm, somebody has to."""
    item = ticket.item
    proof = closing_rules.proof_asked(item.guardability, item.guardability, is_process=item.kind == "process")
    return has_closer or proof == "enforceable"


def _is_of_others(ticket: Ticket, issue: Issue) -> bool:
    """Whether its tracker was moved, and another issue has its number there: one of another title."""
    was = ticket.theirs.get(TITLE)
    return ticket.seen_at is None and was is not None and was != " ".join(issue.title.split())


def _note(ticket: Ticket, issue: Issue) -> bool:
    """What names the issue; False where another item of ours is linked to it."""
    its = Ticket.__table__
    other = select(its.c.id).where(
        its.c.tracker_id == ticket.tracker_id, its.c.key == issue.key, its.c.id != ticket.id
    )
    if session().scalar(other) is not None:
        ticket.standing, ticket.trouble = GONE, f"another item is linked to {issue.shown} already"
        return False
    ticket.key, ticket.shown, ticket.url = issue.key, issue.shown[:150], issue.url
    ticket.stamp, ticket.seen_at = issue.stamp[:50], clock.now()
    return True


def _name_ticket(ticket: Ticket) -> None:
    """Have the item name its ticket, so that every export does."""
    if ticket.url and ticket.url not in ticket.item.tickets:
        change = {"tickets": [*ticket.item.tickets, ticket.url]}
        try:
            with session().begin_nested():
                save_incident.edit_item(
                    ticket.item.ref, change, actor=actor(ticket), message=f"names {ticket.shown}"
                )
        except (Invalid, Conflict):
            # The link holds without it: an incident that cannot be saved now is no reason to lose a ticket.
            session().refresh(ticket.item)


def _people(ticket: Ticket, issue: Issue) -> People:
    return accounts.people(ticket.tracker, [ticket.item.owner], [who.address for who in issue.assignees])


def _theirs(ticket: Ticket, issue: Issue, people: People) -> Values:
    pair = _base(ticket).get(ASSIGNEE)
    return values.of_issue(issue, people, pair[1] if pair else "")


def _base(ticket: Ticket) -> Base:
    return {name: (pair[0], pair[1]) for name, pair in ticket.base.items()}


def _as_they_are(ours: Values, theirs: Values, fields: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    pairs = {name: (ours.get(name), theirs.get(name)) for name in fields}
    return {name: (a, b) for name, (a, b) in pairs.items() if a is not None and b is not None}


def _told(theirs: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in theirs.items() if value is not None}


def _change(fields: tuple[str, ...], ours: Values, theirs: Values, people: People, issue: Issue) -> Change:
    """What the issue shall say, in its tracker's own names."""
    due: date | None = values.day(ours[DUE] or "") if DUE in fields else None
    given = ours.get(ASSIGNEE) or ""
    replaced = [
        who.account
        for who in issue.assignees
        if theirs.get(ASSIGNEE) and values.ours(who.account, who.address, people) == theirs[ASSIGNEE]
    ]
    return Change(
        title=ours[TITLE] if TITLE in fields else None,
        state=ours[STATE] if STATE in fields else None,
        assignee=people.theirs.get(given, "") if ASSIGNEE in fields else None,
        replaced=replaced[0] if replaced else "",
        due=due,
        is_due_changed=DUE in fields,
    )


def _stand(ticket: Ticket, people: People) -> None:
    """How the ticket stands, by what both say now."""
    ours = values.of_item(ticket.item, people)
    if disputed(ticket, ours):
        ticket.standing = DISPUTED
    elif ticket.theirs.get(STATE) != OPEN and ours[STATE] == OPEN:
        ticket.standing = UNPROVEN
    else:
        ticket.standing = AGREED
