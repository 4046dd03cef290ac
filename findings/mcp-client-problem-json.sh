#!/usr/bin/env bash
# Guess: a server that refuses a request of the Model Context Protocol with a problem (RFC 9457, application/problem+json)
# has its words shown to whoever called, or at least its status; both are right for HTTP.
# Seen, mcp 2.3.0: its client shows "Server returned an error response" for every status and every such body. The words get
# through only as a JSON-RPC error, under the very type application/json; the id in it may be null.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'mcp==2.3.0'
"$folder/venv/bin/python" - <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import anyio
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

WORDS = "That is more than this server takes."
PROBLEM = {"type": "about:blank", "title": "Content too large", "status": 413, "detail": WORDS}
ERROR = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": WORDS}}
CASES = {
    "a problem": ("application/problem+json", PROBLEM),
    "a problem called JSON": ("application/json", PROBLEM),
    "an error of JSON-RPC called a problem": ("application/problem+json", ERROR),
    "an error of JSON-RPC": ("application/json", ERROR),
}


def shown(kind: str, refusal: object) -> str:
    """What the client says of a call that is refused so."""

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if message["method"] == "initialize":
                told = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}}
                told["serverInfo"] = {"name": "here", "version": "1"}
                self.answer(200, "application/json", {"jsonrpc": "2.0", "id": message["id"], "result": told})
            elif "id" not in message:
                self.answer(202, "application/json", None)
            else:
                self.answer(413, kind, refusal)

        def answer(self, status: int, kind: str, said: object) -> None:
            body = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    async def ask(port: int) -> str:
        async with Client(streamable_http_client(f"http://127.0.0.1:{port}/mcp"), mode="legacy") as client:
            try:
                await client.list_tools()
            except MCPError as error:
                return error.message
        return "no error"

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            return anyio.run(ask, server.server_port)
        finally:
            server.shutdown()


seen = {name: shown(*case) for name, case in CASES.items()}
print(f"mcp {version('mcp')}: a call that is refused with 413")
print(f"guess: {WORDS}")
for name, words in seen.items():
    print(f"seen, {name}: {words}")
assert seen == {
    "a problem": "Server returned an error response",
    "a problem called JSON": "Server returned an error response",
    "an error of JSON-RPC called a problem": "Server returned an error response",
    "an error of JSON-RPC": WORDS,
}, "it has changed"
PYTHON
