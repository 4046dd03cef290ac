"""A job on GitHub waits for us: asked by a signed webhook, judged, answered at the address that we know."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from postmortems import visibility
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.formats.payloads import Unreadable
from postmortems.gate.decisions import ask
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.github import apps, deployment_reviews, messages, payloads, statuses
from postmortems.github.models import GithubEnvironment, GithubRequest
from postmortems.guards import operations as evidence
from postmortems.guards import queries as guards
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.notify.delivery import Sender
from postmortems.notify.models import Message
from postmortems.visibility import Viewer
from tests.apps import KEY, LOOPBACK
from tests.artifacts import digest
from tests.conftest import Clock
from tests.github.hub import APP_ID, INSTALLATION, PEM, REPOSITORY, Hub, hub
from tests.runtimes import LOCAL, RUNTIME, VAULT
from tests.world import World, build

SECRET = "It's a Secret to Everybody"
SHA = "a" * 40
CHANNELS = {
    "github": (deployment_reviews.send, deployment_reviews.noted),
    "github-status": (statuses.send, statuses.noted),
}


@pytest.fixture
def github() -> Iterator[Hub]:
    with hub() as found:
        yield found


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,), "egress_allow": LOOPBACK}


@pytest.fixture
def world(app: Flask, clock: Clock, github: Hub) -> World:
    """We are an App, and the environment prod of data8/infrastructure is data8/prod, where a guard stands."""
    world = build(app)
    with db.transaction():
        form = {"app_id": APP_ID, "api": github.url, "private_key": PEM, "webhook_secret": SECRET}
        apps.save(form, actor=world.ben, vault=VAULT)
        apps.add_environment(
            str(REPOSITORY), "data8/infrastructure", "prod", "data8/prod", True, actor=world.ben
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


def payload(**changed: Any) -> dict[str, Any]:
    """What GitHub sends; None leaves a member out."""
    told: dict[str, Any] = {
        "action": "requested",
        "environment": "prod",
        "event": "workflow_dispatch",
        "sha": SHA,
        "ref": "refs/heads/main",
        "deployment_callback_url": "https://api.github.com/repos/data8/infrastructure/actions/runs/99"
        "/deployment_protection_rule",
        "deployment": None,
        "pull_requests": [],
        "repository": {"id": REPOSITORY, "full_name": "data8/infrastructure"},
        "installation": {"id": INSTALLATION},
        "sender": {"login": "ada"},
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None or name == "deployment"}


def sent(
    app: Flask, told: object, *, delivery: str = "d-1", event: str = "deployment_protection_rule", **more: str
) -> TestResponse:
    """GitHub's delivery of a payload, signed."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": signature,
        **more,
    }
    return app.test_client().post("/api/v1/github/webhooks", data=body, headers=headers)


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


def test_a_job_goes_on_when_the_gate_allows_it(
    any_database: str, world: World, app: Flask, github: Hub
) -> None:
    vouched(world)

    assert sent(app, payload()).status_code == 202
    assert worked() == 1

    (told,) = github.decided
    assert (told["environment_name"], told["state"]) == ("prod", "approved")
    assert github.granted == [{"repository_ids": [REPOSITORY], "permissions": {"deployments": "write"}}]
    assert worked() == 0


def test_a_job_ends_with_the_reasons_when_it_is_blocked(world: World, app: Flask, github: Hub) -> None:
    sent(app, payload())
    worked()

    (told,) = github.decided
    assert told["state"] == "rejected"
    assert "staging\\-validated" in told["comment"]
    assert "/gate/dec_" in told["comment"]


def test_the_same_delivery_is_one_question(any_database: str, world: World, app: Flask, github: Hub) -> None:
    assert sent(app, payload()).text == "accepted\n"
    assert sent(app, payload()).text == "known\n"
    worked()
    assert sent(app, payload()).text == "known\n"

    assert worked() == 0
    assert len(github.decided) == 1


def test_a_job_that_has_to_wait_is_told_once_and_decided_later(
    world: World, app: Flask, github: Hub, clock: Clock
) -> None:
    with db.transaction():
        guard = guards.by_slug("staging-validated")
        guard.kind, guard.config = "target", {"confirm": "typed"}
    sent(app, payload())
    for _ in range(4):
        worked()
        clock.advance(seconds=31)

    assert ["state" in told for told in github.decided] == [False]
    with db.transaction():
        guard = guards.by_slug("staging-validated")
        guard.config = {"confirm": "param"}
    worked()
    assert github.decided[-1]["state"] == "approved"
    assert worked() == 0


def test_while_we_are_in_trouble_the_job_hears_of_it(
    world: World, app: Flask, github: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> dict[str, Any]:
        raise RuntimeError("the disk is full")

    vouched(world)
    with monkeypatch.context() as patch:
        patch.setattr(ask, "ask", broken)
        sent(app, payload())
        worked()
    clock.advance(seconds=31)
    worked()

    first, last = github.decided
    assert "state" not in first
    assert "could not answer yet" in first["comment"]
    assert last["state"] == "approved"


def test_reports_without_a_decision_stay_within_githubs_limit(
    world: World, app: Flask, github: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = iter(range(100))

    def broken(*_: object, **__: object) -> dict[str, Any]:
        raise type(f"Trouble{next(tries)}", (Exception,), {})

    with monkeypatch.context() as patch:
        patch.setattr(ask, "ask", broken)
        sent(app, payload())
        for _ in range(20):
            worked()
            clock.advance(seconds=31)
    assert len(github.decided) == deployment_reviews.MOST_REPORTS
    worked()
    assert github.decided[-1]["state"] == "rejected"


def test_until_github_has_the_answer_it_is_told_again_and_the_gate_not_asked_again(
    world: World, app: Flask, github: Hub, clock: Clock
) -> None:
    vouched(world)
    github.answers = [500, 503]
    sent(app, payload())
    for pause in (0, 6, 11):
        clock.advance(seconds=pause * 1.2)
        worked()

    assert [told.get("state") for told in github.decided] == ["approved"]
    with db.reading():
        assert session().scalars(select(Message.state)).all() == ["sent"]


def test_what_is_restricted_while_github_is_away_is_not_told(
    world: World, app: Flask, github: Hub, clock: Clock
) -> None:
    items = Section("Action items", (Item("Feed the narwhal.", guards=("staging-validated",)),))
    document = Document("A narwhal was seen", status="published", sections=(items,))
    with db.transaction():
        slug = save_incident.save(None, document, version=None, actor=world.ada).slug
    github.answers = [500]
    sent(app, payload())
    worked()
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        now = rows.to_document(incidents.by_slug(slug, world.ada))
        save_incident.save(slug, replace(now, restricted=("ada",)), version=None, actor=world.ada)
    clock.advance(seconds=8)
    worked()

    (told,) = github.decided
    assert told["state"] == "rejected"
    assert "because of a restricted incident" in told["comment"]
    assert "narwhal" not in told["comment"].lower()


def test_a_job_that_is_gone_is_given_up(world: World, app: Flask, github: Hub) -> None:
    github.answers = [404]
    sent(app, payload())
    worked()

    with db.reading():
        message = session().scalars(select(Message)).one()
    assert (message.state, message.last_status) == ("dead", 404)


def test_a_job_of_an_unknown_environment_is_refused_and_told_why(
    world: World, app: Flask, github: Hub
) -> None:
    sent(app, payload(environment="production"))
    worked()

    (told,) = github.decided
    assert (told["state"], told["environment_name"]) == ("rejected", "production")
    assert "the repository's number is 123" in told["comment"]


@pytest.mark.parametrize(
    "callback",
    [
        "https://evil.example/repos/data8/infrastructure/actions/runs/99/deployment_protection_rule",
        "http://169.254.169.254/repos/a/b/actions/runs/99/deployment_protection_rule?x=1",
        "https://api.github.com@evil.example/repos/x/y/actions/runs/99/deployment_protection_rule",
    ],
)
def test_the_callbacks_host_is_not_believed(world: World, app: Flask, github: Hub, callback: str) -> None:
    sent(app, payload(deployment_callback_url=callback))
    worked()

    assert github.paths[-1] == "/repos/data8/infrastructure/actions/runs/99/deployment_protection_rule"
    assert len(github.decided) == 1


def test_githubs_own_example_of_a_signature_holds() -> None:
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert payloads.is_signed(b"Hello, World!", signature, SECRET)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha1=757107ea0eb2509fc211221cce984b8a37570b6d",
        "sha256=" + "0" * 64,
        "sha256=é",
    ],
)
def test_what_github_did_not_sign_is_refused_and_recorded(
    world: World, app: Flask, github: Hub, signature: str
) -> None:
    answer = sent(app, payload(), **{"X-Hub-Signature-256": signature})

    assert answer.status_code == 403
    with db.reading():
        assert [event.verb for event in audit.latest(limit=1)] == ["github.forged"]
        assert session().scalars(select(Message)).all() == []


@pytest.mark.parametrize(
    "changed, told",
    [
        ({"sha": None}, "sha"),
        ({"sha": "main"}, "sha"),
        ({"sha": 5}, "sha"),
        ({"environment": ""}, "environment"),
        ({"environment": "x" * 300}, "environment"),
        ({"environment": ["prod"]}, "environment"),
        ({"environment": "prod\nx"}, "environment"),
        ({"repository": None}, "repository"),
        ({"repository": {"id": "123", "full_name": "a/b"}}, "id"),
        ({"repository": {"id": True, "full_name": "a/b"}}, "id"),
        ({"repository": {"id": -1, "full_name": "a/b"}}, "id"),
        ({"repository": {"id": 2**70, "full_name": "a/b"}}, "id"),
        ({"repository": {"id": 1, "full_name": "a/b/../c"}}, "full_name"),
        ({"repository": {"id": 1, "full_name": "a/b?x"}}, "full_name"),
        ({"installation": None}, "installation"),
        ({"installation": {}}, "id"),
        ({"deployment": "x"}, "deployment"),
        ({"deployment_callback_url": None}, "deployment_callback_url"),
        ({"deployment_callback_url": "https://api.github.com/repos/a/b"}, "deployment_callback_url"),
    ],
)
def test_a_payload_that_is_not_githubs_is_refused_with_the_member(
    world: World, app: Flask, github: Hub, changed: dict[str, Any], told: str
) -> None:
    answer = sent(app, payload(**changed))

    assert answer.status_code == 422
    assert told in answer.json["detail"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"null"])
def test_a_body_that_is_no_object_is_refused(world: World, app: Flask, github: Hub, body: bytes) -> None:
    assert sent(app, body).status_code == 422


def test_a_body_that_is_too_large_is_refused(world: World, app: Flask, github: Hub) -> None:
    assert sent(app, b" " * (payloads.LARGEST + 1)).status_code == 422


def test_older_payloads_name_the_commit_in_the_deployment_alone() -> None:
    body = json.dumps(payload(sha=None, ref=None, deployment={"sha": "b" * 40, "ref": "v1"})).encode()

    found = payloads.requested(body)

    assert found is not None
    assert (found.sha, found.ref) == ("b" * 40, "v1")
    with pytest.raises(Unreadable):
        payloads.requested(json.dumps(payload(sha=None)).encode())


def test_other_events_are_taken_and_passed_over(world: World, app: Flask, github: Hub) -> None:
    assert sent(app, {"zen": "x"}, event="ping").text == "ignored\n"
    assert sent(app, payload(action="completed")).text == "ignored\n"
    assert sent(app, payload(), delivery="").status_code == 422


def test_without_an_app_there_is_nothing_at_the_address(app: Flask, clock: Clock) -> None:
    build(app)

    assert sent(app, payload()).status_code == 404


def test_a_decision_about_a_commit_becomes_its_status(
    any_database: str, world: World, app: Flask, github: Hub, clock: Clock
) -> None:
    question = {"service": "data8", "target": "prod", "artifact": {"sha": SHA}}
    answer = ask.ask(question, actor=world.ada, runtime=RUNTIME)
    ask.ask({**question, "dry_run": True}, actor=world.ada, runtime=RUNTIME)
    ask.ask({**question, "artifact": {"digest": digest("8c")}}, actor=world.ada, runtime=RUNTIME)

    for _ in range(2):
        statuses.work(clock.now(), LOCAL)
        worked()

    (told,) = github.statuses
    assert (told["state"], told["context"]) == ("failure", "postmortem/gate/data8/prod")
    assert told["description"] == "block at 2026-03-02 09:00 UTC: staging-validated"
    assert told["target_url"].endswith(f"/gate/{answer['id']}")
    assert f"/repos/data8/infrastructure/statuses/{SHA}" in github.paths


def test_a_status_that_is_not_good_is_put_anew_when_the_answer_changes(
    world: World, app: Flask, github: Hub, clock: Clock
) -> None:
    ask.ask(
        {"service": "data8", "target": "prod", "artifact": {"sha": SHA}}, actor=world.ada, runtime=RUNTIME
    )
    statuses.work(clock.now(), LOCAL)
    worked()
    clock.advance(minutes=6)
    statuses.work(clock.now(), LOCAL)
    assert worked() == 0
    vouched(world)
    clock.advance(minutes=6)
    statuses.work(clock.now(), LOCAL)
    worked()

    assert [told["state"] for told in github.statuses] == ["failure", "success"]


def test_a_long_answer_fits_githubs_limits() -> None:
    answer = {
        "id": "dec_1",
        "decision": "block",
        "target": "data8/prod",
        "evaluated_at": datetime(2026, 3, 2, 9, tzinfo=UTC).isoformat(),
        "reasons": [],
        "guards": [
            {
                "guard": f"guard-{number}",
                "effective": "block",
                "verdict": "fail",
                "summary": "**bold** @everybody <b>" * 20,
                "because": [],
            }
            for number in range(50)
        ],
    }

    comment = messages.comment(answer, "https://postmortems.example.org")
    assert len(comment) <= messages.LONGEST_COMMENT
    assert "and 48 more" in comment or "more\n" in comment
    assert comment.endswith("(https://postmortems.example.org/gate/dec_1)")
    assert "@everybody" not in comment
    assert len(messages.description(answer)) <= messages.LONGEST_DESCRIPTION


def test_a_renamed_repository_is_called_by_its_new_name(world: World, app: Flask, github: Hub) -> None:
    sent(app, payload(repository={"id": REPOSITORY, "full_name": "data8/renamed"}))

    with db.reading():
        row = session().scalars(select(GithubEnvironment)).one()
        assert (row.repository, row.installation_id) == ("data8/renamed", str(INSTALLATION))
        assert session().scalars(select(GithubRequest.asked)).one()["repository"] == "data8/renamed"
