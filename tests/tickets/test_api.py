"""Trackers and tickets over HTTP: what is kept, what never comes back, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.tickets.conftest import SECRET, Desks, work
from tests.trackers.desk import TOKEN

TRACKER = {
    "name": "second",
    "service": "jira",
    "api": "https://data8.atlassian.net/",
    "place": "OPS",
    "account": "ops@example.org",
    "access_token": TOKEN,
    "webhook_secret": SECRET,
}


def ask(desks: Desks, method: str, path: str, body: Any = None, who: str = "ben") -> TestResponse:
    assert desks.world.app is not None
    client: FlaskClient = desks.world.app.test_client()
    return client.open(f"/api/v1{path}", method=method, json=body, headers=desks.world.headers(who))


def test_a_tracker_is_kept_changed_and_removed_and_gives_no_secret_back(desks: Desks) -> None:
    made = ask(desks, "POST", "/trackers", TRACKER)
    assert made.status_code == 201
    assert made.json is not None
    path = f"/trackers/{made.json['id']}"

    changed = ask(desks, "PATCH", path, {"name": "ops", "is_enabled": False, "sends_restricted": True})
    listed = ask(desks, "GET", "/trackers")

    assert changed.json is not None
    assert changed.json | {"looked_at": None} == {
        **{"id": made.json["id"], "name": "ops", "service": "jira", "api": "https://data8.atlassian.net"},
        **{"place": "OPS", "account": "ops@example.org", "issue_type": "Task", "is_enabled": False},
        **{"sends_restricted": True, "has_webhook_secret": True, "trouble": "", "looked_at": None},
        "webhook_path": f"/hooks/trackers/{made.json['id']}",
    }
    for answer in (made, changed, listed, ask(desks, "GET", path)):
        assert TOKEN not in answer.text
        assert SECRET not in answer.text
    assert ask(desks, "DELETE", path).status_code == 204
    assert ask(desks, "GET", path).status_code == 404


@pytest.mark.parametrize(
    "changed, pointer",
    [
        ({"name": ""}, "/name"),
        ({"service": "trac"}, "/service"),
        ({"place": "ops"}, "/place"),
        ({"api": ""}, "/api"),
        ({"api": "https://data8.atlassian.net/?token=x"}, "/api"),
        ({"api": "file:///etc/passwd"}, "/api"),
        ({"access_token": ""}, "/access_token"),
        ({"access_token": 5}, "/access_token"),
        ({"webhook_secret": "short"}, "/webhook_secret"),
        ({"account": "a:b"}, "/account"),
        ({"is_enabled": "yes"}, "/is_enabled"),
        ({"secret": "x"}, "/secret"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(desks: Desks, changed: dict[str, object], pointer: str) -> None:
    answer = ask(desks, "POST", "/trackers", TRACKER | changed)

    assert answer.status_code == 422
    assert answer.json is not None
    assert pointer in [problem["pointer"] for problem in answer.json["errors"]]


def test_accounts_and_policies_are_kept_and_forgotten(desks: Desks) -> None:
    path = f"/trackers/{desks.tracker}"
    named = ask(desks, "POST", f"{path}/accounts", {"theirs": "@Cy-GH", "ours": "cy"})
    ruled = ask(desks, "POST", f"{path}/policies", {"priority": "P0"})

    assert named.json == {"theirs": "cy-gh", "ours": "cy"}
    assert ruled.json is not None
    listed = ask(desks, "GET", f"{path}/accounts").json
    assert listed is not None
    assert len(listed["accounts"]) == 3
    assert ask(desks, "DELETE", f"{path}/accounts/Cy-GH").status_code == 204
    assert ask(desks, "DELETE", f"{path}/accounts/Cy-GH").status_code == 404
    assert ask(desks, "DELETE", f"{path}/policies/{ruled.json['id']}").status_code == 204
    assert ask(desks, "GET", f"{path}/policies").json == {"policies": []}


def test_a_ticket_is_created_shown_and_unlinked(desks: Desks) -> None:
    desks.item(owner="ada")
    made = ask(desks, "POST", "/action-items/AI-1/tickets", {"tracker": desks.tracker}, "ada")
    assert (made.status_code, made.json and made.json["standing"]) == (201, "creating")
    work()

    shown = ask(desks, "GET", "/action-items/AI-1/tickets", who="cy").json
    assert shown is not None
    (ticket,) = shown["tickets"]
    assert {name: ticket[name] for name in ("ticket", "standing", "title", "state", "assignee")} == {
        **{"ticket": "#1", "standing": "agreed", "title": "Alert on certificates", "state": "open"},
        "assignee": "ada",
    }
    path = f"/action-items/AI-1/tickets/{ticket['id']}"
    assert ask(desks, "POST", f"{path}/look", who="ada").status_code == 202
    assert ask(desks, "DELETE", path, who="ada").status_code == 204
    assert ask(desks, "GET", "/action-items/AI-1/tickets").json == {"tickets": []}


def test_what_both_changed_is_told_and_decided(desks: Desks) -> None:
    desks.item()
    desks.create()
    desks.edit(text="Alert early")
    desks.there.edit(1, title="Alert late")
    work()
    shown = ask(desks, "GET", "/action-items/AI-1/tickets").json
    assert shown is not None
    (ticket,) = shown["tickets"]
    path = f"/action-items/AI-1/tickets/{ticket['id']}/decision"

    assert ticket["disagreements"] == [{"field": "title", "ours": "Alert early", "theirs": "Alert late"}]
    assert ask(desks, "POST", path, {"field": "title", "choice": "mine"}, "ada").status_code == 422
    assert ask(desks, "POST", path, {"field": "title", "choice": "theirs"}, "ada").status_code == 200
    assert ask(desks, "POST", path, {"field": "title", "choice": "theirs"}, "ada").status_code == 409
    assert desks.stored().text == "Alert late"


def test_to_take_a_state_needs_the_proof(desks: Desks) -> None:
    desks.item(kind="process", guardability="enforceable")
    desks.create()
    desks.there.edit(1, state="done")
    desks.edit(priority="P1")
    work()
    body = {"field": "state", "choice": "theirs"}

    answer = ask(desks, "POST", f"/action-items/AI-1/tickets/{desks.ticket().id}/decision", body, "ada")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["reason_code"] == "unproven"


def test_many_get_tickets_and_who_gets_none_is_told_why(desks: Desks) -> None:
    desks.item()
    path = f"/trackers/{desks.tracker}/tickets"

    answer = ask(desks, "POST", path, {"items": ["AI-1", "AI-99", "AI-1"]}, "ada")

    assert answer.status_code == 202
    assert answer.json is not None
    assert [row["action_item"] for row in answer.json["tickets"]] == ["AI-1"]
    assert answer.json["left_out"] == [{"action_item": "AI-99", "reason": "there is no action item AI-99"}]


@pytest.mark.parametrize(
    "body, status",
    [
        ({}, 422),
        ({"tracker": 99}, 404),
        ({"tracker": "x"}, 422),
        ({"tracker": 1, "issue": "!12"}, 422),
        ({"tracker": 1, "issue": "https://github.com/data8/other/issues/1"}, 422),
        ({"tracker": 1, "issue": "x" * 2001}, 422),
    ],
)
def test_a_link_that_cannot_be_is_refused(desks: Desks, body: dict[str, object], status: int) -> None:
    desks.item()

    assert ask(desks, "POST", "/action-items/AI-1/tickets", body, "ada").status_code == status


def test_an_issue_is_linked_to_one_item(desks: Desks) -> None:
    desks.item()
    desks.there.add("TLS alerts")
    desks.link("#1")
    desks.item(text="Another")
    body = {"tracker": desks.tracker, "issue": "1"}

    assert ask(desks, "POST", "/action-items/AI-1/tickets", body, "ada").status_code == 201
    assert ask(desks, "POST", "/action-items/AI-2/tickets", body, "ada").status_code == 409
    assert ask(desks, "POST", "/action-items/AI-1/tickets", body | {"issue": "2"}, "ada").status_code == 409


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("POST", "/trackers", TRACKER),
        ("PATCH", "/trackers/1", {"name": "x"}),
        ("DELETE", "/trackers/1", None),
        ("GET", "/trackers/1/accounts", None),
        ("POST", "/trackers/1/policies", {}),
    ],
)
def test_trackers_are_managed_by_admins_alone(desks: Desks, method: str, path: str, body: object) -> None:
    assert ask(desks, method, path, body, "ada").status_code == 403


@pytest.mark.parametrize(
    "method, path", [("POST", "/action-items/AI-1/tickets"), ("POST", "/trackers/1/tickets")]
)
def test_who_only_reads_creates_nothing(desks: Desks, method: str, path: str) -> None:
    assert ask(desks, method, path, {"tracker": 1, "items": ["AI-1"]}, "cy").status_code == 403


@pytest.mark.parametrize(
    "field, told",
    [
        ("acess_token", "Unknown field; did you mean access_token?"),
        ("secret", "Unknown field; there are name, service, api, place, "),
    ],
)
def test_a_field_that_there_is_not_is_told_with_those_that_there_are(
    desks: Desks, field: str, told: str
) -> None:
    answer = ask(desks, "POST", "/trackers", {**TRACKER, field: "x"})

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["detail"].startswith(told)
