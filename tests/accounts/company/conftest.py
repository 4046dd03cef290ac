"""An identity provider that this application signs people in by, and browsers that go there and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from postmortems.oidc_values import GroupRule
from tests.conftest import Clock
from tests.identity_provider import CLIENT, OURS, SECRET, IdentityProvider, providing
from tests.world import Browser, World

GROUPS = (
    GroupRule("sre", role="admin"),
    GroupRule("dev", role="author"),
    GroupRule("payments", team="payments"),
)
IN_TEAMS = (
    GroupRule("payments", team="payments"),
    GroupRule("payments-devs", role="author", team="payments"),
    GroupRule("payments-leads", role="admin", team="payments"),
)


@pytest.fixture(scope="session")
def running() -> Iterator[IdentityProvider]:
    with providing() as provider:
        yield provider


@pytest.fixture
def provider(running: IdentityProvider) -> IdentityProvider:
    """The same one for all tests, as its address is one of the settings; each finds it as new."""
    vars(running).update(vars(IdentityProvider(running.url)))
    return running


@pytest.fixture
def besides() -> dict[str, Any]:
    """What a file's settings are besides those of the provider."""
    return {"oidc_role": "viewer"}


@pytest.fixture
def app_settings(provider: IdentityProvider, besides: dict[str, Any]) -> dict[str, Any]:
    by = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    return {"url": OURS, "oidc_name": "Example ID", **by, **besides}


@pytest.fixture
def browser(app: Flask, world: World, clock: Clock) -> Browser:
    return Browser(app)


def leave(browser: Browser, query: str = "") -> str:
    """Go to the provider: the address that the browser is sent to."""
    answer = browser.get(f"/auth/oidc/login{query}")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def come_back(browser: Browser, address: str) -> TestResponse:
    """Follow the way back that the provider sent the browser."""
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


@pytest.fixture
def sign_in(browser: Browser, provider: IdentityProvider) -> Callable[..., TestResponse]:
    """There and back, as whoever sits at the provider; `query` is of our address for signing in."""

    def journey(query: str = "", by: Browser | None = None) -> TestResponse:
        by = by or browser
        return come_back(by, provider.authorize(leave(by, query)))

    return journey
