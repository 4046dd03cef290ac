"""A GitLab on loopback that we answer, and what it sends."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from postmortems.db import session as db
from postmortems.gate.enforcement import guard_changes
from postmortems.gitlab import deployment_reviews, mappings, servers
from postmortems.guards import operations as evidence
from postmortems.guards import queries as guards
from postmortems.notify.delivery import Sender
from tests.apps import KEY, LOOPBACK
from tests.conftest import Clock
from tests.gitlab.lab import CHECK, DEPLOYMENT, MERGE_REQUEST, PROJECT, SHA, TOKEN, Lab, lab
from tests.runtimes import LOCAL, VAULT
from tests.world import World, build

SECRET = "sixteen-or-more-letters"
CHANNELS = {"gitlab": (deployment_reviews.send, deployment_reviews.noted)}
PLACES = (("check", "Postmortem gate"), ("branch", "main"), ("environment", "production"))


@pytest.fixture
def gitlab() -> Iterator[Lab]:
    with lab() as found:
        yield found


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,), "egress_allow": LOOPBACK}


@pytest.fixture
def world(app: Flask, clock: Clock, gitlab: Lab) -> World:
    """We answer GitLab; a check, a branch and an environment are data8/prod, where a guard stands."""
    world = build(app)
    with db.transaction():
        form = {"name": "lab", "api": gitlab.url, "access_token": TOKEN, "webhook_secret": SECRET}
        server = str(servers.save(form, actor=world.ben, vault=VAULT).id)
        for kind, name in PLACES:
            mappings.add(
                server, str(PROJECT), "data8/infrastructure", kind, name, "data8/prod", actor=world.ben
            )
        guard_changes.create(
            {
                "slug": "staging-validated",
                "title": "Validated on staging",
                "kind": "attestation",
                "config": {"predicate": "staging-validated"},
                "targets": ["data8/prod"],
            },
            actor=world.ben,
            vault=VAULT,
        )
        guards.by_slug("staging-validated").level = "soft"
    return world


def project(**changed: Any) -> dict[str, Any]:
    return {"id": PROJECT, "path_with_namespace": "data8/infrastructure", "name": "x", **changed}


def merge_request(**changed: Any) -> dict[str, Any]:
    """What GitLab sends for a status check; `merge` changes its attributes, None leaves a member out."""
    merge = {
        "id": 144,
        "iid": MERGE_REQUEST,
        "source_branch": "patch",
        "target_branch": "main",
        "source_project_id": 6,
        "target_project_id": PROJECT,
        "state": "opened",
        "updated_at": "2026-03-02 08:59:00 UTC",
        "last_commit": {"id": SHA, "message": "x"},
        **changed.pop("merge", {}),
    }
    told = {
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": {"id": 1, "name": "Ada", "username": "ada", "email": "[REDACTED]"},
        "project": project(),
        "object_attributes": {name: value for name, value in merge.items() if value is not None},
        "labels": [],
        "changes": {},
        "external_approval_rule": {
            "id": CHECK,
            "name": "Postmortem gate",
            "external_url": "https://postmortems.example.org/api/v1/gitlab/webhooks",
        },
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None}


def deployment(**changed: Any) -> dict[str, Any]:
    """What GitLab sends when a deployment waits; None leaves a member out."""
    told = {
        "object_kind": "deployment",
        "status": "blocked",
        "status_changed_at": "2026-03-02 08:59:00 +0000",
        "deployment_id": DEPLOYMENT,
        "deployable_id": 796,
        "environment": "production",
        "environment_tier": "production",
        "project": project(),
        "short_sha": SHA[:8],
        "user": {"id": 1, "name": "Ada", "username": "ada"},
        "commit_url": f"https://evil.example/-/commit/{'b' * 40}",
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None}


def sent(app: Flask, told: object, **headers: str) -> TestResponse:
    """GitLab's delivery: a status check is signed, another webhook brings the token."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    if isinstance(told, dict) and told.get("object_kind") == "deployment":
        known = {"X-Gitlab-Event": "Deployment Hook", "X-Gitlab-Token": SECRET}
    else:
        known = {"X-Gitlab-Signature": hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}
    all_headers = {"Content-Type": "application/json", **(headers or known)}
    return app.test_client().post("/api/v1/gitlab/webhooks", data=body, headers=all_headers)


def worked() -> int:
    with Sender(LOCAL, "worker", CHANNELS) as sender:
        taken = sender.send_due()
        sender.wait()
        return taken


def vouched(world: World) -> None:
    with db.transaction():
        evidence.attest(
            {
                "predicate": "staging-validated",
                "service": "data8",
                "target": "staging",
                "subject": {"sha": SHA},
                "result": "passed",
            },
            actor=world.ada,
        )
