"""Due dates as iCalendar (RFC 5545), a whole day for each action item.

Events, as most calendars show no to-dos; to-dos for those that do. The same items give the same bytes: what
each is stamped with is when its incident was saved, so importing again replaces and never doubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from postmortems.document.markdown.items import item_blanks
from postmortems.document.text import one_line, printable, title_line
from postmortems.followup.queries import Listed

# Not with the application: it takes memory that few processes ever need.
if TYPE_CHECKING:
    from icalendar import Event, Todo

LONGEST_SUMMARY = 120
END = b"END:VCALENDAR\r\n"
# RFC 5545 §3.8.1.11: what a to-do's status may be.
TODO_STATUS = {
    "proposed": "NEEDS-ACTION",
    "open": "NEEDS-ACTION",
    "in_progress": "IN-PROCESS",
    "done": "COMPLETED",
    "wont_do": "CANCELLED",
}
# RFC 5545 §3.8.1.9: 1 is the highest, 5 the middle, 9 the lowest.
PRIORITIES = {"P0": 1, "P1": 3, "P2": 5, "P3": 7}


def head(name: str = "Action items due") -> bytes:
    """What stands before the events; `name` is what a calendar calls it."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//postmortems//action items//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", one_line(printable(name)))
    # How often to ask again (RFC 7986 §5.7), for those that heed it.
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    return bytes(calendar.to_ical()).removesuffix(END)


def events(rows: Iterable[Listed], url: str) -> Iterator[bytes]:
    """An event for each row that has a due date; `url` is the service's own address."""
    for listed in rows:
        if listed.item.due is not None:
            yield bytes(_event(listed, url).to_ical())


def todos(rows: Iterable[Listed], url: str) -> Iterator[bytes]:
    """A to-do for each row, with or without a due date: `DUE` is a day, `COMPLETED` an instant in UTC."""
    for listed in rows:
        yield bytes(_todo(listed, url).to_ical())


def _event(listed: Listed, url: str) -> Event:
    from icalendar import Event

    event = Event()
    _describe(event, listed, url)
    event.add("dtstart", listed.item.due)
    # Being due keeps nobody busy.
    event.add("transp", "TRANSPARENT")
    if listed.item.status == "wont_do":
        event.add("status", "CANCELLED")
    return event


def _todo(listed: Listed, url: str) -> Todo:
    from icalendar import Todo

    item, todo = listed.item, Todo()
    _describe(todo, listed, url)
    if item.due is not None:
        todo.add("due", item.due)
    todo.add("status", TODO_STATUS[item.status])
    if item.status == "done" and item.closed_at is not None:
        todo.add("completed", item.closed_at)
    if item.priority in PRIORITIES:
        todo.add("priority", PRIORITIES[item.priority])
    return todo


def _describe(part: Event | Todo, listed: Listed, url: str) -> None:
    """What events and to-dos have alike."""
    item, incident = listed.item, listed.item.incident
    part.add("uid", f"{item.ref}@{urlsplit(url).hostname}")
    part.add("dtstamp", incident.saved_at)
    part.add("last-modified", incident.saved_at)
    part.add("sequence", incident.version)
    part.add("summary", _summary(item.ref, item.text))
    part.add("description", printable(_description(listed)))
    part.add("url", f"{url}/action-items/{item.ref}")
    part.add("categories", [item.kind, item.status])


def _summary(ref: str, text: str) -> str:
    said = title_line(item_blanks.told(text))
    return f"{ref} {said}" if len(said) <= LONGEST_SUMMARY else f"{ref} {said[: LONGEST_SUMMARY - 1]}…"


def _description(listed: Listed) -> str:
    item = listed.item
    facts = (
        ("Owner", item.owner or "nobody"),
        ("Status", item.status.replace("_", " ")),
        ("Protection", listed.protection),
        ("Incident", f"{item.incident.title} ({item.incident.occurred_on})"),
    )
    return "\n".join([item.text, "", *(f"{name}: {value}" for name, value in facts)])
