"""Reads incidents of incident.io: API v2 incidents with their updates and follow-ups.

Shapes: the models generated from its OpenAPI document in mustafabayar/incident-io-sdk, April 2025
(`IncidentV2`, `IncidentUpdateV2`, `FollowUpV2`); rows of the lists name their incident by `incident_id`.
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

STATES = {"outstanding": "open", "completed": "done", "not_doing": "wont_do", "deleted": "wont_do"}


def raws(loaded: object) -> list[Raw]:
    """The incidents in what was loaded, with updates and follow-ups; tests and tutorials stay out."""
    found = shapes.incidents(loaded, "incidents", "incident")
    return [
        raw for raw in found if _is_incident(raw) and json_text.line(raw, "mode") not in ("test", "tutorial")
    ]


def _is_incident(raw: Raw) -> bool:
    return "incident_status" in raw and "name" in raw and json_text.line(raw, "id") != ""


def record(raw: Raw) -> Record:
    """One incident as a record."""
    happened = sorted(filter(None, (event.at for event in _stamps(raw))))
    return Record(
        identity=f"incident_io:{json_text.line(raw, 'id')}",
        title=json_text.line(raw, "name"),
        body=shapes.prose(json_text.text(raw, "summary")),
        day=day(happened[0] if happened else json_text.line(raw, "created_at")),
        severity=severities.level(json_text.line(raw, "severity", "name")),
        fields=(
            ("reference", json_text.line(raw, "reference")),
            ("source", json_text.line(raw, "permalink")),
            ("state", json_text.line(raw, "incident_status", "name")),
            ("type", json_text.line(raw, "incident_type", "name")),
            ("document", json_text.line(raw, "postmortem_document_url")),
            ("visibility", shapes.private(json_text.line(raw, "visibility"))),
            *_roles(raw),
            *_custom(raw),
        ),
        events=(*_stamps(raw), *_updates(raw)),
        items=tuple(_items(raw)),
        items_heading="Follow-ups",
    )


def _stamps(raw: Raw) -> Iterator[Event]:
    """ "Impact started" and the like, where somebody has set them."""
    for each in json_text.dicts(raw, "incident_timestamp_values"):
        at = json_text.line(each, "value", "value")
        if at:
            yield Event(at, json_text.line(each, "incident_timestamp", "name"))


def _updates(raw: Raw) -> Iterator[Event]:
    for update in json_text.dicts(raw, "incident_updates"):
        who = shapes.person(update, "updater", "user") or shapes.person(update, "updater", "api_key")
        state = json_text.line(update, "new_incident_status", "name")
        graded = json_text.line(update, "new_severity", "name")
        changed = ", ".join(filter(None, [state and f"Status: {state}", graded and f"Severity: {graded}"]))
        said = json_text.text(update, "message")
        text = f"{who}: {said}" if who and said else said
        yield Event(json_text.line(update, "created_at"), paragraphs(text, changed))


def _roles(raw: Raw) -> Iterator[tuple[str, str]]:
    for each in json_text.dicts(raw, "incident_role_assignments"):
        name = json_text.line(each, "role", "name").lower().replace(" ", "_").replace(":", "_")
        if name:
            yield name, shapes.person(each, "assignee")


def _custom(raw: Raw) -> Iterator[tuple[str, str]]:
    for each in json_text.dicts(raw, "custom_field_entries"):
        name = json_text.line(each, "custom_field", "name").replace(":", " ")
        values = [_value(value) for value in json_text.dicts(each, "values")]
        if name:
            yield name, ", ".join(filter(None, values))


def _value(value: Raw) -> str:
    chosen = json_text.line(value, "value_option", "value") or json_text.line(
        value, "value_catalog_entry", "name"
    )
    return chosen or json_text.first(value, "value_text", "value_link", "value_numeric", "value_timestamp")


def _items(raw: Raw) -> Iterator[Item]:
    for each in json_text.dicts(raw, "follow_ups"):
        status = STATES.get(json_text.line(each, "status"), "open")
        yield shapes.item(
            json_text.line(each, "title"),
            more=shapes.prose(json_text.text(each, "description")),
            owner=shapes.person(each, "assignee"),
            due=json_text.line(each, "due_at") or json_text.line(each, "due_date"),
            status=status,
            reason=json_text.line(each, "status").replace("_", " ") if status == "wont_do" else "",
            priority=item_tables.urgency(json_text.line(each, "priority", "name")),
            ticket=json_text.line(each, "external_issue_reference", "issue_permalink"),
        )


FORMAT = RecordFormat("incident_io", "incident.io incidents", "incident", '"incident_status"', raws, record)
