"""`digest --dry-run` prints what each person would be told, and tells nobody."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from postmortems.cli import cli
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.errors import NotFound
from postmortems.notify.inbox.models import Notification
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.world import _people_and_service


@pytest.fixture
def url(sqlite_file: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> str:
    """A migrated database with three people, an item of Cy's that is overdue, and one that Cy may not see."""
    place = f"sqlite:///{sqlite_file.with_name('digest.db')}"
    sqlite_file.with_name("digest.db").unlink(missing_ok=True)
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", place)
    monkeypatch.setenv("POSTMORTEMS_SECRET_KEY", "x" * 40)
    migrations.upgrade(db.connect(place))
    _people_and_service()
    item = Item("Block merges", owner="cy", due=date(2026, 3, 1))
    section = Section("Action items", (item,))
    save(Document("It went down", sections=(section,)))
    save(Document("Secret", sections=(section,), restricted=("ben",)))
    return place


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["digest", *words], catch_exceptions=False)


def told(url: str) -> int:
    db.connect(url)
    with db.reading():
        return session().scalar(select(func.count()).select_from(Notification)) or 0


def test_a_dry_run_prints_everybodys_and_tells_nobody(url: str) -> None:
    result = run("--dry-run")

    assert result.output.splitlines() == [
        "ada\tNothing is overdue",
        "ben\tNothing is overdue",
        "cy\t1 overdue\toverdue: AI-1",
    ]
    assert told(url) == 0


def test_json_has_one_object_a_line(url: str) -> None:
    (line,) = run("--dry-run", "--person", "cy", "--json").output.splitlines()

    row = json.loads(line)
    assert (row["person"], row["counts"]["overdue"], row["items"]["overdue"]) == ("cy", 1, ["AI-1"])


def test_without_dry_run_those_that_are_due_are_told_once(url: str, clock: Clock) -> None:
    run()
    clock.advance(days=7)

    assert run().output == "3 told.\n"
    assert run().output == "0 told.\n"
    assert told(url) == 3


def test_options_of_a_dry_run_alone_are_refused_without_it(url: str) -> None:
    assert run("--person", "cy").exit_code == 2


def test_somebody_who_is_not_there_is_said_so(url: str) -> None:
    with pytest.raises(NotFound, match="no account named 'eve'"):
        run("--dry-run", "--person", "eve")
