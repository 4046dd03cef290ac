"""`note`: what is sent, what is said of it, and the exit code where nobody answers."""

from __future__ import annotations

import uuid

import pytest
from click.testing import CliRunner, Result

from postmortems.cli import cli
from tests.cli.gate_server import Server

NOTED = {
    "written": "14:05",
    "title_of_incident": "Hub down",
    "incident": "hub-down",
    "url": "https://p.test/x",
}


@pytest.fixture(autouse=True)
def answers(server: Server) -> None:
    server.answers = [(201, NOTED)]


def note(server: Server | str, *arguments: str, said: str | bytes = "", **env: str) -> Result:
    url = server if isinstance(server, str) else server.url
    told = {"POSTMORTEMS_URL": url, "POSTMORTEMS_TOKEN": "pm_secret", "NO_PROXY": "127.0.0.1", **env}
    return CliRunner().invoke(cli, ["note", *arguments], input=said, env=told)


def test_a_note_goes_to_the_newest_draft_of_mine(server: Server) -> None:
    result = note(server, "rolled back", "--kind", "mitigation", "--at", "5m ago")

    sent = server.requests[0]
    assert result.exit_code == 0, result.output
    assert result.output == "14:05 noted in Hub down: https://p.test/x\n"
    assert sent["path"] == "/api/v1/incidents/-/entries"
    assert sent["body"] == {"text": "rolled back", "at": "5m ago", "kind": "mitigation"}
    assert uuid.UUID(sent["headers"]["Idempotency-Key"])


@pytest.mark.parametrize(
    "options, env, path",
    [
        (["--incident", "hub-down"], {}, "hub-down"),
        ([], {"POSTMORTEMS_INCIDENT": "hub-down"}, "hub-down"),
        (["--incident", "a"], {"POSTMORTEMS_INCIDENT": "b"}, "a"),
        (["--incident", "../x y"], {}, "..%2Fx%20y"),
        ([], {"POSTMORTEMS_INCIDENT": ""}, "-"),
    ],
)
def test_which_incident_is_said_or_set(
    server: Server, options: list[str], env: dict[str, str], path: str
) -> None:
    note(server, "x", *options, **env)

    assert server.requests[0]["path"] == f"/api/v1/incidents/{path}/entries"


def test_a_dash_reads_standard_input(server: Server) -> None:
    result = note(server, "-", said="two\nlines: ä\n")

    assert result.exit_code == 0, result.output
    assert server.requests[0]["body"]["text"] == "two\nlines: ä\n"


def test_a_connection_that_breaks_is_tried_again_under_the_same_key(server: Server) -> None:
    server.answers = [(503, {"detail": "starting"}), (200, NOTED)]

    result = note(server, "x")

    keys = {sent["headers"]["Idempotency-Key"] for sent in server.requests}
    assert (result.exit_code, len(server.requests), len(keys)) == (0, 2, 1)


@pytest.mark.parametrize("said", ["", " \n", b"\xff\xfe"])
def test_what_is_no_text_is_not_sent(server: Server, said: str | bytes) -> None:
    result = note(server, "-", said=said)

    assert (result.exit_code, server.requests) == (21, [])


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_refusal_is_said_in_one_line(server: Server, status: int) -> None:
    server.answers = [(status, {"detail": "there is no incident", "errors": []})]

    result = note(server, "x")

    assert result.exit_code == 21
    assert result.output == f"Error: {status} there is no incident\n"


def test_where_the_server_is_away_it_says_so() -> None:
    result = note("http://127.0.0.1:9", "x")

    assert result.exit_code == 20
    assert "does not answer" in result.output


def test_without_an_address_it_says_what_to_set() -> None:
    result = note("", "x")

    assert result.exit_code == 21
    assert "POSTMORTEMS_URL" in result.output


def test_a_setting_that_is_nearly_ours_is_refused(server: Server) -> None:
    result = note(server, "x", POSTMORTEMS_INCIDNET="hub-down")

    assert result.exit_code == 21
    assert "did you mean POSTMORTEMS_INCIDENT" in result.output
