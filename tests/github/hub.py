"""GitHub on loopback, as far as we call it: checks each request as its manual describes it, and keeps it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jsonschema
import jwt
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.issuer import rsa_key

APP_ID, INSTALLATION, REPOSITORY = "4711", 42, 123
TOKEN = "ghs_made_for_this_test"
PEM = rsa_key("github").private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

# Method and path, whose credential is asked for, what the body must be, and what is answered.
TEXT = {"type": "string", "minLength": 1}
CALLS: list[tuple[str, str, str, dict[str, Any] | None, int]] = [
    (
        "POST",
        rf"/app/installations/{INSTALLATION}/access_tokens",
        "app",
        {
            "type": "object",
            "properties": {
                "repository_ids": {"type": "array", "items": {"type": "integer"}},
                "permissions": {
                    "type": "object",
                    "properties": {
                        "deployments": {"enum": ["read", "write"]},
                        "statuses": {"enum": ["read", "write"]},
                    },
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
        201,
    ),
    (
        "POST",
        r"/repos/data8/infrastructure/actions/runs/\d+/deployment_protection_rule",
        "installation",
        {
            "type": "object",
            "properties": {
                "environment_name": TEXT,
                "state": {"enum": ["approved", "rejected"]},
                "comment": {"type": "string", "maxLength": 1024},
            },
            "required": ["environment_name", "comment"],
            "additionalProperties": False,
        },
        204,
    ),
    (
        "POST",
        r"/repos/data8/infrastructure/statuses/[0-9a-f]{40}",
        "installation",
        {
            "type": "object",
            "properties": {
                "state": {"enum": ["error", "failure", "pending", "success"]},
                "target_url": {"type": "string", "format": "uri"},
                "description": {"type": "string", "maxLength": 140},
                "context": TEXT,
            },
            "required": ["state"],
            "additionalProperties": False,
        },
        201,
    ),
    ("GET", r"/repos/data8/infrastructure/installation", "app", None, 200),
]


@dataclass
class Hub:
    """GitHub that is up. `decided` are the bodies to the protection rule, `statuses` those to commits.

    `answers` are statuses to be answered with first, whatever is asked; `wrong` is what was asked wrongly.
    """

    url: str
    decided: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    granted: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def called(self, method: str, path: str, credential: str, body: bytes) -> tuple[int, dict[str, Any]]:
        self.paths.append(path)
        for wanted, pattern, whose, schema, status in CALLS:
            if method == wanted and re.fullmatch(pattern, path):
                told = json.loads(body) if body else None
                if schema is not None:
                    jsonschema.validate(told, schema)
                self._check(whose, credential)
                if self.answers:
                    return self.answers.pop(0), {}
                return status, self._kept(path, told)
        raise AssertionError(f"nothing is known of {method} {path}")

    def _check(self, whose: str, credential: str) -> None:
        token = credential.removeprefix("Bearer ")
        if whose == "installation":
            assert token == TOKEN, "not an installation's token"
            return
        claims = jwt.decode(token, rsa_key("github").public_key(), algorithms=["RS256"], options=NO_TIMES)
        assert claims["iss"] == APP_ID
        assert 0 < claims["exp"] - claims["iat"] <= 600, "GitHub takes ten minutes at most"

    def _kept(self, path: str, told: dict[str, Any] | None) -> dict[str, Any]:
        if path.endswith("/access_tokens"):
            self.granted.append(told or {})
            return {"token": TOKEN, "expires_at": "2026-03-02T10:00:00Z"}
        if path.endswith("/installation"):
            return {"id": INSTALLATION}
        if told is not None:
            (self.statuses if "/statuses/" in path else self.decided).append(told)
        return {}


NO_TIMES = {"verify_exp": False, "verify_iat": False}


@contextmanager
def hub() -> Iterator[Hub]:
    """GitHub on a free port; what was asked wrongly fails the test that asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                status, told = found.called(
                    self.command, self.path, self.headers.get("Authorization", ""), body
                )
                assert self.headers.get("Accept") == "application/vnd.github+json"
                assert self.headers.get("User-Agent")
            except Exception as wrong:
                found.wrong.append(f"{self.command} {self.path}: {wrong}")
                status, told = 422, {"message": str(wrong)}
            answer = b"" if status == 204 else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Hub(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
    assert found.wrong == []
