"""`policies due-dates`: what it asks of the server, what it prints, and how it ends."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from postmortems.cli import cli
from tests.cli.gate_server import Server

POLICY = {
    "id": 3,
    "title": "SEV1, team platform",
    "version": 2,
    "severity": "SEV1",
    "team": "platform",
    "assign_days": None,
    "complete_days": 14,
    "counting": "business",
    "warn_before": [7, 1],
    "saved_by": "ben",
    "saved_at": "2026-03-02T09:00:00+00:00",
    "redated": None,
}
PREVIEW = {
    "moved": 2,
    "dated": 1,
    "late": 1,
    "unsure": 0,
    "by_hand": 4,
    "undated": 0,
    "excepted": 0,
    "looked_at": 20000,
    "is_whole": False,
    "items": [{"id": "AI-2", "text": "Do\n\x1b[31mit", "due": None, "new_due": "2026-03-16"}],
}


def due_dates(server: Server, *arguments: str) -> Result:
    told = {"POSTMORTEMS_URL": server.url, "POSTMORTEMS_TOKEN": "pm_secret", "NO_PROXY": "127.0.0.1"}
    return CliRunner().invoke(cli, ["policies", "due-dates", *arguments], env=told)


def test_policies_are_listed_and_shown(server: Server) -> None:
    server.answers = [(200, {"policies": [POLICY]}), (200, {"policies": [POLICY]}), (200, POLICY)]

    assert due_dates(server, "list").stdout == "3\tSEV1, team platform\t-\t14\tbusiness\n"
    assert json.loads(due_dates(server, "list", "--json").stdout) == POLICY
    shown = due_dates(server, "show", "3").stdout.splitlines()
    assert "warn_before: 7, 1" in shown
    assert not any(line.startswith("assign_days") for line in shown)


def test_a_preview_of_one_that_is_there_changes_what_is_said_alone(server: Server) -> None:
    server.answers = [(200, POLICY), (200, PREVIEW)]

    result = due_dates(server, "preview", "--id", "3", "--complete-days", "7", "--with-undated")

    asked = server.requests[1]["body"]
    assert (asked["id"], asked["complete_days"], asked["severity"]) == (3, 7, "SEV1")
    assert asked["with_undated"] is True
    assert not asked.keys() & {"title", "version", "saved_by", "saved_at", "redated"}
    rows, counts = result.stdout.splitlines()
    assert rows.startswith("AI-2\t-\t2026-03-16\tDo")
    assert "\x1b" not in result.stdout
    assert counts == (
        "moved 2, dated 1, late 1, unsure 0, by hand 4, undated 0, excepted 0, of the first 20000 looked at"
    )


def test_what_the_server_refuses_is_said_in_a_line(server: Server) -> None:
    refused = {"title": "x", "detail": "there is no due-date policy 9", "status": 404}
    server.answers = [(404, refused)]

    result = due_dates(server, "show", "9")

    assert result.exit_code != 0
    assert "there is no due-date policy 9" in result.stderr
