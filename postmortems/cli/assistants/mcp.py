"""`mcp`: the Model Context Protocol over standard input and output, spoken by the protocol's own SDK.

What is asked is answered from the configured database, or by a server elsewhere; either way by the methods in
`assistants`, as the token's owner. Standard output belongs to the protocol: the SDK keeps it for itself, and
whatever else is printed goes to standard error.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from postmortems import limits
from postmortems.errors import Misconfigured

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

# A method with its parameters, answered with its result. Raises `ProtocolError`.
Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
MISSING = (
    "this command needs the protocol's SDK: "
    "`.venv/bin/python -m pip install --require-hashes -r requirements-mcp.txt`"
)
NO_TOKEN = "there is no token, or a broken one: set POSTMORTEMS_TOKEN to one from Settings → Tokens"
TIMEOUT_S = 60.0


@click.command()
@click.option("--token", envvar="POSTMORTEMS_TOKEN", default="", help="Better: POSTMORTEMS_TOKEN.")
@click.option("--url", default="", help="A server elsewhere; else the configured database is asked.")
def mcp(token: str, url: str) -> None:
    """Let an assistant search, read and change postmortems, over standard input and output.

    An assistant's client starts this with a token in its environment: what that may do, the assistant may.

    \b
    Examples:
      POSTMORTEMS_TOKEN=… python -m postmortems mcp
      POSTMORTEMS_TOKEN=… python -m postmortems mcp --url https://postmortems.example.org
    """
    if not re.fullmatch("[!-~]+", token):
        raise Misconfigured(NO_TOKEN)
    if url:
        _serve(_bounded(_elsewhere(url.rstrip("/"), token)))
        return
    from postmortems.cli import database

    with database.connected() as settings:
        _serve(_bounded(_here(settings, token)))


def _bounded(ask: Ask) -> Ask:
    """The same for messages that the server would take over HTTP."""
    from postmortems.assistants.protocol_error import INVALID_REQUEST, ProtocolError
    from postmortems.web.server import refusals

    def bounded(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if len(json.dumps(params)) > limits.ASSISTANTS:
            raise ProtocolError(INVALID_REQUEST, refusals.LONG_MESSAGE)
        return ask(method, params)

    return bounded


def _here(settings: Any, token: str) -> Ask:
    """Answers from the configured database. Raises `Misconfigured` for a token that nobody has there."""
    from postmortems import clock, visibility
    from postmortems.accounts import operations as accounts
    from postmortems.accounts import queries
    from postmortems.assistants import methods
    from postmortems.assistants.protocol_error import NOT_ALLOWED, ProtocolError
    from postmortems.assistants.tool import Caller
    from postmortems.db import session as db
    from postmortems.document.readers import parse_process
    from postmortems.vault.runtime import Runtime

    parse_process.install()
    runtime = Runtime.of(settings)

    def ask(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        now = clock.now()
        # Each time: a token that was revoked meanwhile says nothing any more.
        with db.reading():
            found = queries.live_token(token, now)
            actor = queries.bearer_of(found)
            is_due = queries.is_use_unnoted(found, now)
        if actor.kind == "nobody":
            raise ProtocolError(NOT_ALLOWED, "the token is unknown, expired or revoked")
        if is_due:
            with db.transaction():
                accounts.note_use(actor, now)
        with visibility.seen_by(visibility.Viewer(actor.name, actor=actor, way="assistant")):
            return methods.answer(method, params, Caller(actor, runtime))

    with db.reading():
        if queries.live_token(token, clock.now()) is None:
            raise Misconfigured(
                "the token is unknown to this database, expired or revoked; name a server elsewhere by --url"
            )
    return ask


def _elsewhere(url: str, token: str) -> Ask:
    """Answers by a server's `/mcp`."""
    from urllib.error import HTTPError
    from urllib.request import Request

    from postmortems.assistants.protocol_error import INTERNAL_ERROR, ProtocolError
    from postmortems.cli.gate import client

    try:
        client.GateClient(url, token)
    except client.Refused as refused:
        raise Misconfigured(str(refused)) from None
    opener = client.opener()

    def ask(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        request = Request(f"{url}{limits.ASSISTANTS_PATH}", json.dumps(body).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("Accept", "application/json, text/event-stream")
        request.add_unredirected_header("Authorization", f"Bearer {token}")
        try:
            try:
                with opener.open(request, timeout=TIMEOUT_S) as response:
                    answer = json.load(response)
            except HTTPError as error:
                with error:
                    answer = json.load(error)
            if "error" in answer:
                told = answer["error"]
                raise ProtocolError(told["code"], told["message"], told.get("data"))
            result: dict[str, Any] = answer["result"]
        except (OSError, ValueError, KeyError, TypeError) as broken:
            raise ProtocolError(INTERNAL_ERROR, f"{url} does not answer as it should: {broken}") from None
        return result

    return ask


def _serve(ask: Ask) -> None:
    """Answer what comes on standard input until it ends. Raises `Misconfigured` without the SDK."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    try:
        import anyio
        from mcp.server.stdio import stdio_server
    except ImportError:
        raise Misconfigured(MISSING) from None
    server = _server(ask)

    async def run() -> None:
        async with stdio_server() as (reads, writes):
            await server.run(reads, writes, server.create_initialization_options())

    anyio.run(run)


def _server(ask: Ask) -> Server[Any]:
    """The SDK's server of both ages; its handlers pass everything on."""
    import anyio.to_thread
    import mcp_types as types
    from mcp.server.lowlevel import Server
    from mcp.shared.exceptions import MCPError

    import postmortems
    from postmortems.assistants import about
    from postmortems.assistants.protocol_error import ProtocolError

    def handler(method: str, result: Any) -> Any:
        async def handle(_: Any, params: Any) -> Any:
            plain = params.model_dump(by_alias=True, exclude_unset=True, mode="json") if params else {}
            plain.pop("_meta", None)
            try:
                answer = await anyio.to_thread.run_sync(ask, method, plain)
            except ProtocolError as error:
                raise MCPError(error.code, error.message, error.data) from None
            return result.model_validate(answer)

        return handle

    return Server(
        about.NAME,
        title=about.TITLE,
        version=postmortems.__version__,
        instructions=about.INSTRUCTIONS,
        on_list_tools=handler("tools/list", types.ListToolsResult),
        on_call_tool=handler("tools/call", types.CallToolResult),
        on_list_resources=handler("resources/list", types.ListResourcesResult),
        on_list_resource_templates=handler("resources/templates/list", types.ListResourceTemplatesResult),
        on_read_resource=handler("resources/read", types.ReadResourceResult),
        on_list_prompts=handler("prompts/list", types.ListPromptsResult),
        on_get_prompt=handler("prompts/get", types.GetPromptResult),
    )
