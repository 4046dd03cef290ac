"""Asks every address as everybody, in a world that stays as it is: what an answer changed is put back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Self

from flask import Flask
from sqlalchemy import Connection, Engine, event, func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from postmortems.actor import SCOPES
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.web.server.plain_flask import FOR_PROGRAMS
from postmortems.web.transactions import SAFE_METHODS
from tests.tables import put_sqlite
from tests.web.authorisation.objects import Objects
from tests.world import World

NOBODY = "nobody"
# Refused for who asks, whatever is asked.
REFUSED = frozenset({401, 403})
CHOICE = re.compile(r"<any\(([^,)]*)[^>]*>")


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    endpoint: str
    method: str
    path: str

    @property
    def is_for_programs(self) -> bool:
        return self.path.startswith(("/api/", "/mcp")) or self.endpoint.partition(".")[0] in FOR_PROGRAMS


class Asking:
    """Everybody's ways to ask, and the database as it was before the first."""

    def __init__(self, app: Flask, world: World, objects: Objects) -> None:
        self.app, self.world, self.objects = app, world, objects
        self.cookies: dict[str, str] = {}
        self.form_tokens: dict[str, str] = {}
        for name in objects.people:
            browser = world.browser(name)
            self.form_tokens[name] = browser.form_token()
            jar = browser._cookies or {}
            self.cookies[name] = "; ".join(f"{one.key}={one.value}" for one in jar.values())
        self.tokens = {scope: world.token("ben", "read", scope) for scope in SCOPES}
        # Their first use is noted: that would change something, whatever is asked.
        for token in (*self.tokens.values(), *world.tokens.values()):
            app.test_client().get("/api/v1/home", headers={"Authorization": f"Bearer {token}"})
        self.file = Path(str(db.engine().url.database))
        self.is_changed = False
        # Whether the last answer left an event behind; it is put back by now.
        self.has_told = False

    def __enter__(self) -> Self:
        db.engine().dispose()
        self.content = self.file.read_bytes()
        self.events = _events()
        event.listen(Engine, "commit", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "commit", self._note)

    def _note(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("reads_only"):
            self.is_changed = True

    def answer(self, name: str, route: Route, token: str = "", sent: Any = None) -> TestResponse:
        """What that person gets: by a token where programs ask, by their browser elsewhere.

        `sent` are the fields of the form, or the JSON.
        """
        headers: dict[str, str] = {}
        body: dict[str, Any] = {}
        if name != NOBODY and route.is_for_programs:
            headers["Authorization"] = f"Bearer {token or self.world.tokens[name]}"
        elif name != NOBODY:
            headers["Cookie"] = self.cookies[name]
        if route.method not in SAFE_METHODS:
            form = {"csrf_token": self.form_tokens.get(name, "")}
            body = {"json": sent or {}} if route.is_for_programs else {"data": form | (sent or {})}
        client = self.app.test_client(use_cookies=False)
        answer = client.open(route.path, method=route.method, headers=headers, buffered=True, **body)
        self.has_told = self.is_changed and _events() != self.events
        if self.is_changed:
            self._put_back()
        return answer

    def _put_back(self) -> None:
        db.engine().dispose()
        put_sqlite(self.file, self.content)
        # What was kept of rows that are no more, under the numbers of versions that come again.
        db.kept().clear()
        self.is_changed = False


def _events() -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(Event)) or 0


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every address with each of its methods."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def route(objects: Objects, rule: Rule, method: str, **kinds: str) -> Route:
    """The address with what `kinds` says in each of its places, `shown` where it says nothing."""
    path = CHOICE.sub(r"\1", rule.rule)
    for name in rule.arguments:
        value = getattr(objects.of(rule.rule, name), kinds.get(name, "shown"))
        path = re.sub(rf"<(?:[^<>]*:)?{name}>", value, path)
    return Route(rule.endpoint, method, path)


def hidden_and_absent(objects: Objects, rule: Rule, method: str) -> Iterator[tuple[Route, Route]]:
    """The address with something hidden in one of its places or all, and with what is not there instead."""
    places = [name for name in sorted(rule.arguments) if objects.of(rule.rule, name).hidden]
    for chosen in product(("shown", "hidden"), repeat=len(places)):
        kinds = dict(zip(places, chosen, strict=True))
        if "hidden" in chosen:
            absent = {name: "absent" if kind == "hidden" else kind for name, kind in kinds.items()}
            yield route(objects, rule, method, **kinds), route(objects, rule, method, **absent)
