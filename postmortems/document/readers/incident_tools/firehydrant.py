"""Reads incidents of FireHydrant: an incident with its events, tasks and follow-up tickets.

Shapes: firehydrant/firehydrant-typescript-sdk of December 2025 (`IncidentEntity`, `IncidentEventEntity`,
`TaskEntity`, `TicketingTicketEntity`), names in snake case as on the wire.
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
# Where the words of an event stand; each kind of event has its own.
WORDS = ("body", "summary", "message", "description", "name", "title")
# The retrospective, as the file calls it.
REPORTS = ("post_mortem_report", "postmortem_report", "report", "retrospective")
LISTS = (("tasks", False), ("incident_tickets", True), ("follow_ups", True), ("tickets", True))


def raws(loaded: object) -> list[Raw]:
    """The incidents in what was loaded, each with what stands beside it."""
    found = shapes.incidents(loaded, "incidents", "incident", "data")
    if len(found) == 1 and isinstance(loaded, dict):
        reports = {key: loaded[key] for key in REPORTS if isinstance(loaded.get(key), dict)}
        found = [{**reports, **found[0]}]
    return [
        raw
        for raw in found
        if "name" in raw and ("current_milestone" in raw or "customer_impact_summary" in raw)
    ]


def record(raw: Raw) -> Record:
    """One incident as a record."""
    services, told = shapes.split_services(json_text.names(raw, "services"))
    impact = json_text.text(raw, "customer_impact_summary")
    described, summary = json_text.text(raw, "description"), json_text.text(raw, "summary")
    return Record(
        identity=f"firehydrant:{json_text.line(raw, 'id')}",
        title=json_text.line(raw, "name"),
        body=paragraphs(
            shapes.prose(summary),
            shapes.prose("" if described == summary else described),
            f"## Customer impact\n\n{shapes.prose(impact)}" if impact.strip() else "",
            *_answers(raw),
        ),
        day=day(json_text.first(raw, "started_at", "created_at")),
        severity=severities.level(json_text.line(raw, "severity")),
        services=services,
        tags=tuple(json_text.names(raw, "tag_list")),
        fields=(
            ("source", json_text.line(raw, "incident_url")),
            ("number", json_text.line(raw, "number")),
            ("state", json_text.line(raw, "current_milestone")),
            ("priority", json_text.line(raw, "priority")),
            ("services_told", told),
            ("environments", ", ".join(json_text.names(raw, "environments"))),
            ("functionalities", ", ".join(json_text.names(raw, "functionalities"))),
            ("impacts", ", ".join(filter(None, map(_impact, json_text.dicts(raw, "impacts"))))),
            ("visibility", shapes.private(raw.get("private"), raw.get("restricted"))),
            *_roles(raw),
            *shapes.own_fields(raw),
        ),
        events=(*_milestones(raw), *_events(raw)),
        items=tuple(_items(raw)),
        items_heading="Follow-ups",
    )


def _answers(raw: Raw) -> Iterator[str]:
    """What the retrospective asks, each question that was answered as a section."""
    report = next((raw[key] for key in REPORTS if isinstance(raw.get(key), dict)), None)
    for each in json_text.dicts(report, "questions"):
        asked, said = json_text.line(each, "title"), shapes.prose(json_text.text(each, "body"))
        if asked and said.strip():
            yield f"## {asked}\n\n{said}"
    if told := shapes.prose(json_text.text(report, "additional_details")).strip():
        yield f"## Additional details\n\n{told}"


def _impact(each: Raw) -> str:
    """What was hit and how badly: `checkout (Degraded)`."""
    name = json_text.line(each, "impact", "name")
    condition = json_text.line(each, "condition", "name") or json_text.line(each, "condition")
    return f"{name} ({condition})" if name and condition else name


def _roles(raw: Raw) -> Iterator[tuple[str, str]]:
    for each in json_text.dicts(raw, "role_assignments"):
        name = json_text.line(each, "incident_role", "name").lower().replace(" ", "_").replace(":", "_")
        if name:
            yield name, shapes.person(each, "user")


def _milestones(raw: Raw) -> Iterator[Event]:
    """When the incident began, was found, … resolved, as phases or, before them, milestones."""
    phased = [
        each
        for phase in json_text.dicts(raw, "lifecycle_phases")
        for each in json_text.dicts(phase, "milestones")
    ]
    for each in phased or json_text.dicts(raw, "milestones"):
        at = json_text.line(each, "occurred_at")
        name = json_text.first(each, "name", "type").replace("_", " ")
        if at and name:
            yield Event(at, name[:1].upper() + name[1:])


def _events(raw: Raw) -> Iterator[Event]:
    for each in shapes.listed(raw.get("events")):
        said = next(filter(None, (json_text.text(each, "data", key) for key in WORDS)), "")
        kind = json_text.line(each, "type").replace("_", " ").lower()
        text = shapes.prose(said) or kind
        who = shapes.person(each, "author")
        yield Event(json_text.line(each, "occurred_at"), f"{who}: {text}" if who else text)


def _items(raw: Raw) -> Iterator[Item]:
    for key, is_ticket in LISTS:
        for each in shapes.listed(raw.get(key)):
            if is_ticket and json_text.line(each, "type") == "incident":
                continue
            yield _item(each)


def _item(each: Raw) -> Item:
    state = json_text.line(each, "state").lower()
    status = STATES.get(state, "open")
    people = [shapes.person(each, "assignee"), *map(shapes.person, json_text.dicts(each, "assignees"))]
    return shapes.item(
        json_text.first(each, "title", "summary"),
        more=shapes.prose(json_text.text(each, "description")),
        owner=", ".join(dict.fromkeys(filter(None, people))),
        due=json_text.line(each, "due_at"),
        status=status,
        reason=state if status == "wont_do" else "",
        priority=item_tables.urgency(json_text.line(each, "priority", "name")),
        ticket=json_text.line(each, "link", "href_url") or json_text.line(each, "attachments", "href_url"),
    )


FORMAT = RecordFormat("firehydrant", "FireHydrant incidents", "incident", '"name"', raws, record)
