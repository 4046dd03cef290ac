"""Reads incidents of Netflix Dispatch: `GET /incidents/{id}` and pages of them, with events and tasks.

Shapes: Netflix/dispatch of September 2025 (`IncidentRead`, `EventRead`, `TaskRead`).
"""

from __future__ import annotations

from collections.abc import Iterator

from postmortems.document.markdown import severities
from postmortems.document.markdown.items import item_tables
from postmortems.document.model import Item
from postmortems.document.readers.incident_tools import shapes
from postmortems.document.readers.records import json_text
from postmortems.document.readers.records.json_text import Raw
from postmortems.document.readers.records.record import Event, Record, day
from postmortems.document.readers.records.record_format import RecordFormat
from postmortems.document.text import paragraphs

# What a commander told last, to those at work and to those who wait.
REPORTS = {"last_tactical_report": "Tactical report", "last_executive_report": "Executive report"}
STAMPS = (("reported_at", "Reported"), ("stable_at", "Stable"), ("closed_at", "Closed"))


def raws(loaded: object) -> list[Raw]:
    """The incidents in what was loaded."""
    found = shapes.incidents(loaded, "items", "incidents", "incident")
    return [raw for raw in found if "title" in raw and "incident_type" in raw and "incident_priority" in raw]


def record(raw: Raw) -> Record:
    """One incident as a record."""
    title = json_text.line(raw, "title")
    name = json_text.line(raw, "name")
    described, summary = json_text.text(raw, "description"), json_text.text(raw, "summary")
    resolution = json_text.text(raw, "resolution")
    return Record(
        identity=f"dispatch:{json_text.line(raw, 'project', 'name')}/{name or json_text.line(raw, 'id')}",
        title=title,
        body=paragraphs(
            shapes.prose("" if described.strip() == title else described),
            f"## Summary\n\n{shapes.prose(summary)}" if summary.strip() else "",
            f"## Resolution\n\n{shapes.prose(resolution)}" if resolution.strip() else "",
        ),
        day=day(json_text.first(raw, "reported_at", "created_at")),
        severity=severities.level(json_text.line(raw, "incident_severity", "name")),
        tags=tuple(json_text.names(raw, "tags")),
        fields=(
            ("name", name),
            ("state", json_text.line(raw, "status")),
            ("type", json_text.line(raw, "incident_type", "name")),
            ("priority", json_text.line(raw, "incident_priority", "name")),
            ("commander", _participant(raw.get("commander"))),
            ("reporter", _participant(raw.get("reporter"))),
            ("visibility", shapes.private(json_text.line(raw, "visibility"))),
        ),
        events=(*_events(raw), *_reports(raw)),
        items=tuple(_items(raw)),
    )


def _participant(raw: object) -> str:
    return shapes.person(raw, "individual")


def _events(raw: Raw) -> Iterator[Event]:
    """The events; where the file has none, when the incident was reported, stable and closed."""
    found = json_text.dicts(raw, "events")
    for each in found:
        who, said = json_text.line(each, "owner"), json_text.text(each, "description")
        text = f"{who}: {said}" if who and who not in said else said
        yield Event(json_text.line(each, "started_at"), text)
    for key, said in () if found else STAMPS:
        if at := json_text.line(raw, key):
            yield Event(at, said)


def _reports(raw: Raw) -> Iterator[Event]:
    """The last reports that were given meanwhile: each of their fields by its name."""
    for key, said in REPORTS.items():
        details = json_text.at(raw, key, "details")
        told = details.items() if isinstance(details, dict) else ()
        lines = [
            f"{name.replace('_', ' ').capitalize()}: {text}" for name, text in told if isinstance(text, str)
        ]
        if lines:
            text = "\n\n".join(lines)
            yield Event(json_text.line(raw, key, "created_at"), shapes.prose(text), title=said)


def _items(raw: Raw) -> Iterator[Item]:
    for each in json_text.dicts(raw, "tasks"):
        people = [_participant(each.get("owner")), *map(_participant, json_text.dicts(each, "assignees"))]
        yield shapes.item(
            json_text.line(each, "description"),
            owner=", ".join(dict.fromkeys(filter(None, people))),
            due=json_text.line(each, "resolve_by"),
            status="done" if json_text.line(each, "status") == "Resolved" else "open",
            priority=item_tables.urgency(json_text.line(each, "priority")),
            ticket=json_text.first(each, "weblink") or json_text.line(each, "ticket", "weblink"),
        )


FORMAT = RecordFormat("dispatch", "Dispatch incidents", "incident", '"incident_priority"', raws, record)
