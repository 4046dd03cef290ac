"""Each request is one line, has an id, and tells nothing of what was sent or read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.web.watching import logs, request_log
from tests.web.watching.log_lines import parsed, written
from tests.world import World

NAMES = {"event", "level", "logger", "time", *logs.FIELDS}


@pytest.fixture
def watched(app: Flask) -> Iterator[FlaskClient]:
    """A client of the application as `create_app` wraps it."""
    inner = app.wsgi_app
    app.wsgi_app = request_log.Watched(inner, believes_ids=True)  # type: ignore[method-assign]
    yield app.test_client()
    app.wsgi_app = inner  # type: ignore[method-assign]


def line_of(
    client: FlaskClient, method: str, path: str, **options: Any
) -> tuple[dict[str, Any], TestResponse]:
    with written("json") as said:
        answer = client.open(path, method=method, **options)
        answer.get_data()
        answer.close()
    (line,) = parsed(said.getvalue())
    return line, answer


def test_a_line_tells_route_status_size_and_who(world: World, watched: FlaskClient) -> None:
    line, answer = line_of(watched, "GET", "/api/v1/incidents?limit=7", headers=world.headers("ada"))

    assert set(line) == NAMES
    assert line["route"] == "/api/v1/incidents"
    assert (line["method"], line["status"], line["bytes"]) == ("GET", 200, len(answer.data))
    assert (line["actor_kind"], line["actor_id"]) == ("token", world.ada.user_id)
    assert line["duration_ms"] > 0


def test_a_person_and_nobody_are_told_apart(world: World, watched: FlaskClient) -> None:
    nobody, _ = line_of(watched, "GET", "/incidents/some-slug")
    person, _ = line_of(world.browser("cy"), "GET", "/incidents/some-slug")

    assert (nobody["actor_kind"], nobody["actor_id"], nobody["status"]) == ("nobody", None, 303)
    assert (person["actor_kind"], person["actor_id"], person["status"]) == (
        "person",
        world.cy.user_id,
        404,
    )
    assert nobody["route"] == person["route"] == "/incidents/<slug>"


@pytest.mark.parametrize(
    "method, path, route, told_method",
    [
        ("GET", "/no/such/place", "", "GET"),
        ("GET", "/sign-in/link/secretsecret?next=/hidden", "/sign-in/link/<secret>", "GET"),
        ("BREW", "/incidents", "", "other"),
        ("GET", "/livez", "/livez", "GET"),
        ("GET", "/%00\x1b[31m", "", "GET"),
    ],
)
def test_no_line_has_a_path_or_a_query(
    world: World, watched: FlaskClient, method: str, path: str, route: str, told_method: str
) -> None:
    line, _ = line_of(watched, method, path)

    assert (line["route"], line["method"]) == (route, told_method)
    assert "secretsecret" not in str(line)
    assert "hidden" not in str(line)


@pytest.mark.parametrize("known", ["f00d", "a" * 64, "req-1_2.3"])
def test_the_id_of_a_trusted_proxy_is_kept(world: World, watched: FlaskClient, known: str) -> None:
    line, answer = line_of(watched, "GET", "/livez", headers={"X-Request-ID": known})

    assert line["request_id"] == answer.headers["X-Request-ID"] == known


@pytest.mark.parametrize("odd", ["", "a" * 65, "a b", "é", '"><script>', "a,b", "../x"])
def test_any_other_id_is_replaced(world: World, watched: FlaskClient, odd: str) -> None:
    line, answer = line_of(watched, "GET", "/livez", headers={"X-Request-ID": odd})

    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert len(line["request_id"]) == 24


def test_without_a_trusted_proxy_no_id_is_believed(app: Flask) -> None:
    alone = request_log.Watched(app.wsgi_app, believes_ids=False)
    headers: list[tuple[str, str]] = []
    environ = app.test_request_context("/livez", headers={"X-Request-ID": "f00d"}).request.environ

    list(alone(environ, lambda status, told: headers.extend(told)))

    assert dict(headers)["X-Request-ID"] != "f00d"


def test_the_page_of_a_failure_and_the_log_have_the_same_id(
    world: World, app: Flask, watched: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setitem(app.view_functions, "incidents.show", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    with written("json") as said:
        answer = world.browser("ada").get("/incidents/the-hidden-capybara")
        answer.close()

    failed, asked = parsed(said.getvalue())
    assert (failed["event"], failed["request_id"]) == ("GET /incidents/<slug> failed", asked["request_id"])
    assert "RuntimeError: broken" in failed["exception"]
    assert (asked["status"], asked["route"]) == (500, "/incidents/<slug>")
    assert asked["request_id"] in answer.text
    assert "capybara" not in said.getvalue()


def test_a_refusal_shows_no_id(world: World, watched: FlaskClient) -> None:
    answer = world.browser("ada").get("/incidents/none")

    assert answer.headers["X-Request-ID"] not in answer.text


def test_text_tells_of_no_request(world: World, watched: FlaskClient) -> None:
    with written("text") as said:
        watched.get("/livez").close()

    assert said.getvalue() == ""


def test_lines_end_with_their_request(world: World, watched: FlaskClient) -> None:
    with written("json") as said:
        watched.get("/livez").close()
        logging.getLogger("postmortems.later").warning("another thing")

    assert "request_id" not in parsed(said.getvalue())[-1]


def test_a_file_is_counted_as_it_goes(world: World, watched: FlaskClient) -> None:
    line, answer = line_of(world.browser("ada"), "GET", "/static/app.css")

    assert (line["status"], line["bytes"]) == (200, len(answer.data))


def test_an_application_that_breaks_is_a_line_too(app: Flask) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("broken")

    environ = app.test_request_context("/livez").request.environ
    with written("json") as said, pytest.raises(RuntimeError):
        request_log.Watched(broken, believes_ids=False)(environ, lambda *_: None)

    assert [line["status"] for line in parsed(said.getvalue())] == [500]
