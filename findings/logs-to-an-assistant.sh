#!/usr/bin/env bash
# What a tool of an assistant (Model Context Protocol) is given when the assistant passes it a line of a log as the text of a remark.
# Guess: an argument that is text, or may be missing (`body: str | None`), arrives as the text that was sent, also where that text happens
# to be JSON ('{"level": "error"}', as services log), or a word of JSON; the schema that the client sees says "string".
# Seen, mcp 2.3.0 (MCPServer): where an argument may be missing its text is tried as JSON first: of a log's line comes an object, and the
# call is refused, as "Input should be a valid string"; "null", a fair answer to "what did the service say", is nothing. An argument
# that is only text (`title: str`) is left alone. An assistant that quotes the log word by word cannot put it into the postmortem.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'mcp==2.3.0'
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import json
from importlib.metadata import version

from mcp.server import MCPServer

server = MCPServer("reports")
LINE = '{"level": "error"}'


@server.tool()
def remark(title: str, body: str | None = None) -> dict[str, str | None]:
    return {"title": title, "body": body}


async def said(**arguments: str) -> dict[str, str | None] | str:
    try:
        result = await server.call_tool("remark", arguments)
    except Exception as error:  # whichever the library raises for a refused call
        return "refused: " + " ".join(str(error).split())[:110]
    return json.loads(result.content[0].text)


seen = [asyncio.run(said(title=LINE, body="as is")), asyncio.run(said(title="Log", body=LINE)), asyncio.run(said(title="Log", body="null"))]
print(f"mcp {version('mcp')}, guess: each as it was sent")
for each in seen:
    print(f"seen:  {each}")
assert seen[0] == {"title": LINE, "body": "as is"}, "it has changed"
assert isinstance(seen[1], str) and "valid string" in seen[1], "it has changed"
assert seen[2] == {"title": "Log", "body": None}, "it has changed"
PYTHON
