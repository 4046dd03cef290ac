"""A deployment that waits for an approval: heard of or found, judged as GitLab's API has it, answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.formats.payloads import Unreadable
from postmortems.gate.decisions import ask
from postmortems.gate.models import Decision
from postmortems.gitlab import client, deployment_poll, mappings, messages, payloads
from postmortems.gitlab.models import GitlabPlace, GitlabRequest
from postmortems.guards import queries as guards
from postmortems.notify.models import Message
from tests.conftest import Clock
from tests.gitlab.conftest import deployment, project, sent, vouched, worked
from tests.gitlab.lab import DEPLOYMENT, Lab
from tests.runtimes import LOCAL
from tests.world import World


def row() -> GitlabRequest:
    with db.reading():
        return session().scalars(select(GitlabRequest)).one()


def test_a_deployment_that_the_gate_allows_is_approved(
    any_database: str, world: World, app: Flask, gitlab: Lab
) -> None:
    vouched(world)
    gitlab.waits()

    assert sent(app, deployment()).text == "accepted\n"
    assert worked() == 1

    (told,) = gitlab.approvals
    assert (told["deployment"], told["status"]) == (DEPLOYMENT, "approved")
    assert told["comment"].startswith("May go to data8/prod. http")
    with db.reading():
        (decision,) = session().scalars(select(Decision)).all()
        assert (decision.is_dry_run, decision.request["artifact"]["sha"][0]) == (False, "a")
        assert decision.request["actor"] == "ada"


def test_one_that_is_blocked_is_rejected_with_what_stands_against_it(
    world: World, app: Flask, gitlab: Lab
) -> None:
    gitlab.waits()
    sent(app, deployment())
    worked()

    (told,) = gitlab.approvals
    assert told["status"] == "rejected"
    assert "Must not go to data8/prod: staging-validated." in told["comment"]
    assert "/gate/dec_" in told["comment"]


def test_one_that_has_to_wait_waits_as_it_is_until_it_may_go(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    with db.transaction():
        guard = guards.by_slug("staging-validated")
        guard.kind, guard.config = "target", {"confirm": "typed"}
    gitlab.waits()
    sent(app, deployment())
    for _ in range(3):
        worked()
        clock.advance(seconds=31)
    assert gitlab.approvals == []

    with db.transaction():
        guards.by_slug("staging-validated").config = {"confirm": "param"}
    worked()
    assert [told["status"] for told in gitlab.approvals] == ["approved"]


def test_trouble_of_ours_approves_nothing(
    world: World, app: Flask, gitlab: Lab, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> dict[str, Any]:
        raise RuntimeError("the disk is full")

    vouched(world)
    gitlab.waits()
    with monkeypatch.context() as patch:
        patch.setattr(ask, "ask", broken)
        sent(app, deployment())
        worked()
    assert gitlab.approvals == []
    assert row().trouble == "the gate could not answer: RuntimeError"
    clock.advance(seconds=31)
    worked()
    assert [told["status"] for told in gitlab.approvals] == ["approved"]


def test_the_same_event_again_changes_nothing(
    any_database: str, world: World, app: Flask, gitlab: Lab
) -> None:
    vouched(world)
    gitlab.waits()
    assert sent(app, deployment()).text == "accepted\n"
    assert sent(app, deployment()).text == "known\n"
    worked()
    assert sent(app, deployment()).text == "known\n"

    assert worked() == 0
    assert len(gitlab.approvals) == 1


def test_what_the_event_says_of_commit_and_state_is_not_believed(
    world: World, app: Flask, gitlab: Lab
) -> None:
    """The commit that is vouched for is GitLab's own, and the event's is another."""
    vouched(world)
    gitlab.waits()
    sent(app, deployment(sha="b" * 40, short_sha="bbbbbbbb"))
    worked()

    assert [told["status"] for told in gitlab.approvals] == ["approved"]
    assert gitlab.paths[0] == f"/api/v4/projects/30/deployments/{DEPLOYMENT}"


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "running"},
        {"environment": {"id": 8, "name": "staging"}},
    ],
)
def test_one_that_waits_no_longer_or_goes_elsewhere_is_left_alone(
    world: World, app: Flask, gitlab: Lab, changed: dict[str, Any]
) -> None:
    vouched(world)
    gitlab.waits(**changed)
    sent(app, deployment())
    worked()

    assert gitlab.approvals == []
    assert row().ended_at is not None
    assert row().trouble.startswith("it is ")


def test_an_answer_that_is_not_gitlabs_approves_nothing(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    vouched(world)
    gitlab.waits(sha="main")
    sent(app, deployment())
    worked()

    assert gitlab.approvals == []
    assert "sha is missing" in row().trouble
    gitlab.waits()
    clock.advance(seconds=6)
    worked()
    assert [told["status"] for told in gitlab.approvals] == ["approved"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b"null",
        b'{"status": "blocked"}',
        b'{"status": ["blocked"], "sha": "%s", "environment": {"name": "x"}}' % (b"a" * 40),
        b'{"status": "blocked", "sha": "main", "environment": {"name": "x"}}',
        b'{"status": "blocked", "sha": null, "environment": {"name": "x"}}',
        b'{"status": "blocked", "sha": "%s"}' % (b"a" * 40),
        b'{"status": "blocked", "sha": "%s", "environment": "x"}' % (b"a" * 40),
        b'{"status": "blocked", "sha": "%s", "environment": {"name": ""}}' % (b"a" * 40),
    ],
)
def test_a_deployment_is_read_as_gitlab_writes_it_or_not_at_all(content: bytes) -> None:
    with pytest.raises(Unreadable):
        payloads.deployed(content)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"null", b"[" * 100_000, b"[1]", b'[{"id": "15"}]', b'[{"id": 0}]', b"[{}]"]
)
def test_a_list_of_deployments_is_read_as_gitlab_writes_it_or_not_at_all(content: bytes) -> None:
    with pytest.raises(Unreadable):
        payloads.blocked(content)


@pytest.mark.parametrize("status", [403, 404])
def test_what_gitlab_does_not_let_us_do_is_given_up_and_shown(
    world: World, app: Flask, gitlab: Lab, status: int
) -> None:
    gitlab.waits()
    gitlab.answers = [status]
    sent(app, deployment())
    worked()

    with db.reading():
        assert session().scalars(select(Message.state)).all() == ["dead"]
    assert row().ended_at is not None
    assert f"GitLab answered {status}" in world.browser("ben").get("/settings/gitlab").text


def test_until_gitlab_has_the_answer_it_is_told_again_and_decided_once(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    vouched(world)
    gitlab.waits()
    gitlab.answers = [502]
    sent(app, deployment())
    worked()
    clock.advance(seconds=6)
    worked()

    assert [told["status"] for told in gitlab.approvals] == ["approved"]
    with db.reading():
        assert len(session().scalars(select(Decision.id)).all()) == 1


def test_an_environment_that_is_no_target_is_left_to_others_and_seen(
    world: World, app: Flask, gitlab: Lab
) -> None:
    gitlab.waits()

    assert sent(app, deployment(environment="review")).text == "ignored\n"

    assert worked() == 0
    assert gitlab.paths == []
    assert "deployment 15 to review" in world.browser("ben").get("/settings/gitlab").text


def test_one_whose_environment_is_a_target_no_more_is_left_alone(
    world: World, app: Flask, gitlab: Lab
) -> None:
    gitlab.waits()
    sent(app, deployment())
    with db.transaction():
        for place in mappings.every():
            mappings.remove(place.id, actor=world.ben)
    worked()

    assert gitlab.paths == []
    assert row().trouble == "nothing says which target this is"


@pytest.mark.parametrize(
    "changed, told",
    [
        ({"project": None}, "project"),
        ({"project": project(id=None)}, "id"),
        ({"project": project(path_with_namespace="a\nb")}, "path_with_namespace"),
        ({"deployment_id": None}, "deployment_id"),
        ({"deployment_id": "15"}, "deployment_id"),
        ({"deployment_id": True}, "deployment_id"),
        ({"deployment_id": "../../x"}, "deployment_id"),
        ({"environment": None}, "environment"),
        ({"environment": ""}, "environment"),
        ({"environment": {"name": "production"}}, "environment"),
        ({"environment": "x" * 256}, "environment"),
    ],
)
def test_an_event_that_is_not_gitlabs_is_refused_with_the_member(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        payloads.asked(json.dumps(deployment(**changed)).encode())


def test_an_event_without_the_secret_is_refused(world: World, app: Flask, gitlab: Lab) -> None:
    assert sent(app, deployment(), **{"X-Gitlab-Token": "guessed"}).status_code == 403

    with db.reading():
        assert [event.verb for event in audit.latest(limit=1)] == ["gitlab.forged"]


def test_a_gitlab_that_sends_no_event_is_asked_what_waits(
    any_database: str, world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    vouched(world)
    gitlab.waits()
    gitlab.waits(16, environment={"id": 8, "name": "staging"})

    assert deployment_poll.work(clock.now(), LOCAL) == 1
    assert deployment_poll.work(clock.now(), LOCAL) == 0
    worked()
    clock.advance(minutes=1)
    assert deployment_poll.work(clock.now(), LOCAL) == 0

    assert [told["deployment"] for told in gitlab.approvals] == [DEPLOYMENT]


def test_environments_take_turns_at_being_looked_at(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    with db.transaction():
        server_id = str(mappings.every()[0].server_id)
        for number in range(deployment_poll.AT_ONCE):
            place = ("data8/infrastructure", "environment", f"review-{number}", "data8/prod")
            mappings.add(server_id, "30", *place, actor=world.ben)
    deployment_poll.work(clock.now(), LOCAL)
    assert len(gitlab.paths) == deployment_poll.AT_ONCE
    deployment_poll.work(clock.now(), LOCAL)
    assert len(gitlab.paths) == deployment_poll.AT_ONCE + 1


def test_why_nothing_could_be_looked_for_stands_on_the_page(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    gitlab.answers = [403]
    deployment_poll.work(clock.now(), LOCAL)
    assert "GitLab answered 403" in world.browser("ben").get("/settings/gitlab").text

    clock.advance(minutes=1)
    deployment_poll.work(clock.now(), LOCAL)
    with db.reading():
        assert set(session().scalars(select(GitlabPlace.trouble))) == {""}


def test_a_long_answer_fits_gitlabs_limit() -> None:
    answer = {
        "id": "dec_1",
        "decision": "block",
        "target": "data8/prod",
        "reasons": [{"reason_code": "artifact_missing"}],
        "guards": [{"guard": f"guard-{number}", "effective": "block"} for number in range(50)],
    }

    comment = messages.comment(answer, "https://postmortems.example.org")
    assert len(comment) == messages.LONGEST_COMMENT
    assert comment.startswith("Must not go to data8/prod: artifact_missing, guard-0")
    assert comment.endswith("… https://postmortems.example.org/gate/dec_1")
    assert len(messages.comment(answer, "https://" + "x" * 300)) <= messages.LONGEST_COMMENT


def test_only_so_many_are_taken_in_at_once(world: World, app: Flask, gitlab: Lab, clock: Clock) -> None:
    for number in range(1, 40):
        gitlab.waits(number)

    assert deployment_poll.work(clock.now(), LOCAL) == client.MOST_BLOCKED
