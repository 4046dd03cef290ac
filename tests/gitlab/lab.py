"""GitLab on loopback, as far as we call it: checks each request as its manual describes it, and keeps it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema

TOKEN = "glpat-made-for-this-test"
PROJECT, MERGE_REQUEST, CHECK, DEPLOYMENT = 30, 4, 1, 15
SHA = "a" * 40

# Method and path, what the body (or for GET the query) must be, and what is answered.
CALLS: list[tuple[str, str, dict[str, Any], int]] = [
    (
        "POST",
        rf"/api/v4/projects/{PROJECT}/merge_requests/\d+/status_check_responses",
        {
            "type": "object",
            "properties": {
                "sha": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
                "external_status_check_id": {"type": "integer"},
                "status": {"enum": ["passed", "failed", "pending"]},
            },
            "required": ["sha", "external_status_check_id", "status"],
            "additionalProperties": False,
        },
        201,
    ),
    (
        "POST",
        rf"/api/v4/projects/{PROJECT}/deployments/\d+/approval",
        {
            "type": "object",
            "properties": {
                "status": {"enum": ["approved", "rejected"]},
                "comment": {"type": "string", "maxLength": 255},
                "represented_as": {"type": "string"},
            },
            "required": ["status"],
            "additionalProperties": False,
        },
        201,
    ),
    ("GET", rf"/api/v4/projects/{PROJECT}/deployments/\d+", {"type": "object", "maxProperties": 0}, 200),
    (
        "GET",
        rf"/api/v4/projects/{PROJECT}/deployments",
        {
            "type": "object",
            "properties": {
                "order_by": {"enum": ["id", "iid", "created_at", "updated_at", "ref"]},
                "sort": {"enum": ["asc", "desc"]},
                "environment": {"type": "string", "minLength": 1},
                "status": {"enum": ["created", "running", "success", "failed", "canceled", "blocked"]},
                "per_page": {"type": "string", "pattern": r"^([1-9]\d?|100)$"},
            },
            "additionalProperties": False,
        },
        200,
    ),
]


@dataclass
class Lab:
    """GitLab that is up. `checks` are the responses to status checks, `approvals` those to deployments.

    `deployments` are those there are, by number; `answers` are statuses to be answered with first, whatever
    is asked; `wrong` is what was asked wrongly.
    """

    url: str
    deployments: dict[int, dict[str, Any]] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    approvals: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def waits(self, number: int = DEPLOYMENT, **changed: Any) -> None:
        """A deployment that waits for an approval, as the API has it."""
        self.deployments[number] = {
            "id": number,
            "iid": 2,
            "ref": "main",
            "sha": SHA,
            "status": "blocked",
            "user": {"id": 1, "username": "ada", "name": "Ada", "state": "active"},
            "environment": {"id": 9, "name": "production", "external_url": None},
            "deployable": None,
            "pending_approval_count": 1,
            "approvals": [],
            **changed,
        }

    def called(self, method: str, target: str, token: str, body: bytes) -> tuple[int, object]:
        parts = urlsplit(target)
        self.paths.append(parts.path)
        for wanted, pattern, schema, status in CALLS:
            if method == wanted and re.fullmatch(pattern, parts.path):
                query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
                told = json.loads(body) if method == "POST" else query
                jsonschema.validate(told, schema)
                assert token == TOKEN, "not our token"
                if self.answers:
                    return self.answers.pop(0), {"message": "as the test says"}
                return self._answered(parts.path, told, status)
        raise AssertionError(f"nothing is known of {method} {target}")

    def _answered(self, path: str, told: dict[str, Any], status: int) -> tuple[int, object]:
        if path.endswith("/status_check_responses"):
            self.checks.append(told)
            return status, {"id": len(self.checks), **told}
        if path.endswith("/approval"):
            self.approvals.append({"deployment": int(path.split("/")[-2]), **told})
            return status, told
        if path.endswith("/deployments"):
            rows = [one for one in self.deployments.values() if one["status"] == told["status"]]
            return status, [one for one in rows if one["environment"]["name"] == told["environment"]]
        found = self.deployments.get(int(path.rsplit("/", 1)[1]))
        return (status, found) if found else (404, {"message": "404 Not found"})


@contextmanager
def lab() -> Iterator[Lab]:
    """GitLab on a free port; what was asked wrongly fails the test that asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                status, told = found.called(
                    self.command, self.path, self.headers.get("PRIVATE-TOKEN", ""), body
                )
                assert self.headers.get("User-Agent")
            except Exception as wrong:
                found.wrong.append(f"{self.command} {self.path}: {wrong}")
                status, told = 422, {"message": str(wrong)}
            answer = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Lab(f"http://127.0.0.1:{server.server_address[1]}/api/v4")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
    assert found.wrong == []
