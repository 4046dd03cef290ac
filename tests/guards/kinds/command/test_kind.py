"""Commands that pipelines run: what they report is judged, and only of the definition that a guard has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from postmortems.cli.gate import run_command
from postmortems.errors import Invalid
from postmortems.guards.judgement import EvidenceItem, Judgement
from postmortems.guards.kinds.command.kind import Command, definition, fingerprint
from tests.artifacts import digest
from tests.guards.asking import DIGEST, NOW, question

KIND = Command()
SMOKE = {"argv": ["make", "smoke"]}


def ran(code: int | None = 0, config: dict[str, Any] | None = None, **changes: Any) -> EvidenceItem:
    """The pipeline ran it ten minutes before, for the artifact in question."""
    seen: dict[str, Any] = {
        "kind": "command",
        "observed_at": NOW - timedelta(minutes=10),
        "target": "data8/prod",
        "predicate": fingerprint(KIND.configured({**SMOKE, **(config or {})})),
        "digest": DIGEST,
        "issuer": "ci-data8",
        "trust": "self_reported",
        "data": {"exit_code": code},
    }
    return EvidenceItem(**(seen | changes))


def judged(config: dict[str, Any], *evidence: EvidenceItem) -> Judgement:
    return KIND.judge(KIND.configured({**SMOKE, **config}), evidence, question())


VOUCHED = {"min_trust": "oidc"}


@pytest.mark.parametrize(
    "config, evidence, verdict, code",
    [
        ({}, [ran(0)], "pass", "as_expected"),
        ({"passes_on": [0, 3]}, [ran(3)], "pass", "as_expected"),
        (VOUCHED, [ran(0, trust="oidc")], "pass", "as_expected"),
        ({}, [ran(0), ran(1, observed_at=NOW - timedelta(minutes=20))], "pass", "as_expected"),
        ({}, [ran(1)], "fail", "ended_badly"),
        ({}, [ran(1), ran(0, observed_at=NOW - timedelta(minutes=20))], "fail", "ended_badly"),
        ({}, [], "fail", "not_run"),
        ({}, [ran(0, digest=digest("other"))], "fail", "not_run"),
        ({}, [ran(0, target="data8/staging")], "fail", "not_run"),
        ({}, [ran(0, predicate=digest("0"))], "fail", "not_run"),
        ({"argv": ["true"]}, [ran(0)], "fail", "not_run"),
        ({"cwd": "deploy"}, [ran(0)], "fail", "not_run"),
        ({"env_allow": ["KUBECONFIG"]}, [ran(0)], "fail", "not_run"),
        ({}, [ran(0, observed_at=NOW + timedelta(minutes=3))], "fail", "not_run"),
        (VOUCHED, [ran(0)], "fail", "not_trusted"),
        (VOUCHED, [ran(0, trust="token")], "fail", "not_trusted"),
        ({"ttl_s": 600}, [ran(0)], "stale", "too_old"),
        ({}, [ran(75)], "inconclusive", "told_nothing"),
        ({}, [ran(2)], "error", "unknown_exit"),
        ({}, [ran(124)], "error", "unknown_exit"),
        ({}, [ran(None)], "error", "unknown_exit"),
    ],
)
def test_what_is_reported_is_judged(
    config: dict[str, Any], evidence: list[EvidenceItem], verdict: str, code: str
) -> None:
    judgement = judged(config, *evidence)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def test_a_pass_holds_as_long_as_it_says() -> None:
    assert judged({}, ran(0)).valid_until == NOW - timedelta(minutes=10) + timedelta(hours=1)


@pytest.mark.parametrize("argv", [["make", "smoke"], ["sh", "-c", "exit 3"], ["echo", "Grüße 🌍", '"\\']])
def test_client_and_server_make_the_same_digest(argv: list[str]) -> None:
    config = KIND.configured({"argv": argv, "env_allow": ["A"], "cwd": "deploy"})

    assert run_command.fingerprint(definition(config)) == fingerprint(config)


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"argv": []}, "/config/argv"),
        ({"argv": [""]}, "/config/argv/0"),
        ({"argv": ["a"] * 51}, "/config/argv"),
        ({"cwd": "/etc"}, "/config/cwd"),
        ({"cwd": ".."}, "/config/cwd"),
        ({"cwd": "a/../../b"}, "/config/cwd"),
        ({"cwd": "a\\b"}, "/config/cwd"),
        ({"env_allow": ["A B"]}, "/config/env_allow/0"),
        ({"env_allow": ["A=b"]}, "/config/env_allow/0"),
        ({"timeout_s": 3601}, "/config/timeout_s"),
        ({"passes_on": []}, "/config/passes_on"),
        ({"passes_on": [256]}, "/config/passes_on/0"),
        ({"passes_on": [-1]}, "/config/passes_on/0"),
        ({"passes_on": [0], "fails_on": [0]}, "/config/fails_on"),
        ({"ttl_s": 59}, "/config/ttl_s"),
        ({"min_trust": "system"}, "/config/min_trust"),
        ({"shell": True}, "/config/shell"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured({**SMOKE, **config})

    assert {problem.pointer for problem in told.value.problems} == {pointer}
