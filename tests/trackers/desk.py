"""A tracker on loopback that speaks as GitHub, GitLab, Jira (cloud, server) and Linear do, and keeps issues.

It refuses what their manuals do not know, and answers in their shapes: GitHub's and GitLab's REST API for
issues, Jira's platform API of version 2, Linear's GraphQL as far as we ask for.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TOKEN = "token-made-for-this-test"
PEOPLE = {"ada": 71, "ben": 72, "kim": 73}
PLACES = {"github": "data8/infra", "gitlab": "data8/infra", "jira": "OPS", "linear": "OPS"}
APIS = {"github": "", "gitlab": "/api/v4", "jira": "", "linear": "/graphql"}
# The states of a Jira workflow with their categories.
WORKFLOW = {"To Do": "new", "In Progress": "indeterminate", "Done": "done", "Won't Do": "done"}
LINEAR_STATES = {
    "backlog": "s-1",
    "unstarted": "s-2",
    "started": "s-3",
    "completed": "s-4",
    "canceled": "s-5",
}
Answer = tuple[int, object]


class Wrong(Exception):
    """A request that the manual does not know."""


@dataclass
class Row:
    """An issue as this tracker keeps it, whatever it speaks."""

    number: int
    title: str
    body: str = ""
    state: str = "open"
    people: list[str] = field(default_factory=list)
    due: str | None = None
    closed_by: str = ""
    id: str = ""
    edits: int = 0


@dataclass
class Desk:
    """A tracker that is up. `answers` come first, whatever is asked: (status, headers), after the work is
    done where `does_work`; `calls` are method and path of all requests. `is_server`: Jira on a server of
    one's own. `drops_people`: who is assigned is not taken, as GitHub does of who has no access.
    """

    url: str
    service: str
    rows: dict[int, Row] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    does_work: bool = False
    is_server: bool = False
    drops_people: bool = False
    steps: tuple[str, ...] = tuple(WORKFLOW)
    # What is called with the method of a request before it is done, and between that and its answer.
    before_work: Callable[[str], None] | None = None
    before_answer: Callable[[str], None] | None = None
    calls: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def api(self) -> str:
        return self.url + APIS[self.service]

    @property
    def place(self) -> str:
        return PLACES[self.service]

    def add(self, title: str, **said: Any) -> Row:
        """Somebody there writes an issue."""
        number = len(self.rows) + 1
        row = Row(number, title, id=f"{number:08x}-0000-4000-8000-000000000000", **said)
        self.rows[number] = row
        return row

    def edit(self, number: int, **said: Any) -> Row:
        """Somebody there changes an issue."""
        row = self.rows[number]
        for name, value in said.items():
            setattr(row, name, value)
        row.edits += 1
        return row

    def key(self, row: Row) -> str:
        """What our client knows the issue by."""
        return {"jira": str(10_000 + row.number), "linear": row.id}.get(self.service, str(row.number))

    def posts(self) -> int:
        return sum(call.startswith("POST") for call in self.calls)

    def stamp(self, row: Row) -> str:
        return f"2026-03-02T10:{row.edits:02}:00Z"

    def row(self, key: str) -> Row | None:
        found = (
            row for row in self.rows.values() if key in {self.key(row), f"OPS-{row.number}", str(row.number)}
        )
        return next(found, None)

    # GitHub.

    def github(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        known(path, rf"/repos/{PLACES['github']}/issues(/\d+)?")
        only(query, {"state", "sort", "direction", "since", "per_page", "page"})
        only(body, {"title", "body", "assignees", "state", "state_reason"})
        row = self.row(path.rpartition("/")[2])
        if method == "POST":
            row = self.add(body["title"], body=body.get("body", ""))
        if path.endswith("issues") and method == "GET":
            rows = [self.github_issue(row) for row in self.rows.values()]
            if query.get("direction") == "desc":
                rows.reverse()
            start = (int(query["page"]) - 1) * 100
            return 200, rows[start : start + 100]
        if row is None:
            return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}
        if method in {"POST", "PATCH"}:
            row.title, row.edits = body.get("title", row.title), row.edits + 1
            row.body = body.get("body", row.body)
            if not self.drops_people:
                row.people = body.get("assignees", row.people)
            if "state" in body:
                dropped = body.get("state_reason") == "not_planned"
                row.state = "open" if body["state"] == "open" else "dropped" if dropped else "done"
        return 201 if method == "POST" else 200, self.github_issue(row)

    def github_issue(self, row: Row) -> dict[str, Any]:
        return {
            "id": 9_000 + row.number,
            "number": row.number,
            "html_url": f"https://github.example/{PLACES['github']}/issues/{row.number}",
            "title": row.title,
            "body": row.body,
            "state": "open" if row.state == "open" else "closed",
            "state_reason": {"open": None, "done": "completed", "dropped": "not_planned"}[row.state],
            "assignees": [{"login": name, "id": PEOPLE.get(name, 1)} for name in row.people],
            "closed_by": {"login": row.closed_by} if row.closed_by else None,
            "updated_at": self.stamp(row),
        }

    # GitLab.

    def gitlab(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        if path == "/api/v4/users":
            name = query["username"]
            return 200, [{"id": PEOPLE[name], "username": name}] if name in PEOPLE else []
        known(path, rf"/api/v4/projects/{PLACES['gitlab']}/issues(/\d+)?")
        only(query, {"scope", "order_by", "sort", "updated_after", "created_after", "per_page", "page"})
        only(body, {"title", "description", "assignee_ids", "due_date", "state_event"})
        row = self.row(path.rpartition("/")[2])
        if method == "POST":
            row = self.add(body["title"], body=body.get("description", ""))
        if path.endswith("issues") and method == "GET":
            return 200, [self.gitlab_issue(row) for row in self.rows.values()]
        if row is None:
            return 404, {"message": "404 Not found"}
        if method in {"POST", "PUT"}:
            row.title, row.edits = body.get("title", row.title), row.edits + 1
            row.body = body.get("description", row.body)
            row.due = body.get("due_date", row.due) or None
            if "assignee_ids" in body:
                names = {number: name for name, number in PEOPLE.items()}
                row.people = [names[number] for number in body["assignee_ids"] if number]
            if event := body.get("state_event"):
                row.state = {"close": "done", "reopen": "open"}[event]
        return 201 if method == "POST" else 200, self.gitlab_issue(row)

    def gitlab_issue(self, row: Row) -> dict[str, Any]:
        return {
            "id": 9_000 + row.number,
            "iid": row.number,
            "project_id": 30,
            "web_url": f"https://gitlab.example/{PLACES['gitlab']}/-/issues/{row.number}",
            "title": row.title,
            "description": row.body,
            "state": "opened" if row.state == "open" else "closed",
            "assignees": [{"id": PEOPLE.get(name, 1), "username": name} for name in row.people],
            "closed_by": {"username": row.closed_by} if row.closed_by else None,
            "due_date": row.due,
            "updated_at": self.stamp(row),
        }

    # Jira.

    def jira(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        path = path.removeprefix("/rest/api/2")
        if path == "/search/jql" and self.is_server:
            return 404, {"errorMessages": ["null for uri"]}
        if path in {"/search/jql", "/search"}:
            only(query, {"jql", "fields", "maxResults", "nextPageToken", "startAt"})
            start = int(query.get("startAt", 0))
            rows = list(self.rows.values())[start : start + 100]
            return 200, {"issues": [self.jira_issue(row) for row in rows], "isLast": True}
        if method == "POST" and path == "/issue":
            return self.jira_created(body["fields"])
        row = self.row(path.split("/")[2])
        if row is None:
            return 404, {
                "errorMessages": ["Issue does not exist or you do not have permission"],
                "errors": {},
            }
        if path.endswith("/transitions"):
            return self.jira_transition(method, row, body)
        if method == "PUT":
            only(body["fields"], {"summary", "assignee", "duedate"})
            self.jira_set(row, body["fields"])
            return 204, None
        return 200, self.jira_issue(row)

    def jira_created(self, said: dict[str, Any]) -> Answer:
        only(said, {"project", "issuetype", "summary", "description", "assignee", "duedate"})
        if said["project"] != {"key": "OPS"} or said["issuetype"] != {"name": "Task"}:
            return 400, {"errorMessages": [], "errors": {"issuetype": "Specify a valid issue type"}}
        row = self.add(said["summary"], body=said["description"])
        self.jira_set(row, said)
        return 201, {"id": self.key(row), "key": f"OPS-{row.number}", "self": "x"}

    def jira_set(self, row: Row, said: dict[str, Any]) -> None:
        row.edits += 1
        row.title, row.due = said.get("summary", row.title), said.get("duedate", row.due)
        if "assignee" in said:
            named = said["assignee"]
            row.people = [] if named is None else [named["name" if self.is_server else "accountId"]]

    def jira_transition(self, method: str, row: Row, body: dict[str, Any]) -> Answer:
        if method == "GET":
            return 200, {
                "transitions": [
                    {
                        "id": str(n),
                        "name": name,
                        "to": {"name": name, "statusCategory": {"key": WORKFLOW[name]}},
                    }
                    for n, name in enumerate(WORKFLOW)
                    if name in self.steps
                ]
            }
        name = list(WORKFLOW)[int(body["transition"]["id"])]
        row.edits += 1
        row.state = "dropped" if name == "Won't Do" else "done" if WORKFLOW[name] == "done" else "open"
        return 204, None

    def jira_issue(self, row: Row) -> dict[str, Any]:
        status = {"open": "To Do", "done": "Done", "dropped": "Won't Do"}[row.state]
        name = row.people[0] if row.people else ""
        person = {"name": name} if self.is_server else {"accountId": name}
        address = {"emailAddress": f"{name}@example.org"}
        return {
            "id": self.key(row),
            "key": f"OPS-{row.number}",
            "self": f"{self.url}/rest/api/2/issue/{self.key(row)}",
            "fields": {
                "summary": row.title,
                "description": row.body,
                "status": {"name": status, "statusCategory": {"key": WORKFLOW[status]}},
                "resolution": None if row.state == "open" else {"name": status},
                "assignee": person | address if name else None,
                "duedate": row.due,
                "updated": self.stamp(row),
            },
        }

    # Linear.

    def linear(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        asked, given = body["query"], body["variables"]
        if "teams(" in asked:
            states = [
                {"id": id, "type": type, "position": n} for n, (type, id) in enumerate(LINEAR_STATES.items())
            ]
            teams = [{"id": "team-1", "states": {"nodes": states}}] if given["key"] == "OPS" else []
            return 200, {"data": {"teams": {"nodes": teams}}}
        if "issues(" in asked:
            nodes = [self.linear_issue(row) for row in self.rows.values()]
            page = {"hasNextPage": False, "endCursor": None}
            return 200, {"data": {"issues": {"nodes": nodes, "pageInfo": page}}}
        if "issueCreate(" in asked:
            return self.linear_created(given["input"])
        row = self.row(given["id"])
        if row is None:
            wrong = {"message": "Entity not found: Issue", "extensions": {"code": "INPUT_ERROR"}}
            return 200, {"data": None, "errors": [wrong]}
        if "issueUpdate(" not in asked:
            return 200, {"data": {"issue": self.linear_issue(row)}}
        self.linear_set(row, given["input"])
        return 200, {"data": {"issueUpdate": {"issue": self.linear_issue(row)}}}

    def linear_created(self, said: dict[str, Any]) -> Answer:
        only(said, {"id", "teamId", "title", "description", "assigneeId", "dueDate"})
        if any(row.id == said["id"] for row in self.rows.values()):
            return 200, {"errors": [{"message": "id is taken", "extensions": {"code": "INPUT_ERROR"}}]}
        row = self.add(said["title"], body=said["description"])
        row.id = said["id"]
        self.linear_set(row, said)
        return 200, {"data": {"issueCreate": {"issue": self.linear_issue(row)}}}

    def linear_set(self, row: Row, said: dict[str, Any]) -> None:
        row.edits += 1
        row.title, row.due = said.get("title", row.title), said.get("dueDate", row.due)
        if "assigneeId" in said:
            row.people = [said["assigneeId"]] if said["assigneeId"] else []
        if "stateId" in said:
            type = {id: name for name, id in LINEAR_STATES.items()}[said["stateId"]]
            row.state = {"completed": "done", "canceled": "dropped"}.get(type, "open")

    def linear_issue(self, row: Row) -> dict[str, Any]:
        type = {"open": "unstarted", "done": "completed", "dropped": "canceled"}[row.state]
        name = row.people[0] if row.people else ""
        return {
            "id": row.id,
            "identifier": f"OPS-{row.number}",
            "url": f"https://linear.example/data8/issue/OPS-{row.number}/x",
            "title": row.title,
            "description": row.body,
            "dueDate": row.due,
            "updatedAt": self.stamp(row),
            "state": {"type": type},
            "assignee": {"id": name, "email": f"{name}@example.org"} if name else None,
        }

    # All of them.

    def called(
        self, method: str, target: str, secret: str, body: bytes
    ) -> tuple[int, object, dict[str, str]]:
        parts = urlsplit(target)
        path = unquote(parts.path)
        self.calls.append(f"{method} {path}")
        if not secret.endswith(TOKEN) and not secret.startswith("Basic "):
            return 401, {"message": "Bad credentials"}, {}
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        status, headers = self.answers.pop(0) if self.answers else (0, {})
        if status and not self.does_work:
            return status, {"message": "as the test says"}, headers
        speaks: Callable[..., Answer] = getattr(self, self.service)
        answered, told = speaks(method, path, query, json.loads(body or b"{}"))
        return (status, None, headers) if status else (answered, told, {})


def known(path: str, pattern: str) -> None:
    if not re.fullmatch(pattern, path):
        raise Wrong(f"nothing is known of {path}")


def only(said: dict[str, Any], names: set[str]) -> None:
    if strange := set(said) - names:
        raise Wrong(f"the manual does not know {sorted(strange)}")


@contextmanager
def desk(service: str) -> Iterator[Desk]:
    """Such a tracker while the block lasts; afterwards nothing may have been asked wrongly."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            secret = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
            try:
                if found.before_work is not None:
                    found.before_work(self.command)
                status, told, headers = found.called(self.command, self.path, secret, body)
                if found.before_answer is not None:
                    found.before_answer(self.command)
            except Exception as wrong:
                found.wrong.append(f"{self.command} {self.path}: {wrong!r}")
                status, told, headers = 500, {"message": str(wrong)}, {}
            said = b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            # Who asked may be gone.
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_PATCH = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Desk(f"http://127.0.0.1:{server.server_port}", service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert found.wrong == []
