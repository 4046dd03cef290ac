"""Every address × everybody × what is theirs, others', hidden and not there, against two tables in words.

`routes.txt` says which act an address takes, `tests/accounts/permissions.txt` which role may do it. An
address without a row fails here, and so does a row that says otherwise than the service does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from postmortems.actor import SCOPES
from postmortems.web.api_permissions import ACTS
from postmortems.web.auth import PUBLIC
from tests.accounts import role_table
from tests.apps import KEY
from tests.conftest import Clock
from tests.kept_rows import kept
from tests.web.authorisation import routes
from tests.web.authorisation.asking import NOBODY, REFUSED, Asking, Route, hidden_and_absent, route, rules
from tests.web.authorisation.objects import ASKED, NAMED, PEOPLE, Objects
from tests.web.authorisation.routes import SIGNED_IN, Row
from tests.world import World

ROWS, ALLOWED = routes.table(), role_table.table()
# Both hold the second in which they were made.
FORM_TOKENS = re.compile(r'(?:name="csrf-token" content|name="csrf_token" value)="[^"]+"')
# It is signed with the second in which it is sent.
COOKIE = re.compile(r"(?m)(?<=^Set-Cookie: )([\w-]+=)[^;]*")
OTHERS = sorted(set(PEOPLE) - set(NAMED))


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,)}


@pytest.fixture
def asking(app: Flask, world: World, clock: Clock) -> Iterator[Asking]:
    objects = kept("authorisation", lambda: Objects(replace(world, app=None)))
    with Asking(app, replace(objects.world, app=app), objects) as asking:
        yield asking


def test_every_address_has_a_row_and_every_row_an_address(app: Flask) -> None:
    there = {rule.endpoint for rule, _ in rules(app)}

    assert there - set(ROWS) == set(), "say in routes.txt who may use these"
    assert set(ROWS) - there == set(), "these rows are of no address"
    assert list(ROWS) == sorted(ROWS)


def test_a_row_names_an_act_that_there_is() -> None:
    acts = {row.act for row in ROWS.values()} | {
        word for row in ROWS.values() for word in row.note.split() if "." in word
    }

    assert acts <= {*ALLOWED, routes.PUBLIC, SIGNED_IN}


def test_the_rows_say_what_the_doors_look_at_first() -> None:
    assert {endpoint for endpoint, row in ROWS.items() if row.act == routes.PUBLIC} == PUBLIC
    assert {endpoint: ROWS[endpoint].act for endpoint in ACTS} == ACTS


def may(name: str, act: str) -> bool:
    if act in (routes.PUBLIC, SIGNED_IN):
        return act == routes.PUBLIC or name != NOBODY
    return PEOPLE.get(name, "") in ALLOWED[act].roles


def is_let_in(name: str, row: Row, *, is_token: bool, is_restricted: bool = False) -> bool:
    """What the row says of an object of Ada's that this person sees."""
    if not may(name, row.act):
        return False
    what, *more = row.note.split() or [""]
    if what == "own":
        return name == "ada" or (bool(more) and may(name, more[-1]))
    if what == "and":
        return may(name, more[0])
    if what == "restricted:":
        return not is_restricted or may(name, more[0])
    return {"asked": name == ASKED, "person": not is_token}.get(what, True)


def came_in(answer: TestResponse) -> bool:
    assert answer.status_code < 500, answer.text
    is_led_away = answer.headers.get("Location", "").startswith("/sign-in?next=")
    return answer.status_code not in REFUSED and not is_led_away


@pytest.mark.parametrize("name", [NOBODY, *OTHERS])
def test_an_address_lets_in_whom_its_row_lets_in(asking: Asking, name: str) -> None:
    wrong = []
    for rule, method in rules(asking.app):
        row, asked = ROWS[rule.endpoint], route(asking.objects, rule, method)
        if row.act == routes.PUBLIC:
            continue
        answer = asking.answer(name, asked)
        if came_in(answer) != is_let_in(name, row, is_token=asked.is_for_programs):
            wrong.append((asked.endpoint, method, asked.path, answer.status_code))

    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("name", NAMED)
def test_what_only_some_may_see_lets_them_in(asking: Asking, name: str) -> None:
    wrong = []
    for rule, method in rules(asking.app):
        row = ROWS[rule.endpoint]
        places = [place for place in rule.arguments if asking.objects.of(rule.rule, place).hidden]
        if not places or row.act == routes.PUBLIC:
            continue
        asked = route(asking.objects, rule, method, **dict.fromkeys(places, "hidden"))
        answer = asking.answer(name, asked)
        if row.note.startswith("restricted") and answer.status_code == 422:
            # What was sent is looked at first, whatever it is for.
            continue
        if came_in(answer) != is_let_in(name, row, is_token=asked.is_for_programs, is_restricted=True):
            wrong.append((asked.endpoint, method, asked.path, answer.status_code))

    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("name", [NOBODY, *OTHERS])
def test_what_somebody_may_not_see_answers_like_what_is_not_there(asking: Asking, name: str) -> None:
    differs, tried = [], 0
    for rule, method in rules(asking.app):
        for pair in hidden_and_absent(asking.objects, rule, method):
            if is_overseen(name, pair[0]):
                continue
            said = [said_of(asking.answer(name, asked), *pair) for asked in pair]
            tried += 1
            if said[0] != said[1]:
                differs.append((pair[0], *said))

    assert differs == [], "\n".join(f"{one[0]}" for one in differs)
    assert tried > 150


def is_overseen(name: str, asked: Route) -> bool:
    """Whether this is an admin's to see, whoever's it is."""
    return PEOPLE.get(name) == "admin" and ROWS[asked.endpoint].note.startswith("overseen")


def said_of(answer: TestResponse, *pair: Route) -> tuple[int, str]:
    """The status and all that is said, without what the address itself says differently."""
    text = COOKIE.sub(r"\1", FORM_TOKENS.sub("", f"{answer.headers}\n{answer.text}"))
    for one, other in zip(*(asked.path.removesuffix(".md").split("/") for asked in pair), strict=True):
        if one != other:
            text = re.sub(rf"\b(?:{re.escape(one)}|{re.escape(other)})\b", "…", text)
    return answer.status_code, re.sub(r"Content-Length: \d+", "", text)


# That of all scopes is tried above, by people's tokens.
@pytest.mark.parametrize("scope", [scope for scope in SCOPES if scope != "admin"])
def test_a_token_comes_in_where_its_scope_does(asking: Asking, scope: str) -> None:
    token, wrong = asking.tokens[scope], []
    for rule, method in rules(asking.app):
        row, asked = ROWS[rule.endpoint], route(asking.objects, rule, method)
        if row.act in (routes.PUBLIC, SIGNED_IN) or not asked.is_for_programs:
            continue
        answer = asking.answer("ben", asked, token)
        more = row.note.split()[-1:] if row.note.startswith(("and ", "own or ")) else []
        # To read is part of nearly all that one writes.
        is_in_scope = scope == "admin" or {ALLOWED[act].scope for act in (row.act, *more)} <= {scope, "read"}
        if came_in(answer) != (is_in_scope and is_let_in("ben", row, is_token=True)):
            wrong.append((asked.endpoint, method, asked.path, answer.status_code))

    assert wrong == [], "\n".join(map(str, wrong))
