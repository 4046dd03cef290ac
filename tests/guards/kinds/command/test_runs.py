"""Pipelines ask what to run and report how it ended; what was edited meanwhile is refused."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.gate.enforcement import guard_changes
from postmortems.guards import queries
from postmortems.guards.kinds.command.kind import fingerprint
from postmortems.guards.kinds.registry import KINDS
from tests.artifacts import digest
from tests.guards.asking import DIGEST
from tests.runtimes import VAULT
from tests.world import World

CONFIG = {"argv": ["make", "smoke"]}
SMOKE = {"slug": "smoke-test", "kind": "command", "config": CONFIG, "targets": ["data8/prod"]}
NAMED = fingerprint(KINDS["command"].configured(CONFIG))
RUN = {
    "guard": "smoke-test",
    "definition_sha256": NAMED,
    "service": "data8",
    "target": "prod",
    "artifact": {"digest": DIGEST},
    "exit_code": 0,
}


@pytest.fixture
def guarded(any_database: str, world: World) -> World:
    """data8/prod asks for `make smoke`."""
    with db.transaction():
        guard_changes.create(SMOKE, actor=world.ada, vault=VAULT)
    return world


def posted(world: World, token: str, **changes: Any) -> Any:
    assert world.app is not None
    headers = {"Authorization": f"Bearer {token}"}
    return world.app.test_client().post("/api/v1/evidence/commands", json=RUN | changes, headers=headers)


def test_a_pipeline_asks_what_to_run_and_what_it_reports_is_judged(guarded: World) -> None:
    assert guarded.app is not None
    token = guarded.token("ada", "gate:read", "evidence:write")
    client, headers = guarded.app.test_client(), {"Authorization": f"Bearer {token}"}

    listed = client.get("/api/v1/commands?target=data8/prod", headers=headers).json
    assert listed == {
        "commands": [
            {
                "guard": "smoke-test",
                "argv": ["make", "smoke"],
                "cwd": "",
                "env_allow": [],
                "timeout_s": 300,
                "definition_sha256": NAMED,
            }
        ]
    }
    ask = {"service": "data8", "target": "prod", "artifact": {"digest": DIGEST}}
    for code, verdict in ((None, "fail"), (0, "pass"), (1, "fail")):
        if code is not None:
            told = posted(guarded, token, exit_code=code)
            assert (told.status_code, told.json["trust"]) == (201, "self_reported")
        answer = client.post("/api/v1/gate/decisions", json=ask, headers=headers).json
        assert [one["verdict"] for one in answer["guards"]] == [verdict]


@pytest.mark.parametrize(
    "changes, pointer",
    [
        ({"guard": "nothing"}, "/guard"),
        ({"guard": "A B"}, "/guard"),
        ({"definition_sha256": digest("0")}, "/definition_sha256"),
        ({"definition_sha256": ""}, "/definition_sha256"),
        ({"service": "nothing"}, "/service"),
        ({"target": "nowhere"}, "/target"),
        ({"artifact": {}}, "/artifact"),
        ({"exit_code": 256}, "/exit_code"),
        ({"exit_code": -1}, "/exit_code"),
        ({"exit_code": "0"}, "/exit_code"),
        ({"stdout": "hello"}, "/stdout"),
        ({"observed_at": "2999-01-01T00:00:00Z"}, "/observed_at"),
    ],
)
def test_a_wrong_report_is_refused_with_its_field(
    guarded: World, changes: dict[str, Any], pointer: str
) -> None:
    told = posted(guarded, guarded.tokens["ada"], **changes)

    assert told.status_code == 422
    assert [one["pointer"] for one in told.json["errors"]] == [pointer]


def test_the_end_of_what_was_edited_meanwhile_is_refused(guarded: World) -> None:
    with db.transaction():
        guard_changes.edit("smoke-test", {"config": {"argv": ["true"]}}, None, actor=guarded.ada, vault=VAULT)

    assert posted(guarded, guarded.tokens["ada"]).status_code == 422


def test_a_guard_of_another_kind_asks_for_no_command(guarded: World) -> None:
    with db.transaction():
        guard_changes.create(
            {**SMOKE, "slug": "other", "kind": "target", "config": {}}, actor=guarded.ada, vault=VAULT
        )
    with db.reading():
        assert queries.by_slug("other").kind == "target"

    assert posted(guarded, guarded.tokens["ada"], guard="other").status_code == 422


@pytest.mark.parametrize("scopes, status", [(["gate:read"], 403), (["read"], 403), (["evidence:write"], 201)])
def test_only_who_may_report_reports(guarded: World, scopes: list[str], status: int) -> None:
    assert posted(guarded, guarded.token("ada", *scopes)).status_code == status


def test_the_commands_of_no_target_are_refused(guarded: World) -> None:
    assert guarded.app is not None
    answer = guarded.app.test_client().get("/api/v1/commands?target=data8/x", headers=guarded.headers())

    assert answer.status_code == 422
