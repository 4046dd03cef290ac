"""In GitHub Actions the client asks for a signed identity where it was given no token."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result

from postmortems.cli.gate.check import gate
from tests.cli.gate_server import ALLOWED, CHECK, Server


def run(server: Server, **environ: str) -> Result:
    env = {"POSTMORTEMS_URL": server.url, "POSTMORTEMS_TOKEN": "", "NO_PROXY": "127.0.0.1", **environ}
    return CliRunner().invoke(gate, CHECK, env=env)


def job(server: Server, address: str = "") -> dict[str, str]:
    """What GitHub sets for a job with `id-token: write`."""
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": address or f"{server.url}/sign?api-version=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-secret",
    }


def test_the_identity_is_asked_for_this_server_and_sent_as_the_token(server: Server) -> None:
    server.answers = [(200, {"value": "eyJ.eyJ.c2ln"}), (200, ALLOWED)]

    assert run(server, **job(server)).exit_code == 0

    signing, asking = server.requests
    assert signing["path"] == f"/sign?api-version=2&audience={quote(server.url, safe='')}"
    assert signing["headers"]["Authorization"] == "Bearer runner-secret"
    assert asking["headers"]["Authorization"] == "Bearer eyJ.eyJ.c2ln"


def test_a_token_that_was_given_is_used_instead(server: Server) -> None:
    server.answers = [(200, ALLOWED)]

    assert run(server, **job(server), POSTMORTEMS_TOKEN="pm_given").exit_code == 0

    assert [request["headers"]["Authorization"] for request in server.requests] == ["Bearer pm_given"]


@pytest.mark.parametrize(
    "status, told", [(403, {}), (200, {}), (200, []), (200, b"<p>"), (200, {"value": 5})]
)
def test_without_an_identity_the_gate_is_out_of_reach(server: Server, status: int, told: Any) -> None:
    server.answers = [(status, told)]

    result = run(server, **job(server))

    assert result.exit_code == 20
    assert "GitHub Actions signs no identity" in result.stderr
    assert "runner-secret" not in result.output


def test_an_address_that_is_none_is_told(server: Server) -> None:
    assert run(server, **job(server, "file:///etc/passwd")).exit_code == 21
    assert run(server).exit_code == 21
