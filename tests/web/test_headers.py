"""What every answer says about trust and caching."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from postmortems.web.headers import HEADERS, POLICY
from tests.world import World

PATHS = ["/sign-in", "/nowhere", "/api/v1/nowhere", "/api/docs", "/livez", "/static/app.css", "/settings"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    answer = client.get(path, buffered=True)

    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_no_script_and_no_style_runs_but_our_files() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in POLICY


@pytest.mark.parametrize("path", ["/", "/incidents", "/settings/tokens", "/api/v1/incidents", "/nowhere"])
def test_what_only_some_may_see_is_kept_by_no_cache(world: World, path: str) -> None:
    assert world.browser("ben").get(path).headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_for_good_under_the_address_of_its_content(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    stamped = re.search(r"/static/app\.css\?v=[0-9a-f]{12}", page)
    assert stamped is not None

    answer = client.get(stamped[0], buffered=True)

    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000"])
def test_under_any_other_address_it_is_asked_for_again(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/static/app.css{query}", buffered=True)

    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "vendor", "no.css"]
)
def test_nothing_outside_the_folder_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code in {404, 308}


def test_every_page_names_its_files_by_content(app: Flask, world: World) -> None:
    for path in ("/", "/incidents", "/settings", "/api/docs", "/nowhere"):
        for address in re.findall(r'(?:href|src)="(/static/[^"#]+)', world.browser("ben").get(path).text):
            assert "?v=" in address, (path, address)


def test_over_plain_http_no_https_is_promised(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/livez").headers
