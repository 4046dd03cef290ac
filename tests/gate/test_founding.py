"""The founding incident replayed, through the HTTP API against a running server with the demo's data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import forked

SLUG = "2018-01-25-accidental-merge-to-prod"
NEW_CHART = "sha256:" + "0c" * 32
ROOT = Path(__file__).resolve().parents[2]
GUARDS = ("lab-hours", "target-confirmed", "staging-validated", "staging-online")


@dataclass(frozen=True)
class Server:
    """A server process, and how to talk to it."""

    url: str
    token: str
    environ: dict[str, str]

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the JSON that came back."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def ask(self, **changes: Any) -> Any:
        """The gate's answer, as a dry run, about data8's production."""
        asked = {
            "service": "data8",
            "target": "prod",
            "declared_target": "data8/prod",
            "artifact": {"digest": NEW_CHART},
            "dry_run": True,
        }
        status, answer = self.call("POST", "/gate/decisions", asked | changes)
        assert status == 200, answer
        return answer

    def item(self, guard: str) -> Any:
        """The founding action item that names this guard alone."""
        _, found = self.call("GET", f"/action-items?kind=process&incident={SLUG}")
        named = [one for one in found["action_items"] if one["guards"] == [guard]]
        assert len(named) == 1
        return named[0]

    def edit_guard(self, slug: str, **changes: Any) -> None:
        _, guard = self.call("GET", f"/guards/{slug}")
        status, told = self.call("PATCH", f"/guards/{slug}", changes | {"revision": guard["revision"]})
        assert status == 200, told

    def again(self) -> dict[str, Any]:
        """The incidents that the report says could happen again, by slug."""
        _, report = self.call("GET", "/reports/process-fixes")
        return {one["slug"]: one for one in report["again"]}

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(
            *arguments, environ=self.environ | {"POSTMORTEMS_URL": self.url, "POSTMORTEMS_TOKEN": self.token}
        )


def run(*arguments: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`python -m postmortems …`, to its end."""
    command = [sys.executable, "-m", "postmortems", *arguments]
    return forked.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`serve` on a free port, on a fresh database with the demo in it."""
    place = tmp_path_factory.mktemp("founding")
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")},
        "POSTMORTEMS_DATABASE_URL": f"sqlite:///{place / 'test.db'}",
        "POSTMORTEMS_SECRET_KEY": "only for this test" * 2,
        "NO_PROXY": "127.0.0.1",
    }
    for step in (["db", "upgrade"], ["demo", "load"], ["users", "add", "robin", "--role", "admin"]):
        done = run(*step, environ=environ)
        assert done.returncode == 0, done.stderr
    made = run("tokens", "add", "--user", "robin", "--name", "test", "--scope", "admin", environ=environ)
    command = [sys.executable, "-m", "postmortems", "serve", "--port", "0", "--no-worker"]
    with (place / "log").open("w") as log:
        process = forked.Process(
            command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert "http://" in first, (place / "log").read_text()
            address = next(word for word in first.split() if word.startswith("http://"))
            yield Server(address.rstrip("/."), made.stdout.strip(), environ)
        finally:
            process.terminate()
            process.communicate(timeout=60)


def test_at_half_past_three_the_deploy_is_blocked_for_three_reasons(server: Server) -> None:
    answer = server.ask(at="2018-01-25T15:30:00-08:00", declared_target="biology/prod")

    assert answer["decision"] == "block"
    failing = {one["kind"]: one for one in answer["guards"] if one["verdict"] == "fail"}
    assert set(failing) == {"window", "target", "attestation"}
    for one in failing.values():
        assert SLUG in [link["incident"]["slug"] for link in one["because"]]
        assert all(link["action_item"]["id"].startswith("AI-") for link in one["because"])
        assert one["summary"]
        assert one["remedy"]
        assert one["observed"] != one["expected"]
    assert "19:00" in failing["window"]["summary"]
    assert failing["window"]["next_possible_at"] is not None


def test_at_five_past_seven_rightly_named_and_attested_it_is_allowed(server: Server) -> None:
    seen = {
        "predicate": "staging-validated",
        "service": "data8",
        "target": "staging",
        "subject": {"digest": NEW_CHART},
        "result": "passed",
        "observed_at": "2018-01-25T18:40:00-08:00",
    }
    assert server.call("POST", "/evidence/attestations", seen)[0] == 201

    answer = server.ask(at="2018-01-25T19:05:00-08:00")

    assert answer["decision"] == "allow"
    assert {one["verdict"] for one in answer["guards"]} <= {"pass", "not_applicable"}
    earlier = server.ask(at="2018-01-25T18:35:00-08:00")
    assert {one["guard"] for one in earlier["guards"] if one["verdict"] == "fail"} == {
        "lab-hours",
        "staging-validated",
    }


def test_the_recorded_deploys_go_as_expected_from_a_pipeline(server: Server) -> None:
    drilled = server.command("gate", "drill", "--incident", SLUG)
    assert drilled.returncode == 0, drilled.stderr
    assert "bad deploy" in drilled.stdout
    assert "good deploy" in drilled.stdout

    place = ["--service", "data8", "--target", "prod", "--artifact", NEW_CHART, "--dry-run"]
    at = ["--at", "2018-01-25T15:30:00-08:00", "--confirm-target", "biology/prod"]
    checked = server.command("gate", "check", *place, *at)
    assert checked.returncode == 10, checked.stderr
    assert checked.stdout.startswith(f"data8/prod {NEW_CHART} ")


def test_with_the_guards_disabled_it_could_happen_again_and_a_done_item_comes_back(server: Server) -> None:
    assert SLUG not in server.again()
    ref = server.item("target-confirmed")["id"]
    status, done = server.call("PATCH", f"/action-items/{ref}", {"status": "done", "outcome": "the guard"})
    assert (status, done["status"]) == (200, "done"), done

    for slug in GUARDS:
        server.edit_guard(slug, is_enabled=False)

    assert SLUG in server.again()
    opened = server.item("target-confirmed")
    assert (opened["status"], opened["protection"]) == ("open", "regressed")
    assert "target-confirmed is disabled" in opened["reopened_because"]
    _, history = server.call("GET", f"/incidents/{SLUG}/revisions")
    assert "target-confirmed is disabled" in json.dumps(history)
    assert server.ask(at="2018-01-25T15:30:00-08:00")["decision"] == "allow_with_warnings"
    assert server.command("gate", "drill", "--incident", SLUG).returncode == 10


def test_with_the_guards_back_it_is_stopped_and_proven_again(server: Server) -> None:
    for slug in GUARDS:
        server.edit_guard(slug, is_enabled=True)

    assert SLUG not in server.again()
    assert server.item("target-confirmed")["protection"] == "proven"
    assert server.ask(at="2018-01-25T15:30:00-08:00")["decision"] == "block"
