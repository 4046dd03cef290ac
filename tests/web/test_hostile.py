"""Whatever is sent to whichever address, by whomever: it is refused or taken, and never fails.

The bodies are those that made one of everything, with one place of them at a time made hostile; the forms are
those that stand on the pages. So what is added tomorrow is tried tomorrow.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import count
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from postmortems.web.transactions import SAFE_METHODS
from tests.apps import KEY
from tests.crowded import Crowd, crowd
from tests.world import World

DEEP = "[" * 200 + "]" * 200
VALUES: list[Any] = [
    None, True, -1, 0, 1.5, 2**63 - 1, 1e308, "", " ", "x" * 20_000, "‮​́" * 20, "a\nb\r\n\tc",
    "../../etc/passwd", "'; --", "{{7*7}}", "%s%n", "9" * 40, "0000-00-00T99:99", "http://[::1", "https://é:0/",
    {}, [], [[]], [None], [{}], {"a": {"b": [1]}}, ["x"] * 3_000, {"": ""}, "\U0010ffff",
    "RRULE:FREQ=SECONDLY", "(" * 300, "@" * 200, "9999-12-31T23:59:59+14:00", "0001-01-01",
]  # fmt: skip
RAW = [
    b"", b"null", b"[]", b'"text"', b"7", b"{", b"\xff\xfe{}", b'{"a": "\\ud800"}', b'{"title": "\\u0000"}',
    b'{"a": 1e999}', b'{"a": NaN}', b'{"a": 1, "a": 2}', DEEP.encode(), b"9" * 10_000, b'{"unknown": {}}',
    b'{"version": 99999999999999999999}', b"\x00" * 100, b'{"name": "' + b"x" * 1_000_000 + b'"}',
]  # fmt: skip
TEXTS = [
    "", " ", "x" * 20_000, "a\0b", "‮​́" * 20, "-1", "9" * 40, "2147483648", "9223372036854775808", "1e308",
    "0000-00-00T99:99", "9999-12-31T23:59", "0001-01-01T00:00", "{{7*7}}", "[]", '{"a":', "http://[::1",
    "(" * 300, "../../etc/passwd", "nan", "\U0001f600", "a\r\nb: c", "\U0010ffff", "yes", "FREQ=SECONDLY",
]  # fmt: skip
# The suite tries each place with a few of the values, in turn; set this to try every place with every value.
IS_THOROUGH = "HOSTILE_THOROUGH" in os.environ
A_FEW = 1


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,)}


@pytest.fixture
def full(world: World, clock: Any) -> Crowd:
    full = crowd(world)
    assert full.refused == []
    return full


def turns(values: list[Any], numbers: Iterator[int]) -> list[Any]:
    """Some of the values, other ones each time."""
    if IS_THOROUGH:
        return values
    return [values[next(numbers) % len(values)] for _ in range(A_FEW)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, the inner ones too."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def put(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def test_no_body_of_the_api_makes_it_fail(any_database: str, full: Crowd, app: Flask) -> None:
    client, headers = app.test_client(), full.world.headers("ben")
    failed, numbers = [], count()
    for method, path, body in full.taken:
        for place in places(body):
            for value in turns(VALUES, numbers):
                sent = put(body, place, value)
                answer = client.open(f"/api/v1{path}", method=method, json=sent, headers=headers)
                if answer.status_code >= 500:
                    failed.append((method, path, place, repr(value)[:40], answer.text[:200]))

    assert failed == []


def test_no_raw_body_makes_any_route_fail(full: Crowd, app: Flask) -> None:
    client, failed, numbers = app.test_client(), [], count()
    senders = [full.world.headers(name) for name in ("ben", "ada", "cy")] + [{}]
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - SAFE_METHODS - {"DELETE"}):
            if not rule.rule.startswith("/api/"):
                continue
            for raw in turns(RAW, numbers):
                for headers in senders:
                    kind = "text/markdown" if next(numbers) % 7 == 0 else "application/json"
                    sent = {"data": raw, "headers": headers, "content_type": kind}
                    answer = client.open(address(rule, full), method=method, **sent)
                    if answer.status_code >= 500:
                        failed.append((method, rule.rule, raw[:40], answer.status_code))

    assert failed == []


def address(rule: Rule, full: Crowd) -> str:
    """The rule's address of what is there."""
    built = rule.rule
    for name in rule.arguments - set(rule.defaults or ()):
        before, after = built.split(f"{name}>", 1)
        built = before[: before.rindex("<")] + full.gaps.get(name, "x") + after
    return built


class Forms(HTMLParser):
    """The forms of a page that post: where to, and the values of their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_open = said.get("method", "get").lower() == "post"
            if self.is_open:
                self.found.append((said.get("action", ""), {}))
        elif self.is_open and tag in {"input", "select", "textarea", "button"} and said.get("name"):
            self.found[-1][1].setdefault(said["name"], said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_open = False


def forms(full: Crowd, app: Flask) -> dict[tuple[str, tuple[str, ...]], dict[str, str]]:
    """Every form on every page, by its address and the names of its fields."""
    browser, found = full.world.browser("ben"), {}
    pages = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    paths = [address(rule, full) for rule in pages if not rule.rule.startswith(("/api/", "/static"))]
    for path in [*paths, "/guards/by-window", "/guards/by-signoff", "/guards/new?kind=http"]:
        answer = browser.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            parser = Forms()
            parser.feed(answer.text)
            found |= {(action or path, tuple(sorted(said))): said for action, said in parser.found}
    return found


def test_no_field_of_any_form_makes_it_fail(full: Crowd, app: Flask) -> None:
    browser, failed, numbers = full.world.browser("ben"), [], count()
    token = browser.form_token()
    every = forms(full, app)
    for (action, _), said in every.items():
        for name in said.keys() - {"csrf_token"}:
            for text in turns(TEXTS, numbers):
                answer = browser.post(action, data=said | {name: text, "csrf_token": token})
                if answer.status_code >= 500:
                    failed.append((action, name, text[:40], answer.status_code))

    assert failed == []
    assert len(every) > 50


SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>{{7*7}}"


def test_no_stored_text_becomes_markup_on_any_page(world: World, app: Flask, clock: Any) -> None:
    full = crowd(world, SCRIPT)
    browser, found = world.browser("ben"), {}
    pages = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    paths = [address(rule, full) for rule in pages if not rule.rule.startswith(("/api/", "/static"))]
    for path in [*paths, "/guards/lab-hours", "/settings/webhooks/1", "/policies/freeze"]:
        answer = browser.get(path)
        if answer.mimetype == "text/html":
            found[path] = [sign for sign in ("<script>alert", "<img src=x") if sign in answer.text]
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]

    assert {path: signs for path, signs in found.items() if signs} == {}
    assert len(found) > 50
