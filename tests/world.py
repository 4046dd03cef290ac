"""A small world: Ada writes, Ben is admin, Cy only reads, and data8 is deployed to staging and prod."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems import clock
from postmortems.accounts import credentials, sign_in
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.actor import SCOPES, Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.guards.models import Service, Target
from tests.kept_rows import kept

PASSWORD = "a long enough password"
ROLES = {"ada": "author", "ben": "admin", "cy": "viewer"}
FORM_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


@dataclass
class World:
    """The people as actors, a token of each with all scopes, and clients for both doors."""

    ada: Actor
    ben: Actor
    cy: Actor
    tokens: dict[str, str]
    app: Flask | None = None
    system: Actor = field(default_factory=lambda: Actor.system("test"))

    def headers(self, name: str = "ada") -> dict[str, str]:
        """What a request to the API by that person's token carries."""
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def token(self, name: str, *scopes: str, expires_s: int | None = None) -> str:
        """Another token of that person, with these scopes only."""
        with db.transaction():
            return accounts.add_token(name, "narrow", list(scopes), expires_s, actor=self.system)[1]

    def browser(self, name: str = "ada") -> Browser:
        """A browser in which that person is signed in."""
        assert self.app is not None
        with db.transaction():
            secret = sign_in.open_session(accounts_queries.account(name), clock.now())
        browser = Browser(self.app)
        browser.set_cookie("postmortems", secret)
        return browser


class Browser(FlaskClient):
    """A client that fills the hidden token into what it posts, as our forms do."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app, app.response_class, use_cookies=True)

    def form_token(self) -> str:
        found = FORM_TOKEN.search(self.get("/sign-in/link/none").text)
        assert found is not None
        return found[1]

    def send(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Post a form as a page of ours would."""
        return self.post(path, data={"csrf_token": self.form_token(), **(form or {})}, **options)


def build(app: Flask | None = None) -> World:
    """Make the world in the database that is connected; `app` where a test wants browsers."""
    return replace(kept("world", _people_and_service), app=app)


def _people_and_service() -> World:
    with db.transaction():
        for name, role in ROLES.items():
            user = accounts.add_user(name, role, actor=Actor.system("test"))
            user.password_hash = _password_hash()
        service = Service(name="data8", title="Data 8")
        service.targets = [Target(name="staging", position=0), Target(name="prod", position=1)]
        session().add(service)
        tokens = {
            name: accounts.add_token(name, "all", list(SCOPES), None, actor=Actor.system("test"))[1]
            for name in ROLES
        }
        actors = {name: _person(name) for name in ROLES}
    return World(**actors, tokens=tokens)


@cache
def _password_hash() -> str:
    # Slow on purpose, so once is enough.
    return credentials.hash_password(PASSWORD)


def _person(name: str) -> Actor:
    user = accounts_queries.account(name)
    return Actor(kind="person", name=user.name, role=user.role, user_id=user.id)
