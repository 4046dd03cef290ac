"""Reads issues of GitLab: what `glab issue list -O json` prints, REST, and a project's export.

Fields: REST API v4 as in @gitbeaker/rest 43.8.0 (`IssueSchema`, `NoteSchema`), which `glab` prints as it
is; a project export has `issues.ndjson` with notes, labels and the milestone inside each issue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from postmortems.document.model import Item
from postmortems.document.readers.editors import nested_tasks
from postmortems.document.readers.issues import issue_form, labels, task_owners
from postmortems.document.readers.records import json_text
from postmortems.document.readers.records.json_text import Raw
from postmortems.document.readers.records.record import Note, Record, day
from postmortems.document.readers.records.record_format import RecordFormat

PLACE = re.compile(r"https?://[^/]+/(?P<project>[^?#]+?)/-/(?:issues|incidents|work_items)/(?P<number>\d+)")
# Lists of comments beside an issue, as each door calls them.
NOTES = ("notes", "Notes", "comments")


def raws(loaded: object) -> list[Raw]:
    """The issues in what was loaded: one, a list, or the one that a relation of a project export is."""
    if isinstance(loaded, dict):
        loaded = [loaded, *json_text.dicts(loaded, "issues")]
    found = [each for each in loaded if isinstance(each, dict)] if isinstance(loaded, list) else []
    return [
        raw
        for raw in found
        if isinstance(raw.get("iid"), int) and "title" in raw and "source_branch" not in raw
    ]


def record(raw: Raw) -> Record:
    """One issue as a record."""
    body = json_text.text(raw, "description")
    names = _labels(raw)
    told = issue_form.day(body)
    return Record(
        identity=identity(raw),
        title=json_text.line(raw, "title"),
        body=nested_tasks.lifted(task_owners.told(issue_form.without_blanks(body))),
        day=told or day(json_text.line(raw, "created_at")),
        is_day_vague=told is None,
        severity=_severity(raw, names),
        services=issue_form.services(body),
        tags=tuple(names),
        fields=_fields(raw),
        notes=tuple(_notes(raw)),
        items=tuple(_items(raw)),
        items_heading="Linked items",
    )


def identity(raw: Raw) -> str:
    """`gitlab:group/project#12`; an export that does not name its project has its number."""
    place = PLACE.match(json_text.text(raw, "web_url"))
    if place:
        return f"gitlab:{place['project'].lower()}#{place['number']}"
    full = json_text.line(raw, "references", "full")
    if "#" in full:
        return f"gitlab:{full.lower()}"
    project = json_text.line(raw, "project_id")
    return f"gitlab:{project}#{json_text.line(raw, 'iid')}" if project else ""


def _labels(raw: Raw) -> list[str]:
    names = json_text.names(raw, "labels", key="title") or json_text.names(raw, "labels")
    linked = [json_text.line(link, "label", "title") for link in json_text.dicts(raw, "label_links")]
    return list(dict.fromkeys(filter(None, [*names, *linked])))


def _severity(raw: Raw, names: list[str]) -> str:
    """An incident's own severity (CRITICAL to LOW; UNKNOWN is none), or the one that a label says."""
    own = json_text.line(raw, "severity").lower()
    scale = {"critical": "SEV1", "high": "SEV2", "medium": "SEV3", "low": "SEV4"}
    return scale.get(own, "") or labels.severity(names)


def _people(raw: Raw) -> list[str]:
    names = json_text.names(raw, "assignees", key="username")
    exported = (
        json_text.line(each, "assignee", "username") for each in json_text.dicts(raw, "issue_assignees")
    )
    one = json_text.line(raw, "assignee", "username")
    return list(dict.fromkeys(filter(None, [*names, *exported, one])))


def _fields(raw: Raw) -> tuple[tuple[str, str], ...]:
    return (
        ("source", json_text.line(raw, "web_url")),
        ("state", json_text.line(raw, "state")),
        ("author", json_text.line(raw, "author", "username") or json_text.line(raw, "author", "name")),
        ("assignees", ", ".join(_people(raw))),
        ("visibility", "private" if raw.get("confidential") is True else ""),
        ("milestone", json_text.line(raw, "milestone", "title")),
        ("due", json_text.line(raw, "due_date") or json_text.line(raw, "milestone", "due_date")),
    )


def _notes(raw: Raw) -> Iterator[Note]:
    """What people wrote; notes of the system say what changed, which nobody wrote."""
    for key in NOTES:
        for note in json_text.dicts(raw, key):
            text = json_text.text(note, "note") or json_text.text(note, "body")
            if text.strip() and not note.get("system"):
                who = json_text.line(note, "author", "username") or json_text.line(note, "author", "name")
                yield Note(text, who, json_text.line(note, "created_at"))
    # GitLab keeps threads: a list of discussions, each with notes.
    for thread in json_text.dicts(raw, "discussions"):
        yield from _notes({"notes": thread.get("notes")})


def _items(raw: Raw) -> Iterator[Item]:
    """Linked issues and tasks below it, where the file has them (`GET …/issues/:iid/links`)."""
    for key in ("links", "linked_issues", "children", "tasks"):
        for each in json_text.dicts(raw, key):
            if text := json_text.line(each, "title"):
                yield Item(
                    text,
                    owner=", ".join(f"@{name}" for name in _people(each)),
                    due=day(json_text.line(each, "due_date")),
                    status="done" if json_text.line(each, "state") == "closed" else "open",
                    tickets=tuple(filter(None, [json_text.line(each, "web_url")])),
                )


FORMAT = RecordFormat("gitlab", "GitLab issues", "issue", '"iid"', raws, record)
