"""Linear's issues, by GraphQL. A new issue may be given its id, so that asking twice creates one.

Calls and members: the schema in the package @linear/sdk 98.0.0 (`IssueCreateInput.id`, `dueDate`, the types
of workflow states). Failures come with status 200 as well as 400.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from postmortems.egress.client import Egress, Secret
from postmortems.trackers import members, wire
from postmortems.trackers.issue import DONE, DROPPED, OPEN, Change, Draft, Issue, Person
from postmortems.trackers.wire import Failed, Host

NAME = "Linear"
PLACE = re.compile(r"[A-Z][A-Z0-9]{0,9}")
KEY = re.compile(
    r"(?:https?://[^\s]+/issue/)?([A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,9}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"(?:[/?#][^\s]*)?"
)
STATES = {"completed": DONE, "canceled": DROPPED, "duplicate": DROPPED}
# Which types of states are meant, the best first.
TYPES = {OPEN: ("unstarted", "backlog", "triage", "started"), DONE: ("completed",), DROPPED: ("canceled",)}
ISSUE = "id identifier url title description dueDate updatedAt state { type } assignee { id email }"
READ = f"query($id: String!) {{ issue(id: $id) {{ {ISSUE} }} }}"
CREATE = f"mutation($input: IssueCreateInput!) {{ issueCreate(input: $input) {{ issue {{ {ISSUE} }} }} }}"
CHANGE = (
    "mutation($id: String!, $input: IssueUpdateInput!) "
    f"{{ issueUpdate(id: $id, input: $input) {{ issue {{ {ISSUE} }} }} }}"
)
TEAM = (
    "query($key: String!) { teams(filter: { key: { eq: $key } }) "
    "{ nodes { id states { nodes { id type position } } } } }"
)
CHANGED = (
    "query($key: String!, $since: DateTimeOrDuration!, $after: String) { issues(first: 100, after: $after, "
    "sort: [{ updatedAt: { order: Ascending } }], "
    "filter: { team: { key: { eq: $key } }, updatedAt: { gt: $since } }) "
    f"{{ nodes {{ {ISSUE} }} pageInfo {{ hasNextPage endCursor }} }} }}"
)
# What Linear calls a request that names what is not there.
MISSING = "entity not found"


def read(host: Host, key: str, egress: Egress) -> Issue:
    """The issue as it is now. Raises `Failed`, as all here do."""
    return issue(_ask(host, egress, READ, {"id": key}).get("issue"))


def create(host: Host, draft: Draft, egress: Egress) -> Issue:
    """A new issue; the mark is its id."""
    given: dict[str, Any] = {
        "id": draft.mark,
        "teamId": members.line(_team(host, egress), "id", NAME),
        "title": draft.title,
        "description": draft.body,
    }
    if draft.assignee:
        given["assigneeId"] = draft.assignee
    if draft.due:
        given["dueDate"] = draft.due.isoformat()
    return issue(members.inner(_ask(host, egress, CREATE, {"input": given}), "issueCreate").get("issue"))


def created(host: Host, mark: str, since: datetime, egress: Egress) -> Issue | None:
    """The issue whose id the mark is."""
    try:
        return read(host, mark, egress)
    except Failed as failed:
        if failed.is_gone:
            return None
        raise


def change(host: Host, before: Issue, change: Change, egress: Egress) -> Issue:
    """Change an issue."""
    given: dict[str, Any] = {}
    if change.title is not None:
        given["title"] = change.title
    if change.state is not None and change.state != before.state:
        given["stateId"] = _state_id(_team(host, egress), change.state)
    if change.assignee is not None:
        given["assigneeId"] = change.assignee or None
    if change.is_due_changed:
        given["dueDate"] = change.due.isoformat() if change.due else None
    if not given:
        return before
    answer = _ask(host, egress, CHANGE, {"id": before.key, "input": given})
    return issue(members.inner(answer, "issueUpdate").get("issue"))


def changed(host: Host, since: datetime, egress: Egress) -> Iterator[Issue]:
    """The issues that changed since then, the longest ago first."""
    asked: dict[str, Any] = {"key": host.place, "since": since.isoformat(), "after": None}
    for _ in range(wire.MOST_PAGES):
        found = members.inner(_ask(host, egress, CHANGED, asked), "issues")
        yield from map(issue, members.entries(found.get("nodes"), NAME))
        page = members.inner(found, "pageInfo")
        if page.get("hasNextPage") is not True:
            return
        asked["after"] = members.line(page, "endCursor", NAME)


def issue(found: Any) -> Issue:
    """An issue as the API gives it."""
    said = members.entry(found, NAME)
    person = members.inner(said, "assignee")
    account = members.text(person, "id")
    return Issue(
        key=members.line(said, "id", NAME),
        shown=members.line(said, "identifier", NAME),
        url=members.web(said, "url"),
        title=members.line(said, "title", NAME),
        state=STATES.get(members.text(members.inner(said, "state"), "type"), OPEN),
        assignees=(Person(account, members.text(person, "email")),) if account else (),
        due=members.day(said, "dueDate"),
        stamp=members.text(said, "updatedAt"),
        body=members.text(said, "description"),
    )


def _team(host: Host, egress: Egress) -> Mapping[str, Any]:
    found = members.inner(_ask(host, egress, TEAM, {"key": host.place}), "teams")
    teams = members.entries(found.get("nodes"), NAME)
    if not teams:
        raise Failed(f"Linear has no team {host.place}", is_final=True)
    return teams[0]


def _state_id(team: Mapping[str, Any], state: str) -> str:
    known = members.entries(members.inner(team, "states").get("nodes"), NAME)
    for wanted in TYPES[state]:
        fitting = [one for one in known if members.text(one, "type") == wanted]
        if fitting:
            first = min(fitting, key=lambda one: _position(one.get("position")))
            return members.line(first, "id", NAME)
    raise Failed(f"Linear's team has no state for what is {state}", is_final=True)


def _position(found: object) -> float:
    return float(found) if isinstance(found, int | float) else 0.0


def _ask(host: Host, egress: Egress, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    token = host.token.reveal()
    # A person's key goes by itself; a token of an application is a bearer's.
    secret = Secret(token if token.startswith("lin_api_") else f"Bearer {token}")
    body = {"query": query, "variables": dict(variables)}
    try:
        answer = wire.call(NAME, egress, "POST", host.api, secret=("Authorization", secret), body=body)
    except Failed as failed:
        if MISSING in failed.told.casefold():
            raise Failed(failed.told, failed.status, is_final=True, is_gone=True) from None
        raise
    found = members.entry(answer, NAME)
    if wrong := found.get("errors"):
        raise _told(wrong)
    return members.inner(found, "data")


def _told(wrong: object) -> Failed:
    first = wrong[0] if isinstance(wrong, list) and wrong and isinstance(wrong[0], dict) else {}
    code = members.text(members.inner(first, "extensions"), "code")
    said = members.text(first, "message")[:300] or "it could not be done"
    is_gone = MISSING in said.casefold()
    return Failed(f"Linear answered: {said}", 200, is_final=code != wire.LIMITED, is_gone=is_gone)
