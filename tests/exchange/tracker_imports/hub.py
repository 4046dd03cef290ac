"""A server on loopback that gives issues and incidents in pages as GitHub, GitLab, Jira and PagerDuty do.

It refuses addresses and parameters that their manuals do not know. What it answers has their published shape.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.trackers.desk import only

TOKEN = "token-made-for-this-test"
Answer = tuple[int, object]


@dataclass
class Hub:
    """The server's rows and what was asked of it. `answers` are given before any row is."""

    api: str
    service: str
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str], object]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    # Called behind each answered list, with its page: somebody else is at work there.
    meanwhile: Callable[[int], object] = lambda _page: None
    is_server: bool = False

    def add(self, title: str, **said: Any) -> int:
        number = len(self.rows) + 1
        self.rows[number] = {"title": title, **said}
        return number

    def say(self, number: int, text: str) -> None:
        """Somebody comments on an issue."""
        self.comments.setdefault(number, []).append({"id": len(self.comments) + 1, "text": text})

    def called(self, target: str, secret: str) -> tuple[int, object, dict[str, str]]:
        parts = urlsplit(target)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        self.calls.append(path)
        if TOKEN not in secret and not secret.startswith("Basic "):
            return 401, {"message": "Bad credentials"}, {}
        if self.answers:
            status, headers, told = self.answers.pop(0)
            return status, told, headers
        status, told = getattr(self, self.service)(path, query)
        return status, told, {}

    def page(self, rows: list[dict[str, Any]], at: int, size: int) -> list[dict[str, Any]]:
        found = rows[(at - 1) * size : at * size]
        self.meanwhile(at)
        return found

    def github(self, path: str, query: dict[str, str]) -> Answer:
        path = path.removeprefix("/api/v3")
        match = re.fullmatch(r"/repos/acme/hub/issues(?:/(\d+)/(comments|sub_issues))?", path)
        if path == "/search/issues":
            only(query, {"q", "per_page", "page"})
            rows = [self.github_issue(n) for n in self.rows if query["q"].endswith(self.rows[n]["title"])]
            return 200, {"total_count": len(rows), "incomplete_results": False, "items": rows}
        if match is None:
            return 404, {"message": "Not Found"}
        if match[1]:
            number = int(match[1])
            if number not in self.rows:
                return 410, {"message": "This issue was deleted"}
            if match[2] == "sub_issues":
                return 200, [self.github_issue(n) for n in self.rows[number].get("sub", ())]
            return 200, [
                {
                    "id": each["id"],
                    "body": each["text"],
                    "user": {"login": "ada"},
                    "created_at": "2024-02-28T15:00:00Z",
                }
                for each in self.comments.get(number, ())
            ]
        only(query, {"state", "sort", "direction", "labels", "per_page", "page"})
        rows = [self.github_issue(n) for n in self.rows]
        wanted = query.get("labels")
        rows = [row for row in rows if not wanted or wanted in [label["name"] for label in row["labels"]]]
        return 200, self.page(rows, int(query["page"]), int(query["per_page"]))

    def github_issue(self, number: int) -> dict[str, Any]:
        row = self.rows[number]
        kind = {"pull_request": {"url": "x"}} if row.get("is_pull") else {}
        return {
            **kind,
            "number": number,
            "html_url": f"https://github.com/Acme/Hub/issues/{number}",
            "title": row["title"],
            "body": row.get("body", "Words."),
            "user": {"login": "ada"},
            "labels": [{"name": name} for name in row.get("labels", ())],
            "assignees": [],
            "state": row.get("state", "open"),
            "milestone": None,
            "comments": len(self.comments.get(number, ())) or row.get("says", 0),
            "sub_issues_summary": {"total": len(row.get("sub", ())), "completed": 0},
            "created_at": "2024-03-01T10:00:00Z",
        }

    def gitlab(self, path: str, query: dict[str, str]) -> Answer:
        match = re.fullmatch(r"/api/v4/projects/acme/hub/issues(?:/(\d+)/notes)?", path)
        if match is None:
            return 404, {"message": "404 Project Not Found"}
        if match[1]:
            only(query, {"sort", "order_by", "per_page", "page"})
            notes = self.comments.get(int(match[1]), [])
            return 200, [
                {"id": each["id"], "body": each["text"], "system": False, "author": {"username": "ada"}}
                for each in notes
            ]
        only(query, {"scope", "order_by", "sort", "labels", "search", "per_page", "page"})
        rows = [
            {
                "iid": number,
                "title": row["title"],
                "description": "Words.",
                "web_url": f"https://gitlab.com/acme/hub/-/issues/{number}",
                "state": "opened",
                "labels": [],
                "user_notes_count": len(self.comments.get(number, ())),
                "created_at": "2024-03-01T10:00:00.000Z",
            }
            for number, row in self.rows.items()
        ]
        return 200, self.page(rows, int(query["page"]), int(query["per_page"]))

    def jira(self, path: str, query: dict[str, str]) -> Answer:
        if comments := re.fullmatch(r"/rest/api/[23]/issue/OPS-(\d+)/comment", path):
            only(query, {"startAt", "maxResults"})
            said = self.comments[int(comments[1])][int(query["startAt"]) :]
            return 200, {"comments": [{"body": each["text"]} for each in said[:2]]}
        if path != ("/rest/api/2/search" if self.is_server else "/rest/api/3/search/jql"):
            return 404, {"errorMessages": ["null for uri"]}
        page = {"startAt"} if self.is_server else {"nextPageToken"}
        only(query, {"jql", "fields", "expand", "maxResults"} | page)
        start, most = int(query.get("nextPageToken") or query.get("startAt") or 0), int(query["maxResults"])
        numbers = list(self.rows)[start : start + most]
        more = {"nextPageToken": str(start + most)} if start + most < len(self.rows) else {"isLast": True}
        issues = [self.jira_issue(number) for number in numbers]
        return 200, {"issues": issues, "names": {}, **({} if self.is_server else more)}

    def jira_issue(self, number: int) -> dict[str, Any]:
        said = self.comments.get(number, [])
        return {
            "key": f"OPS-{number}",
            "self": f"https://acme.atlassian.net/rest/api/3/issue/{number}",
            "fields": {
                "summary": self.rows[number]["title"],
                "description": "Words.",
                "created": "2024-03-01T10:00:00.000+0000",
                "comment": {"total": len(said), "comments": [{"body": each["text"]} for each in said[:1]]},
            },
        }

    def pagerduty(self, path: str, query: dict[str, str]) -> Answer:
        if match := re.fullmatch(r"/incidents/P(\d+)/(log_entries|notes)", path):
            number, kind = int(match[1]), match[2]
            if kind == "notes":
                return 200, {"notes": []}
            said = self.comments.get(number, []) if query.get("offset") == "0" else []
            return 200, {
                "log_entries": [
                    {
                        "id": each["id"],
                        "type": "x",
                        "summary": each["text"],
                        "created_at": "2024-02-28T14:00:00Z",
                    }
                    for each in said
                ]
            }
        if path != "/incidents":
            return 404, {"error": {"message": "Not Found"}}
        only(query, {"date_range", "sort_by", "total", "service_ids[]", "limit", "offset"})
        rows = [
            {
                "id": f"P{number}",
                "incident_number": number,
                "title": row["title"],
                "created_at": "2024-02-28T14:00:00Z",
                "status": "resolved",
            }
            for number, row in self.rows.items()
        ]
        start = int(query["offset"])
        return 200, {"incidents": rows[start : start + int(query["limit"])], "more": False}


@contextmanager
def hub(service: str) -> Iterator[Hub]:
    """Such a server while the block lasts; afterwards nothing may have been asked wrongly."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            secret = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
            try:
                status, told, headers = found.called(self.path, secret)
            except Exception as wrong:
                found.wrong.append(f"{self.path}: {wrong!r}")
                status, told, headers = 500, {"message": str(wrong)}, {}
            said = json.dumps(told).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    below = "/api/v4" if service == "gitlab" else ""
    found = Hub(f"http://127.0.0.1:{server.server_port}{below}", service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert found.wrong == []
