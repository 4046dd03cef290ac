"""Whose an item is moves with members, names and services: what is kept by team follows, at once or later."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete, text

from postmortems import clock as the_clock
from postmortems.accounts import operations as accounts
from postmortems.accounts.teams.models import OwnerName, Team, TeamMember
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Section
from postmortems.gate.enforcement import save_incident
from postmortems.gate.tallies import recount, team_changes
from postmortems.guards import operations as guards
from postmortems.guards.models import Service
from postmortems.incidents.items import owners
from postmortems.reports.catalog import items, shelf
from postmortems.reports.catalog.scope import Scope
from tests.gate.tallies.people import SYSTEM
from tests.gate.tallies.test_recount import differences

PLATFORM = Scope(team="platform")
ITEMS = (
    Item("Watch the disk.", owner="@sam", status="open"),
    Item("Write it down.", owner="kai", status="open", team="Hub"),
    Item("Ask before labs.", status="open"),
)


def save(number: int) -> None:
    section = Section("Action items", (Category("Process"), *ITEMS))
    named = Document(
        title=f"Nr {number}", date=date(2025, 7, number), services=("data8/prod",), sections=(section,)
    )
    save_incident.save(None, named, version=None, actor=SYSTEM)


@pytest.fixture
def told(any_database: str, clock: object) -> None:
    """Two incidents, each with an item of Sam's, one of Kai's that names the hub, and one of nobody's."""
    with db.transaction():
        for name in ("sam", "kai"):
            accounts.add_user(name, "author", actor=SYSTEM)
        guards.save_service("data8", "x", ["prod"], actor=SYSTEM)
        owners.create_team("platform", "Platform", {}, actor=SYSTEM)
        owners.create_team("search", "Search", {}, actor=SYSTEM)
        for number in (1, 2):
            save(number)


def open_fixes(scope: Scope = PLATFORM) -> int:
    with db.reading():
        figures = {figure.name: figure for figure in shelf.report("ageing", scope, the_clock.now()).figures}
    return int(figures["open"].value or 0)


def by_sums(scope: Scope = PLATFORM) -> bool:
    with db.reading():
        return items.of_fixes(scope) is not None


def answer(team: str) -> None:
    guards.save_service("data8", "x", ["prod"], actor=SYSTEM, team=team)


def join(name: str = "Platform", **members: bool) -> None:
    owners.change_team("platform", name, members, actor=SYSTEM)


# In turn, and how many process fixes are the platform team's by then.
CHANGES: list[tuple[str, Callable[[], object], int]] = [
    ("a member joins", lambda: join(sam=True), 2),
    ("another joins", lambda: join(sam=False, kai=False), 4),
    ("a member is renamed", lambda: owners.rename_account("sam", "samira", actor=SYSTEM), 4),
    ("a member leaves", lambda: join(samira=False), 2),
    ("a name means the team", lambda: owners.name_owner("hub", team="platform", actor=SYSTEM), 4),
    ("a service is the team's", lambda: answer("platform"), 6),
    ("the last member leaves", join, 6),
    ("the service is another's", lambda: answer("search"), 2),
    ("the name means another", lambda: owners.name_owner("hub", team="search", actor=SYSTEM), 0),
    ("nobody's, told by a statement", lambda: session().execute(delete(OwnerName)), 0),
    ("the team is called so", lambda: join("Hub"), 2),
    ("the service is nobody's", lambda: answer(""), 2),
    ("a member joins again", lambda: join("Hub", samira=True), 4),
    ("members leave by a statement", lambda: session().execute(delete(TeamMember)), 2),
    ("a service is the team's again", lambda: answer("platform"), 6),
    ("the service is gone", lambda: session().execute(delete(Service)), 2),
    ("the team is gone", lambda: owners.delete_team("platform", actor=SYSTEM), 0),
]  # fmt: skip


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("few", [team_changes.FEW, 0], ids=["at once", "by the worker"])
def test_each_change_of_a_team_is_counted(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_changes, "FEW", few)
    for name, change, count in CHANGES:
        with db.transaction():
            change()
        if name != "the team is gone":
            assert open_fixes() == count, name
        team_changes.work()

        assert differences() == [], name
        if name != "the team is gone":
            assert (open_fixes(), by_sums()) == (count, True), name


@pytest.mark.usefixtures("told")
def test_a_team_that_is_deleted_by_a_statement_is_nobodys() -> None:
    with db.transaction():
        join(sam=True)
        answer("platform")
    with db.transaction():
        session().execute(delete(Team).where(Team.slug == "platform"))

    assert differences() == []


@pytest.mark.usefixtures("told")
def test_a_worker_that_ended_amid_a_change_goes_on_and_items_are_counted_till_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with db.transaction():
        for number in range(3, 8):
            save(number)
    for name in ("FEW", "BATCH"):
        monkeypatch.setattr(team_changes, name, 2)
    with db.transaction():
        join(sam=True)

    seen = []
    touch = team_changes.operations.touch

    def dying(sort: str, keys: list[int]) -> None:
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append((open_fixes_within(), list(keys)))
        touch(sort, keys)

    with monkeypatch.context() as patch:
        patch.setattr(team_changes.operations, "touch", dying)
        with pytest.raises(KeyboardInterrupt):
            team_changes.work()

    assert (open_fixes(), by_sums()) == (7, False)
    assert any("1 changes of teams wait" in one for one in differences())
    assert team_changes.work() == 3
    assert (open_fixes(), by_sums(), differences()) == (7, True, [])
    assert seen == [(7, [1, 2]), (7, [3, 4])]


def open_fixes_within() -> int:
    figures = {figure.name: figure for figure in shelf.report("ageing", PLATFORM, the_clock.now()).figures}
    return int(figures["open"].value or 0)


@pytest.mark.usefixtures("told")
def test_a_recount_counts_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_changes, "FEW", 0)
    with db.transaction():
        join(sam=True)

    recount.mend()

    assert (differences(), by_sums(), open_fixes()) == ([], True, 2)


WAITS = text("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")


@pytest.mark.parametrize("any_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("is_saved_first", [True, False])
def test_who_saves_while_a_member_joins_is_counted_for_the_team(
    told: None, any_database: str, is_saved_first: bool
) -> None:
    """Neither sees what the other has written: the second waits for its turn, and takes it into account."""
    acts = [lambda: save(3), lambda: join(sam=True)]
    first, second = acts if is_saved_first else reversed(acts)

    def other() -> None:
        with db.transaction():
            second()

    with db.transaction():
        first()
        db.catch_up()
        waiting = threading.Thread(target=other)
        waiting.start()
        with db.engine().connect() as watching:
            while watching.execute(WAITS).first() is None:
                watching.rollback()
    waiting.join()

    assert (differences(), open_fixes()) == ([], 3)


# As it is called, on tables that no migration has made.
RENAME = """
from postmortems.cli import users
from postmortems.db import migrations

migrations.refuse_anothers = lambda engine: None
migrations.serve_us = lambda engine: True
users.rename(["sam", "samira"])
"""


@pytest.mark.parametrize("any_database", ["sqlite"], indirect=True)
def test_a_command_that_renames_somebody_has_the_sums_follow(told: None, any_database: str) -> None:
    """In a process of its own, which has loaded nothing else."""
    env = {**os.environ, "POSTMORTEMS_DATABASE_URL": any_database}

    done = subprocess.run(
        [sys.executable, "-c", RENAME], capture_output=True, text=True, check=False, env=env
    )

    assert done.stdout == "sam is called samira from now on.\n", done.stderr
    assert differences() == []
