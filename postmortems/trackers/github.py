"""GitHub's issues. They have no due dates, and only people with push access can be assigned.

Calls and members: GitHub's manual, "REST API endpoints for issues", version 2022-11-28. What has the member
`pull_request` is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from postmortems.egress.client import Egress, Secret
from postmortems.trackers import members, wire
from postmortems.trackers.issue import DONE, DROPPED, OPEN, Change, Draft, Issue, Person
from postmortems.trackers.wire import Failed, Host

NAME = "GitHub"
VERSION = "2022-11-28"
PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
KEY = re.compile(r"(?:https?://[^\s]+/issues/|#)?([1-9][0-9]{0,9})(?:[?#][^\s]*)?")
REASONS = {DONE: "completed", DROPPED: "not_planned"}


def read(host: Host, key: str, egress: Egress) -> Issue:
    """The issue as it is now. Raises `Failed`, as all here do."""
    return issue(_call(host, egress, "GET", f"/issues/{key}"))


def create(host: Host, draft: Draft, egress: Egress) -> Issue:
    """A new issue."""
    body: dict[str, Any] = {"title": draft.title, "body": draft.body}
    if draft.assignee:
        body["assignees"] = [draft.assignee]
    return issue(_call(host, egress, "POST", "/issues", body))


def created(host: Host, mark: str, since: datetime, egress: Egress) -> Issue | None:
    """The issue that has the mark in its text: looked for in the list, as the search is minutes behind."""
    marked = [found for found in _listed(host, since, "created", egress) if mark in found.body]
    return marked[-1] if marked else None


def change(host: Host, before: Issue, change: Change, egress: Egress) -> Issue:
    """Change an issue."""
    body: dict[str, Any] = {}
    if change.title is not None:
        body["title"] = change.title
    if change.state is not None:
        body["state"] = "open" if change.state == OPEN else "closed"
        if change.state in REASONS:
            body["state_reason"] = REASONS[change.state]
    if change.assignee is not None:
        body["assignees"] = change.people(before)
    return issue(_call(host, egress, "PATCH", f"/issues/{before.key}", body)) if body else before


def rewrite(host: Host, key: str, title: str, body: str, egress: Egress) -> Issue:
    """Give an issue another title and text."""
    return issue(_call(host, egress, "PATCH", f"/issues/{key}", {"title": title, "body": body}))


def changed(host: Host, since: datetime, egress: Egress) -> Iterator[Issue]:
    """The issues that changed since then, the longest ago first."""
    yield from wire.following(lambda at, page: _page(host, at, "updated", page, egress), since)


def issue(found: Any) -> Issue:
    """An issue as the API and webhooks give it."""
    said = members.entry(found, NAME)
    if "pull_request" in said:
        raise Failed("it is a pull request, and no issue", is_final=True)
    number = members.number(said, "number", NAME)
    is_open = members.text(said, "state") != "closed"
    dropped = members.text(said, "state_reason") in {"not_planned", "duplicate"}
    people = said.get("assignees")
    return Issue(
        key=number,
        shown=f"#{number}",
        url=members.web(said, "html_url"),
        title=members.line(said, "title", NAME),
        state=OPEN if is_open else DROPPED if dropped else DONE,
        assignees=_people(people if isinstance(people, list) else []),
        has_due=False,
        closed_by=members.text(members.inner(said, "closed_by"), "login"),
        stamp=members.text(said, "updated_at"),
        body=members.text(said, "body"),
    )


def _people(found: list[Any]) -> tuple[Person, ...]:
    logins = [members.text(one, "login") for one in found if isinstance(one, dict)]
    return tuple(Person(login) for login in logins if login)


def _listed(host: Host, since: datetime, by: str, egress: Egress) -> Iterator[Issue]:
    for page in range(1, wire.MOST_PAGES + 1):
        found, rows = _page(host, since, by, page, egress)
        yield from found
        if rows < wire.PAGE:
            return


def _page(host: Host, since: datetime, by: str, page: int, egress: Egress) -> tuple[list[Issue], int]:
    query: Mapping[str, object] = {
        "state": "all",
        "sort": by,
        "direction": "asc" if by == "updated" else "desc",
        "since": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "per_page": wire.PAGE,
        "page": page,
    }
    rows = members.entries(_call(host, egress, "GET", f"/issues?{urlencode(query)}"), NAME)
    return [issue(row) for row in rows if "pull_request" not in row], len(rows)


def _call(host: Host, egress: Egress, method: str, path: str, body: object = None) -> Any:
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION}
    secret = ("Authorization", Secret(f"Bearer {host.token.reveal()}"))
    url = f"{host.api}/repos/{host.place}{path}"
    return wire.call(NAME, egress, method, url, secret=secret, body=body, headers=headers)
