"""`doctor` on the identity provider: whether it answers, is who it should be, and whose clock is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from postmortems.accounts.company import provider_check
from postmortems.cli import cli
from postmortems.config import Settings
from postmortems.egress import client
from postmortems.errors import Misconfigured
from tests.conftest import Clock
from tests.identity_provider import IdentityProvider


def told(provider: IdentityProvider, clock: Clock, issuer: str = "") -> str:
    way = client.to_provider(Settings(oidc_issuer=provider.url))
    return provider_check.told(issuer or provider.url, clock.now(), way)


def test_one_that_is_right(provider: IdentityProvider, clock: Clock) -> None:
    assert told(provider, clock) == f"{provider.url} answers, and its clock is right"
    provider.clock_is_off_s = 30
    assert told(provider, clock).endswith("its clock is 30 s off")


@pytest.mark.parametrize(
    "off_s, said", [(90, "90 s behind the provider's"), (-90, "90 s ahead of the provider's")]
)
def test_a_clock_that_is_wrong(provider: IdentityProvider, clock: Clock, off_s: float, said: str) -> None:
    provider.clock_is_off_s = off_s
    with pytest.raises(Misconfigured, match=said):
        told(provider, clock)


@pytest.mark.parametrize(
    "described, said",
    [
        ({"issuer": "https://id.example.org/"}, "letter for letter"),
        ({"issuer": None}, "letter for letter"),
        ({"authorization_endpoint": None}, "names no authorization_endpoint that can be used"),
        ({"token_endpoint": "ftp://x"}, "names no token_endpoint"),
    ],
)
def test_one_that_says_something_else(
    provider: IdentityProvider, clock: Clock, described: dict[str, Any], said: str
) -> None:
    provider.described = described
    with pytest.raises(Misconfigured, match=said):
        told(provider, clock)


@pytest.mark.parametrize(
    "status, body, said",
    [(404, b"", "answers 404"), (200, b"<html>", "no description"), (200, b"[" * 60_000, "no description")],
)
def test_what_is_no_provider(
    provider: IdentityProvider, clock: Clock, status: int, body: bytes, said: str
) -> None:
    provider.raw["/.well-known/openid-configuration"] = (status, body)
    with pytest.raises(Misconfigured, match=said):
        told(provider, clock)


def test_one_that_is_not_there(provider: IdentityProvider, clock: Clock) -> None:
    with pytest.raises(Misconfigured, match="does not answer"):
        told(provider, clock, "http://127.0.0.1:9")


def test_the_command_says_it(provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ISSUER": provider.url, "CLIENT_ID": "x", "CLIENT_SECRET": "y"}.items():
        monkeypatch.setenv(f"POSTMORTEMS_OIDC_{name}", value)

    assert f"ok    identity provider: {provider.url} answers" in CliRunner().invoke(cli, ["doctor"]).output
