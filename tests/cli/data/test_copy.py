"""`db copy`: one database in another, with the checksum of each table; or nothing, and why."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.cli.conftest import Run
from tests.postgres import TemporaryPostgres
from tests.tables import put_migrated, put_sqlite

# The file of a database with the demo in it: loaded once, as that takes longer than most tests here.
_loaded: list[bytes] = []


@pytest.fixture
def demo(run: Run, url: str, tmp_path: Path) -> str:
    """A database with the demo in it."""
    path = tmp_path / "cli.db"
    if _loaded:
        put_sqlite(path, _loaded[0])
    else:
        assert run("demo", "load", POSTMORTEMS_DATABASE_URL=url)[0] == 0
        _loaded.append(path.read_bytes())
    return url


def count(url: str, table: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT count(*) FROM {table}"))
    engine.dispose()
    return int(found or 0)


@pytest.mark.postgres
def test_a_database_goes_from_sqlite_to_postgresql_and_back(
    run: Run, demo: str, postgres: TemporaryPostgres, tmp_path: Path
) -> None:
    there, back = postgres.fresh_database(), put_migrated(tmp_path / "back.db")

    code, told, _ = run("db", "copy", demo, there)
    again = run("db", "copy", there, back)

    assert (code, again[0]) == (0, 0)
    lines, others = told.splitlines(), again[1].splitlines()
    assert lines[-1].endswith("are the same on both sides.")
    assert f"{hashlib.sha256().hexdigest()}  webhooks  0" in lines
    # The audit trail has one event more, that it was copied, and versions are drawn anew.
    changed = {line.split()[1] for line in {*lines[:-1]} ^ {*others[:-1]}}
    assert changed == {"events", "versions"}
    for table in ("incidents", "entries", "action_items", "guards", "search_entries"):
        assert count(demo, table) == count(there, table) == count(back, table) > 0
    assert run("recount", "--check", POSTMORTEMS_DATABASE_URL=back)[0] == 0
    assert run("audit", "verify", POSTMORTEMS_DATABASE_URL=back)[0] == 0


@pytest.mark.parametrize(
    "source, target, told",
    [
        ("sqlite:///none.db", "sqlite:///new.db", "sqlite:///none.db is not there, so nothing can be copied"),
        ("mysql://x/y", "sqlite:///new.db", "FROM-URL must begin with sqlite:/// or postgresql+psycopg://"),
        ("sqlite:///cli.db", "nowhere", "TO-URL must begin with sqlite:/// or postgresql+psycopg://"),
        ("postgresql://ada:hunter2@127.0.0.1:1/x", "sqlite:///new.db", "correct FROM-URL, or start it"),
        ("sqlite:///cli.db", "postgresql://ada:hunter2@127.0.0.1:1/x", "correct TO-URL, or start it"),
        (
            "sqlite:///other.db",
            "sqlite:///new.db",
            "it has the table songs and none of ours; correct FROM-URL",
        ),
        ("sqlite:///cli.db", "sqlite:///other.db", "it has the table songs and none of ours; correct TO-URL"),
        ("sqlite:///cli.db", "sqlite:///cli.db", "overwritten: name an empty one by TO-URL"),
        ("sqlite:///void.db", "sqlite:///new.db", "has no tables of ours, so there is nothing to copy"),
    ],
)
def test_what_cannot_be_copied_is_told(
    run: Run, demo: str, tmp_path: Path, source: str, target: str, told: str
) -> None:
    for name, statement in (
        ("other", "CREATE TABLE songs (title TEXT)"),
        ("void", "PRAGMA user_version = 1"),
    ):
        engine = create_engine(f"sqlite:///{tmp_path / name}.db")
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    code, out, err = run("db", "copy", source, target)

    assert (code, out) == (2, "")
    assert told in err
    assert "hunter2" not in err
    assert err.count("\n") == 1
    assert not (tmp_path / "new.db").exists()
