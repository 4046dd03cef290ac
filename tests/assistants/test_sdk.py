"""The protocol's own SDK as the client, in both of its ages, over HTTP and over standard input and output."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from waitress import wasyncore

from postmortems.accounts import operations as accounts
from postmortems.actor import SCOPES, Actor
from postmortems.cli import waitress_server
from postmortems.db import session as db
from postmortems.guards.models import Service, Target
from tests import forked
from tests.apps import KEY, app_on
from tests.assistants.test_restricted import SECRET
from tests.assistants.test_toolbox import NAMES, TEXT, right
from tests.capture.test_api import begun
from tests.event_loops import in_a_thread
from tests.tables import put_migrated
from tests.world import World

ROOT = Path(__file__).parents[2]
MODES = ("auto", "legacy")
Talk = Callable[[Client], Awaitable[None]]


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """A server of the test's application, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = waitress_server.listen(app, listening, threads=4, asyncore_use_poll=True)
        serving = threading.Thread(target=server.run)
        serving.start()
        yield listening.getsockname()[1]
        server.task_dispatcher.shutdown()
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        serving.join()


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """A database as operators have it, a token of Ada's in it, and an incident."""
    url = put_migrated(tmp_path / "stored.db")
    app, system = app_on(url), Actor.system("test")
    with db.transaction():
        accounts.add_user("ada", "author", actor=system)
        token = accounts.add_token("ada", "all", list(SCOPES), None, actor=system)[1]
        service = Service(name="data8", title="Data 8")
        service.targets = [Target(name="prod", position=0)]
        db.session().add(service)
    headers = {"Authorization": f"Bearer {token}"}
    answer = app.test_client().post(
        "/api/v1/incidents", data=TEXT, content_type="text/markdown", headers=headers
    )
    yield url, token, answer.get_json()["slug"]
    db.disconnect()


def over_http(port: int, token: str, mode: str, talk: Talk) -> None:
    async def run() -> None:
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
            transport = streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                await talk(client)

    in_a_thread(anyio.run, run)


def environment(database: str, token: str) -> dict[str, str]:
    own = {
        "POSTMORTEMS_DATABASE_URL": database,
        "POSTMORTEMS_SECRET_KEY": "0123456789" * 4,
        "POSTMORTEMS_SECRETS_KEY": KEY,
    }
    rest = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    return rest | own | {"POSTMORTEMS_TOKEN": token, "PYTHONPATH": str(ROOT)}


def over_stdio(database: str, token: str, mode: str, talk: Talk, *more: str) -> None:
    started = StdioServerParameters(
        command=sys.executable, args=["-m", "postmortems", "mcp", *more], env=environment(database, token)
    )

    async def run() -> None:
        async with Client(stdio_client(started), mode=mode) as client:
            await talk(client)

    in_a_thread(anyio.run, run)


def talk_of_all(slug: str) -> Talk:
    """Every tool once, a page of resources and one of them, a prompt, and what is refused."""

    async def talk(client: Client) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} == NAMES
        for name in sorted(NAMES):
            answer = await client.call_tool(name, right(name, slug))
            assert not answer.is_error, answer.content
            assert answer.structured_content["data"]
        misspelt = await client.call_tool("get_incident", {"slg": slug})
        assert misspelt.is_error
        assert "did you mean slug?" in misspelt.content[0].text  # type: ignore[union-attr]
        assert (await client.call_tool("nothing", {})).is_error
        listed = await client.list_resources()
        assert [each.name for each in listed.resources] == [slug]
        read = await client.read_resource(listed.resources[0].uri)
        assert "## Timeline" in read.contents[0].text  # type: ignore[union-attr]
        assert [each.name for each in (await client.list_prompts()).prompts] == [
            "draft_summary",
            "review_draft",
        ]
        prompt = await client.get_prompt("draft_summary", {"slug": slug})
        assert "08:50" in prompt.messages[0].content.text  # type: ignore[union-attr]
        for call in (
            lambda: client.read_resource("postmortems://incidents/none"),
            lambda: client.get_prompt("draft_summary", {"slug": "none"}),
        ):
            with pytest.raises(MCPError, match="there is no incident none"):
                await call()
        long = {"slug": slug, "text": "x" * 10_000_000}
        with pytest.raises(MCPError, match="more than this server takes of one message"):
            await client.call_tool("append_timeline_entry", long)
        assert not (await client.call_tool("search", {"q": "hub"})).is_error

    return talk


@pytest.mark.parametrize("mode", MODES)
def test_everything_over_http(app: Flask, port: int, world: World, mode: str) -> None:
    slug = begun(app.test_client(), world, TEXT)

    over_http(port, world.tokens["ada"], mode, talk_of_all(slug))


@pytest.mark.parametrize("mode", MODES)
def test_everything_over_stdio(stored: tuple[str, str, str], mode: str) -> None:
    database, token, slug = stored

    over_stdio(database, token, mode, talk_of_all(slug))


def test_everything_of_a_server_elsewhere(app: Flask, port: int, world: World) -> None:
    slug = begun(app.test_client(), world, TEXT)

    over_stdio(
        "sqlite:///none.db",
        world.tokens["ada"],
        "auto",
        talk_of_all(slug),
        "--url",
        f"http://127.0.0.1:{port}",
    )


def talk_of_one_that_stops(slug: str) -> Talk:
    """Calls and lists that are given up amid them, and then whole ones; the entry is there once."""

    async def talk(client: Client) -> None:
        added = {"slug": slug, "text": "gave up on this", "key": "once"}
        for seconds in (0.0, 0.001, 0.02):
            with anyio.move_on_after(seconds):
                await client.call_tool("append_timeline_entry", added)
            with anyio.move_on_after(seconds):
                await client.call_tool("search", {"q": "hub"})
            with anyio.move_on_after(seconds):
                await client.list_resources()
        page = await client.list_resources()
        assert page.next_cursor
        # Somebody begins to page, adds a report, begins anew, and goes on from the first place.
        assert not (await client.call_tool("append_timeline_entry", added)).is_error
        names = [each.name for each in page.resources]
        while page.next_cursor:
            page = await client.list_resources(cursor=page.next_cursor)
            names += [each.name for each in page.resources]
        assert len(names) == len(set(names))
        assert slug in names
        with pytest.raises(MCPError):
            await client.list_resources(cursor="from nowhere")
        whole = await client.read_resource(f"postmortems://incidents/{slug}")
        assert whole.contents[0].text.count("gave up on this") == 1  # type: ignore[union-attr]

    return talk


MANY = 60


def many(client: FlaskClient, headers: dict[str, str]) -> None:
    """More incidents than a page of resources has."""
    for number in range(MANY):
        text = (
            f"---\ntitle: Number {number}\ndate: 2025-01-01\nstatus: published\n---\n\n## Summary\n\nShort.\n"
        )
        made = client.post(
            "/api/v1/incidents", data=text.encode(), content_type="text/markdown", headers=headers
        )
        assert made.status_code == 201


@pytest.mark.parametrize("mode", MODES)
def test_who_stops_amid_a_call_over_http_leaves_all_as_it_was(
    app: Flask, port: int, world: World, mode: str
) -> None:
    slug = begun(app.test_client(), world, TEXT)
    many(app.test_client(), world.headers("ada"))

    over_http(port, world.tokens["ada"], mode, talk_of_one_that_stops(slug))


def test_who_stops_amid_a_call_over_stdio_leaves_all_as_it_was(
    stored: tuple[str, str, str], app: Flask
) -> None:
    database, token, slug = stored
    many(app_on(database).test_client(), {"Authorization": f"Bearer {token}"})

    over_stdio(database, token, "auto", talk_of_one_that_stops(slug))


def test_what_is_restricted_is_not_there_for_a_client(app: Flask, port: int, world: World) -> None:
    slug = begun(app.test_client(), world, SECRET)

    async def talk(client: Client) -> None:
        said = []
        for name in (slug, "x" * len(slug)):
            answer = await client.call_tool("get_incident", {"slug": name})
            assert answer.is_error
            said.append(answer.content[0].text.replace(name, "NAME"))  # type: ignore[union-attr]
            with pytest.raises(MCPError) as refused:
                await client.read_resource(f"postmortems://incidents/{name}")
            said.append(str(refused.value).replace(name, "NAME"))
        assert said[:2] == said[2:]
        assert (await client.list_resources()).resources == []

    over_http(port, world.tokens["ben"], "auto", talk)


def test_a_token_without_the_scope_is_told(app: Flask, port: int, world: World) -> None:
    slug = begun(app.test_client(), world, TEXT)

    async def talk(client: Client) -> None:
        answer = await client.call_tool("append_timeline_entry", right("append_timeline_entry", slug))
        assert answer.is_error
        assert "scope write" in answer.content[0].text  # type: ignore[union-attr]

    over_http(port, world.token("ada", "read"), "auto", talk)


def test_nothing_but_messages_goes_to_standard_output(stored: tuple[str, str, str]) -> None:
    database, token, _ = stored
    asked: list[dict[str, Any]] = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "search", "arguments": {"q": "x"}},
        },
    ]
    process = forked.Process(
        [sys.executable, "-m", "postmortems", "mcp"],
        env=environment(database, token),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    lines = []
    for message in asked:
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        if "id" in message:
            lines.append(process.stdout.readline())
    rest, _ = process.communicate()

    assert [json.loads(line)["id"] for line in lines] == [1, 2]
    assert rest == ""
    assert process.returncode == 0
