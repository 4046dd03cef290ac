"""`gate run-command`: what is run here, what of it is told, and what is not run at all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from postmortems.cli.gate.check import gate
from postmortems.cli.gate.run_command import fingerprint
from tests.artifacts import digest
from tests.cli.gate_server import Server

ARTIFACT = ["--service", "data8", "--target", "prod", "--artifact", digest("8c")]


def command(*argv: str, guard: str = "smoke-test", **changes: Any) -> dict[str, Any]:
    """A command as the server lists it, with its digest."""
    plain = {"argv": list(argv), "cwd": "", "env_allow": [], "timeout_s": 30} | changes
    return {"guard": guard, **plain, "definition_sha256": fingerprint(plain)}


def python(code: str, **changes: Any) -> dict[str, Any]:
    return command(sys.executable, "-c", code, **changes)


def run(server: Server, *commands: dict[str, Any], options: tuple[str, ...] = ()) -> Result:
    server.answers = [(200, {"commands": commands}), (201, {})]
    env = {
        "POSTMORTEMS_URL": server.url,
        "POSTMORTEMS_TOKEN": "pm_secret",
        "NO_PROXY": "127.0.0.1",
        "KUBECONFIG": "/kube",
    }
    return CliRunner().invoke(gate, ["run-command", *ARTIFACT, *options], env=env)


def told(server: Server) -> list[dict[str, Any]]:
    return [one["body"] for one in server.requests if one["path"].endswith("/evidence/commands")]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "deploy").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("code", [0, 1, 75])
def test_it_runs_and_reports_the_exit_code(server: Server, code: int) -> None:
    wanted = python(f"raise SystemExit({code})")
    result = run(server, wanted)

    assert result.exit_code == (10 if code else 0), result.output
    assert server.requests[0]["path"].endswith("/commands?target=data8%2Fprod")
    assert told(server) == [
        {
            "guard": "smoke-test",
            "definition_sha256": wanted["definition_sha256"],
            "service": "data8",
            "target": "prod",
            "artifact": {"digest": digest("8c")},
            "exit_code": code,
        }
    ]


def test_it_runs_in_its_folder_with_the_variables_it_may_see_and_without_the_token(
    server: Server, here: Path
) -> None:
    write = "import json, os; json.dump(dict(os.environ), open('seen.json', 'w'))"
    run(server, python(write, cwd="deploy", env_allow=["KUBECONFIG"]))

    seen = json.loads((here / "deploy" / "seen.json").read_text())
    assert seen["KUBECONFIG"] == "/kube"
    assert not [name for name in seen if name.startswith("POSTMORTEMS")]


def test_no_shell_reads_it(server: Server, here: Path) -> None:
    run(server, command("touch", "a; touch b", "$(touch c)"))

    assert sorted(path.name for path in here.iterdir()) == ["$(touch c)", "a; touch b", "deploy"]


@pytest.mark.parametrize(
    "wanted, code",
    [
        (command("there-is-no-such-program"), 127),
        (command("."), 126),
        (python("import time; time.sleep(60)", timeout_s=1), 124),
        (python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), 137),
    ],
)
def test_what_does_not_end_by_itself_is_told_as_a_shell_would(
    server: Server, wanted: dict[str, Any], code: int
) -> None:
    assert run(server, wanted).exit_code == 10
    assert [one["exit_code"] for one in told(server)] == [code]


@pytest.mark.parametrize(
    "change", [{"argv": ["touch", "evil"]}, {"cwd": "deploy"}, {"env_allow": ["HOME"]}, {"timeout_s": 1}]
)
def test_what_its_digest_does_not_name_is_not_run(server: Server, here: Path, change: dict[str, Any]) -> None:
    result = run(server, command("touch", "good") | change)

    assert result.exit_code == 21
    assert "nothing was run" in result.output
    assert told(server) == []
    assert [path.name for path in here.iterdir()] == ["deploy"]


def test_nothing_runs_outside_the_folder(server: Server, here: Path) -> None:
    (here / "out").symlink_to("/")

    assert run(server, command("true", cwd="out")).exit_code == 21
    assert told(server) == []


def test_one_guard_alone_can_be_named(server: Server) -> None:
    both = command("true", guard="one"), command("false", guard="two")

    assert run(server, *both, options=("--guard", "one")).exit_code == 0
    assert [one["guard"] for one in told(server)] == ["one"]
    assert run(server, *both, options=("--guard", "three")).exit_code == 21


def test_without_commands_there_is_nothing_to_do(server: Server) -> None:
    assert run(server).exit_code == 0
    assert told(server) == []
