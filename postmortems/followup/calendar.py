"""Due dates as iCalendar (RFC 5545), a whole day for each action item.

They are events and not to-dos, as most calendars show no to-dos. The same items give the same bytes: what an
event is stamped with is when its incident was saved, so importing again replaces and never doubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from postmortems.document.text import one_line, printable
from postmortems.followup.queries import Listed

LONGEST_SUMMARY = 120
END = b"END:VCALENDAR\r\n"


def head() -> bytes:
    """What stands before the events."""
    calendar = Calendar()
    calendar.add("prodid", "-//postmortems//action items//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", "Action items due")
    return bytes(calendar.to_ical()).removesuffix(END)


def events(rows: Iterable[Listed], url: str) -> Iterator[bytes]:
    """An event for each row that has a due date; `url` is the service's own address."""
    for listed in rows:
        if listed.item.due is not None:
            yield bytes(_event(listed, url).to_ical())


def _event(listed: Listed, url: str) -> Event:
    item, incident = listed.item, listed.item.incident
    event = Event()
    event.add("uid", f"{item.ref}@{urlsplit(url).hostname}")
    event.add("dtstamp", incident.saved_at)
    event.add("last-modified", incident.saved_at)
    event.add("sequence", incident.version)
    event.add("dtstart", item.due)
    # Being due keeps nobody busy.
    event.add("transp", "TRANSPARENT")
    event.add("summary", _summary(item.ref, item.text))
    event.add("description", printable(_description(listed)))
    event.add("url", f"{url}/action-items/{item.ref}")
    event.add("categories", [item.kind, item.status])
    if item.status == "wont_do":
        event.add("status", "CANCELLED")
    return event


def _summary(ref: str, text: str) -> str:
    said = one_line(printable(text))
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
