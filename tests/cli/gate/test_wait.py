"""`gate check --wait` and `--if-unreachable allow`: one decision, judged again; what stays when none came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from postmortems.cli.gate import wait
from postmortems.gate import schemas
from tests.artifacts import digest
from tests.cli.gate_answers import answer
from tests.cli.gate_server import ALLOWED, CHECK, WAITED_OUT, WAITING, Server, run

WHERE = "/api/v1/gate/decisions/dec_1"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wait, "ASK_AGAIN_S", 0.0)
    monkeypatch.setattr(wait, "SOONEST_S", 0.0)
    monkeypatch.chdir(tmp_path)


class Clock:
    """Tells these times, and sleeps not at all."""

    def __init__(self, times: list[float]) -> None:
        self.monotonic = iter(times).__next__

    def sleep(self, _: float) -> None:
        pass


def asked(server: Server) -> list[tuple[str, str]]:
    return [(one["method"], one["path"]) for one in server.requests]


@pytest.mark.parametrize("end, code", [(ALLOWED, 0), (answer(), 10), (WAITED_OUT, 11)])
def test_one_decision_is_judged_again_at_its_address(server: Server, end: Any, code: int) -> None:
    server.headers = {"Location": WHERE, "Retry-After": "0"}
    server.answers = [(202, WAITING), (202, WAITING), (200, end)]

    assert run(server, *CHECK, "--wait", "15m").exit_code == code
    assert asked(server) == [("POST", "/api/v1/gate/decisions"), ("GET", WHERE), ("GET", WHERE)]
    assert server.requests[0]["body"]["wait_s"] == 900


def test_a_server_that_is_away_for_a_moment_ends_no_wait(server: Server) -> None:
    server.headers = {"Location": WHERE, "Retry-After": "0"}
    away: list[tuple[int, Any]] = [(0, None), (503, {}), (502, b"<html>"), (0, None), (200, b"log in")]
    server.answers = [(202, WAITING), *away, (200, ALLOWED)]

    assert run(server, *CHECK, "--wait", "15m").exit_code == 0
    assert len(server.requests) == 7


def test_without_an_address_it_is_a_new_question(server: Server) -> None:
    server.answers = [(200, WAITING), (200, WAITING), (200, ALLOWED)]

    assert run(server, *CHECK, "--wait", "15m").exit_code == 0
    assert len({one["headers"]["Idempotency-Key"] for one in server.requests}) == 3


def test_who_waits_reads_once_for_whom(server: Server) -> None:
    server.headers = {"Location": WHERE, "Retry-After": "0"}
    server.answers = [(202, WAITING), (202, WAITING), (200, ALLOWED)]

    result = run(server, *CHECK, "--wait", "15m")

    assert result.stderr == f"data8/prod waits for lab-hours: {server.url}/gate/dec_1\n"


@pytest.mark.parametrize("guards", [None, 3, ["x"], [{}, 7]])
def test_what_waits_and_cannot_be_read_is_no_answer(server: Server, guards: Any) -> None:
    server.answers = [(202, WAITING | {"guards": guards})]

    assert run(server, *CHECK, "--wait", "15m").exit_code == 20


def test_without_wait_nobody_comes_back(server: Server) -> None:
    server.headers = {"Location": WHERE}
    server.answers = [(200, WAITING)]

    assert run(server, *CHECK).exit_code == 11
    assert "wait_s" not in server.requests[0]["body"]
    assert len(server.requests) == 1


def test_the_server_is_asked_for_no_more_than_it_takes(server: Server) -> None:
    run(server, *CHECK, "--wait", "48h")

    assert server.requests[0]["body"]["wait_s"] == schemas.MAX_WAIT_S


@pytest.mark.parametrize(
    "where",
    [
        "https://elsewhere.example.org/api/v1/gate/decisions/dec_1",
        "//elsewhere.example.org/api/v1/gate/decisions/dec_1",
        "/api/v1/gate/decisions/../../users",
        "/api/v1/gate/decisions/dec_1?x=1",
        "/login",
        "@elsewhere.example.org/",
    ],
)
def test_the_token_goes_nowhere_else(server: Server, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server.headers = {"Location": where}
    server.answers = [(202, WAITING)]

    # The time is over after one look.
    monkeypatch.setattr(wait, "time", Clock([0.0, 1.0, 61.0]))

    assert run(server, *CHECK, "--wait", "1m").exit_code == 20
    assert len(server.requests) == 1


def test_another_decision_is_no_answer(server: Server) -> None:
    server.headers = {"Location": WHERE, "Retry-After": "0"}
    server.answers = [(202, WAITING), (200, ALLOWED | {"id": "dec_2"}), (200, ALLOWED)]

    assert run(server, *CHECK, "--wait", "15m").exit_code == 0
    assert len(server.requests) == 3


def test_a_broken_connection_asks_under_the_same_key_until_the_server_is_done(server: Server) -> None:
    server.headers = {"Retry-After": "0"}
    busy = [(409, {"detail": "being answered"})] * 5
    server.answers = [(0, None), *busy, (200, ALLOWED)]

    assert run(server, *CHECK).exit_code == 0
    assert len(server.requests) == 7
    assert len({one["headers"]["Idempotency-Key"] for one in server.requests}) == 1


@pytest.mark.parametrize("told", ["-1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT", "9999999999", ""])
def test_a_pause_that_cannot_be_read_is_ours(server: Server, told: str) -> None:
    server.headers = {"Retry-After": told}
    server.answers = [(503, {}), (200, ALLOWED)]

    assert run(server, *CHECK).exit_code == 0


def test_what_went_on_unchecked_leaves_a_receipt(server: Server, tmp_path: Path) -> None:
    server.answers = [(503, {"detail": "restarting \x1b[31m"})]

    result = run(server, *CHECK, "--if-unreachable", "allow", "--receipt", "unchecked.json")

    assert result.exit_code == 0
    assert result.stderr.startswith("!!!!")
    assert "data8/prod: the gate cannot answer now: 503 restarting" in result.stderr
    assert "\x1b" not in result.output
    receipt = json.loads((tmp_path / "unchecked.json").read_text())
    assert receipt["checked"] is False
    assert receipt["url"] == server.url
    assert receipt["request"]["artifact"] == {"digest": digest("8c")}
    assert "pm_secret" not in json.dumps(receipt)


def test_without_a_receipt_nothing_goes_on(server: Server) -> None:
    server.answers = [(503, {})]

    result = run(server, *CHECK, "--if-unreachable", "allow", "--receipt", "no/such/folder.json")

    assert result.exit_code == 20
    assert "no receipt can be written" in result.stderr


def test_a_checked_deploy_leaves_none(server: Server, tmp_path: Path) -> None:
    assert run(server, *CHECK, "--if-unreachable", "allow").exit_code == 0
    assert list(tmp_path.iterdir()) == []
