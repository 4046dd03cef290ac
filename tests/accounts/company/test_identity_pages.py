"""Settings → People → Identity: an admin sees who would like to be an account, and says whose it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from postmortems.accounts.company import operations, queries
from postmortems.audit.operations import MOST_IN_A_MINUTE
from postmortems.db import session as db
from tests.conftest import Clock
from tests.identity_provider import IdentityProvider
from tests.world import Browser, World

SignIn = Callable[..., TestResponse]
PAGE = "/settings/people/ada/identity"


def test_who_was_refused_for_the_name_is_connected_by_a_press(
    any_database: str, world: World, browser: Browser, provider: IdentityProvider, sign_in: SignIn
) -> None:
    provider.person["preferred_username"] = "ada"
    for _ in range(MOST_IN_A_MINUTE + 2):
        assert sign_in().status_code == 403
    ben = world.browser("ben")
    page = ben.get(PAGE).text

    assert page.count("Connect 248289") == 1
    answer = ben.send(PAGE, {"subject": "248289"}, follow_redirects=True)
    assert "ada signs in by Example ID from now on." in answer.text
    assert "Connect 248289" not in answer.text
    assert sign_in().status_code == 303
    assert "last signed in" in ben.get(PAGE).text


def test_what_is_taken_back_is_not_there(
    world: World, browser: Browser, provider: IdentityProvider, sign_in: SignIn
) -> None:
    with db.transaction():
        operations.connect("ada", provider.url, "248289", actor=world.ben)
    sign_in()
    answer = world.browser("ben").send(PAGE, {"do": "disconnect"}, follow_redirects=True)

    assert "ada is connected with nobody at Example ID any more." in answer.text
    assert "Nobody at Example ID is connected with this account." in answer.text
    assert browser.get("/settings").status_code == 303


@pytest.mark.parametrize(
    "subject, told",
    [("", "1 to 255 characters"), ("x" * 256, "1 to 255 characters"), ("1", "connected with cy")],
)
def test_what_cannot_be_is_said_at_the_field(
    world: World, provider: IdentityProvider, browser: Browser, subject: str, told: str
) -> None:
    with db.transaction():
        operations.connect("cy", provider.url, "1", actor=world.ben)
    answer = world.browser("ben").send(PAGE, {"subject": subject})

    assert answer.status_code == 422
    assert told in answer.text


def test_wishes_are_of_this_provider_and_of_a_month(
    any_database: str,
    world: World,
    provider: IdentityProvider,
    sign_in: SignIn,
    clock: Clock,
    browser: Browser,
) -> None:
    provider.person["preferred_username"] = "ada"
    sign_in()
    with db.reading():
        assert [wish.subject for wish in queries.wishes("ada", provider.url, clock.now())] == ["248289"]
        assert queries.wishes("ada", "https://id.example.org", clock.now()) == []
        assert queries.wishes("ben", provider.url, clock.now()) == []
    clock.advance(days=31)
    with db.reading():
        assert queries.wishes("ada", provider.url, clock.now()) == []


class TestWithoutAProvider:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {}

    def test_there_is_no_such_page(self, world: World) -> None:
        ben = world.browser("ben")

        assert ben.get(PAGE).status_code == 404
        assert "/identity" not in ben.get("/settings/people").text
