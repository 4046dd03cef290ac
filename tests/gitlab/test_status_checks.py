"""A merge request's check: asked by a signed webhook, judged, answered, looked at again until it passes."""

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
from postmortems.gitlab import mappings, payloads
from postmortems.gitlab.models import GitlabPlace, GitlabRequest
from postmortems.guards import queries as guards
from postmortems.notify.models import Message
from tests.conftest import Clock
from tests.gitlab.conftest import SECRET, deployment, merge_request, project, sent, vouched, worked
from tests.gitlab.lab import CHECK, SHA, Lab
from tests.world import World

HAS_TO_WAIT = {"confirm": "typed"}


def waiting() -> None:
    """Let the guard of data8/prod say that it has to wait."""
    with db.transaction():
        guard = guards.by_slug("staging-validated")
        guard.kind, guard.config = "target", HAS_TO_WAIT


def states(gitlab: Lab) -> list[str]:
    return [told["status"] for told in gitlab.checks]


def row() -> GitlabRequest:
    with db.reading():
        return session().scalars(select(GitlabRequest)).one()


def test_a_commit_that_the_gate_allows_passes(
    any_database: str, world: World, app: Flask, gitlab: Lab
) -> None:
    vouched(world)

    assert sent(app, merge_request()).status_code == 202
    assert worked() == 1

    assert gitlab.checks == [{"sha": SHA, "external_status_check_id": CHECK, "status": "passed"}]
    assert worked() == 0
    with db.reading():
        assert session().scalars(select(Decision.is_dry_run)).all() == [True]


def test_one_that_is_blocked_fails_and_passes_once_the_gate_opens(
    any_database: str, world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    sent(app, merge_request())
    for _ in range(3):
        worked()
        clock.advance(seconds=31)
    assert states(gitlab) == ["failed"]
    assert row().answer["decision"] == "block"

    vouched(world)
    worked()
    assert states(gitlab) == ["failed", "passed"]
    clock.advance(seconds=31)
    assert worked() == 0


def test_one_that_has_to_wait_is_pending_then_failed_and_passes_when_it_may(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    waiting()
    sent(app, merge_request())
    for _ in range(6):
        worked()
        clock.advance(seconds=31)
    assert states(gitlab) == ["pending", "failed"]

    with db.transaction():
        guards.by_slug("staging-validated").config = {"confirm": "param"}
    worked()
    assert states(gitlab) == ["pending", "failed", "passed"]


def test_what_does_not_open_is_looked_at_more_rarely_and_for_a_day(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    sent(app, merge_request())
    worked()
    clock.advance(minutes=31)
    assert worked() == 1
    clock.advance(minutes=1)
    assert worked() == 0
    clock.advance(hours=24)
    assert worked() == 1

    assert worked() == 0
    assert row().trouble == "it was not let through within a day"
    assert states(gitlab) == ["failed"]


def test_trouble_of_ours_never_passes(
    world: World, app: Flask, gitlab: Lab, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> dict[str, Any]:
        raise RuntimeError("the disk is full")

    vouched(world)
    with monkeypatch.context() as patch:
        patch.setattr(ask, "ask", broken)
        sent(app, merge_request())
        for _ in range(4):
            worked()
            clock.advance(seconds=31)
        assert states(gitlab) == ["pending", "failed"]
        assert row().trouble == "the gate could not answer: RuntimeError"
    worked()
    assert states(gitlab)[-1] == "passed"


def test_a_question_that_is_worked_on_is_one_question(
    any_database: str, world: World, app: Flask, gitlab: Lab
) -> None:
    assert sent(app, merge_request()).text == "accepted\n"
    assert sent(app, merge_request()).text == "known\n"
    assert sent(app, merge_request(labels=["another"])).text == "known\n"
    worked()

    assert states(gitlab) == ["failed"]


def test_retry_on_gitlab_asks_anew(any_database: str, world: World, app: Flask, gitlab: Lab) -> None:
    vouched(world)
    sent(app, merge_request())
    worked()

    assert sent(app, merge_request()).text == "accepted\n"
    worked()

    assert states(gitlab) == ["passed", "passed"]


def test_a_newer_commit_takes_the_place_of_an_older_one_in_any_order(
    any_database: str, world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    newer = {"last_commit": {"id": "c" * 40}, "updated_at": "2026-03-02 09:00:00 UTC"}
    sent(app, merge_request())
    worked()
    sent(app, merge_request(merge=newer))
    worked()
    gitlab.answers = [409]
    assert sent(app, merge_request()).text == "accepted\n"
    worked()
    clock.advance(seconds=31)
    assert worked() == 1

    assert [told["sha"][0] for told in gitlab.checks] == ["a", "c"]
    with db.reading():
        older, current = session().scalars(select(GitlabRequest).order_by(GitlabRequest.sha)).all()
        assert (older.trouble, older.ended_at is None) == ("the branch has a newer commit", False)
        assert current.ended_at is None


def test_a_branch_that_has_moved_on_ends_it(world: World, app: Flask, gitlab: Lab, clock: Clock) -> None:
    gitlab.answers = [409]
    sent(app, merge_request())
    worked()
    clock.advance(minutes=10)

    assert worked() == 0
    assert (row().trouble, row().said) == ("the branch has a newer commit", "")


@pytest.mark.parametrize("state", ["merged", "closed"])
def test_a_merge_request_that_is_over_asks_nothing(
    world: World, app: Flask, gitlab: Lab, clock: Clock, state: str
) -> None:
    over = {"state": state, "updated_at": "2026-03-02 09:00:00 UTC"}
    sent(app, merge_request())
    worked()

    assert sent(app, merge_request(merge=over)).text == "ignored\n"

    clock.advance(seconds=31)
    worked()
    assert row().trouble == "the merge request is over"
    assert states(gitlab) == ["failed"]


@pytest.mark.parametrize("status", [403, 404])
def test_what_gitlab_does_not_let_us_do_is_given_up_and_shown(
    world: World, app: Flask, gitlab: Lab, status: int
) -> None:
    gitlab.answers = [status]
    sent(app, merge_request())
    worked()

    with db.reading():
        message = session().scalars(select(Message)).one()
        assert (message.state, message.last_status) == ("dead", status)
    assert row().ended_at is not None
    assert f"GitLab answered {status}" in world.browser("ben").get("/settings/gitlab").text


def test_until_gitlab_has_the_answer_it_is_told_again(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    vouched(world)
    gitlab.answers = [500, 401]
    sent(app, merge_request())
    for pause in (0, 6, 11):
        clock.advance(seconds=pause * 1.2)
        worked()

    assert states(gitlab) == ["passed"]
    assert row().trouble == ""


def test_a_check_that_is_no_target_fails_and_is_seen_and_passes_once_it_is_one(
    world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    vouched(world)
    sent(
        app, merge_request(merge={"target_branch": "stable"}, external_approval_rule={"id": 7, "name": "New"})
    )
    worked()
    assert states(gitlab) == ["failed"]
    shown = world.browser("ben").get("/settings/gitlab").text
    assert "not mapped" in shown
    assert "check New" in shown

    with db.transaction():
        server_id = str(session().scalars(select(GitlabPlace.server_id)).first())
        mappings.add(server_id, "30", "data8/infrastructure", "check", "New", "data8/prod", actor=world.ben)
    clock.advance(seconds=31)
    worked()
    assert states(gitlab) == ["failed", "passed"]


def test_a_named_check_says_more_than_the_branch(world: World, app: Flask, gitlab: Lab) -> None:
    with db.transaction():
        server_id = str(session().scalars(select(GitlabPlace.server_id)).first())
        mappings.add(
            server_id, "30", "data8/infrastructure", "check", "Other", "data8/staging", actor=world.ben
        )
    sent(app, merge_request(external_approval_rule={"id": 7, "name": "Other"}))
    sent(app, merge_request(external_approval_rule={"id": 8, "name": "Unnamed here"}))

    with db.reading():
        targets = session().scalars(select(GitlabRequest.target).order_by(GitlabRequest.check_id)).all()
    assert targets == ["data8/staging", "data8/prod"]


def test_the_projects_new_name_goes_along(any_database: str, world: World, app: Flask, gitlab: Lab) -> None:
    sent(app, merge_request(project=project(path_with_namespace="data8/renamed")))

    with db.reading():
        assert set(session().scalars(select(GitlabPlace.project))) == {"data8/renamed"}


def test_the_signature_is_bare_hex_of_the_raw_body() -> None:
    made = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert payloads.is_signed(b"Hello, World!", made, "It's a Secret to Everybody")


FORGED = [
    {"X-Gitlab-Signature": ""},
    {"X-Gitlab-Signature": "0" * 64},
    {"X-Gitlab-Signature": "sha256=" + "0" * 64},
    {"X-Gitlab-Signature": "é"},
    {"X-Gitlab-Signature": SECRET},
    {"X-Gitlab-Token": ""},
    {"X-Gitlab-Token": SECRET[:-1]},
    {"X-Gitlab-Token": SECRET + " x"},
    {"X-Gitlab-Token": "é"},
    {"Authorization": f"Bearer {SECRET}"},
    # Known, but a status check has to be signed.
    {"X-Gitlab-Token": SECRET},
]


def test_what_gitlab_did_not_send_is_refused_and_recorded(
    any_database: str, world: World, app: Flask, gitlab: Lab, clock: Clock
) -> None:
    for headers in FORGED:
        clock.advance(minutes=2)
        assert sent(app, merge_request(), **headers).status_code == 403, headers

    with db.reading():
        verbs = [event.verb for event in audit.latest(limit=len(FORGED))]
        assert verbs == ["gitlab.forged"] * len(FORGED)
        assert session().scalars(select(Message)).all() == []


def test_forgeries_do_not_fill_the_log(world: World, app: Flask, gitlab: Lab) -> None:
    for _ in range(20):
        sent(app, merge_request(), **{"X-Gitlab-Token": "wrong"})

    with db.reading():
        verbs = [event.verb for event in audit.latest(limit=20)]
    assert verbs.count("gitlab.forged") == 5


def test_a_signature_of_another_body_does_not_hold(world: World, app: Flask, gitlab: Lab) -> None:
    other = sent(app, merge_request()).request.headers["X-Gitlab-Signature"]

    assert sent(app, merge_request(labels=["x"]), **{"X-Gitlab-Signature": other}).status_code == 403


@pytest.mark.parametrize(
    "changed, told",
    [
        ({"project": None}, "project"),
        ({"project": "data8"}, "project"),
        ({"project": project(id="30")}, "id"),
        ({"project": project(id=True)}, "id"),
        ({"project": project(id=0)}, "id"),
        ({"project": project(id=2**70)}, "id"),
        ({"project": project(id=31)}, "target_project_id"),
        ({"project": project(path_with_namespace="")}, "path_with_namespace"),
        ({"project": project(path_with_namespace=["a"])}, "path_with_namespace"),
        ({"object_attributes": None}, "object_attributes"),
        ({"object_attributes": []}, "object_attributes"),
        ({"merge": {"iid": "4"}}, "iid"),
        ({"merge": {"iid": -4}}, "iid"),
        ({"merge": {"iid": 4.0}}, "iid"),
        ({"merge": {"target_project_id": None}}, "target_project_id"),
        ({"merge": {"last_commit": None}}, "last_commit"),
        ({"merge": {"last_commit": {}}}, "id"),
        ({"merge": {"last_commit": {"id": "main"}}}, "id"),
        ({"merge": {"last_commit": {"id": SHA.upper()}}}, "id"),
        ({"merge": {"last_commit": {"id": f"{SHA}/../x"}}}, "id"),
        ({"merge": {"target_branch": "x" * 300}}, "target_branch"),
        ({"merge": {"target_branch": "main\nx"}}, "target_branch"),
        ({"merge": {"state": 1}}, "state"),
        ({"external_approval_rule": []}, "external_approval_rule"),
        ({"external_approval_rule": {"id": "1", "name": "x"}}, "id"),
        ({"external_approval_rule": {"id": 1}}, "name"),
    ],
)
def test_a_payload_that_is_not_gitlabs_is_refused_with_the_member(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        payloads.asked(json.dumps(merge_request(**changed)).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"null", b'"x"'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        payloads.asked(body)


def test_what_cannot_be_read_is_refused_with_the_reason(world: World, app: Flask, gitlab: Lab) -> None:
    unnumbered = sent(app, merge_request(merge={"iid": "4"}))

    assert (unnumbered.status_code, unnumbered.json["detail"]) == (422, "iid is missing, or no number")
    assert sent(app, b"[]").status_code == 422
    assert sent(app, b" " * (payloads.LARGEST + 1)).status_code == 422


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"object_kind": "push"},
        {"object_kind": ["merge_request"]},
        merge_request(external_approval_rule=None),
        deployment(status="running"),
        deployment(status="approved"),
    ],
)
def test_other_events_ask_nothing(told: dict[str, Any]) -> None:
    assert payloads.asked(json.dumps(told).encode()) is None


def test_what_asks_nothing_is_taken_and_passed_over(world: World, app: Flask, gitlab: Lab) -> None:
    assert sent(app, {"object_kind": "push"}).text == "ignored\n"


def test_an_odd_sender_and_odd_times_are_no_reason_to_refuse(world: World, app: Flask, gitlab: Lab) -> None:
    odd = merge_request(user=[], merge={"updated_at": 5, "source_branch": {"x": 1}})

    assert sent(app, odd).text == "accepted\n"
    worked()
    assert states(gitlab) == ["failed"]
