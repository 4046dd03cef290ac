"""A copy has what its source has, to the letter, between all databases; or nothing of it is there."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, event, func, insert, inspect, select, text

from postmortems import clock, demo
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.copies import backup_file, load, snapshot, tables
from postmortems.db.copies.attached import Attached
from postmortems.db.copies.load import Loaded
from postmortems.db.copies.manifest import Manifest
from postmortems.errors import Conflict, Invalid
from postmortems.gate.tallies import recount
from postmortems.incidents.models import Incident
from postmortems.limits import FileRules
from postmortems.search import queries as search
from postmortems.search import results
from postmortems.search.models import SearchEntry
from tests.db.copies.conftest import SYSTEMS, Make
from tests.runtimes import VAULT

NOW = datetime.fromisoformat("2026-12-01T09:00:00+00:00")


def back_up(engine: Engine, place: Path, files: FileRules | None = None) -> Manifest:
    with snapshot.of(engine) as source:
        attached = Attached(files or FileRules())
        return backup_file.write(place, source, engine.dialect.name, attached, NOW, replace=True)


def restore(place: Path, engine: Engine, files: FileRules | None = None) -> Loaded:
    # What is put anew is put by the product's own operations, on the database of this process.
    target = db.connect(engine.url.render_as_string(hide_password=False))
    try:
        with backup_file.opened(place) as source:
            source.check()
            return load.load(target, source, source.files(), files or FileRules(), lambda _: None)
    finally:
        db.disconnect()


def sums(manifest: Manifest) -> dict[str, tuple[int, str]]:
    """By table, but those that a copy has its own of."""
    own = {tables.VERSIONS, "duties", "outbox", "import_files", "remotes"}
    return {one.name: (one.rows, one.sha256) for one in manifest.sums if one.name not in own}


def table_of(engine: Engine, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=engine)


@pytest.mark.parametrize("of", SYSTEMS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_restored_database_has_what_was_backed_up(
    of: str, full: Make, empty: Make, system: str, tmp_path: Path
) -> None:
    source = full(of)
    made = back_up(source, tmp_path / "one.backup")
    target = empty(system)

    loaded = restore(tmp_path / "one.backup", target)

    assert {one.name: one for one in loaded.sums} == {one.name: one for one in made.sums}
    assert loaded.left_out == ()
    assert sums(back_up(target, tmp_path / "two.backup")) == sums(made)
    with target.connect() as connection:
        held = connection.execute(text("SELECT leased_until, holder FROM outbox")).all()
        assert set(held) == {(None, "")}
        assert (
            connection.scalar(text("SELECT count(*) FROM import_files WHERE leased_until IS NOT NULL")) == 0
        )


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_copy_draws_its_own_versions_and_numbers_go_on(
    full: Make, empty: Make, system: str, tmp_path: Path
) -> None:
    source, target = full(), empty(system)
    back_up(source, tmp_path / "one.backup")
    restore(tmp_path / "one.backup", target)

    versions = table_of(target, "versions")
    drawn = []
    for engine in (source, target):
        with engine.connect() as connection:
            found = connection.execute(select(versions.c.name, versions.c.number))
            drawn.append({row.name: row.number for row in found})
    assert drawn[0].keys() == drawn[1].keys()
    assert not set(drawn[0].values()) & set(drawn[1].values())
    events = table_of(target, "events")
    with target.begin() as connection:
        highest = connection.scalar(select(func.max(events.c.id)))
        connection.execute(insert(events).values(_event("next")))
        assert connection.scalar(select(func.max(events.c.id))) == highest + 1


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_older_copy_is_brought_up_to_this_version(empty: Make, system: str, tmp_path: Path) -> None:
    source = empty()
    db.connect(source.url.render_as_string())
    with db.transaction():
        demo.load(Actor.system("test"), VAULT)
    migrations.downgrade(source, "20261129_1712")
    made = back_up(source, tmp_path / "old.backup")
    assert made.revision == "20261129_1712"
    target = empty(system)

    restore(tmp_path / "old.backup", target)

    assert migrations.is_current(target)
    db.connect(target.url.render_as_string(hide_password=False))
    with db.reading(at_one_moment=True):
        assert list(recount.differences()) == []
        assert db.session().scalar(select(func.count()).select_from(Incident)) == 10
        assert results.count(search.asked("kind:process")) > 0
    db.disconnect()


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_searched_is_put_anew(full: Make, empty: Make, system: str, tmp_path: Path) -> None:
    source, target = full(), empty(system)
    back_up(source, tmp_path / "one.backup")
    with source.connect() as connection:
        # Its rows were put there by hand, and are in no index.
        assert connection.scalar(select(func.count()).select_from(SearchEntry)) == 0

    restore(tmp_path / "one.backup", target)

    with target.connect() as connection:
        kinds = set(connection.scalars(select(SearchEntry.kind)))
    assert kinds == {"incident", "item", "guard"}
    entries = table_of(target, "search_entries")
    with target.begin() as connection:
        if system == "sqlite":
            # Refused where the index has not what the entries say.
            connection.execute(
                text("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
            )
        new = {"id": 7, "kind": "item", "row_id": 7, "ref": "AI-7", "title": "", "shown": ""}
        connection.execute(insert(entries).values(**new, digest="", overflow="", words="quokka"))
    with target.connect() as connection:
        found = "JOIN search_index ON search_index.rowid = id WHERE search_index MATCH 'quokka'"
        if system != "sqlite":
            found = "WHERE words @@ 'quokka'::tsquery"
        assert connection.scalars(text(f"SELECT id FROM search_entries {found}")).all() == [7]
    assert full_text_objects(target) == full_text_objects(source if system == "sqlite" else empty(system))


def full_text_objects(engine: Engine) -> set[tuple[str, str]]:
    """The triggers and the index that keep search in step with its entries, as the database has them."""
    stored = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'search_entries'"
    if engine.dialect.name != "sqlite":
        stored = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_entries'"
    with engine.connect() as connection:
        return set(map(tuple, connection.execute(text(stored)).all()))


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_committed_before_the_backup_begins_is_in_it_and_its_rows_agree(
    full: Make, empty: Make, system: str, tmp_path: Path
) -> None:
    """Writers go on meanwhile: each adds two rows at once, and no copy has one without the other."""
    source = full(system)
    events = table_of(source, "events")
    begun, done = threading.Event(), threading.Event()
    known: list[int] = []

    def write() -> None:
        number = 0
        while not done.is_set() or number < 5:
            number += 1
            with source.begin() as connection:
                for half in ("a", "b"):
                    connection.execute(insert(events).values(_event(f"{number}{half}")))
            known.append(number)
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait()
    before = list(known)
    back_up(source, tmp_path / "one.backup")
    done.set()
    writer.join()

    target = empty()
    restore(tmp_path / "one.backup", target)
    with target.connect() as connection:
        subjects = set(connection.scalars(text("SELECT subject FROM events WHERE verb = 'try.written'")))
    assert {f"{number}{half}" for number in before for half in "ab"} <= subjects
    assert {one[:-1] for one in subjects if one[-1] == "a"} == {
        one[:-1] for one in subjects if one[-1] == "b"
    }


@pytest.mark.postgres
def test_no_state_between_two_revisions_is_copied(empty: Make) -> None:
    source = empty("postgresql")
    with source.begin() as migrating:
        migrating.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": migrations.LOCK})
        with pytest.raises(Conflict, match="being brought to another revision"), snapshot.of(source):
            pass

    with snapshot.of(source), source.begin() as migrating:
        lock = text("SELECT pg_try_advisory_xact_lock(:lock)")
        assert migrating.scalar(lock, {"lock": migrations.LOCK}) is False


def test_where_a_reader_would_keep_writers_out_a_copy_is_read(full: Make, tmp_path: Path) -> None:
    """As an SQLite is used that is too old for its log."""
    source = full()
    event.listen(source, "connect", _without_log)
    source.dispose()
    events = table_of(source, "events")

    with snapshot.of(source) as read:
        with source.begin() as connection:
            connection.execute(insert(events).values(_event("meanwhile")))
        subjects = {row for row in map(str, read.rows("events")) if "meanwhile" in row}
        count = len(list(read.rows("events")))

    assert (count, subjects) == (3, set())
    with source.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "delete"
    assert not list(tmp_path.glob("copy-*"))
    event.remove(source, "connect", _without_log)


def _without_log(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=DELETE")


def _event(subject: str) -> dict[str, Any]:
    row = {"at": clock.now(), "verb": "try.written", "subject_kind": "try", "subject": subject}
    return row | {"actor_kind": "system", "actor": "test", "data": {}, "is_told": True, "is_sealed": False}


def test_files_of_the_folder_are_in_a_backup_and_come_back(empty: Make, tmp_path: Path) -> None:
    engine, content = empty(), b"\x89PNG"
    there, gone = hashlib.sha256(content).hexdigest(), "cd" * 32
    rules = FileRules(folder=str(tmp_path / "files"))
    place = rules.place(there)
    assert place is not None
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    stored = table_of(engine, "stored_files")
    with engine.begin() as connection:
        for digest in (there, gone):
            row = {"sha256": digest, "size": 4, "content": None, "uploaded_at": clock.now() - timedelta(1)}
            connection.execute(insert(stored).values(row))

    made = back_up(engine, tmp_path / "one.backup", rules)

    assert (made.files, made.missing) == (1, (gone,))
    elsewhere = FileRules(folder=str(tmp_path / "elsewhere"))
    restore(tmp_path / "one.backup", empty(), elsewhere)
    restored = elsewhere.place(there)
    assert restored is not None
    assert restored.read_bytes() == content
    # Without a folder it is kept in the database.
    without = empty()
    restore(tmp_path / "one.backup", without)
    with without.connect() as connection:
        kept = connection.execute(text("SELECT sha256, content FROM stored_files ORDER BY size")).all()
    assert dict(map(tuple, kept)) == {there: content, gone: None}


def test_a_database_with_rows_is_not_written_over(full: Make, tmp_path: Path) -> None:
    source = full()
    back_up(source, tmp_path / "one.backup")

    with pytest.raises(Conflict, match=r"has rows already, such as in \w+"):
        restore(tmp_path / "one.backup", source)


def test_tables_of_a_hand_are_left_out_and_named(full: Make, empty: Make, tmp_path: Path) -> None:
    source = full()
    with source.begin() as connection:
        connection.execute(text("CREATE TABLE songs (id INTEGER PRIMARY KEY, title TEXT)"))
    back_up(source, tmp_path / "one.backup")

    assert restore(tmp_path / "one.backup", empty()).left_out == ("songs",)


def test_a_column_of_a_hand_is_named(empty: Make, tmp_path: Path) -> None:
    engine = empty()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE teams ADD COLUMN colour TEXT"))
    back_up(engine, tmp_path / "one.backup")

    with pytest.raises(Invalid, match=r"the column teams\.colour is not as revision"):
        restore(tmp_path / "one.backup", empty())


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_fails_at_the_end_leaves_nothing(full: Make, empty: Make, system: str, tmp_path: Path) -> None:
    back_up(full(), tmp_path / "one.backup")
    target = empty(system)

    def breaks(_: object) -> None:
        raise Invalid("power cut")

    with backup_file.opened(tmp_path / "one.backup") as file, pytest.raises(Invalid, match="power cut"):
        load.load(target, file, file.files(), FileRules(), breaks)

    load.refuse_rows(target, "--into")
    restore(tmp_path / "one.backup", target)


def test_a_row_without_its_parent_is_told(empty: Make, tmp_path: Path) -> None:
    engine = empty()
    driver = engine.raw_connection()
    driver.cursor().execute("PRAGMA foreign_keys=OFF")
    driver.cursor().execute("INSERT INTO team_members (team_id, user_id, is_lead) VALUES (1, 1, 0)")
    driver.close()
    back_up(engine, tmp_path / "one.backup")

    with pytest.raises(Invalid, match="a row of team_members belongs to one of"):
        restore(tmp_path / "one.backup", empty())


def test_an_empty_database_without_tables_can_be_filled(
    full: Make, engines: Callable[[str], Engine], tmp_path: Path
) -> None:
    back_up(full(), tmp_path / "one.backup")
    target = engines(f"sqlite:///{tmp_path / 'new.db'}")

    restore(tmp_path / "one.backup", target)

    assert migrations.is_current(target)
    assert Event.__tablename__ in inspect(target).get_table_names()
