"""A deploy request: what is stored, hashed and signed of it is what was sent."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from postmortems.gate import deploy_request, schemas
from postmortems.gate.deploy_request import DeployRequest

SENT: list[dict[str, Any]] = [
    {},
    {"run": {}, "artifact": {}, "resolves": []},
    {"run": {"id": 17, "attempt": 2, "provider": "ci"}},
    {"run": {"typed_target": "data8/prod", "committers": ["dan", "eve"]}},
    {"artifact": {"components": {"hub": "2.1", "Größe": "1"}, "sha": "ab" * 20}},
    {"resolves": ["AI-2", "AI-1"], "change_kind": "fix", "actor": "dan"},
    {"at": "2018-01-25T15:30:00-08:00", "dry_run": True, "wait_s": 60},
    {"declared_target": "data8/prod", "drill": 3},
]


@pytest.mark.parametrize("sent", SENT)
def test_it_is_stored_as_it_was_loaded_to_the_byte(sent: dict[str, Any]) -> None:
    sent = sent | {"target": "prod", "service": "data8"}
    loaded = schemas.load(schemas.ASK, sent)
    stored = json.dumps(loaded)

    request = deploy_request.load(sent)

    assert json.dumps(request.as_json()) == stored
    assert request.as_json() == loaded
    assert request.fingerprint == hashlib.sha256(json.dumps(loaded, sort_keys=True).encode()).hexdigest()
    assert DeployRequest.of(json.loads(stored)) == request


def test_a_stored_request_of_an_older_server_is_read() -> None:
    request = DeployRequest.of({"service": "data8", "target": "prod", "artifact": {"sha": "ab" * 20}})

    assert (request.full_target, request.artifact.sha, request.run.attempt) == ("data8/prod", "ab" * 20, 1)
