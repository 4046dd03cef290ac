"""Every no has one shape under /api/, and a page elsewhere."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from postmortems.db import session as db
from tests.web.small_api import small_app
from tests.world import World


@pytest.mark.parametrize(
    "which, status",
    [
        ("invalid", 422),
        ("not-found", 404),
        ("not-signed-in", 401),
        ("not-allowed", 403),
        ("conflict", 409),
        ("refused", 409),
        ("out-of-reach", 503),
        ("stale", 409),
        ("too-many", 429),
        ("failed", 500),
    ],
)
def test_every_refusal_is_a_problem_of_one_shape(which: str, status: int) -> None:
    answer = small_app().test_client().post(f"/api/v1/refuse/{which}")

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["type"] == f"/api/docs#problem-{which}"
    assert {"title", "detail"} <= answer.json.keys()


def test_a_failure_of_ours_tells_nothing_of_the_inside() -> None:
    answer = small_app().test_client().post("/api/v1/refuse/failed")

    assert "secret" not in answer.text


def test_wrong_places_are_listed() -> None:
    answer = small_app().test_client().post("/api/v1/refuse/invalid")

    assert answer.json["errors"] == [
        {"pointer": "/config/url", "detail": "not an address"},
        {"pointer": "", "detail": "also this"},
    ]


def test_a_stale_save_carries_both_texts() -> None:
    answer = small_app().test_client().post("/api/v1/refuse/stale")

    assert (answer.json["version"], answer.json["mine"], answer.json["theirs"]) == (3, "mine", "theirs")


def test_a_stale_save_by_etag_fails_the_precondition() -> None:
    answer = small_app().test_client().post("/api/v1/refuse/stale", headers={"If-Match": '"2"'})

    assert answer.status_code == 412


def test_who_is_too_quick_learns_when_to_come_back() -> None:
    answer = small_app().test_client().post("/api/v1/refuse/too-many")

    assert answer.headers["Retry-After"] == "7"


def test_who_is_unknown_learns_how_to_say_who_they_are() -> None:
    answer = small_app().test_client().post("/api/v1/refuse/not-signed-in")

    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/nowhere", "/incidents/no-such-thing/at/all", "/static/none.css"])
def test_elsewhere_a_problem_is_a_page(world: World, path: str) -> None:
    answer = world.browser("ada").get(path)

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/nowhere", "/api/v1/incidents/a/b/c/d"])
def test_an_unrouted_address_under_api_is_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.post("/api/openapi.json")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_foreign_host_is_answered_without_a_page(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"


FAILURES = [
    (OperationalError("COMMIT", {}, Exception("database is locked")), 503),
    (IntegrityError("COMMIT", {}, Exception("UNIQUE constraint failed")), 409),
    (StaleDataError("someone was quicker"), 409),
    (RuntimeError("a bug"), 500),
]


@pytest.mark.parametrize("failure, status", FAILURES)
def test_a_commit_that_fails_is_a_problem_and_not_a_success(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    browser = world.browser("ada")
    token = browser.form_token()
    really_finish = db.finish

    def finish(*, keep: bool) -> None:
        really_finish(keep=False)
        raise failure

    monkeypatch.setattr(db, "finish", finish)
    answer = browser.post("/sign-out", data={"csrf_token": token})

    assert answer.status_code == status
    assert not db.is_open()


def test_a_broken_template_still_gives_an_answer(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = world.browser("ada")
    monkeypatch.setattr("postmortems.web.error_responses.render_template", lambda *_, **__: 1 / 0)

    answer = browser.get("/nowhere")

    assert answer.status_code == 404
    assert "failed too" in answer.text


def test_who_is_signed_in_still_is_where_nothing_is(world: World) -> None:
    assert "Sign out" in world.browser("ada").get("/nowhere").text
