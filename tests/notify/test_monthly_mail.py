"""Mailing the report of a month by the button of its page and by the API: who may, when, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.accounts import queries as accounts
from postmortems.db import session as db
from postmortems.notify.people import operations as people
from tests.conftest import Clock
from tests.world import World

MAIL = "/api/v1/reports/monthly/{}/mail"
REFUSED = {
    "who is no admin": ("ada", "2026-10", {"to": "all"}, 403),
    "to somebody else": ("ben", "2026-10", {"to": "cy"}, 422),
    "to nobody": ("ben", "2026-10", {}, 422),
    "what is no month": ("ben", "2026-13", {"to": "all"}, 422),
    "what has not begun": ("ben", "2026-12", {"to": "all"}, 422),
    "what is not over": ("ben", "2026-11", {"to": "all"}, 409),
    "to who has no address": ("ben", "2026-10", {"to": "me"}, 409),
}


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "post@example.org"}


@pytest.fixture
def november(clock: Clock, world: World) -> World:
    clock.set(datetime(2026, 11, 2, 9, tzinfo=UTC))
    return world


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str, november: World, client: FlaskClient) -> None:
    by, month, body, status = REFUSED[name]

    answer = client.post(MAIL.format(month), json=body, headers=november.headers(by))

    assert answer.status_code == status, answer.text


def test_the_api_says_what_was_kept_and_the_list_has_it(november: World, client: FlaskClient) -> None:
    done = client.post(MAIL.format("2026-10"), json={"to": "all"}, headers=november.headers("ben"))

    assert (done.status_code, done.json["month"]) == (202, "2026-10")
    listed = client.get("/api/v1/reports/monthly/months", headers=november.headers("cy")).json
    assert [one["month"] for one in listed["months"]] == ["2026-10"]
    assert client.get("/api/v1/reports/monthly", headers=november.headers("cy")).json["is_kept"] is True


def test_the_buttons_are_an_admins_and_say_what_came_of_it(november: World) -> None:
    ben, cy = november.browser("ben"), november.browser("cy")
    assert "Mail this report" in ben.get("/reports/monthly").text
    assert "Mail this report" not in cy.get("/reports/monthly").text
    assert "Mail this report" not in ben.get("/reports/monthly?month=2026-11").text

    def pressed(to: str) -> str:
        form = {"month": "2026-10", "to": to}
        return ben.send("/reports/monthly/mail", form, follow_redirects=True).text

    assert "Not mailed: you have no confirmed mail address" in pressed("me")
    with db.transaction():
        people.set_address("ben", "ben@example.org", actor=november.ben, sends_mail=True)
        people.confirm(accounts.account("ben").id, "ben@example.org")
    assert "It is on its way to you." in pressed("me")
    assert "on its way to everybody" in pressed("all")
    assert cy.send("/reports/monthly/mail", {"month": "2026-10", "to": "all"}).status_code == 403
