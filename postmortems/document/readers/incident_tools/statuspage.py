"""Reads the history of a status page (Atlassian Statuspage, and pages that speak as it does).

Shapes: `incidents.json` of a page (version 2) and what the manage API gives (`incident_updates` with
`display_at`, newest first; `postmortem_body`), `history.atom` and `history.rss`. Maintenance is no incident.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from postmortems.document.readers.incident_tools import shapes, statuspage_feed
from postmortems.document.readers.records import json_text
from postmortems.document.readers.records.json_text import Raw
from postmortems.document.readers.records.record import Event, Record, day
from postmortems.document.readers.records.record_format import Part, RecordFormat, looks_like_json
from postmortems.document.text import one_line, paragraphs

# The page's own scale: how much of the service was gone.
IMPACTS = {"critical": "SEV1", "major": "SEV2", "minor": "SEV3"}


def raws(loaded: object) -> list[Raw]:
    """The incidents in what was loaded."""
    found = shapes.incidents(loaded, "incidents", "incident")
    page = json_text.at(loaded, "page")
    return [
        {**raw, "page": page} if isinstance(page, dict) else raw
        for raw in found
        if isinstance(raw.get("incident_updates"), list) and "name" in raw and "incident_status" not in raw
        if json_text.line(raw, "impact") != "maintenance" and not raw.get("scheduled_for")
    ]


def record(raw: Raw) -> Record:
    """One incident as a record."""
    services, told = shapes.split_services(_components(raw))
    events = list(_events(raw))
    began = json_text.first(raw, "started_at", "created_at")
    report = json_text.text(raw, "postmortem_body")
    return Record(
        identity=f"statuspage:{json_text.line(raw, 'id')}",
        title=json_text.line(raw, "name"),
        body=shapes.prose(report),
        day=day(began) or min(filter(None, (day(event.at) for event in events)), default=None),
        severity=IMPACTS.get(json_text.line(raw, "impact"), ""),
        services=services,
        fields=(
            ("source", json_text.line(raw, "shortlink")),
            ("state", json_text.line(raw, "status")),
            ("impact", json_text.line(raw, "impact")),
            ("components", told),
            ("page", json_text.line(raw, "page", "name")),
        ),
        events=tuple(events),
    )


def _components(raw: Raw) -> list[str]:
    names = json_text.names(raw, "components")
    for update in json_text.dicts(raw, "incident_updates"):
        # An update that affects nothing says so in the place of a name, without a code.
        touched = [each for each in json_text.dicts(update, "affected_components") if each.get("code")]
        names += [json_text.line(each, "name") for each in touched]
    return list(dict.fromkeys(filter(None, names)))


def _events(raw: Raw) -> Iterator[Event]:
    """The updates in the order of what they tell; the post-mortem is one too, and is the body."""
    report = one_line(json_text.text(raw, "postmortem_body"))
    for update in json_text.dicts(raw, "incident_updates"):
        body = json_text.text(update, "body")
        if report and one_line(body) == report:
            continue
        state = json_text.line(update, "status").replace("_", " ")
        at = json_text.first(update, "display_at", "created_at")
        yield Event(at, paragraphs(shapes.prose(body)), state[:1].upper() + state[1:])


class _Statuspage(RecordFormat):
    """The JSON of a page, or its feed, which has the same updates as HTML."""

    def is_it(self, text: str) -> bool:
        return statuspage_feed.is_it(text) or super().is_it(text)

    def parts(self, text: str) -> Iterator[Part]:
        return super().parts(_as_json(text))

    def to_markdown(self, text: str) -> str:
        return super().to_markdown(_as_json(text))


def _as_json(text: str) -> str:
    return text if looks_like_json(text) else json.dumps({"incidents": statuspage_feed.incidents(text)})


FORMAT = _Statuspage("statuspage", "status page", "incident", '"incident_updates"', raws, record)
