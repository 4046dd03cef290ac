"""Reads incidents of PagerDuty: an incident with its log entries and notes, as REST API v2 gives them.

Shapes: PagerDuty/api-schema, reference/REST/openapiv3.json of August 2026 (`Incident`, `LogEntry`,
`IncidentNote`). Its API has no post-mortem reports, so there is no shape of them to read.
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

# What the mail said that triggered an incident.
OF_MAIL = ("subject", "body")


def raws(loaded: object) -> list[Raw]:
    """The incidents in what was loaded, each with its log entries and notes."""
    found = shapes.incidents(loaded, "incidents", "incident")
    return [raw for raw in found if "incident_number" in raw and json_text.line(raw, "id")]


def record(raw: Raw) -> Record:
    """One incident as a record."""
    services, told = shapes.split_services([json_text.line(raw, "service", "summary")])
    details = json_text.text(raw, "body", "details")
    description = json_text.text(raw, "description")
    title = json_text.line(raw, "title")
    return Record(
        identity=f"pagerduty:{json_text.line(raw, 'id')}",
        title=title or json_text.line(raw, "summary"),
        body=paragraphs("" if description == title else description, details),
        day=day(json_text.line(raw, "created_at")),
        severity=severities.level(json_text.line(raw, "priority", "summary")),
        services=services,
        fields=(
            ("source", json_text.line(raw, "html_url")),
            ("number", json_text.line(raw, "incident_number")),
            ("state", json_text.line(raw, "status")),
            ("urgency", json_text.line(raw, "urgency")),
            ("service", told),
            ("teams", ", ".join(json_text.names(raw, "teams", key="summary"))),
            ("resolution", json_text.line(raw, "resolve_reason", "type")),
            *shapes.own_fields(raw),
        ),
        events=tuple(_events(raw)),
    )


def _events(raw: Raw) -> Iterator[Event]:
    logged = json_text.dicts(raw, "log_entries")
    noted = {json_text.text(entry, "channel", "summary") for entry in logged}
    yield from map(_logged, logged)
    for note in json_text.dicts(raw, "notes"):
        text = json_text.text(note, "content")
        if text not in noted:
            who = json_text.line(note, "user", "summary")
            yield Event(json_text.line(note, "created_at"), f"{who}: {text}" if who else text)
    for update in json_text.dicts(raw, "status_updates"):
        who, text = json_text.line(update, "sender", "summary"), json_text.text(update, "message")
        yield Event(json_text.line(update, "created_at"), f"{who}: {text}" if who else text)
    if not logged:
        yield from _states(raw)


def _logged(entry: Raw) -> Event:
    """A log entry: its summary, with the note, and the words of the alert that it holds."""
    said = json_text.text(entry, "summary")
    noted = json_text.text(entry, "note") or json_text.text(entry, "message")
    if json_text.line(entry, "type") == "annotate_log_entry":
        noted = (
            noted
            or json_text.text(entry, "channel", "summary")
            or json_text.text(entry, "channel", "content")
        )
    alert = json_text.text(entry, "event_details", "description") or json_text.text(
        entry, "channel", "description"
    )
    mailed = [json_text.text(entry, "channel", key) for key in OF_MAIL]
    more = [text for text in (noted, alert, *mailed) if text and text not in said]
    return Event(json_text.line(entry, "created_at"), paragraphs(said, *more))


def _states(raw: Raw) -> Iterator[Event]:
    """What the incident itself tells where the file has no log of it."""
    yield Event(json_text.line(raw, "created_at"), "Triggered")
    for each in json_text.dicts(raw, "acknowledgements"):
        who = json_text.line(each, "acknowledger", "summary")
        yield Event(json_text.line(each, "at"), f"Acknowledged by {who}" if who else "Acknowledged")
    if resolved := json_text.line(raw, "resolved_at"):
        yield Event(resolved, "Resolved")


FORMAT = RecordFormat("pagerduty", "PagerDuty incidents", "incident", '"incident_number"', raws, record)
