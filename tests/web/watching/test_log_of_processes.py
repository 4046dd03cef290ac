"""The log of real processes, gunicorn's and the worker's, after a journey with secrets in it."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from postmortems import clock
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts import sign_in
from postmortems.db import session as db
from tests import forked
from tests.faults.serving import Group, Process, group
from tests.web.watching.log_lines import parsed

TITLE = "The capybara took the keys of the vault"
RESTRICTED = f"""---
title: {TITLE}
date: 2026-11-01
restricted: [ada]
---

## Summary

The capybara knew where the keys were.
"""
PASSWORD, HEADER_SECRET = "hunter2-hunter2-hunter2", "header-secret-7f3a"


@dataclass
class Journey:
    """What was sent and read, and what the processes wrote to standard error meanwhile."""

    secrets: list[str]
    ids: list[str]
    lines: list[dict[str, Any]]
    text: str


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    folder = tmp_path_factory.mktemp("journey")
    with group(f"sqlite:///{folder / 'test.db'}", folder, forked.Process) as made:
        server = made.gunicorn(POSTMORTEMS_LOG_FORMAT="json")
        worker = made.start("worker", POSTMORTEMS_LOG_FORMAT="json")
        secrets, ids = travel(made, server)
        worker.end()
        server.end()
        text = (folder / "stderr").read_text()
    return Journey(secrets, ids, parsed(text), text)


def travel(made: Group, server: Process) -> tuple[list[str], list[str]]:
    """Sign in, write, read, ask the gate, send what is wrong; returns the secrets, and ids of requests."""
    with db.transaction():
        link = sign_in.make_sign_in_link(
            accounts_queries.account("ada"), clock.now(), actor=made.world.system
        )
    signed_in = made.browser(server, "ada")
    markdown = {**made.headers("ada"), "Content-Type": "text/markdown"}
    saved = server.send("POST", "/api/v1/incidents", RESTRICTED, markdown)
    slug = saved.body["slug"]
    answers = [
        saved,
        server.send("GET", f"/sign-in/link/{link}"),
        server.send("POST", "/sign-in", f"name=ada&password={PASSWORD}", forms(signed_in)),
        server.send("GET", f"/incidents/{slug}", headers=signed_in),
        server.send("GET", f"/incidents?q={TITLE.replace(' ', '+')}", headers=signed_in),
        server.send("GET", f"/api/v1/incidents/{slug}?token={PASSWORD}", headers=made.headers("ada")),
        server.send("GET", f"/nowhere/{slug}", headers={"Authorization": f"Bearer pm_{HEADER_SECRET}"}),
        server.send("POST", "/api/v1/incidents", '{"title": "' + TITLE, made.headers("ada")),
        made.ask(server),
    ]
    broken(server.port, f"GET /sign-in/link/{link} HTTP/x\r\n\r\n")
    broken(server.port, f"GET /{link} HTTP/1.1\r\nX: {HEADER_SECRET}\0\r\n\r\n")
    assert [answer.status for answer in answers] == [201, 200, 403, 200, 200, 422, 404, 400, 200]
    secrets = [link, *made.world.tokens.values(), PASSWORD, HEADER_SECRET, "apybara", "vault", slug]
    secrets += [value.partition("=")[2] for value in signed_in["Cookie"].split("; ")]
    return [*secrets, signed_in["X-CSRFToken"]], [answer.headers["X-Request-ID"] for answer in answers]


def forms(headers: dict[str, str]) -> dict[str, str]:
    return {"Cookie": headers["Cookie"], "Content-Type": "application/x-www-form-urlencoded"}


def broken(port: int, text: str) -> None:
    """Send what is no request, and take what comes."""
    with (
        suppress(ConnectionResetError),
        socket.create_connection(("127.0.0.1", port), timeout=30) as connection,
    ):
        connection.sendall(text.encode("latin-1"))
        while connection.recv(4096):
            pass


def test_every_line_of_every_process_is_an_object(journey: Journey) -> None:
    assert {line["logger"] for line in journey.lines} >= {"postmortems.requests"}
    assert [line for line in journey.lines if not {"event", "level", "logger", "time"} <= set(line)] == []


def test_no_secret_and_no_restricted_title_is_in_it(journey: Journey) -> None:
    assert [secret for secret in journey.secrets if secret in journey.text] == []


def test_each_request_is_one_line_under_the_id_that_its_answer_told(journey: Journey) -> None:
    told = [line["request_id"] for line in journey.lines if line["event"] == "request"]

    assert [told.count(number) for number in journey.ids] == [1] * len(journey.ids)


def test_what_gunicorn_refuses_itself_is_a_line_without_a_route(journey: Journey) -> None:
    refused = [line for line in journey.lines if line["event"] == "request" and line["status"] == 400]

    assert [line for line in refused if line["route"] == ""]


def test_paths_are_told_as_routes(journey: Journey) -> None:
    routes = {line["route"] for line in journey.lines if line["event"] == "request"}

    assert {"/incidents/<slug>", "/sign-in/link/<secret>", "/api/v1/gate/decisions", ""} <= routes
    assert not [route for route in routes if re.search(r"[?=]|\d{4}-\d\d", route)]


def test_what_waitress_refuses_itself_is_a_line(tmp_path: Path) -> None:
    with group(f"sqlite:///{tmp_path / 'test.db'}", tmp_path, forked.Process) as made:
        server = made.start("serve", "--port", "0", POSTMORTEMS_LOG_FORMAT="json")
        broken(server.port, f"GET /{'x' * 70_000} HTTP/1.1\r\n\r\n")
        server.send("GET", "/livez")
        server.end()
        lines = parsed((tmp_path / "stderr").read_text())

    assert [(line["status"], line["route"]) for line in lines if line["event"] == "request"] == [
        (431, ""),
        (200, "/livez"),
    ]
