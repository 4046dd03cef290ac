"""The `gate` commands against a server of our own: what they send, print and exit with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from postmortems.cli.gate import evidence
from postmortems.cli.gate.check import gate
from postmortems.cli.gate.options import artifact, surroundings
from tests.artifacts import commit, digest
from tests.cli.gate_answers import answer, guard
from tests.cli.gate_server import ALLOWED, CHECK, WAITED_OUT, WAITING, Server, run
from tests.ports import free_port

WARNED = answer(guard(effective="allow_with_warnings"), decision="allow_with_warnings")
FAILED = answer(guard(verdict="error"), guard(verdict="pass", effective="allow"))
MIXED = answer(guard(verdict="error"), guard())
GATE_FAILED = answer(guards=[], reasons=[{"reason_code": "gate_failed", "summary": "x", "remedy": "y"}])
UNKNOWN = answer(guards=[], reasons=[{"reason_code": "unknown_target", "summary": "x", "remedy": "y"}])


@pytest.mark.parametrize(
    "told,options,code",
    [
        (ALLOWED, [], 0),
        (ALLOWED, ["--strict"], 0),
        (WARNED, [], 0),
        (WARNED, ["--strict"], 3),
        (answer(), [], 10),
        (MIXED, [], 10),
        (UNKNOWN, [], 10),
        (WAITING, [], 11),
        (WAITING, ["--wait", "0s"], 11),
        (WAITED_OUT, [], 11),
        (FAILED, [], 12),
        (GATE_FAILED, [], 12),
    ],
)
def test_the_exit_code_says_what_was_decided(
    server: Server, told: Any, options: list[str], code: int
) -> None:
    server.answers = [(200, told)]
    result = run(server, *CHECK, *options)
    assert result.exit_code == code, result.output
    assert result.stdout.splitlines()[0] == f"data8/prod {digest('8c')} 1 incident behind the rules"


def test_what_is_asked_is_what_was_typed(server: Server) -> None:
    run(
        server,
        *CHECK,
        "--confirm-target",
        "data8/prod",
        "--resolves",
        "AI-2",
        "--change-kind",
        "fix",
        "--dry-run",
    )
    sent = server.requests[0]
    assert (sent["method"], sent["path"]) == ("POST", "/api/v1/gate/decisions")
    assert sent["headers"]["Authorization"] == "Bearer pm_secret"
    assert sent["headers"]["Idempotency-Key"]
    assert sent["body"] == {
        "service": "data8",
        "target": "prod",
        "declared_target": "data8/prod",
        "artifact": {"digest": digest("8c")},
        "change_kind": "fix",
        "resolves": ["AI-2"],
        "dry_run": True,
    }


def test_who_asks_and_what_was_typed_goes_along(server: Server) -> None:
    people = ["--actor", "sam", "--committer", "kai", "--committer", "lin", "--typed-target", "data8/prod"]

    run(server, *CHECK, *people)

    body = server.requests[0]["body"]
    assert body["actor"] == "sam"
    assert body["run"] == {"committers": ["kai", "lin"], "typed_target": "data8/prod"}


def test_who_asks_by_the_option_is_believed_before_the_pipeline(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_JOB_ID", "9")
    monkeypatch.setenv("GITLAB_USER_LOGIN", "robot")

    run(server, *CHECK, "--actor", "sam", "--typed-target", "data8/prod")

    body = server.requests[0]["body"]
    assert (body["actor"], body["run"]["id"], body["run"]["typed_target"]) == ("sam", "9", "data8/prod")


def test_a_broken_answer_is_tried_again_with_its_key(server: Server) -> None:
    server.answers = [(503, {"detail": "restarting"}), (502, b"<html>"), (200, ALLOWED)]
    assert run(server, *CHECK).exit_code == 0
    keys = [sent["headers"]["Idempotency-Key"] for sent in server.requests]
    assert len(keys) == 3
    assert len(set(keys)) == 1


@pytest.mark.parametrize(
    "status,body",
    [
        (500, {"detail": "x"}),
        (502, b"<html>bad gateway"),
        (503, {"title": "busy"}),
        (429, {"detail": "slow down"}),
        (200, b"<html>log in here</html>"),
        (200, b""),
        (200, b"[]"),
        (200, {"decision": "allow"}),
        (200, ALLOWED | {"decision": "sure"}),
        (200, ALLOWED | {"target": "biology/prod"}),
        (200, ALLOWED | {"artifact": {"digest": digest("other")}}),
        (200, ALLOWED | {"artifact": None}),
        (200, ALLOWED | {"guards": None}),
        (200, ALLOWED | {"guards": ["all fine"]}),
        (200, ALLOWED | {"reasons": [{}]}),
    ],
)
@pytest.mark.parametrize("options,code", [([], 20), (["--if-unreachable", "allow"], 0)])
def test_a_gate_that_cannot_answer_is_unreachable(
    server: Server,
    status: int,
    body: Any,
    options: list[str],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    server.answers = [(status, body)]
    result = run(server, *CHECK, *options)
    assert result.exit_code == code
    assert result.stdout == ""
    assert ("WARNING: nothing was checked" in result.stderr) is (code == 0)


def test_a_closed_port_is_unreachable(server: Server) -> None:
    result = run(f"http://127.0.0.1:{free_port()}", *CHECK)
    assert result.exit_code == 20
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 415, 422, 301, 302, 307])
def test_a_refusal_is_a_misconfiguration(server: Server, status: int) -> None:
    server.answers = [
        (status, {"detail": "no", "errors": [{"pointer": "/at", "detail": "write an instant"}]})
    ]
    server.headers = {"Location": "http://127.0.0.1:1/"} if status < 400 else {}
    result = run(server, *CHECK, "--if-unreachable", "allow")
    assert result.exit_code == 21
    assert "/at: write an instant" in result.stderr
    assert len(server.requests) == 1


def test_what_is_wrong_with_the_whole_body_is_told_without_a_place(server: Server) -> None:
    server.answers = [(400, {"detail": "x", "errors": [{"pointer": "", "detail": "not JSON"}]})]
    assert run(server, *CHECK).stderr == "Error: 400 not JSON\n"


@pytest.mark.parametrize(
    "url,token",
    [
        ("", "pm_secret"),
        ("postmortems.example.org", "pm_secret"),
        ("ftp://postmortems.example.org", "pm_secret"),
        ("http://", "pm_secret"),
        ("http://127.0.0.1:1", ""),
        ("http://127.0.0.1:1", "two words"),
        ("http://127.0.0.1:1", "line\nbreak"),
        ("http://127.0.0.1:1", "schlüssel"),
    ],
)
def test_without_address_or_token_nothing_is_asked(url: str, token: str) -> None:
    result = run(url, *CHECK, token=token)
    assert result.exit_code == 21
    assert len(result.stderr.splitlines()) == 1
    assert "pm_secret" not in result.output


@pytest.mark.parametrize("form", ["text", "json", "junit", "github", "markdown"])
def test_hostile_letters_reach_no_terminal(server: Server, form: str) -> None:
    server.answers = [(200, answer(guard(summary="red \x1b[31m half \ud800 bell \a")))]
    result = run(server, *CHECK, "--format", form)
    assert result.exit_code == 10
    assert "\x1b" not in result.output


@pytest.mark.parametrize("form", ["json", "junit"])
def test_machines_get_their_format_and_people_the_reasons_beside_it(server: Server, form: str) -> None:
    server.answers = [(200, answer())]
    result = run(server, *CHECK, "--format", form)
    assert result.stdout[0] in "{<"
    assert result.stderr.startswith(f"data8/prod {digest('8c')} 1 incident")
    assert "x lab-hours (window, soft) fail: frozen until 19:00 PST (labs)" in result.stderr


def test_github_gets_a_summary_too(server: Server, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    server.answers = [(200, answer())]
    assert run(server, *CHECK, "--format", "github").exit_code == 10
    assert "### Blocked" in (tmp_path / "summary.md").read_text()


def test_without_a_summary_the_log_says_it_all(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/no/such/folder/summary.md")
    result = run(server, *CHECK, "--format", "github")
    assert result.exit_code == 0
    assert "no summary can be written" in result.stderr


def test_where_the_decision_cannot_be_kept_nothing_goes_on(server: Server) -> None:
    result = run(server, *CHECK, "--decision-file", "/no/such/folder/decision")
    assert result.exit_code == 21
    assert result.stderr == (
        "Error: the decision's id cannot be written to /no/such/folder/decision: No such file or directory\n"
    )


DRILLED = {
    "decision": "block",
    "is_as_expected": True,
    "results": [guard() | {"revision": 1}],
}
SCENARIO = {
    "id": 3,
    "kind": "bad",
    "name": "in lab hours",
    "facts": {"request": {"service": "data8", "target": "prod"}},
}


@pytest.mark.parametrize("as_expected,code", [(True, 0), (False, 10), (None, 10)])
def test_a_drill_ends_as_it_went(server: Server, as_expected: Any, code: int) -> None:
    server.answers = [(200, SCENARIO), (200, DRILLED | {"is_as_expected": as_expected})]
    result = run(server, "drill", "--scenario", "3")
    assert result.exit_code == code, result.output
    assert "data8/prod bad deploy: in lab hours block" in result.stdout
    assert [sent["path"] for sent in server.requests] == ["/api/v1/scenarios/3", "/api/v1/scenarios/3/drill"]


def test_an_incident_is_drilled_as_a_whole(server: Server) -> None:
    pages = [{"scenarios": [SCENARIO], "next": "3"}, {"scenarios": [SCENARIO | {"id": 4}], "next": ""}]
    bad = DRILLED | {"is_as_expected": False}
    server.answers = [(200, pages[0]), (200, pages[1]), (200, DRILLED), (200, bad)]
    assert run(server, "drill", "--incident", "2018-01-25-x").exit_code == 10
    assert [sent["path"] for sent in server.requests][2:] == [
        "/api/v1/scenarios/3/drill",
        "/api/v1/scenarios/4/drill",
    ]


@pytest.mark.parametrize("options", [[], ["--incident", "x", "--scenario", "1"]])
def test_a_drill_needs_one_name(server: Server, options: list[str]) -> None:
    assert run(server, "drill", *options).exit_code == 21


def test_an_incident_without_scenarios_is_not_as_expected(server: Server) -> None:
    server.answers = [(200, {"scenarios": [], "next": ""})]
    assert run(server, "drill", "--incident", "x").exit_code == 21


def test_an_attestation_is_sent(server: Server) -> None:
    server.answers = [(201, {"id": 1})]
    place = ["--service", "data8", "--target", "staging", "--artifact", digest("8c")]
    result = run(server, "attest", "--predicate", "staging-validated", *place, "--test", "kernel=passed")
    assert result.exit_code == 0, result.output
    assert server.requests[0]["path"] == "/api/v1/evidence/attestations"
    assert server.requests[0]["body"] == {
        "predicate": "staging-validated",
        "service": "data8",
        "target": "staging",
        "result": "passed",
        "subject": {"digest": digest("8c")},
        "tests": {"kernel": "passed"},
    }
    assert run(server, "attest", "--predicate", "p", *place, "--test", "kernel").exit_code == 21


KEPT = {"target": "data8/staging", "subject": digest("8c"), "sha": "", "predicate": "t", "result": "passed"}
THERE = ["--service", "data8", "--target", "staging"]


def test_a_statement_is_sent_as_it_is(server: Server, tmp_path: Path) -> None:
    statement = tmp_path / "statement.json"
    statement.write_text('{"_type": "x",  "subject": []}')
    server.answers = [(201, {"evidence": [KEPT, KEPT | {"subject": "", "sha": commit("0123abc")}]})]

    result = run(server, "attest", "--file", str(statement), *THERE, "--predicate", "built in ü")

    assert result.exit_code == 0, result.output
    asked = server.requests[0]
    query = "service=data8&target=staging&predicate=built+in+%C3%BC"
    assert asked["path"] == f"/api/v1/evidence/statements?{query}"
    assert asked["body"] == {"_type": "x", "subject": []}
    assert asked["headers"]["Content-Length"] == "30"
    assert result.stdout.splitlines() == [
        f"data8/staging {digest('8c')} t passed: noted",
        f"data8/staging {commit('0123abc')} t passed: noted",
    ]


@pytest.mark.parametrize(
    "options, code",
    [
        ([], 21),
        (["--predicate", "p"], 21),
        (["--artifact", digest("8c")], 21),
        (["--file", "-", "--artifact", digest("8c")], 21),
        (["--file", "-", "--result", "passed"], 21),
        (["--file", "-", "--test", "kernel=passed"], 21),
        (["--file", "no/such/file"], 2),
    ],
)
def test_an_attestation_is_either_typed_or_a_file(server: Server, options: list[str], code: int) -> None:
    assert run(server, "attest", *THERE, *options).exit_code == code
    assert server.requests == []


def test_a_statement_that_never_ends_is_not_sent(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "LARGEST_STATEMENT", 10)
    (tmp_path / "long").write_text("[1, 2, 3, 4]")

    assert run(server, "attest", *THERE, "--file", str(tmp_path / "long")).exit_code == 21
    assert server.requests == []


@pytest.mark.parametrize("told", [{}, {"evidence": 3}, {"evidence": [{}]}])
def test_an_answer_to_a_statement_that_is_none_is_unreachable(server: Server, told: Any) -> None:
    server.answers = [(201, told)]
    assert run(server, "attest", *THERE, "--file", __file__).exit_code == 20


def test_a_deploy_is_sent(server: Server) -> None:
    server.answers = [(201, {"id": 1})]
    place = ["--service", "data8", "--target", "prod", "--artifact", commit("0123abc")]
    result = run(server, "deploy", *place, "--outcome", "succeeded", "--decision", "dec_1")
    assert result.exit_code == 0, result.output
    assert server.requests[0]["path"] == "/api/v1/evidence/deploys"
    assert server.requests[0]["body"] == {
        "service": "data8",
        "target": "prod",
        "outcome": "succeeded",
        "artifact": {"sha": commit("0123abc")},
        "decision_id": "dec_1",
    }


@pytest.mark.parametrize("is_valid,code", [(True, 0), (False, 10), ("yes", 10)])
def test_a_decision_is_verified(server: Server, is_valid: Any, code: int) -> None:
    server.answers = [(200, {"is_valid": is_valid, "reason_code": "expired", "summary": "ask again"})]
    named = ["--service", "data8", "--target", "prod", "--artifact", digest("8c")]
    result = run(server, "verify", "--decision", "dec_1", *named)
    assert result.exit_code == code
    assert server.requests[0]["body"]["use"] is False


def test_nothing_is_verified_without_an_artifact(server: Server) -> None:
    result = run(server, "verify", "--decision", "dec_1", "--service", "data8", "--target", "prod")

    assert result.exit_code != 0
    assert "--artifact" in result.output
    assert server.requests == []


def test_a_decision_is_used_up(server: Server) -> None:
    server.answers = [(200, {"is_valid": True, "reason_code": "valid", "summary": "it holds"})]
    where = ["--decision", "dec_1", "--service", "data8", "--target", "prod", "--artifact", digest("8c")]

    assert run(server, "verify", *where, "--use").exit_code == 0
    assert server.requests[0]["path"] == "/api/v1/gate/decisions/dec_1/verify"
    assert server.requests[0]["body"] == {
        "service": "data8",
        "target": "prod",
        "artifact": {"digest": digest("8c")},
        "use": True,
    }


def test_who_is_stopped_can_type_the_command_as_it_was_called(server: Server) -> None:
    one = {"allowed": True, "roles": ["admin"], "guards": ["lab-hours"], "people": 1}
    server.answers = [(200, answer(override=one))]

    assert "gate override --decision dec_1 --guard lab-hours --reason" in run(server, *CHECK).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--service", "data8"],
        [*CHECK, "--wait", "soon"],
        [*CHECK, "--wait", "-1s"],
        [*CHECK, "--format", "pdf"],
        [*CHECK, "--if-unreachable", "maybe"],
        [*CHECK, "--change-kind", "hotfix"],
        ["deploy", "--service", "a", "--target", "b", "--artifact", "c", "--outcome", "fine"],
        ["nonsense"],
    ],
)
def test_misuse_is_told_before_anything_is_sent(server: Server, arguments: list[str]) -> None:
    assert run(server, *arguments).exit_code == 2
    assert server.requests == []


@pytest.mark.parametrize("command", [[], ["check"], ["drill"], ["attest"], ["deploy"], ["verify"]])
def test_help_says_what_it_does_with_an_example(command: list[str]) -> None:
    result = CliRunner().invoke(gate, [*command, "--help"])
    assert result.exit_code == 0
    assert ("python -m postmortems gate" in result.output) is bool(command)


@pytest.mark.parametrize("named", ["latest", "v1.2.3", "sha256:xyz", "sha256:8c", "0123abc"])
@pytest.mark.parametrize("command", ["check", "attest", "deploy"])
def test_what_can_be_moved_is_refused_before_anything_is_sent(
    named: str, command: str, server: Server
) -> None:
    more = {"check": [], "attest": ["--predicate", "x"], "deploy": ["--outcome", "succeeded"]}[command]
    place = ["--service", "data8", "--target", "prod", "--artifact", named]
    result = run(server, command, *place, *more)

    assert result.exit_code in {2, 21}
    assert "--artifact" in result.output
    assert server.requests == []


def test_an_artifact_is_a_digest_or_a_commit() -> None:
    assert artifact(digest("8c")) == {"digest": digest("8c")}
    assert artifact(commit("0123abcdef").upper()) == {"sha": commit("0123abcdef")}
    assert artifact("") == {}


def test_pipelines_say_who_they_are() -> None:
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_RUN_ID": "17",
        "GITHUB_RUN_ATTEMPT": "2",
        "GITHUB_SERVER_URL": "https://github.example.org",
        "GITHUB_REPOSITORY": "data8/hub",
        "GITHUB_ACTOR": "sam",
    }
    url = "https://github.example.org/data8/hub/actions/runs/17"
    run = {"provider": "github", "id": "17", "attempt": 2, "url": url}
    assert surroundings(github) == {"run": run, "actor": "sam"}
    assert surroundings({"GITLAB_CI": "true", "CI_JOB_ID": "9"})["run"]["provider"] == "gitlab"
    jenkins = {"JENKINS_URL": "https://ci.example.org/", "BUILD_TAG": "jenkins-hub-7", "BUILD_URL": "u"}
    run = {"provider": "jenkins", "id": "jenkins-hub-7", "url": "u"}
    assert surroundings(jenkins) == {"run": run}
    assert surroundings({}) == {}


def test_the_command_starts_without_the_server() -> None:
    code = (
        "import sys; from postmortems.cli import cli; cli.get_command(None, 'gate');"
        "unwanted = ('flask', 'sqlalchemy', 'marshmallow', 'httpx', 'subprocess', 'zipfile');"
        "print([name for name in unwanted if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
