"""A server in the gate's place, which answers as it is told and remembers what it was asked."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from click.testing import CliRunner, Result

from postmortems.cli.gate.check import gate
from tests.artifacts import digest
from tests.cli.gate_answers import answer, guard

ALLOWED = answer(guard(verdict="pass", effective="allow"), decision="allow")


class Server:
    """Answers in turn with what it was given, (status, body), and remembers what it was asked.

    Where the status is 0, it hangs up.
    """

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = [(200, ALLOWED)]
        self.requests: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                raw = self.rfile.read(length)
                is_json = self.headers.get("Content-Type") == "application/json"
                body = json.loads(raw) if is_json and raw else raw.decode() or None
                server.requests.append(
                    {"method": self.command, "path": self.path, "body": body, "headers": dict(self.headers)}
                )
                status, told = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                if not status:
                    return
                sent = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_DELETE = do_POST

            def log_message(self, *_: Any) -> None:
                """Tests speak for themselves."""

        return Handler


CHECK = ["check", "--service", "data8", "--target", "prod", "--artifact", digest("8c")]
WAITING = answer(guard(verdict="pending", effective="wait"), decision="wait")
WAITED_OUT = answer(
    guard(verdict="pending"), reasons=[{"reason_code": "wait_deadline_passed", "summary": "x", "remedy": "y"}]
)


def run(server: Server | str, *arguments: str, token: str = "pm_secret") -> Result:
    url = server if isinstance(server, str) else server.url
    env = {"POSTMORTEMS_URL": url, "POSTMORTEMS_TOKEN": token, "NO_PROXY": "127.0.0.1"}
    return CliRunner().invoke(gate, list(arguments), env=env)
