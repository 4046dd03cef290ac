"""`gate ping` and `gate override`: what is sent, and what a job's exit code is."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from postmortems.cli.gate.check import gate
from tests.cli.gate_answers import answer
from tests.cli.gate_server import CHECK, Server, run

PINGS = "/api/v1/heartbeats/hb_x"
EXIT = "import sys; sys.exit({})"
MADE = {"id": 4, "target": "data8/prod", "guards": ["lab-hours"], "state": "requested"}
OVERRIDE = ["override", "--decision", "dec_1", "--guard", "lab-hours", "--reason", "The hub is down"]


@pytest.mark.parametrize(
    "options, path",
    [
        ([], ""),
        (["--start"], "/start"),
        (["--fail"], "/fail"),
        (["--exit-status", "0"], "/0"),
        (["--exit-status", "255"], "/255"),
    ],
)
def test_a_ping_needs_its_key_alone(server: Server, options: list[str], path: str) -> None:
    server.answers = [(200, {"received": "success"})]
    env = {"POSTMORTEMS_URL": server.url, "NO_PROXY": "127.0.0.1"}

    result: Result = CliRunner().invoke(
        gate, ["ping", "hb_x", *options, "--body-file", "-"], input="all \u00e4 done", env=env
    )

    assert result.exit_code == 0, result.output
    sent = server.requests[0]
    assert (sent["path"], sent["body"]) == (PINGS + path, "all \u00e4 done")
    assert "Authorization" not in sent["headers"]


@pytest.mark.parametrize("code", [0, 3, 255])
def test_a_command_runs_between_two_pings(server: Server, code: int) -> None:
    result = run(server, "ping", "hb_x", "--", sys.executable, "-c", EXIT.format(code), "--fail")

    assert result.exit_code == code
    paths = [one["path"] for one in server.requests]
    start, mark = paths[0].split("?")
    assert start == f"{PINGS}/start"
    assert paths[1] == f"{PINGS}/{code}?{mark}"


@pytest.mark.parametrize("status", [0, 404, 429, 503])
def test_a_job_runs_where_nobody_can_be_told(server: Server, status: int) -> None:
    server.answers = [(status, {})]

    result = run(server, "ping", "hb_x", "--", sys.executable, "-c", EXIT.format(7))

    assert result.exit_code == 7
    assert result.stderr.count("WARNING: the ping did not arrive") == 2


def test_a_program_that_is_not_there_has_failed(server: Server) -> None:
    assert run(server, "ping", "hb_x", "--", "no-such-program").exit_code == 127
    assert server.requests[1]["path"].startswith(f"{PINGS}/127?")


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["../users"], 21),
        (["hb x"], 21),
        (["hb_\u00e4"], 21),
        (["hb_x", "--start", "--fail"], 21),
        (["hb_x", "--fail", "--exit-status", "1"], 21),
        (["hb_x", "--start", "--", "true"], 21),
        (["hb_x", "--body-file", "-", "--", "true"], 21),
        (["hb_x", "--exit-status", "256"], 2),
        (["hb_x", "--exit-status", "-1"], 2),
        (["hb_x", "--body-file", "no/such/file"], 2),
        ([], 2),
    ],
)
def test_a_wrong_ping_is_not_sent(server: Server, arguments: list[str], code: int) -> None:
    assert run(server, "ping", *arguments).exit_code == code
    assert server.requests == []


@pytest.mark.parametrize("status, code", [(404, 21), (429, 20), (503, 20), (0, 20)])
def test_a_ping_that_did_not_arrive_is_told(server: Server, status: int, code: int) -> None:
    server.answers = [(status, {})]
    assert run(server, "ping", "hb_x").exit_code == code


@pytest.mark.parametrize(
    "found, told",
    [
        (
            {"guards": ["lab-hours"], "roles": ["admin"], "people": 1},
            "override: a signed-in admin may grant it, for lab-hours",
        ),
        (
            {"guards": ["lab-hours"], "roles": ["admin"], "people": 2},
            "override: a signed-in admin may grant it, another than who asks, for lab-hours",
        ),
        ({"guards": [], "roles": [], "people": 0}, "override: nobody may override what stops it"),
    ],
)
def test_an_override_says_who_may_grant_it(server: Server, found: Any, told: str) -> None:
    server.answers = [(201, MADE), (200, answer(override=found))]

    result = run(server, *OVERRIDE, "--expires", "30m", "--ticket", "OPS-7")

    assert result.exit_code == 0, result.output
    assert server.requests[0]["path"] == "/api/v1/gate/decisions/dec_1/overrides"
    sent = {"guards": ["lab-hours"], "reason": "The hub is down", "ticket": "OPS-7", "expires_s": 1800}
    assert server.requests[0]["body"] == sent
    asked, who, where = result.stdout.splitlines()
    assert asked == "data8/prod override 4 of lab-hours: requested"
    assert who == told
    assert where == f"there: {server.url}/gate/dec_1#overrides"


@pytest.mark.parametrize(
    "told, code",
    [
        ((422, {"errors": [{"pointer": "/reason", "detail": "say why"}]}), 21),
        ((404, {}), 21),
        ((503, {}), 20),
        ((201, {}), 20),
        ((201, MADE | {"guards": None}), 20),
    ],
)
def test_an_override_that_was_not_taken_is_told(server: Server, told: Any, code: int) -> None:
    server.answers = [told, (200, answer())]
    assert run(server, *OVERRIDE).exit_code == code


@pytest.mark.parametrize("form", ["text", "github"])
def test_who_is_stopped_reads_who_may_let_it_past(server: Server, form: str) -> None:
    server.answers = [(200, answer(override={"guards": ["a\x1b"], "roles": ["admin"], "people": 1}))]

    result = run(server, *CHECK, "--format", form)

    assert "  override: a signed-in admin may grant it, for a\n" in result.stdout


@pytest.mark.parametrize("left_out", ["--decision", "--guard", "--reason"])
def test_an_override_names_everything(server: Server, left_out: str) -> None:
    at = OVERRIDE.index(left_out)
    assert run(server, *OVERRIDE[:at], *OVERRIDE[at + 2 :]).exit_code == 2
    assert server.requests == []
