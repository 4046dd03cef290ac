"""Reads incidents of Rootly: JSON:API documents of incidents with events, action items and retrospectives.

Shapes: rootly 3.0.1 from PyPI (`Incident`, `IncidentEvent`, `IncidentActionItem`, `IncidentPostMortem`); what
belongs to an incident stands in `included`, or in lists beside it.
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

STATES = {"open": "open", "in_progress": "in_progress", "done": "done", "cancelled": "wont_do"}
STAMPS = (
    ("started_at", "Started"),
    ("detected_at", "Detected"),
    ("acknowledged_at", "Acknowledged"),
    ("in_triage_at", "Triage"),
    ("mitigated_at", "Mitigated"),
    ("resolved_at", "Resolved"),
    ("closed_at", "Closed"),
    ("cancelled_at", "Cancelled"),
)
EVENTS, ITEMS, REPORTS = "incident_events", "incident_action_items", "incident_post_mortems"
# Lists may be called by what they are, or as the address that gives them is.
BESIDE = {EVENTS: ("events",), ITEMS: ("action_items",), REPORTS: ("post_mortems", "post_mortem")}


def raws(loaded: object) -> list[Raw]:
    """The incidents in what was loaded, each with the rows that belong to it."""
    data = json_text.at(loaded, "data")
    found = [data] if isinstance(data, dict) else json_text.dicts(loaded, "data")
    if isinstance(loaded, dict) and not found:
        return [loaded] if _is_incident(loaded) else []
    included = json_text.dicts(loaded, "included")
    return [
        {**raw, "included": _own(raw, included, len(found))} | _lists(loaded)
        for raw in found
        if _is_incident(raw)
    ]


def _is_incident(raw: Raw) -> bool:
    return json_text.line(raw, "type") == "incidents" and isinstance(raw.get("attributes"), dict)


def _own(raw: Raw, included: list[Raw], incidents: int) -> list[Raw]:
    """The rows that the incident's relationships name; all, where there is one incident alone."""
    if incidents == 1:
        return included
    relations = json_text.at(raw, "relationships")
    named = {
        (json_text.line(each, "type"), json_text.line(each, "id"))
        for relation in (relations.values() if isinstance(relations, dict) else ())
        for each in shapes.listed(relation) or json_text.dicts([json_text.at(relation, "data")])
    }
    return [each for each in included if (json_text.line(each, "type"), json_text.line(each, "id")) in named]


def _lists(loaded: object) -> Raw:
    keys = [*BESIDE, *(key for others in BESIDE.values() for key in others)]
    return {key: loaded[key] for key in keys if isinstance(loaded, dict) and key in loaded}


def _rows(raw: Raw, kind: str) -> Iterator[Raw]:
    """The attributes of the rows of one kind, wherever they stand."""
    found = [each for each in json_text.dicts(raw, "included") if json_text.line(each, "type") == kind]
    for key in (kind, *BESIDE[kind]):
        beside = raw.get(key)
        found += shapes.listed(beside) or json_text.dicts([json_text.at(beside, "data")])
    for each in found:
        attributes = json_text.at(each, "attributes")
        yield attributes if isinstance(attributes, dict) else each


def _named(raw: object, *path: str) -> list[str]:
    """Names in a list whose rows are JSON:API documents of their own, or plain."""
    rows = json_text.dicts(raw, *path) or json_text.dicts(raw, *path, "data")
    names = (
        json_text.line(each, "data", "attributes", "name") or json_text.line(each, "attributes", "name")
        for each in rows
    )
    return [name or json_text.line(each, "name") for name, each in zip(names, rows, strict=True)]


def record(raw: Raw) -> Record:
    """One incident as a record."""
    own = raw["attributes"]
    services, told = shapes.split_services([name for name in _named(own, "services") if name])
    graded = json_text.at(own, "severity", "data", "attributes")
    title, summary = json_text.line(own, "title"), json_text.text(own, "summary")
    reports = [shapes.prose(json_text.text(each, "content")) for each in _rows(raw, REPORTS)]
    return Record(
        identity=f"rootly:{json_text.line(raw, 'id')}",
        title=title,
        body=paragraphs("" if summary.strip() == title else shapes.prose(summary), *reports, *_messages(own)),
        day=day(json_text.first(own, "started_at", "detected_at", "created_at")),
        severity=severities.level(json_text.line(graded, "name"))
        or severities.level(json_text.line(graded, "severity")),
        services=services,
        tags=tuple(name for name in _named(own, "incident_types") if name),
        fields=(
            ("source", json_text.line(own, "url")),
            ("number", json_text.line(own, "sequential_id")),
            ("state", json_text.line(own, "status")),
            ("author", shapes.person(own, "user", "data", "attributes")),
            ("services_told", told),
            ("environments", ", ".join(filter(None, _named(own, "environments")))),
            ("functionalities", ", ".join(filter(None, _named(own, "functionalities")))),
            ("causes", ", ".join(filter(None, _named(own, "causes")))),
            ("teams", ", ".join(filter(None, _named(own, "groups")))),
            ("visibility", shapes.private(own.get("private"))),
        ),
        events=(*_stamps(own), *_events(raw)),
        items=tuple(_items(raw)),
    )


def _messages(own: Raw) -> Iterator[str]:
    for key, heading in (("mitigation_message", "Mitigation"), ("resolution_message", "Resolution")):
        if said := json_text.text(own, key).strip():
            yield f"## {heading}\n\n{shapes.prose(said)}"


def _stamps(own: Raw) -> Iterator[Event]:
    for key, said in STAMPS:
        if at := json_text.line(own, key):
            yield Event(at, said)


def _events(raw: Raw) -> Iterator[Event]:
    for each in _rows(raw, EVENTS):
        at = json_text.first(each, "occurred_at", "created_at")
        yield Event(at, shapes.prose(json_text.text(each, "event")))


def _items(raw: Raw) -> Iterator[Item]:
    for each in _rows(raw, ITEMS):
        state = json_text.line(each, "status")
        status = STATES.get(state, "open")
        who = shapes.person(each, "assigned_to", "data", "attributes") or shapes.person(each, "assigned_to")
        yield shapes.item(
            json_text.line(each, "summary"),
            more=shapes.prose(json_text.text(each, "description")),
            owner=who,
            due=json_text.line(each, "due_date"),
            status=status,
            reason=state if status == "wont_do" else "",
            priority=item_tables.urgency(json_text.line(each, "priority")),
            ticket=json_text.first(each, "jira_issue_url", "linear_issue_url", "github_issue_url", "url"),
        )


FORMAT = RecordFormat("rootly", "Rootly incidents", "incident", '"incidents"', raws, record)
