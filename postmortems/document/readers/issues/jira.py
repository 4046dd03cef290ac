"""Reads issues of Jira: REST API v2 and v3 as JSON, the XML and the CSV that its search page exports.

Fields: REST v3 as in jira.js 5.4.0 (`Issue`, `IssueLink`, `StatusCategory`); what an issue is called is its
key. Sub-tasks and linked issues become action items; one that is in the same file tells its owner and date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from postmortems.document.markdown import severities
from postmortems.document.markdown.items import item_tables
from postmortems.document.model import Item
from postmortems.document.readers.issues import jira_csv, jira_text, jira_xml, labels
from postmortems.document.readers.records import json_text, record_markdown
from postmortems.document.readers.records.json_text import Raw
from postmortems.document.readers.records.record import Note, Record, day
from postmortems.document.readers.records.record_format import Part, RecordFormat, looks_like_json
from postmortems.errors import Invalid

KEY = re.compile(r"[A-Z][A-Z0-9_]{0,30}-\d{1,9}")
SITE = re.compile(r"(?P<site>https?://[^/]+(?:/[\w-]+)?)/(?:rest/|browse/)")
# Links that say that two issues are one; all others say that there is more to do, or what it came from.
THE_SAME = re.compile(r"duplicat|clone", re.IGNORECASE)
CATEGORIES = {"done": "done", "indeterminate": "in_progress", "new": "open", "undefined": "open"}
DROPPED = re.compile(
    r"won.?t|duplicate|cannot reproduce|declined|rejected|abandoned|not a bug|incomplete", re.IGNORECASE
)


def raws(loaded: object) -> list[Raw]:
    """The issues in what was loaded, sub-tasks put into their parents where those are there too."""
    found = loaded if isinstance(loaded, list) else [loaded, *json_text.dicts(loaded, "issues")]
    issues = [each for each in found if isinstance(each, dict) and _is_issue(each)]
    return _families(issues)


def _is_issue(raw: Raw) -> bool:
    return bool(KEY.fullmatch(json_text.line(raw, "key"))) and isinstance(
        json_text.at(raw, "fields", "summary"), str
    )


def _families(issues: Sequence[Raw]) -> list[Raw]:
    """The issues that are reports: what is below another one is told in it."""
    by_key = {json_text.line(raw, "key"): raw for raw in issues}
    below: dict[str, list[Raw]] = {}
    for raw in issues:
        parent = json_text.line(raw, "fields", "parent", "key")
        if parent in by_key and json_text.at(raw, "fields", "issuetype", "subtask") is True:
            below.setdefault(parent, []).append(raw)
    inside = {json_text.line(raw, "key") for each in below.values() for raw in each}
    return [
        {**raw, "children": below[key]} if key in below else raw
        for key, raw in by_key.items()
        if key not in inside
    ]


def record(raw: Raw) -> Record:
    """One issue as a record."""
    fields = raw["fields"]
    names = json_text.names(fields, "labels")
    parts = [jira_text.markdown(fields.get("description")), *_asides(fields)]
    return Record(
        identity=identity(raw),
        title=json_text.line(fields, "summary"),
        body="\n\n".join(filter(None, parts)),
        day=day(json_text.line(fields, "created")),
        is_day_vague=True,
        severity=labels.severity(names) or _severity(raw),
        services=(),
        tags=tuple(names),
        fields=_fields(raw),
        notes=tuple(_notes(raw)),
        items=tuple(_items(raw)),
        items_heading="Sub-tasks and linked issues",
    )


def identity(raw: Raw) -> str:
    """`jira:https://site/PM-7`: two sites have the same keys."""
    site = SITE.match(json_text.line(raw, "self"))
    return f"jira:{site['site'].lower() + '/' if site else ''}{json_text.line(raw, 'key')}"


def _url(raw: Raw) -> str:
    site = SITE.match(json_text.line(raw, "self"))
    return f"{site['site']}/browse/{json_text.line(raw, 'key')}" if site else ""


def _asides(fields: Raw) -> Iterator[str]:
    """Texts of their own that an issue has beside its description."""
    environment = jira_text.markdown(fields.get("environment"))
    if environment.strip():
        yield f"## Environment\n\n{environment}"


def _severity(raw: Raw) -> str:
    """What a field called Severity says; its name is in `names` (`expand=names`) or in the export."""
    named = json_text.at(raw, "names")
    for key, name in named.items() if isinstance(named, dict) else ():
        if isinstance(name, str) and name.strip().lower() in (
            "severity",
            "severity level",
            "incident severity",
        ):
            value = raw["fields"].get(key)
            said = json_text.first(value, "value", "name") or json_text.line({"said": value}, "said")
            if level := severities.level(said):
                return level
    return ""


def _who(raw: object, *path: str) -> str:
    found = json_text.at(raw, *path)
    return json_text.first(found, "displayName", "name", "emailAddress", "accountId")


def _fields(raw: Raw) -> tuple[tuple[str, str], ...]:
    fields = raw["fields"]
    return (
        ("key", json_text.line(raw, "key")),
        ("source", _url(raw)),
        ("state", json_text.line(fields, "status", "name")),
        ("author", _who(fields, "reporter")),
        ("assignees", _who(fields, "assignee")),
        ("visibility", "private" if fields.get("security") else ""),
        ("priority", json_text.line(fields, "priority", "name")),
        ("components", ", ".join(json_text.names(fields, "components"))),
        ("due", json_text.line(fields, "duedate")),
    )


def _notes(raw: Raw) -> Iterator[Note]:
    comments = json_text.dicts(raw, "fields", "comment", "comments") or json_text.dicts(
        raw, "fields", "comment"
    )
    for comment in comments:
        text = jira_text.markdown(comment.get("body"))
        if text.strip():
            yield Note(text, _who(comment, "author"), json_text.line(comment, "created"))


def _items(raw: Raw) -> Iterator[Item]:
    whole = {json_text.line(child, "key"): child for child in json_text.dicts(raw, "children")}
    listed = [json_text.line(each, "key") for each in json_text.dicts(raw, "fields", "subtasks")]
    for each in json_text.dicts(raw, "fields", "subtasks"):
        yield from _item(raw, whole.get(json_text.line(each, "key"), each))
    for key, child in whole.items():
        if key not in listed:
            yield from _item(raw, child)
    for link in json_text.dicts(raw, "fields", "issuelinks"):
        if THE_SAME.search(json_text.line(link, "type", "name")):
            continue
        for side in ("outwardIssue", "inwardIssue"):
            yield from _item(raw, json_text.at(link, side))


def _item(parent: Raw, raw: object) -> Iterator[Item]:
    """An issue as an action item; its description stands below its title."""
    fields = json_text.at(raw, "fields")
    text = json_text.line(fields, "summary")
    if not text:
        return
    key = json_text.line(raw, "key")
    more = jira_text.markdown(json_text.at(fields, "description"))
    status, reason = _status(fields)
    owner = _who(fields, "assignee")
    item = Item(
        f"{text}\n\n{record_markdown.levelled_below(more)}" if more.strip() else text,
        owner=owner,
        due=day(json_text.line(fields, "duedate")),
        status=status,
        reason=reason,
        tickets=tuple(filter(None, [_ticket(parent, key)])),
    )
    priority = item_tables.urgency(json_text.line(fields, "priority", "name"))
    yield replace(item, priority=priority) if priority else item


def _ticket(parent: Raw, key: str) -> str:
    site = SITE.match(json_text.line(parent, "self"))
    return f"{site['site']}/browse/{key}" if site and key else key


def _status(fields: object) -> tuple[str, str]:
    """How far an issue is, by its status category; done without being done is dropped, with the reason."""
    category = json_text.line(fields, "status", "statusCategory", "key").lower()
    resolution = json_text.line(fields, "resolution", "name")
    if category == "done" and DROPPED.search(resolution):
        return "wont_do", resolution
    return CATEGORIES.get(category, ""), ""


class _Jira(RecordFormat):
    """Jira's three exports under one name: XML and CSV are brought into the shape of its JSON first."""

    def is_it(self, text: str) -> bool:
        return jira_xml.is_it(text) or jira_csv.is_it(text) or super().is_it(text)

    def parts(self, text: str) -> Iterator[Part]:
        return super().parts(as_json(text))

    def to_markdown(self, text: str) -> str:
        return super().to_markdown(as_json(text))


def as_json(text: str) -> str:
    """Any of Jira's exports as its JSON. Raises `Invalid` with the line where it is cut off."""
    if looks_like_json(text):
        return text
    if jira_xml.is_it(text):
        return json.dumps(jira_xml.issues(text))
    if jira_csv.is_it(text):
        return json.dumps(jira_csv.issues(text))
    raise Invalid("1: this is none of Jira's exports: JSON, XML or CSV")


FORMAT = _Jira("jira", "Jira issues", "issue", '"key"', raws, record)
