"""`backup` and `restore`: what is right comes back; what is wrong is one sentence, with nothing half-done."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit

import pytest
from sqlalchemy import create_engine, text

from postmortems import clock, demo
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.copies import backup_file, snapshot
from postmortems.db.copies.attached import Attached
from postmortems.errors import Invalid
from postmortems.limits import FileRules
from postmortems.notify import outbox
from tests.cli.conftest import Run
from tests.runtimes import VAULT
from tests.tables import put_migrated, put_sqlite

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
ROOT = Path(__file__).parents[3]
FILE = "one.backup"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A database with the demo, in which a message waits, and a backup of it."""
    folder = tmp_path_factory.mktemp("saved")
    engine = db.connect(put_migrated(folder / "demo.db"))
    with db.transaction():
        demo.load(Actor.system("test"), VAULT)
        outbox.put("mail", "1", "one", {}, clock.now())
    with snapshot.of(engine) as source:
        backup_file.write(folder / FILE, source, "sqlite", Attached(FileRules()), clock.now(), replace=False)
    db.disconnect()
    return (folder / "demo.db").read_bytes(), (folder / FILE).read_bytes()


@pytest.fixture
def url(saved: tuple[bytes, bytes], tmp_path: Path) -> str:
    put_sqlite(tmp_path / "demo.db", saved[0])
    return f"sqlite:///{tmp_path / 'demo.db'}"


@pytest.fixture
def made(saved: tuple[bytes, bytes], tmp_path: Path) -> Path:
    (tmp_path / FILE).write_bytes(saved[1])
    return tmp_path / FILE


def target(folder: Path) -> str:
    return put_migrated(folder / "target.db")


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def is_empty(url: str) -> bool:
    return (
        rows(url, "SELECT 1 FROM incidents UNION ALL SELECT 1 FROM users UNION ALL SELECT 1 FROM events")
        == []
    )


def test_a_backup_is_restored_and_what_waited_is_held_until_somebody_says_so(
    run: Run, made: Path, tmp_path: Path
) -> None:
    url = target(tmp_path)

    code, told, warned = run("restore", FILE, "--into", url)

    assert (code, "rows of" in told) == (0, True)
    assert "messages that waited are held" in warned
    there = {"POSTMORTEMS_DATABASE_URL": url, "POSTMORTEMS_SECRET_KEY": "x" * 32}
    assert rows(url, "SELECT count(*) FROM incidents") == [(10,)]
    assert rows(url, "SELECT state FROM outbox WHERE about = 'one'") == [("held",)]
    assert rows(url, "SELECT subject FROM events WHERE verb = 'database.restored'") == [(FILE,)]
    assert "mail\t1\n" in run("db", "held", **there)[1]
    assert "WRONG messages: 1 messages are held since a restore" in run("doctor", **there)[1]
    assert run("db", "held", "--send", **there)[1] == "1 messages go out now.\n"
    assert rows(url, "SELECT state FROM outbox WHERE about = 'one'") == [("waiting",)]
    assert run("db", "held", **there)[1] == "No message is held.\n"
    assert run("audit", "verify", **there)[0] == 0


def test_held_messages_are_dropped_for_good(run: Run, made: Path, tmp_path: Path) -> None:
    url = target(tmp_path)
    run("restore", FILE, "--into", url)

    assert run("db", "held", "--drop", POSTMORTEMS_DATABASE_URL=url)[1] == "1 messages are dropped.\n"

    assert rows(url, "SELECT state, trouble FROM outbox") == [("dead", "dropped after a restore")]
    assert rows(url, "SELECT actor FROM events WHERE verb = 'delivery.dropped'") == [("cli",)]


def test_what_waited_is_sent_where_that_is_asked(run: Run, made: Path, tmp_path: Path) -> None:
    url = target(tmp_path)

    assert run("restore", FILE, "--into", url, "--send-waiting")[2] == ""

    assert rows(url, "SELECT state FROM outbox WHERE about = 'one'") == [("waiting",)]


def test_doctor_knows_how_old_the_newest_backup_is(run: Run, url: str) -> None:
    there = {"POSTMORTEMS_DATABASE_URL": url, "POSTMORTEMS_SECRET_KEY": "x" * 32}
    assert "ok    backups: `python -m postmortems backup FILE` was never run" in run("doctor", **there)[1]
    assert run("backup", FILE, **there)[0] == 0
    assert "ok    backups: the newest was made on 2" in run("doctor", **there)[1]

    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE events SET at = '2026-01-01 00:00:00.000000'"))
    engine.dispose()

    code, told, _ = run("doctor", **there)
    assert code == 1
    assert "WRONG backups: the newest was made on 2026-01-01 at 00:00 UTC, " in told


def test_nobody_else_may_read_it_and_it_is_whole(run: Run, url: str, tmp_path: Path) -> None:
    made = tmp_path / FILE

    code, told, _ = run("backup", FILE, POSTMORTEMS_DATABASE_URL=url)

    assert (code, told.startswith(f"{FILE} has ")) == (0, True)
    assert made.stat().st_mode & 0o777 == 0o600
    assert not Path(f"{made}.part").exists()
    with zipfile.ZipFile(made) as archive:
        assert archive.namelist()[-1] == "manifest.json"


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("precious")

    code, _, err = run("backup", FILE, POSTMORTEMS_DATABASE_URL=url)

    assert (code, err) == (2, f"Error: {FILE} is there already; name another file, or add --replace\n")
    assert (tmp_path / FILE).read_text() == "precious"
    assert run("backup", FILE, "--replace", POSTMORTEMS_DATABASE_URL=url)[0] == 0
    assert zipfile.is_zipfile(tmp_path / FILE)


def test_what_a_killed_one_has_left_is_written_over(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / f"{FILE}.part").write_bytes(b"half of it" * 1_000_000)

    assert run("backup", FILE, POSTMORTEMS_DATABASE_URL=url)[0] == 0

    assert zipfile.is_zipfile(tmp_path / FILE)
    assert not (tmp_path / f"{FILE}.part").exists()


def test_what_others_left_there_is_not_theirs_to_read(run: Run, url: str, tmp_path: Path) -> None:
    part = tmp_path / f"{FILE}.part"
    part.touch(0o666)
    part.chmod(0o666)
    assert run("backup", FILE, POSTMORTEMS_DATABASE_URL=url)[0] == 0
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of somebody else")
    part.touch()
    os.chown(part, 65534, 65534)

    code, _, err = run("backup", FILE, "--replace", POSTMORTEMS_DATABASE_URL=url)

    assert (code, err) == (
        2,
        f"Error: {FILE}.part belongs to somebody else; remove it, or name another place\n",
    )


def test_two_backups_do_not_write_one_file(run: Run, url: str, tmp_path: Path) -> None:
    with (tmp_path / f"{FILE}.part").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, _, err = run("backup", FILE, POSTMORTEMS_DATABASE_URL=url)

    assert code == 2
    assert f"another backup is writing {FILE}.part" in err


@pytest.mark.parametrize(
    "place, told",
    [
        (".", ". is a folder; name the file to write"),
        ("none/one.backup", "none/one.backup.part cannot be written: no such file or directory"),
        ("file/one.backup", "file/one.backup.part cannot be written: not a directory"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(
    run: Run, url: str, tmp_path: Path, place: str, told: str
) -> None:
    (tmp_path / "file").write_text("")

    code, out, err = run("backup", place, POSTMORTEMS_DATABASE_URL=url)

    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


def test_a_database_that_is_not_there_is_not_made(run: Run, tmp_path: Path) -> None:
    code, _, err = run("backup", FILE)

    assert code == 2
    assert "instance/postmortems.db is not there" in err
    assert list(tmp_path.iterdir()) == []


def command(*words: str, url: str, folder: Path, before: Callable[[], None] | None = None) -> str:
    """What the command says on standard error, in a process of its own; it has to end with 2."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    done = subprocess.run(
        [sys.executable, "-m", "postmortems", *words],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(ROOT), "POSTMORTEMS_DATABASE_URL": url},
        capture_output=True,
        text=True,
        preexec_fn=before,
    )
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_full_disk_leaves_no_half_of_a_backup(made: Path, url: str, tmp_path: Path) -> None:
    small = 40_000

    told = command(
        *("backup", "two.backup"),
        url=url,
        folder=tmp_path,
        before=lambda: setrlimit(RLIMIT_FSIZE, (small, small)),
    )

    assert "two.backup.part cannot be written: file too large; nothing of it was kept" in told
    assert not list(tmp_path.glob("two.backup*"))


def test_a_full_disk_leaves_nothing_of_a_restore(run: Run, made: Path, url: str, tmp_path: Path) -> None:
    into = target(tmp_path)
    room = (tmp_path / "target.db").stat().st_size

    told = command(
        *("restore", FILE, "--into", into), url=url, folder=tmp_path,
        before=lambda: setrlimit(RLIMIT_FSIZE, (room // 4, room // 4)),
    )  # fmt: skip

    assert "disk" in told or "full" in told
    assert is_empty(into)
    assert run("restore", FILE, "--into", into)[0] == 0


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)


def cut_to_nothing(path: Path) -> None:
    os.truncate(path, 0)


def manifest(**changes: object) -> Callable[[Path], None]:
    """Write the manifest anew, with other words in it."""

    def change(path: Path) -> None:
        with zipfile.ZipFile(path) as before:
            content = {name: before.read(name) for name in before.namelist()}
        said = json.loads(content["manifest.json"]) | changes
        content["manifest.json"] = json.dumps(said).encode()
        with zipfile.ZipFile(path, "w") as after:
            for name, bytes_ in content.items():
                after.writestr(name, bytes_)

    return change


def lacking(name: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with zipfile.ZipFile(path) as before:
            content = {other: before.read(other) for other in before.namelist() if other != name}
        with zipfile.ZipFile(path, "w") as after:
            for other, bytes_ in content.items():
                after.writestr(other, bytes_)

    return change


def altered(path: Path) -> None:
    """One word of one row differs, and the zip is whole."""
    with zipfile.ZipFile(path) as before:
        content = {name: before.read(name) for name in before.namelist()}
    table = "tables/incidents.jsonl"
    content[table] = content[table].replace(b"published", b"publishes", 1)
    with zipfile.ZipFile(path, "w") as after:
        for name, bytes_ in content.items():
            after.writestr(name, bytes_)


def holding(name: str, content: bytes) -> Callable[[Path], None]:
    """One of its files is another; the manifest says so where it is a table."""

    def change(path: Path) -> None:
        lacking(name)(path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, content)

    return change


def of_wrong_kind(path: Path) -> None:
    """A number where text of JSON is kept."""
    with zipfile.ZipFile(path) as before:
        (row, *_) = before.read("tables/events.jsonl").splitlines()
    said = [7 if isinstance(value, str) and value.startswith("{") else value for value in json.loads(row)]
    holding("tables/events.jsonl", json.dumps(said).encode())(path)


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut off": (cut, "cut off, damaged, or no file that `backup` wrote"),
    "empty": (cut_to_nothing, "cut off, damaged, or no file that `backup` wrote"),
    "text": (lambda path: path.write_text("SELECT 1;"), "no file that `backup` wrote"),
    "another zip": (lacking("manifest.json"), "damaged or cut off"),
    "no manifest of ours": (manifest(format="something"), "is none that `backup` writes"),
    "a newer format": (manifest(version=2), "the backup is of format 2, and this version reads 1"),
    "a newer version": (
        manifest(revision="30010101_0000"),
        "of revision 30010101_0000, which this version does not",
    ),
    "a table is gone": (lacking("tables/users.jsonl"), "damaged or cut off"),
    "a row is altered": (altered, "the rows of incidents are not those that were written"),
    "a row of a wrong kind": (of_wrong_kind, "the backup is damaged or cut off"),
    "a row without end": (holding("tables/users.jsonl", b"[" * 100_000), "damaged or cut off"),
    "a manifest without end": (holding("manifest.json", b"[" * 100_000), "is none that `backup` writes"),
    "a number without end": (manifest(files=float("inf")), "is none that `backup` writes"),
    "tables of no list": (manifest(tables={}), "is not in it: it is no copy of a database of ours"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "cannot be read: is a directory"),
    "not there": (lambda path: path.unlink(), "cannot be read: no such file or directory"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_backup_that_is_wrong_is_told_and_nothing_is_restored(
    run: Run, made: Path, tmp_path: Path, wrong: str
) -> None:
    spoil, told = WRONG[wrong]
    spoil(made)
    into = target(tmp_path)

    code, out, err = run("restore", FILE, "--into", into)

    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert is_empty(into)


def test_a_flipped_byte_anywhere_does_no_harm(made: Path) -> None:
    """It is found; or it stood where nothing is read from, and all that is read is as it was written."""
    whole, found = made.read_bytes(), 0
    for place in range(0, len(whole), len(whole) // 200):
        made.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            with backup_file.opened(made) as file:
                file.check()
        except Invalid:
            found += 1
    assert found >= 160


@pytest.mark.parametrize(
    "into, told",
    [
        ("mysql://nowhere/", "--into must begin with sqlite:/// or postgresql+psycopg://"),
        ("postgresql://ada:hunter2@127.0.0.1:1/x", "the database does not answer"),
        ("sqlite:///text", "--into: "),
        (
            "sqlite:///other.db",
            "belongs to something else: it has the table songs and none of ours; correct --into",
        ),
    ],
)
def test_a_target_that_cannot_be_used_is_told(
    run: Run, made: Path, tmp_path: Path, into: str, told: str
) -> None:
    (tmp_path / "text").write_text("no database, but text of some length" * 9)
    engine = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE songs (title TEXT)"))
    engine.dispose()

    code, out, err = run("restore", FILE, "--into", into)

    assert (code, out) == (2, "")
    assert told in err
    assert "hunter2" not in err
    assert err.count("\n") == 1


def test_a_target_that_is_not_empty_is_left_as_it_is(run: Run, made: Path, url: str) -> None:
    before = rows(url, "SELECT count(*) FROM events")

    code, _, err = run("restore", FILE, POSTMORTEMS_DATABASE_URL=url)

    assert code == 2
    assert "has rows already, such as in" in err
    assert "name an empty one by --into" in err
    assert rows(url, "SELECT count(*) FROM events") == before


def without_might() -> None:
    """Let root be refused what its files refuse, as everybody is."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_who_may_not_read_a_backup_or_write_one_is_told(made: Path, url: str, tmp_path: Path) -> None:
    made.chmod(0)
    closed = tmp_path / "closed"
    closed.mkdir(0o500)

    told = command("restore", FILE, url=target(tmp_path), folder=tmp_path, before=without_might)
    assert "one.backup cannot be read: permission denied" in told

    told = command("backup", "closed/one.backup", url=url, folder=tmp_path, before=without_might)
    assert "closed/one.backup.part cannot be written: permission denied" in told
