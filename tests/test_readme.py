"""The README's first five minutes, as it tells them: a first start, the two questions, drill, removal."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
FIVE_MINUTES = README.split("## The first five minutes")[1].split("## The hourglass")[0]


@dataclass(frozen=True)
class Started:
    """A server after its first start on the embedded default, in a folder of its own."""

    folder: Path
    said: str

    @property
    def url(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said)
        assert found is not None, self.said
        return found[0]

    def command(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "postmortems", *words],
            cwd=self.folder,
            env=environment() | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def asks(self, token: str, body: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection = HTTPConnection(self.url.removeprefix("http://"))
        connection.request("POST", "/api/v1/gate/decisions", body, headers)
        answer: dict[str, Any] = json.load(connection.getresponse())
        connection.close()
        return answer


def environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    return ours | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("first-start")
    command = [sys.executable, "-m", "postmortems", "serve", "--port", "0"]
    server = subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield Started(folder, server.stdout.readline() + server.stdout.readline())
    finally:
        server.terminate()
        server.communicate()


@pytest.fixture(scope="module")
def exported(started: Started, token: str) -> dict[str, str]:
    """What the README has set in the shell before the commands that ask the server, by the names it gives."""
    address, secret = re.findall(r"export (\w+)=", FIVE_MINUTES)
    return {address: started.url, secret: token}


@pytest.fixture(scope="module")
def token(started: Started) -> str:
    """Made by the very command that the README shows."""
    shown = re.search(r"\$\(\S+ -m postmortems (tokens add .*?)\)\n", FIVE_MINUTES, re.DOTALL)
    assert shown is not None
    made = started.command(*shlex.split(shown[1].replace("\\\n", " ")))
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def questions() -> list[str]:
    """The bodies of the README's requests, in its order."""
    return re.findall(r"-d '(\{.*?\})'", FIVE_MINUTES, re.DOTALL)


def test_the_first_start_prints_a_link_that_signs_in(started: Started) -> None:
    assert re.search(rf"{started.url}/sign-in/link/\S+", started.said)
    assert "admin" in started.said


def test_the_question_of_half_past_three_is_blocked_as_the_readme_says(started: Started, token: str) -> None:
    answer = started.asks(token, questions()[0])

    verdicts = {guard["guard"]: guard["verdict"] for guard in answer["guards"]}
    assert answer["decision"] == "block"
    assert verdicts == {
        "lab-hours": "fail",
        "target-confirmed": "fail",
        "staging-validated": "fail",
        "staging-online": "not_applicable",
    }
    assert all(guard["because"] for guard in answer["guards"])


def test_the_same_question_by_the_command_of_pipelines_ends_with_ten(
    started: Started, exported: dict[str, str]
) -> None:
    shown = re.search(r"-m postmortems (gate check .*?)\n   ```", FIVE_MINUTES, re.DOTALL)
    assert shown is not None

    asked = started.command(*shlex.split(shown[1].replace("\\\n", " ")), **exported)

    assert asked.returncode == 10, asked.stderr
    assert "lab-hours" in asked.stdout


def test_the_question_of_five_past_seven_is_allowed(started: Started, token: str) -> None:
    assert started.asks(token, questions()[1])["decision"] == "allow"


def test_the_drill_of_the_command_line_shows_both_deploys(started: Started, exported: dict[str, str]) -> None:
    shown = re.search(r"-m postmortems (gate drill .*)", FIVE_MINUTES)
    assert shown is not None

    drilled = started.command(*shlex.split(shown[1]), **exported)

    assert drilled.returncode == 0, drilled.stderr
    assert "Promoted in lab hours" in drilled.stdout
    assert "Promoted after the labs" in drilled.stdout


def test_the_demo_goes_by_one_command(started: Started, token: str) -> None:
    removed = started.command("demo", "remove")

    assert removed.returncode == 0, removed.stderr
    assert "10 incidents" in removed.stdout
    answer = started.asks(token, questions()[0])
    assert answer["decision"] == "block"
    assert answer["guards"] == []
