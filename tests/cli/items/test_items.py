"""`items` on the command line: what it asks of the server, what it prints, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from postmortems.cli import cli
from tests.cli.gate_server import Server

ITEM = {
    "id": "AI-2",
    "status": "open",
    "owner": "",
    "due": None,
    "priority": "P1",
    "text": "Do\nit \x1b[31mnow",
    "guards": ["a", "b"],
    "incident": {"slug": "hub-down", "title": "Hub down"},
}
EDITED = {
    "id": 4,
    "state": "done",
    "missing": [],
    "remarks": [],
    "rows": [{"id": "AI-2", "state": "done", "detail": ""}],
}


def items(server: Server, *arguments: str) -> Result:
    told = {"POSTMORTEMS_URL": server.url, "POSTMORTEMS_TOKEN": "pm_secret", "NO_PROXY": "127.0.0.1"}
    return CliRunner().invoke(cli, ["items", *arguments], env=told)


def test_a_list_goes_on_to_its_last_page_and_shows_no_control_characters(server: Server) -> None:
    server.answers = [
        (200, {"action_items": [ITEM], "next": "2026-01-01~2"}),
        (200, {"action_items": [{**ITEM, "id": "AI-3", "owner": "kim"}], "next": ""}),
    ]
    result = items(server, "list", "--overdue", "--priority", "P1")

    lines = result.stdout.splitlines()
    assert [line.split("\t")[:5] for line in lines] == [
        ["AI-2", "open", "nobody", "-", "P1"],
        ["AI-3", "open", "kim", "-", "P1"],
    ]
    assert "\x1b" not in result.stdout
    first, second = (sent["path"] for sent in server.requests)
    assert "overdue=1" in first
    assert "after=2026-01-01~2" in second.replace("%7E", "~")


def test_json_is_an_object_a_line(server: Server) -> None:
    server.answers = [(200, {"action_items": [ITEM, ITEM], "next": ""})]

    result = items(server, "list", "--json", "--status", "any", "--limit", "2")

    assert [json.loads(line) for line in result.stdout.splitlines()] == [ITEM, ITEM]
    assert server.requests[0]["path"] == "/api/v1/action-items?limit=2"


def test_one_is_shown_field_by_field(server: Server) -> None:
    server.answers = [(200, ITEM)]

    shown = items(server, "show", "AI-2").stdout.splitlines()

    assert "guards: a, b" in shown
    assert "incident: hub-down" in shown
    assert not any(line.startswith("owner") for line in shown)


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        (["assign", "AI-2", "--to", "@kim"], {"owner": "@kim"}),
        (["assign", "AI-2", "--to", ""], {"owner": ""}),
        (["due", "AI-2", "--on", "2026-03-31"], {"due": "2026-03-31"}),
        (["due", "AI-2", "--on", ""], {"due": None}),
        (["close", "AI-2", "--outcome", "seen"], {"status": "done", "outcome": "seen"}),
        (["close", "AI-2", "--evidence", "PR 7"], {"status": "done", "evidence": "PR 7"}),
        (["close", "AI-2", "--wont-do", "--reason", "gone"], {"status": "wont_do", "reason": "gone"}),
    ],
)
def test_an_edit_is_asked_for_at_once(server: Server, arguments: list[str], wanted: dict[str, Any]) -> None:
    server.answers = [(200, EDITED)]

    result = items(server, *arguments)

    assert result.exit_code == 0, result.output
    assert result.stdout == "AI-2\tdone\n"
    assert server.requests[0]["body"] == {"items": ["AI-2"], "set": wanted, "dry_run": False}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["show", ""], "'' is no reference such as AI-2"),
        (["show", "AI-0"], "'AI-0' is no reference"),
        (["close", "AI-2", "the rack"], "'the rack' is no reference"),
        (["due", "AI-2", "--on", "tomorrow"], "'--on': 'tomorrow' is no day; write it as 2026-03-31"),
        (["due", "AI-2", "--on", "2026-02-30"], "'2026-02-30' is no day"),
    ],
)
def test_words_that_are_no_reference_or_day_are_named_and_not_sent(
    server: Server, arguments: list[str], said: str
) -> None:
    result = items(server, *arguments)

    assert result.exit_code == 2
    assert said in result.output
    assert server.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        {"rows": [{"id": "AI-2", "state": "refused", "detail": "you own it"}]},
        {"rows": [{"id": "AI-2", "state": "conflict", "detail": "it was changed"}]},
        {"missing": ["AI-9"]},
    ],
)
def test_what_is_not_done_is_said_and_ends_otherwise(server: Server, answer: dict[str, Any]) -> None:
    server.answers = [(200, EDITED | answer)]

    result = items(server, "close", "AI-2", "AI-9")

    assert result.exit_code == 12
    assert any(word in result.output for word in ("you own it", "it was changed", "no action item AI-9"))


def test_a_dry_run_says_what_would_change(server: Server) -> None:
    row = {"id": "AI-2", "state": "waiting", "detail": ""}
    server.answers = [(200, EDITED | {"id": None, "state": "planned", "rows": [row]})]

    result = items(server, "due", "AI-2", "--on", "2026-03-31", "--dry-run")

    assert (result.exit_code, result.stdout) == (0, "AI-2\twould change\n")
    assert server.requests[0]["body"]["dry_run"] is True


def test_what_the_server_refuses_is_told(server: Server) -> None:
    server.answers = [
        (422, {"detail": "The input is wrong", "errors": [{"pointer": "/set/due", "detail": "x"}]})
    ]

    result = items(server, "due", "AI-2", "--on", "2026-03-31")

    assert result.exit_code == 21
    assert "/set/due" in result.output
