"""The tests' own PostgreSQL server: it must start anywhere, keep databases apart and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests import postgres, system_packages
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.postgres

KILLED_HOLDER = """
import time
from tests.postgres import TemporaryPostgres
with TemporaryPostgres() as server:
    print(server.folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[TemporaryPostgres]:
    system_packages.require(postgres.why_missing())
    with TemporaryPostgres() as running:
        yield running


@pytest.fixture
def own_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(postgres.URL_VARIABLE, raising=False)
    system_packages.require(postgres.why_missing())


def run(url: str, statement: str) -> list[object]:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = list(result.scalars()) if result.returns_rows else []
    engine.dispose()
    return rows


def wait_until(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def names(server: TemporaryPostgres) -> list[object]:
    return run(server.fresh_database(), "SELECT datname FROM pg_database")


def test_a_fresh_database_is_empty_and_speaks_utf_8(server: TemporaryPostgres) -> None:
    url = server.fresh_database()
    assert url.startswith("postgresql+psycopg://")
    assert run(url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'") == [0]
    assert run(url, "SELECT lower('ÅÉ')") == ["åé"]


def test_two_fresh_databases_do_not_see_each_other(server: TemporaryPostgres) -> None:
    one, other = server.fresh_database(), server.fresh_database()
    run(one, "CREATE TABLE note (words text)")
    assert run(other, "SELECT to_regclass('note')") == [None]


def test_a_copy_of_a_template_has_its_rows_and_goes_its_own_way(server: TemporaryPostgres) -> None:
    template = server.fresh_database()
    run(template, "CREATE TABLE note AS SELECT 'kept' AS words")
    copy = server.fresh_database(template)
    run(copy, "INSERT INTO note VALUES ('added')")
    assert run(copy, "SELECT words FROM note ORDER BY words") == ["added", "kept"]
    assert run(template, "SELECT words FROM note") == ["kept"]


def test_a_dropped_database_is_gone_though_somebody_was_connected(server: TemporaryPostgres) -> None:
    url = server.fresh_database()
    engine = create_engine(url)
    with engine.connect():
        server.drop(url)
    engine.dispose()
    assert url.rpartition("/")[2].partition("?")[0] not in names(server)


def test_a_server_that_was_given_is_used_and_left_as_it_was(
    server: TemporaryPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = server.fresh_database()
    monkeypatch.setenv(postgres.URL_VARIABLE, given.replace("postgresql+psycopg", "postgresql"))
    before = run(given, "SELECT datname FROM pg_database ORDER BY 1")
    assert postgres.why_missing() is None
    with TemporaryPostgres() as guest:
        assert run(guest.fresh_database(), "SELECT 1") == [1]
    assert run(given, "SELECT datname FROM pg_database ORDER BY 1") == before


def test_an_emptied_database_has_its_tables_and_begins_anew(server: TemporaryPostgres) -> None:
    url = server.fresh_database()
    run(url, "CREATE TABLE note (number bigserial, words text)")
    sends_others_away = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    for before in ("SELECT 1", sends_others_away):
        run(url, "INSERT INTO note (words) SELECT 'written' FROM generate_series(1, 3)")
        assert run(url, "SELECT max(number) FROM note") == [3]
        run(url, before)
        assert server.emptied(url, ["note"])
        assert run(url, "SELECT count(*) FROM note") == [0]


def test_a_database_is_emptied_of_the_same_tables_as_often_as_it_takes(server: TemporaryPostgres) -> None:
    url = server.fresh_database()
    run(url, "CREATE TABLE note (words text)")
    run(url, "CREATE TABLE other (words text)")
    for _ in range(8):
        run(url, "WITH one AS (INSERT INTO note VALUES ('x')) INSERT INTO other VALUES ('y')")
        assert server.emptied(url, ["note", "other"])
    assert run(url, "SELECT count(*) FROM note, other") == [0]


def test_who_is_still_connected_to_an_emptied_database_is_sent_away(server: TemporaryPostgres) -> None:
    url = server.fresh_database()
    run(url, "CREATE TABLE note (words text)")
    assert server.emptied(url, ["note"])
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO note VALUES ('not committed')"))
        assert server.emptied(url, ["note"])
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    engine.dispose()


def test_a_database_that_has_other_tables_is_not_emptied(server: TemporaryPostgres) -> None:
    url = server.fresh_database()
    run(url, "CREATE TABLE note AS SELECT 'kept' AS words")
    assert not server.emptied(url, ["note", "other"])
    assert run(url, "SELECT words FROM note") == ["kept"]


@pytest.mark.usefixtures("own_server_only")
def test_nothing_is_left_after_the_end() -> None:
    with TemporaryPostgres() as server:
        server.fresh_database()
        assert server.folder is not None
        assert server.folder.exists()
    assert not server.folder.exists()


@pytest.mark.usefixtures("own_server_only")
def test_nothing_is_left_after_the_tests_were_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED_HOLDER], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().strip())
        server = int((folder / "data/postmaster.pid").read_text().split()[0])
        holder.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not folder.exists())
    # A container's first process may not collect the dead.
    assert not psutil.pid_exists(server) or psutil.Process(server).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    "in_folder_gb, in_machine_gb, is_in_memory",
    [(24, 20, True), (8, 8, True), (7, 20, False), (24, 7, False), (0.0625, 20, False)],
)
def test_a_server_is_in_memory_only_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    in_folder_gb: float,
    in_machine_gb: float,
    is_in_memory: bool,
) -> None:
    monkeypatch.setattr(postgres, "MEMORY", tmp_path)
    monkeypatch.setattr(postgres.os, "statvfs", lambda _: SimpleNamespace(f_flag=0))
    usage = SimpleNamespace(free=int(in_folder_gb * 2**30))
    memory = SimpleNamespace(available=int(in_machine_gb * 2**30))
    monkeypatch.setattr(postgres, "shutil", SimpleNamespace(disk_usage=lambda _: usage))
    monkeypatch.setattr(postgres, "psutil", SimpleNamespace(virtual_memory=lambda: memory))

    assert postgres.place_in_memory() == (tmp_path if is_in_memory else postgres.SHORT_PATH)


def test_where_no_program_can_be_run_nothing_is_in_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "MEMORY", tmp_path)
    monkeypatch.setattr(postgres.os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_NOEXEC))

    assert postgres.place_in_memory() == postgres.SHORT_PATH


def test_a_machine_without_such_a_folder_has_its_servers_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "MEMORY", tmp_path / "none")

    assert postgres.place_in_memory() == postgres.SHORT_PATH


@pytest.mark.usefixtures("own_server_only")
def test_a_server_in_memory_serves_and_leaves_nothing() -> None:
    with TemporaryPostgres(is_in_memory=True) as server:
        assert server.folder is not None
        assert server.folder.parent in (postgres.MEMORY, postgres.SHORT_PATH)
        assert run(server.fresh_database(), "SELECT 1") == [1]
    assert not server.folder.exists()


@pytest.mark.usefixtures("own_server_only")
def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres.SERVER_OPTIONS, "max_connections", "none")
    server = TemporaryPostgres()
    with pytest.raises(RuntimeError, match='invalid value for parameter "max_connections"'), server:
        pass
    assert server.folder is not None
    assert not server.folder.exists()


def test_a_machine_without_the_server_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(postgres.URL_VARIABLE, raising=False)
    monkeypatch.setattr(postgres, "server_binaries", lambda: None)
    assert "package postgresql" in str(postgres.why_missing())
