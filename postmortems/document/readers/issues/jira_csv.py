"""Reads Jira's CSV export ("all fields" or "current fields") into the shape of its JSON.

One column for each value of a list ("Labels" three times); a comment is `when;who;text`; days are written as
the site writes them (`12/Mar/24 9:41 AM`, `2024-03-12 09:41`); texts are in wiki markup.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from datetime import datetime
from typing import Any

from postmortems.document.text import one_line
from postmortems.errors import Invalid

FIRST = 65_536
NEEDED = ("Summary", "Issue key")
LINK = re.compile(r"(?:Inward|Outward) issue link \((?P<kind>.+)\)")
CUSTOM = re.compile(r"Custom field \((?P<name>.+)\)")
INSTANTS = (
    "%d/%b/%y %I:%M %p",
    "%d/%b/%Y %I:%M %p",
    "%d/%b/%y",
    "%d/%b/%Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%y %H:%M",
)
SUBTASK = re.compile(r"sub-?task", re.IGNORECASE)
CATEGORIES = {"to do": "new", "in progress": "indeterminate", "done": "done"}
# Without the column "Status Category", what the usual states are.
DONE = re.compile(r"done|closed|resolved|complete[d]?|fixed|released|won'?t do", re.IGNORECASE)
UNDER_WAY = re.compile(r"in (?:progress|review|development)|doing|started|testing", re.IGNORECASE)

Columns = dict[str, list[str]]


def is_it(text: str) -> bool:
    """Whether a text is such an export: its first line names the columns that every one has."""
    head = text.lstrip("\ufeff").partition("\n")[0][:FIRST]
    return all(name in head for name in NEEDED) and head.count(_comma(head)) >= 2


def issues(text: str) -> list[dict[str, Any]]:
    """The issues of an export in the shape of REST. Raises `Invalid` with the line where a row is broken."""
    text = text.lstrip("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_comma(text.partition("\n")[0]), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise Invalid(f"{reader.line_num}: this is no whole CSV: {error}; export it again") from error
    head = [name.strip() for name in rows[0]] if rows else []
    found = [_columns(head, row) for row in rows[1:] if any(cell.strip() for cell in row)]
    ids = {_one(columns, "Issue id"): _one(columns, "Issue key") for columns in found}
    return [_issue(columns, ids) for columns in found if _one(columns, "Issue key")]


def _comma(head: str) -> str:
    return ";" if head.count(";") > head.count(",") else ","


def _columns(head: list[str], row: list[str]) -> Columns:
    columns: Columns = defaultdict(list)
    for name, cell in zip(head, row, strict=False):
        if cell.strip():
            columns[name].append(cell)
    return columns


def _one(columns: Columns, *names: str) -> str:
    """The first value in the first of these columns that has one."""
    return next((one_line(columns[name][0]) for name in names if columns.get(name)), "")


def _whole(columns: Columns, name: str) -> str:
    return columns[name][0] if columns.get(name) else ""


def _issue(columns: Columns, ids: dict[str, str]) -> dict[str, Any]:
    parent = ids.get(_one(columns, "Parent id"), "") or _one(columns, "Parent key", "Parent")
    custom = {name: match["name"] for name in columns if (match := CUSTOM.fullmatch(name))}
    fields: dict[str, Any] = {
        "summary": _one(columns, "Summary"),
        "description": _whole(columns, "Description"),
        "environment": _whole(columns, "Environment"),
        "created": instant(_one(columns, "Created")),
        "duedate": instant(_one(columns, "Due date", "Due Date"))[:10],
        "issuetype": {
            "name": _one(columns, "Issue Type"),
            "subtask": bool(SUBTASK.search(_one(columns, "Issue Type"))),
        },
        "parent": {"key": parent},
        "priority": {"name": _one(columns, "Priority")},
        "security": _one(columns, "Security Level"),
        "status": {"name": _one(columns, "Status"), "statusCategory": {"key": _category(columns)}},
        "resolution": {"name": _one(columns, "Resolution")},
        "assignee": _person(columns, "Assignee"),
        "reporter": _person(columns, "Reporter"),
        "labels": [one_line(each) for each in columns.get("Labels", ())],
        "components": [
            {"name": one_line(each)} for each in columns.get("Components", columns.get("Component/s", ()))
        ],
        "comment": {"comments": [_comment(each) for each in columns.get("Comment", ())]},
        "issuelinks": _links(columns),
    }
    values = {name: {"value": _one(columns, name)} for name in custom}
    return {"key": _one(columns, "Issue key"), "names": custom, "fields": {**fields, **values}}


def _person(columns: Columns, name: str) -> dict[str, str] | None:
    said = _one(columns, name)
    return {"displayName": said} if said and said != "Unassigned" else None


def _category(columns: Columns) -> str:
    said, status = _one(columns, "Status Category").lower(), _one(columns, "Status")
    if said:
        return CATEGORIES.get(said, "new")
    if DONE.fullmatch(status):
        return "done"
    return "indeterminate" if UNDER_WAY.fullmatch(status) else "new"


def _comment(cell: str) -> dict[str, Any]:
    """`12/Mar/24 9:41 AM;ada;Text` as a comment; a cell of another shape is all text."""
    when, _, rest = cell.partition(";")
    who, mark, body = rest.partition(";")
    if not mark or not instant(one_line(when)):
        return {"body": cell}
    return {"created": instant(one_line(when)), "author": {"displayName": who.strip()}, "body": body}


def _links(columns: Columns) -> list[dict[str, Any]]:
    """Linked issues, of which the export has the key alone."""
    return [
        {"type": {"name": match["kind"]}, "outwardIssue": {"key": key, "fields": {"summary": key}}}
        for name, cells in columns.items()
        if (match := LINK.fullmatch(name))
        for key in map(one_line, cells)
    ]


def instant(said: str) -> str:
    """A time as the export writes it, in ISO 8601 without a zone (a site's own); "" where it is none."""
    for form in INSTANTS:
        try:
            return datetime.strptime(said, form).isoformat()  # noqa: DTZ007 - a site writes no zone
        except ValueError:
            continue
    return ""
