"""Reads incidents of Opsgenie: an incident with its notes and the entries of its timeline.

Shapes: opsgenie_sdk 2.1.5 (`Incident`, names in camel case, `{"data": …}` around it); notes and timeline as
Opsgenie's Incident API v1 and v2 document them.
"""

from __future__ import annotations

from collections.abc import Iterator

from postmortems.document.markdown import severities
from postmortems.document.readers.incident_tools import shapes
from postmortems.document.readers.records import json_text
from postmortems.document.readers.records.json_text import Raw
from postmortems.document.readers.records.record import Event, Record, day
from postmortems.document.readers.records.record_format import RecordFormat
from postmortems.document.text import paragraphs

# Keys of the answers that may stand beside an incident, and what they hold.
TIMELINE, NOTES = ("timeline", "entries"), ("notes", "logs")


def raws(loaded: object) -> list[Raw]:
    """The incidents in what was loaded, with what stands beside them."""
    found = shapes.incidents(loaded, "data", "incidents", "incident")
    return [raw for raw in found if "tinyId" in raw and "message" in raw and "alias" not in raw]


def record(raw: Raw) -> Record:
    """One incident as a record."""
    services, told = shapes.split_services(json_text.names(raw, "impactedServices"))
    teams = [
        json_text.first(each, "name", "id")
        for each in json_text.dicts(raw, "responders")
        if json_text.line(each, "type") == "team"
    ]
    started = json_text.first(raw, "impactStartDate", "createdAt")
    return Record(
        identity=f"opsgenie:{json_text.line(raw, 'id')}",
        title=json_text.line(raw, "message"),
        body=shapes.prose(json_text.text(raw, "description")),
        day=day(started),
        severity=severities.level(json_text.line(raw, "priority")),
        services=services,
        tags=tuple(json_text.names(raw, "tags")),
        fields=(
            ("source", json_text.line(raw, "links", "web")),
            ("number", json_text.line(raw, "tinyId")),
            ("state", json_text.line(raw, "status")),
            ("services_told", told),
            ("teams", ", ".join(filter(None, [json_text.line(raw, "ownerTeam"), *teams]))),
            *_extra(raw),
        ),
        events=tuple(_events(raw)),
    )


def _extra(raw: Raw) -> Iterator[tuple[str, str]]:
    found = json_text.at(raw, "extraProperties")
    for key in found if isinstance(found, dict) else ():
        yield f"property_{key}".replace(" ", "_").replace(":", "_"), json_text.line(found, key)


def _events(raw: Raw) -> Iterator[Event]:
    """The timeline; entries that were hidden there stay out."""
    for key in TIMELINE:
        for entry in shapes.listed(raw.get(key)):
            if not entry.get("hidden"):
                yield _entry(entry)
    for key in NOTES:
        for note in shapes.listed(raw.get(key)):
            text = json_text.text(note, "note") or json_text.text(note, "log")
            who = json_text.first(note, "owner", "user")
            yield Event(json_text.first(note, "createdAt"), f"{who}: {text}" if who else text)
    for key, said in (("impactStartDate", "Impact began"), ("impactEndDate", "Impact ended")):
        if at := json_text.line(raw, key):
            yield Event(at, said)


def _entry(entry: Raw) -> Event:
    title = json_text.text(entry, "title", "content") or json_text.text(entry, "title")
    more = json_text.text(entry, "description", "content") or json_text.text(entry, "description")
    who = json_text.line(entry, "actor", "name")
    said = f"{who}: {title}" if who and who not in title else title
    return Event(json_text.first(entry, "eventTime", "createdAt"), paragraphs(said, shapes.prose(more)))


FORMAT = RecordFormat("opsgenie", "Opsgenie incidents", "incident", '"tinyId"', raws, record)
