"""Rows of the bench for whole processes of the command line, and for Markdown."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import markdown

from postmortems.web.markdown.safe_html import to_html
from tests.bench import reports, world
from tests.bench.cases import Bench, Case, Maker
from tests.bench.commits import ROOT

ONE_REQUEST = """
import http.client, os, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
connection.request("POST", "/decide", '{"key": "%s"}' % sys.argv[2], {"Authorization": "Bearer bench",
    "Content-Type": "application/json"})
sys.exit(connection.getresponse().status != 200)
"""


def rows() -> dict[str, Maker]:
    """By number, what makes the cases."""
    return {"P10": _check, "S1": _help, "S2": _help_of_gate, "M1": _rendered, "M2": _kept}


def _check(bench: Bench) -> Iterator[Case]:
    ours = bench.ours
    environment = {
        **os.environ,
        "POSTMORTEMS_TOKEN": ours.world.token,
        "POSTMORTEMS_URL": f"http://127.0.0.1:{ours.port}",
    }
    check = [sys.executable, "-m", "postmortems", "gate", "check", "--service", "bench", "--target", "prod"]
    check += ["--artifact", world.DIGEST, "--confirm-target", "bench/prod"]

    def run(command: list[str]) -> None:
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    yield Case(
        "gate check, whole process / python -c and one request",
        "+150 ms",
        lambda: run(check),
        lambda: run([sys.executable, "-c", ONE_REQUEST, str(bench.plain.port), uuid4().hex]),
    )


def _help(_bench: Bench) -> Iterator[Case]:
    yield _start("≥ 0.33")


def _help_of_gate(_bench: Bench) -> Iterator[Case]:
    yield _start("≥ 0.2", "gate", "client")


def _start(goal: str, *command: str) -> Case:
    """How long a command takes to be there: its help, against click alone. That of the gate takes longest."""

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    words = " ".join([*command, "--help"])
    return Case(
        f"{words}, whole process / python -c 'import click'",
        goal,
        lambda: run("-m", "postmortems", *command, "--help"),
        lambda: run("-c", "import click"),
    )


def _rendered(_bench: Bench) -> Iterator[Case]:
    yield _markdown(itertools.count(), itertools.count(), "rendered")


def _kept(_bench: Bench) -> Iterator[Case]:
    yield _markdown(itertools.repeat(0), itertools.repeat(0), "kept")


def _markdown(ours: Iterator[int], plain: Iterator[int], how: str) -> Case:
    return Case(
        f"Markdown, {how} / Python-Markdown",
        "",
        lambda: to_html(reports.text(next(ours))),
        lambda: markdown.markdown(reports.text(next(plain)), extensions=["tables"]),
    )
