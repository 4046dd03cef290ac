"""GitLab's issues. What is closed does not say whether it was done or dropped.

Calls and members: GitLab's manual, "Issues API". Who is assigned goes out by number and comes back by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from postmortems.egress.client import Egress
from postmortems.trackers import members, wire
from postmortems.trackers.issue import DONE, OPEN, Change, Draft, Issue, Person
from postmortems.trackers.wire import Failed, Host

NAME = "GitLab"
PLACE = re.compile(r"[1-9][0-9]{0,18}|[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.][A-Za-z0-9_.-]*)+")
KEY = re.compile(r"(?:https?://[^\s]+/-/(?:issues|work_items)/|#)?([1-9][0-9]{0,9})(?:[?#][^\s]*)?")


def read(host: Host, key: str, egress: Egress) -> Issue:
    """The issue as it is now. Raises `Failed`, as all here do."""
    return issue(_call(host, egress, "GET", f"/issues/{key}"))


def create(host: Host, draft: Draft, egress: Egress) -> Issue:
    """A new issue."""
    body: dict[str, Any] = {"title": draft.title, "description": draft.body}
    if draft.assignee:
        body["assignee_ids"] = [_user(host, draft.assignee, egress)]
    if draft.due:
        body["due_date"] = draft.due.isoformat()
    return issue(_call(host, egress, "POST", "/issues", body))


def created(host: Host, mark: str, since: datetime, egress: Egress) -> Issue | None:
    """The issue that has the mark in its text."""
    query = {"created_after": since.isoformat(), "order_by": "created_at", "sort": "asc"}
    found = (one for one in _listed(host, query, egress) if mark in one.body)
    return next(found, None)


def change(host: Host, before: Issue, change: Change, egress: Egress) -> Issue:
    """Change an issue."""
    body: dict[str, Any] = {}
    if change.title is not None:
        body["title"] = change.title
    if change.state is not None and (change.state == OPEN) != (before.state == OPEN):
        body["state_event"] = "reopen" if change.state == OPEN else "close"
    if change.assignee is not None:
        people = change.people(before)
        # Nobody is said by a zero.
        body["assignee_ids"] = [_user(host, name, egress) for name in people] or [0]
    if change.is_due_changed:
        body["due_date"] = change.due.isoformat() if change.due else ""
    return issue(_call(host, egress, "PUT", f"/issues/{before.key}", body)) if body else before


def rewrite(host: Host, key: str, title: str, body: str, egress: Egress) -> Issue:
    """Give an issue another title and text."""
    return issue(_call(host, egress, "PUT", f"/issues/{key}", {"title": title, "description": body}))


def changed(host: Host, since: datetime, egress: Egress) -> Iterator[Issue]:
    """The issues that changed since then, the longest ago first."""
    query = {"order_by": "updated_at", "sort": "asc"}
    yield from wire.following(
        lambda at, page: _page(host, {**query, "updated_after": at.isoformat()}, page, egress), since
    )


def issue(found: Any) -> Issue:
    """An issue as the API gives it."""
    said = members.entry(found, NAME)
    number = members.number(said, "iid", NAME)
    people = said.get("assignees")
    names = [members.text(one, "username") for one in people or [] if isinstance(one, dict)]
    return Issue(
        key=number,
        shown=f"#{number}",
        url=members.web(said, "web_url"),
        title=members.line(said, "title", NAME),
        state=DONE if members.text(said, "state") == "closed" else OPEN,
        assignees=tuple(Person(name) for name in names if name),
        due=members.day(said, "due_date"),
        closed_by=members.text(members.inner(said, "closed_by"), "username"),
        stamp=members.text(said, "updated_at"),
        body=members.text(said, "description"),
    )


def _user(host: Host, name: str, egress: Egress) -> int:
    found = members.entries(_asked(host, egress, "GET", f"/users?{urlencode({'username': name})}"), NAME)
    ids = [one["id"] for one in found if isinstance(one.get("id"), int)]
    if not ids:
        raise Failed(f"GitLab has no account {name}", is_final=True)
    return int(ids[0])


def _listed(host: Host, query: dict[str, str], egress: Egress) -> Iterator[Issue]:
    for page in range(1, wire.MOST_PAGES + 1):
        found, rows = _page(host, query, page, egress)
        yield from found
        if rows < wire.PAGE:
            return


def _page(host: Host, query: dict[str, str], page: int, egress: Egress) -> tuple[list[Issue], int]:
    whole = urlencode({**query, "scope": "all", "per_page": wire.PAGE, "page": page})
    rows = members.entries(_call(host, egress, "GET", f"/issues?{whole}"), NAME)
    return list(map(issue, rows)), len(rows)


def _call(host: Host, egress: Egress, method: str, path: str, body: object = None) -> Any:
    return _asked(host, egress, method, f"/projects/{quote(host.place, safe='')}{path}", body)


def _asked(host: Host, egress: Egress, method: str, path: str, body: object = None) -> Any:
    secret = ("PRIVATE-TOKEN", host.token)
    return wire.call(NAME, egress, method, host.api + path, secret=secret, body=body)
