"""Record: what any tracker or paging service knows of one incident, as frozen values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Date

from postmortems.document.model import Item

CLOCK = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
# Jira writes +0000, which Python 3.10 and ISO 8601's extended form do not know.
SHORT_ZONE = re.compile(r"(?<=[+-]\d{2})(?=\d{2}$)")


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody said, as Markdown, and when (an instant as the tool writes it, "" for unknown)."""

    text: str
    author: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened at an instant that the tool itself recorded: an entry of the timeline."""

    at: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One report as a tool keeps it.

    `identity` is the tool's own name for it ("github:owner/repo#12"). `day` is when it happened; where
    `is_day_vague`, only when somebody wrote it down, and a day that the body tells goes before it. `fields`
    become keys of the front matter, in their order. `items` stand under `items_heading`.
    """

    identity: str
    title: str
    body: str = ""
    day: Date | None = None
    is_day_vague: bool = False
    severity: str = ""
    services: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    events: tuple[Event, ...] = ()
    notes: tuple[Note, ...] = ()
    items: tuple[Item, ...] = ()
    items_heading: str = "Action items"


def instant(said: str) -> datetime | None:
    """The instant that a tool wrote in ISO 8601 (RFC 3339 mostly), with its zone; None where it is none."""
    if not CLOCK.match(said):
        return None
    try:
        return datetime.fromisoformat(SHORT_ZONE.sub(":", said.strip().replace("Z", "+00:00")))
    except ValueError:
        return None


def day(said: str) -> Date | None:
    """The day that a tool wrote, with a time behind it or without."""
    try:
        return Date.fromisoformat(said[:10])
    except ValueError:
        return None


def shown(said: str) -> str:
    """An instant as an entry of a timeline has it: `2016-06-02 15:59:13 -04:00`."""
    at = instant(said)
    if at is None:
        return said
    clock = f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"
    if at.utcoffset() is None:
        return clock
    return f"{clock} UTC" if at.utcoffset() == timedelta(0) else f"{clock} {at.isoformat()[-6:]}"


def order_of(said: str) -> tuple[bool, float]:
    """By what instants are put in order; what has none stays behind those that have one, as it came."""
    at = instant(said)
    if at is None:
        return True, 0.0
    return False, at.replace(tzinfo=at.tzinfo or UTC).timestamp()
