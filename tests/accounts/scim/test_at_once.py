"""Requests of a directory that come at once, as they do on the first synchronisation."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from postmortems.accounts import operations
from postmortems.accounts.teams import queries as teams
from postmortems.db import session as db
from tests.accounts.scim.directory import GROUP, USER, Directory
from tests.world import World

AT_ONCE = 8


def each(app: Flask, ask: Callable[[Directory, int], int]) -> list[int]:
    """What each of several requests is answered that are sent at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(lambda number: ask(Directory(app.test_client()), number), range(AT_ONCE)))


def test_of_members_who_are_added_at_once_none_is_lost(
    any_database: str, app: Flask, directory: Directory
) -> None:
    people = [directory.create(f"person-{number}")["id"] for number in range(AT_ONCE)]
    path = f"/Groups/{directory.create_group('Team', '1')['id']}"

    def add(by: Directory, number: int) -> int:
        members = [{"value": people[number]}]
        return by.patch(path, {"op": "add", "path": "members", "value": members}).status_code

    assert each(app, add) == [200] * AT_ONCE
    with db.reading():
        assert len(teams.team("team").members) == AT_ONCE + 1


def test_what_is_made_at_once_is_made_once(any_database: str, app: Flask, world: World) -> None:
    def user(by: Directory, _: int) -> int:
        return by.ask("POST", "/Users", {"schemas": [USER], "userName": "dora"}).status_code

    def group(by: Directory, _: int) -> int:
        return by.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": "Platform"}).status_code

    assert each(app, user) == [201] + [409] * (AT_ONCE - 1)
    assert each(app, group) == [201] + [409] * (AT_ONCE - 1)


def test_admins_who_are_switched_off_at_once_leave_one(
    any_database: str, app: Flask, directory: Directory, world: World
) -> None:
    with db.transaction():
        for name in ("ada", "cy"):
            operations.change_user(name, role="admin", is_active=True, actor=world.ben)

    def off(by: Directory, number: int) -> int:
        path = f"/Users/{number % 3 + 1}"
        return by.patch(path, {"op": "replace", "path": "active", "value": False}).status_code

    assert 409 in each(app, off)
    assert len(directory.find("/Users", "active eq true")) == 1
