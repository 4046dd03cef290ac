"""Reads issues of GitHub: what `gh issue list --json` and `gh issue view --json` print, REST and GraphQL.

Fields: `gh` 2.46 to 2.80 (names in camel case, `comments` in the issue), REST API 2022-11-28 as in githubkit
0.16.1 (`Issue`, `IssueComment`), GraphQL (lists in `nodes`).
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

PLACE = re.compile(
    r"https?://[^/]+/(?:api/v3/)?(?:repos/)?(?P<repository>[^/]+/[^/]+)/(?:issues|pull)/(?P<number>\d+)"
)
# What GitHub makes of tasks that are issues of their own.
SUB_ISSUES = ("sub_issues", "subIssues")


def raws(loaded: object) -> list[Raw]:
    """The issues in what was loaded; pull requests among them are no reports."""
    return [raw for raw in _found(loaded) if _is_issue(raw)]


def _found(loaded: object) -> Iterator[Raw]:
    for path in (("data", "repository"), ("data",), ()):
        inside = json_text.at(loaded, *path) if path else loaded
        for key in ("issues", "search", "items"):
            yield from json_text.dicts(inside, key)
        for key in ("issue", "node"):
            one = json_text.at(inside, key)
            if isinstance(one, dict) and "title" in one:
                yield one
    if isinstance(loaded, list):
        yield from (each for each in loaded if isinstance(each, dict))
        # `gh api --paginate --slurp`: a list of pages.
        yield from (
            each for page in loaded if isinstance(page, list) for each in page if isinstance(each, dict)
        )
    elif isinstance(loaded, dict) and "title" in loaded:
        yield loaded


def _is_issue(raw: Raw) -> bool:
    is_number = isinstance(raw.get("number"), int)
    is_here = "user" in raw or "author" in raw or bool(PLACE.match(_url(raw))) or "createdAt" in raw
    is_else = "iid" in raw or "incident_number" in raw or "milestones" in raw
    return is_number and "title" in raw and is_here and not is_else and not raw.get("pull_request")


def record(raw: Raw) -> Record:
    """One issue as a record."""
    body = json_text.text(raw, "body")
    names = json_text.names(raw, "labels")
    told = issue_form.day(body)
    return Record(
        identity=identity(raw),
        title=json_text.line(raw, "title"),
        body=nested_tasks.lifted(task_owners.told(issue_form.without_blanks(body))),
        day=told or day(json_text.first(raw, "createdAt", "created_at")),
        is_day_vague=told is None,
        severity=labels.severity(names),
        services=issue_form.services(body),
        tags=tuple(names),
        fields=_fields(raw),
        notes=tuple(_notes(raw)),
        items=tuple(_items(raw)),
        items_heading="Sub-issues",
    )


def identity(raw: Raw) -> str:
    """`github:owner/repo#12`, whatever door it came by; without an address only its number is known."""
    place = PLACE.match(_url(raw)) or PLACE.match(json_text.text(raw, "url"))
    if place:
        return f"github:{place['repository'].lower()}#{place['number']}"
    named = json_text.line(raw, "repository", "nameWithOwner") or json_text.line(
        raw, "repository", "full_name"
    )
    return f"github:{named.lower()}#{json_text.line(raw, 'number')}" if named else ""


def _url(raw: Raw) -> str:
    return json_text.text(raw, "html_url") or json_text.text(raw, "url")


def _fields(raw: Raw) -> tuple[tuple[str, str], ...]:
    assigned = json_text.names(raw, "assignees", key="login")
    return (
        ("source", _url(raw)),
        ("state", json_text.line(raw, "state").lower()),
        ("author", _login(raw)),
        ("assignees", ", ".join(assigned)),
        ("milestone", json_text.line(raw, "milestone", "title")),
        ("due", _due(raw)),
    )


def _due(raw: Raw) -> str:
    due = json_text.first(json_text.at(raw, "milestone"), "dueOn", "due_on")
    return due[:10]


def _login(raw: Raw) -> str:
    return json_text.line(raw, "author", "login") or json_text.line(raw, "user", "login")


def _notes(raw: Raw) -> Iterator[Note]:
    """The comments; those that were hidden as spam or off-topic are not shown either."""
    for comment in json_text.dicts(raw, "comments"):
        text = json_text.text(comment, "body")
        hidden = comment.get("isMinimized") or comment.get("is_minimized")
        if text.strip() and not hidden:
            yield Note(text, _login(comment), json_text.first(comment, "createdAt", "created_at"))


def _items(raw: Raw) -> Iterator[Item]:
    for key in SUB_ISSUES:
        for each in json_text.dicts(raw, key):
            if text := json_text.line(each, "title"):
                yield _item(each, text)


def _item(raw: Raw, text: str) -> Item:
    is_closed = json_text.line(raw, "state").lower() == "closed"
    reason = json_text.first(raw, "stateReason", "state_reason").lower()
    is_dropped = is_closed and reason in ("not_planned", "duplicate")
    due = day(_due(raw))
    return Item(
        text,
        owner=", ".join(f"@{name}" for name in json_text.names(raw, "assignees", key="login")),
        due=due,
        status="wont_do" if is_dropped else "done" if is_closed else "open",
        reason=reason.replace("_", " ") if is_dropped else "",
        tickets=tuple(filter(None, [_url(raw)])),
    )


FORMAT = RecordFormat("github", "GitHub issues", "issue", '"number"', raws, record)
