"""`trackers` and `tickets` on the command line: what they ask of the server, print, and how they end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from postmortems.cli import cli
from tests.cli.gate_server import Server

TRACKERS = {
    "trackers": [{"id": 3, "service": "github", "name": "infra", "place": "data8/infra", "trouble": ""}]
}
TICKET: dict[str, Any] = {
    "id": 7,
    "action_item": "AI-2",
    "tracker_name": "infra",
    "ticket": "#12",
    "standing": "disputed",
    "state": "open",
    "url": "https://github.com/data8/infra/issues/12",
    "trouble": "",
    "disagreements": [{"field": "title", "ours": "Alert early", "theirs": "Alert \x1b[31mlate"}],
}


def run(server: Server, *arguments: str) -> Result:
    told = {"POSTMORTEMS_URL": server.url, "POSTMORTEMS_TOKEN": "pm_secret", "NO_PROXY": "127.0.0.1"}
    return CliRunner().invoke(cli, arguments, env=told)


def test_trackers_are_listed(server: Server) -> None:
    server.answers = [(200, TRACKERS)]

    result = run(server, "trackers")

    assert (result.exit_code, result.stdout) == (0, "3\tgithub\tinfra\tdata8/infra\t-\n")


def test_a_list_tells_what_both_sides_changed(server: Server) -> None:
    server.answers = [(200, {"tickets": [TICKET]})]

    result = run(server, "tickets", "list", "AI-2")

    first, second = result.stdout.splitlines()
    assert first.split("\t")[:4] == ["7", "infra", "#12", "disputed"]
    assert second.startswith("title: here 'Alert early', there")
    assert "\x1b" not in result.stdout


def test_json_is_an_object_a_line(server: Server) -> None:
    server.answers = [(200, {"tickets": [TICKET]})]

    assert json.loads(run(server, "tickets", "list", "AI-2", "--json").stdout) == TICKET


def test_tickets_are_created_by_the_trackers_name(server: Server) -> None:
    left = [{"action_item": "AI-3", "reason": "there is no action item AI-3"}]
    server.answers = [(200, TRACKERS), (202, {"tickets": [TICKET], "left_out": left})]

    result = run(server, "tickets", "create", "AI-2", "AI-3", "--tracker", "infra")

    assert server.requests[1]["path"].endswith("/trackers/3/tickets")
    assert result.stdout.startswith("AI-2\t7\t")
    assert "AI-3: there is no action item AI-3" in result.stderr
    assert result.exit_code != 0


def test_an_issue_is_linked(server: Server) -> None:
    server.answers = [(200, TRACKERS), (201, TICKET)]

    result = run(server, "tickets", "link", "AI-2", "#12", "--tracker", "3")

    assert result.exit_code == 0
    assert server.requests[1]["path"].endswith("/action-items/AI-2/tickets")


def test_a_tracker_that_is_not_there_is_named(server: Server) -> None:
    server.answers = [(200, TRACKERS)]

    result = run(server, "tickets", "create", "AI-2", "--tracker", "other")

    assert result.exit_code != 0
    assert "no tracker 'other'" in result.output


@pytest.mark.parametrize(
    "arguments, path",
    [
        (("decide", "AI-2", "7", "title", "ours"), "/action-items/AI-2/tickets/7/decision"),
        (("unlink", "AI-2", "7"), "/action-items/AI-2/tickets/7"),
    ],
)
def test_a_ticket_is_decided_and_unlinked(server: Server, arguments: tuple[str, ...], path: str) -> None:
    server.answers = [(200, TICKET)]

    assert run(server, "tickets", *arguments).exit_code == 0
    assert server.requests[0]["path"].endswith(path)


@pytest.mark.parametrize(
    "arguments", [("decide", "AI-2", "7", "owner", "ours"), ("decide", "AI-2", "x", "title", "ours")]
)
def test_what_cannot_be_decided_is_refused_here(server: Server, arguments: tuple[str, ...]) -> None:
    assert run(server, "tickets", *arguments).exit_code != 0
    assert server.requests == []
