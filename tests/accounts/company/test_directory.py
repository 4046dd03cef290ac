"""Whom a directory has made, the identity provider signs in as that account, and as no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from postmortems.accounts import queries
from postmortems.accounts.company import queries as company
from postmortems.db import session as db
from tests.accounts.scim.directory import TOKEN, Directory
from tests.identity_provider import IdentityProvider
from tests.world import Browser

SignIn = Callable[..., TestResponse]


@pytest.fixture
def besides() -> dict[str, Any]:
    return {"oidc_role": "none", "scim_token": TOKEN}


def identities(name: str) -> int:
    with db.reading():
        return len(company.identities_of(queries.account(name).id))


@pytest.mark.parametrize("claims", [{"sub": "00u1"}, {"sub": "pairwise", "oid": "00u1"}])
def test_the_directorys_own_id_says_whose_account_it_is(
    app: Flask,
    provider: IdentityProvider,
    sign_in: SignIn,
    browser: Browser,
    any_database: str,
    claims: dict[str, str],
) -> None:
    Directory(app.test_client()).create("dora@example.com", externalId="00u1")
    provider.person.update(claims, preferred_username="somebody else's")

    assert sign_in().status_code == 303

    assert "dora@example.com" in browser.get("/settings").text
    assert identities("dora@example.com") == 1


@pytest.mark.parametrize("ids", [[], ["00u2"], ["00U1"], ["00u1", "00u1"]])
def test_another_id_or_one_that_two_have_says_nothing(
    app: Flask, provider: IdentityProvider, sign_in: SignIn, ids: list[str]
) -> None:
    for number, external_id in enumerate(ids):
        Directory(app.test_client()).create(f"dora-{number}", externalId=external_id)
    provider.person.update(sub="00u1", preferred_username="dora-0" if ids else "dora")

    assert sign_in().status_code == 403
    assert [identities(f"dora-{number}") for number in range(len(ids))] == [0] * len(ids)


def test_whom_the_directory_has_switched_off_stays_out(
    app: Flask, provider: IdentityProvider, sign_in: SignIn
) -> None:
    directory = Directory(app.test_client())
    made = directory.create("dora", externalId="00u1", active=False)
    provider.person.update(sub="00u1")
    assert sign_in().status_code == 403

    directory.ask("DELETE", f"/Users/{made['id']}")
    assert sign_in().status_code == 403


class TestWithoutADirectory:
    @pytest.fixture
    def besides(self) -> dict[str, Any]:
        return {"oidc_role": "none", "scim_token": ""}

    def test_what_an_earlier_one_said_counts_no_more(
        self, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        with db.transaction():
            queries.account("cy").external_id = "00u1"
        provider.person.update(sub="00u1")

        assert sign_in().status_code == 403
