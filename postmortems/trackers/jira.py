"""Jira's issues, in the cloud and on a server of one's own, by the second version of its API.

It takes plain text, which the third does not. Calls and members: Atlassian's manual, "The Jira Cloud platform
REST API", and "Jira Data Center REST API". A state is changed by a transition, and only by those that the
workflow has. The days of JQL are in the zone of whoever asks, so times are said as minutes ago.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import ceil
from typing import Any
from urllib.parse import urlencode

from postmortems import clock
from postmortems.egress.client import Egress, Secret
from postmortems.trackers import members, wire
from postmortems.trackers.issue import DONE, DROPPED, OPEN, Change, Draft, Issue, Person
from postmortems.trackers.wire import Failed, Host

NAME = "Jira"
PLACE = re.compile(r"[A-Z][A-Z0-9_]{1,99}")
KEY = re.compile(
    r"(?:https?://[^\s]+/browse/)?([A-Z][A-Z0-9_]{1,99}-[1-9][0-9]{0,9}|[1-9][0-9]{0,18})(?:[?#][^\s]*)?"
)
FIELDS = "summary,status,resolution,assignee,duedate,updated,description"
# Resolutions and states by which nothing was done, as Jira names them in English.
NOT_DONE = frozenset(
    {"won't do", "won't fix", "declined", "duplicate", "cannot reproduce", "cancelled", "canceled"}
)
MINUTE_S = 60


def read(host: Host, key: str, egress: Egress) -> Issue:
    """The issue as it is now. Raises `Failed`, as all here do."""
    return issue(_call(host, egress, "GET", f"/issue/{key}?fields={FIELDS}"), host.api)


def create(host: Host, draft: Draft, egress: Egress) -> Issue:
    """A new issue."""
    fields: dict[str, Any] = {
        "project": {"key": host.place},
        "issuetype": {"name": host.issue_type or "Task"},
        "summary": draft.title,
        "description": draft.body,
    }
    if draft.assignee:
        fields["assignee"] = _named(host, draft.assignee)
    if draft.due:
        fields["duedate"] = draft.due.isoformat()
    answer = members.entry(_call(host, egress, "POST", "/issue", {"fields": fields}), NAME)
    return read(host, members.line(answer, "id", NAME), egress)


def created(host: Host, mark: str, since: datetime, egress: Egress) -> Issue | None:
    """The issue that has the mark in its text."""
    query = f'project = "{host.place}" AND created >= -{_minutes(since)}m ORDER BY created ASC'
    return next((found for found in _search(host, query, egress) if mark in found.body), None)


def change(host: Host, before: Issue, change: Change, egress: Egress) -> Issue:
    """Change an issue: its fields first, then its state, as the workflow lets one."""
    fields: dict[str, Any] = {}
    if change.title is not None:
        fields["summary"] = change.title
    if change.assignee is not None:
        fields["assignee"] = _named(host, change.assignee) if change.assignee else None
    if change.is_due_changed:
        fields["duedate"] = change.due.isoformat() if change.due else None
    if fields:
        _call(host, egress, "PUT", f"/issue/{before.key}", {"fields": fields})
    if change.state is not None and change.state != before.state:
        _transit(host, before.key, change.state, egress)
    return read(host, before.key, egress)


def changed(host: Host, since: datetime, egress: Egress) -> Iterator[Issue]:
    """The issues that changed since then, the longest ago first."""
    query = f'project = "{host.place}" AND updated >= -{_minutes(since)}m ORDER BY updated ASC'
    yield from _search(host, query, egress)


def issue(found: Any, api: str) -> Issue:
    """An issue as the API and webhooks give it."""
    said = members.entry(found, NAME)
    key, fields = members.line(said, "key", NAME), members.inner(said, "fields")
    person = members.inner(fields, "assignee")
    account = members.text(person, "accountId") or members.text(person, "name")
    return Issue(
        key=members.line(said, "id", NAME),
        shown=key,
        url=members.web({"url": f"{api}/browse/{key}"}, "url"),
        title=members.line(fields, "summary", NAME),
        state=_state(fields),
        assignees=(Person(account, members.text(person, "emailAddress")),) if account else (),
        due=members.day(fields, "duedate"),
        stamp=members.text(fields, "updated"),
        body=members.text(fields, "description"),
    )


def _state(fields: Mapping[str, Any]) -> str:
    status = members.inner(fields, "status")
    if members.text(members.inner(status, "statusCategory"), "key") != "done":
        return OPEN
    names = {members.text(status, "name"), members.text(members.inner(fields, "resolution"), "name")}
    return DROPPED if {name.casefold().replace("\u2019", "'") for name in names} & NOT_DONE else DONE


def _transit(host: Host, key: str, state: str, egress: Egress) -> None:
    """Take the transition that leads to the state. Raises `Failed` where the workflow has none."""
    answer = members.entry(_call(host, egress, "GET", f"/issue/{key}/transitions"), NAME)
    ways = members.entries(answer.get("transitions"), NAME)
    wanted = sorted((rank, n) for n, way in enumerate(ways) if (rank := _rank(way, state)) is not None)
    if not wanted:
        words = {OPEN: "opens it again", DONE: "closes it", DROPPED: "closes it"}[state]
        raise Failed(f"Jira's workflow has no step from here that {words}", is_final=True)
    chosen = members.line(ways[wanted[0][1]], "id", NAME)
    _call(host, egress, "POST", f"/issue/{key}/transitions", {"transition": {"id": chosen}})


def _rank(way: Mapping[str, Any], state: str) -> int | None:
    """How well a transition leads to the state, the least best; None where it leads elsewhere."""
    to = members.inner(way, "to")
    category = members.text(members.inner(to, "statusCategory"), "key")
    is_drop = members.text(to, "name").casefold().replace("\u2019", "'") in NOT_DONE
    if state == OPEN:
        return {"new": 0, "indeterminate": 1}.get(category)
    return int(is_drop != (state == DROPPED)) if category == "done" else None


def _named(host: Host, account: str) -> dict[str, str]:
    # In the cloud accounts have ids, with an address as their owner's name; on a server of one's own names.
    return {"accountId": account} if "@" in host.account else {"name": account}


def _minutes(since: datetime) -> int:
    return max(1, ceil((clock.now() - since).total_seconds() / MINUTE_S) + 1)


def _search(host: Host, query: str, egress: Egress) -> Iterator[Issue]:
    """What the query finds. The cloud has an address of its own for it, with pages by token.

    Elsewhere a page is asked for by its place, and overlaps the one before: an issue that is deleted, or
    changes, meanwhile moves all behind it up.
    """
    asked = {"jql": query, "fields": FIELDS, "maxResults": wire.PAGE}
    path, token, at = "/search/jql", "", 0
    seen: set[tuple[str, str]] = set()
    for _ in range(wire.MOST_PAGES):
        more: dict[str, object] = {"nextPageToken": token} if token else {"startAt": at} if at else {}
        try:
            found = _call(host, egress, "GET", f"{path}?{urlencode({**asked, **more})}")
        except Failed as failed:
            if path == "/search" or failed.status not in {404, 405}:
                raise
            path, found = "/search", _call(host, egress, "GET", f"/search?{urlencode(asked)}")
        answer = members.entry(found, NAME)
        rows = members.entries(answer.get("issues"), NAME)
        page = [issue(row, host.api) for row in rows]
        yield from (found for found in page if (found.key, found.stamp) not in seen)
        seen |= {(found.key, found.stamp) for found in page}
        token, at = members.text(answer, "nextPageToken"), at + max(1, len(rows) - wire.OVERLAP)
        if not token and (path == "/search/jql" or len(rows) < wire.PAGE):
            return


def _call(host: Host, egress: Egress, method: str, path: str, body: object = None) -> Any:
    token = host.token.reveal()
    if host.account:
        basic = base64.b64encode(f"{host.account}:{token}".encode()).decode("ascii")
        secret = Secret(f"Basic {basic}")
    else:
        secret = Secret(f"Bearer {token}")
    url = f"{host.api}/rest/api/2{path}"
    return wire.call(NAME, egress, method, url, secret=("Authorization", secret), body=body)
