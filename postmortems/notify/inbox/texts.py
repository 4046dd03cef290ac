"""Texts: what a notification says, of what is there when it is shown or sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import quote

from postmortems.document.markdown.items import item_blanks
from postmortems.followup import rules
from postmortems.incidents.models import ActionItem, Incident
from postmortems.notify.inbox.queries import Told
from postmortems.notify.notice import Line, Notice, Part, plain
from postmortems.notify.people.kinds import KINDS

LONGEST_TITLE = 90
OFF = {"mail": "Mail to", "webhook": "The webhook", "channel": "The channel"}
OFF_PAGES = {"mail": "/settings/deliveries", "webhook": "/settings/webhooks", "channel": "/settings/channels"}
CAUSES = {
    "assign": "nobody owns it yet, and today is the last day to assign it",
    "assign_late": "nobody owns it, although the day to assign it has passed",
}


def notice(told: Told, url: str, today: date) -> Notice | None:
    """What to tell; None where there is nothing left to tell: the item is done, or gone. `url` is our own."""
    title = headline(told, today)
    if title is None:
        return None
    incident = told.incident or (told.item and told.item.incident)
    return Notice(
        title=title,
        said=plain(told.notification.data.get("why") or told.notification.data.get("trouble") or ""),
        parts=(_part(told.item, url, today),) if told.item is not None else (),
        url=url + page(told),
        button="Open it",
        why=f"You hear of this because {KINDS[told.notification.kind].why}.",
        thread=told.item.ref if told.item else incident.slug if incident else "",
    )


def headline(told: Told, today: date) -> str | None:
    """One line that says it all; None where there is nothing left to tell."""
    return HEADLINES[told.notification.kind](told, today)


def page(told: Told) -> str:
    """The path of what it is about."""
    if told.item is not None:
        return f"/action-items/{told.item.ref}"
    if told.notification.kind == "channel":
        return OFF_PAGES.get(told.notification.data.get("what", ""), "/settings")
    if told.notification.kind == "token":
        return "/settings/tokens"
    if told.notification.kind == "digest":
        return f"/notifications/{told.notification.id}/digest"
    if told.notification.kind == "monthly":
        return f"/reports/monthly?month={told.notification.data.get('month', '')}"
    if told.override is not None:
        return f"/gate/{told.override.decision_id}#overrides"
    if told.incident is None:
        return "/notifications"
    place = told.notification.data.get("place", "")
    anchor = place if place.startswith(("AI-", "comment-")) else f"part-{place}"
    ends = f"#{anchor}" if place else "#review" if told.notification.kind == "review" else ""
    return f"/incidents/{quote(told.incident.slug)}{ends}"


def due_note(item: ActionItem, today: date) -> str:
    """`due 2026-03-02, 3 days overdue`."""
    if item.due is None:
        return "no due date"
    late = (today - item.due).days
    if late > 0 and rules.is_open(item.status):
        return f"due {item.due}, {late:,} day{'' if late == 1 else 's'} overdue"
    return f"due {item.due}{', today' if late == 0 else ', tomorrow' if late == -1 else ''}"


def _part(item: ActionItem, url: str, today: date) -> Part:
    note = ", ".join((f"owner {plain(item.owner) or 'nobody'}", due_note(item, today)))
    line = Line(plain(item_blanks.told(item.text)), item.ref, note, f"{url}/action-items/{item.ref}")
    return Part(f"Of the incident: {_title(item.incident)}", (line,))


def _title(incident: Incident) -> str:
    return plain(incident.title or incident.slug, LONGEST_TITLE)


def _reminder(told: Told, today: date) -> str | None:
    item, cause = told.item, told.notification.data.get("cause", "")
    if item is None or not rules.is_open(item.status):
        return None
    if cause in CAUSES:
        return None if item.owner else f"{item.ref}: {CAUSES[cause]}"
    return None if item.due is None else f"{item.ref} is {due_note(item, today)}"


def _assigned(told: Told, today: date) -> str | None:
    if told.item is None or told.item.status in rules.CLOSED:
        return None
    by = told.notification.data.get("by")
    if told.notification.data.get("undone"):
        return (
            f"{told.item.ref} is on your list again: {by or 'the service'} undid the edit that took it away"
        )
    return f"{by} put {told.item.ref} on your list" if by else f"{told.item.ref} is on your list"


def _reopened(told: Told, today: date) -> str | None:
    if told.item is None or told.item.status in rules.CLOSED:
        return None
    by = told.notification.data.get("by")
    return f"{told.item.ref} is open again{f', by {by}' if by else ''}"


def _free(told: Told, today: date) -> str | None:
    if told.item is None or told.item.status in rules.CLOSED:
        return None
    return f"{told.item.ref} is free now: all that it waited for is closed"


def _mention(told: Told, today: date) -> str | None:
    if told.incident is None:
        return None
    return f"{told.notification.data.get('by')} mentioned you in “{_title(told.incident)}”"


def _review(told: Told, today: date) -> str | None:
    if told.incident is None or told.incident.status == "published":
        return None
    return f"{told.notification.data.get('by')} asks you to review “{_title(told.incident)}”"


def _override(told: Told, today: date) -> str | None:
    one = told.override
    if one is None or one.state != "requested":
        return None
    return f"{one.requested_by} requests an override of {', '.join(one.guards)} for {one.target}"


def _channel(told: Told, today: date) -> str | None:
    data = told.notification.data
    return f"{OFF.get(data.get('what', ''), 'The channel')} {plain(data.get('name', ''))} is switched off"


def _token(told: Told, today: date) -> str | None:
    data = told.notification.data
    whose = f" of {plain(data['account'])}" if data.get("account") else ""
    return f"The token “{plain(data.get('name', ''))}”{whose} ends on {data.get('ends', '')}: replace it"


def _digest(told: Told, today: date) -> str | None:
    return plain(told.notification.data.get("title", "Your digest"))


def _monthly(told: Told, today: date) -> str | None:
    return plain(told.notification.data.get("title", "Report of a month"))


HEADLINES: dict[str, Callable[[Told, date], str | None]] = {
    "reminder": _reminder,
    "escalation": _reminder,
    "assigned": _assigned,
    "reopened": _reopened,
    "free": _free,
    "mention": _mention,
    "review": _review,
    "override": _override,
    "channel": _channel,
    "token": _token,
    "digest": _digest,
    "monthly": _monthly,
}


def past(told: Told) -> str:
    """What a notification was about of which nothing is left to tell."""
    if told.override is not None:
        one = told.override
        return f"Override of {', '.join(one.guards)} for {one.target}: {one.state} by {one.settled_by}"
    label, ref = KINDS[told.notification.kind].label, told.notification.item
    if told.item is None:
        return f"{label}: {f'AI-{ref} is gone' if ref else 'it is over'}"
    return f"{told.item.ref}: {told.item.status.replace('_', ' ')} by now"
