"""A PostgreSQL server for the tests: the one that POSTMORTEMS_TEST_DATABASE_URL names, or one of our own.

with TemporaryPostgres() as server:
    url = server.fresh_database()
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

URL_VARIABLE = "POSTMORTEMS_TEST_DATABASE_URL"
OLDEST = 15
# The path of a Unix socket has room for about a hundred characters, which some TMPDIRs use up.
SHORT_PATH = Path("/tmp")
# Each table and index of a database is a file: to copy one in memory takes a tenth of the work.
MEMORY = Path("/dev/shm")
# The servers of three workers take less than half of that; browsers and the tests themselves take some, too.
ROOM_IN_MEMORY = 8 << 30

# One shell owns the server from its making to its removal. It waits for a line from us, or for our end of the
# pipe to close, as it does however we die: then nothing stays behind, neither a process nor a file.
LIFE_OF_A_SERVER = """
remove() {
    "$bin/pg_ctl" stop --silent --mode="$stop" --pgdata="$data" 2>/dev/null
    rm -rf "$PWD"
}
fail() {
    cat log
    exit 1
}
trap remove EXIT
[ -e "$data/PG_VERSION" ] || "$bin/initdb" --pgdata="$data" --username=postgres --auth=trust \\
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >log 2>&1 || fail
"$bin/pg_ctl" start --silent --wait --pgdata="$data" --log=log --options="$options" || fail
echo ready
read -r _
"""

SERVER_OPTIONS = {
    "listen_addresses": "",  # the socket only: nothing to collide with and nothing to reach from outside
    "fsync": "off",
    "full_page_writes": "off",
    # A query that may not read a table from end to end seems dear enough to compile, which takes far longer.
    "jit": "off",
    "autovacuum": "off",  # a worker in a template database would make us wait when we copy that
    "max_connections": "200",
}


def server_binaries() -> Path | None:
    """The folder of pg_ctl and its kin, of a version that we support; Debian keeps it out of the PATH."""
    in_path = shutil.which("pg_ctl")
    installed = Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")
    candidates = ([Path(in_path)] if in_path else []) + sorted(installed, reverse=True)
    return next((path.parent for path in candidates if _major_version(path) >= OLDEST), None)


def why_missing() -> str | None:
    """A sentence when no server can be had here, for the message of a skipped test."""
    if os.environ.get(URL_VARIABLE):
        return None
    if server_binaries() is None:
        return f"PostgreSQL {OLDEST} or newer is missing (package postgresql), and {URL_VARIABLE} is not set."
    if os.geteuid() == 0 and _unprivileged_user() is None:
        return "PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as."
    return None


class TemporaryPostgres:
    """A running server, and databases in it that last as long as the `with` block.

    With `data`, a folder, all that is in our own server stays there for the next one on it. `settings` are
    those of our own server that differ from `SERVER_OPTIONS`. `is_in_memory`: where there is room for that.
    """

    def __init__(
        self,
        data: Path | None = None,
        settings: Mapping[str, str] | None = None,
        *,
        is_in_memory: bool = False,
    ) -> None:
        self.data, self.settings, self.is_in_memory = data, dict(settings or {}), is_in_memory
        self.folder: Path | None = None  # of our own server
        self._maintenance: URL
        self._shell: subprocess.Popen[str] | None = None
        self._databases: set[str] = set()
        # Who empties a database stays connected: it knows every table, which takes longest to find out.
        self._emptiers: dict[str, psycopg.Connection[Any]] = {}

    def __enter__(self) -> Self:
        given = os.environ.get(URL_VARIABLE)
        self._maintenance = make_url(given).set(drivername="postgresql+psycopg") if given else self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for connection in self._emptiers.values():
            connection.close()
        if self._shell is not None:
            self._shell.communicate("stop\n")
        else:
            for name in list(self._databases):
                self._drop(name)

    @property
    def maintenance(self) -> URL:
        """The database that is always there: to make and drop others from."""
        return self._maintenance

    def fresh_database(self, template: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of the given one, to which nobody may be connected."""
        name = f"postmortems_test_{secrets.token_hex(6)}"
        source = make_url(template).database if template else "template0"
        assert source is not None
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        )
        self._databases.add(name)
        return self._maintenance.set(database=name).render_as_string(hide_password=False)

    def emptied(self, url: str, tables: Iterable[str], but: Sequence[int] = ()) -> bool:
        """Empty a database of ours that has just these tables, for the next test; False where it has others.

        Making one anew takes ten times as long. Whoever is still connected to it is sent away, but these
        processes of the server.
        """
        names = tuple(tables)
        try:
            is_empty = _emptied(self._emptier(url), names, but)
        except psycopg.OperationalError:
            # A test has stopped the server, or sent everybody away.
            self._emptiers.pop(url).close()
            is_empty = _emptied(self._emptier(url), names, but)
        if not is_empty:
            self._emptiers.pop(url).close()
        return is_empty

    def _emptier(self, url: str) -> psycopg.Connection[Any]:
        if url not in self._emptiers:
            name = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            connection = psycopg.connect(name, autocommit=True, prepare_threshold=0)
            connection.execute("SET session_replication_role = replica")
            self._emptiers[url] = connection
        return self._emptiers[url]

    def drop(self, url: str) -> None:
        """Removes a database of ours before the end, and whoever is still connected to it."""
        name = make_url(url).database
        assert name in self._databases, f"{name} is not a database of ours"
        self._drop(name)

    def stop(self) -> None:
        """Stop our own server at once, as a crash would; its databases are there again after `start`."""
        self._pg_ctl("stop", "--mode=immediate")

    def start(self) -> None:
        """Start our own server after `stop`."""
        self._pg_ctl("start", "--wait", "--log=log", f"--options={self._options()}")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """No process of our own server does anything until the block ends; its connections stay open."""
        assert self.folder is not None
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        # The first stands still before the others are listed, so that it begins no more of them.
        os.kill(first, signal.SIGSTOP)
        others = [pid for pid, parent in _parents().items() if parent == first]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in (*others, first):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _pg_ctl(self, *words: str) -> None:
        binaries = server_binaries()
        assert binaries is not None
        assert self.folder is not None
        subprocess.run(
            [binaries / "pg_ctl", *words, "--silent", "--pgdata=data"],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            check=True,
            **unprivileged(),
        )

    def _options(self) -> str:
        options = {**SERVER_OPTIONS, **self.settings, "unix_socket_directories": str(self.folder)}
        return " ".join(f"-c {name}={value}" for name, value in options.items())

    def _drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._databases.discard(name)

    def _execute(self, statement: sql.Composed) -> None:
        address = self._maintenance.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)

    def _start(self) -> URL:
        missing = why_missing()
        if missing:
            raise RuntimeError(missing)
        place = place_in_memory() if self.is_in_memory else SHORT_PATH
        folder = self.folder = Path(tempfile.mkdtemp(prefix="postmortems-pg-", dir=place))
        user = _unprivileged_user() if os.geteuid() == 0 else None
        if self.data:
            self.data.mkdir(parents=True, exist_ok=True)
        if user:
            for place in filter(None, (folder, self.data)):
                os.chown(place, user.pw_uid, user.pw_gid)
        self._shell = subprocess.Popen(
            ["sh", "-c", LIFE_OF_A_SERVER],
            cwd=folder,
            # Not our own environment: PGPORT and the like would change what is started.
            env={
                "PATH": os.environ["PATH"],
                "bin": str(server_binaries()),
                "options": self._options(),
                "data": str(self.data or "data"),
                # A crash is the quickest end; what stays has to be written down.
                "stop": "fast" if self.data else "immediate",
            },
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; the server ends after them
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        assert self._shell.stdout is not None
        said = self._shell.stdout.readline()
        if said != "ready\n":
            # Not by communicate alone, which passes over what readline has taken in beyond its line.
            said += self._shell.stdout.read()
            self._shell.communicate()
            raise RuntimeError(f"PostgreSQL did not start:\n{said}")
        query = {"host": str(folder), "port": "5432"}
        return URL.create("postgresql+psycopg", username="postgres", database="postgres", query=query)


def place_in_memory() -> Path:
    """Where files are in memory; on the disk where a container has little of it, or the machine itself.

    Nor where no program can be run from it, as some tests do.
    """
    if not os.access(MEMORY, os.W_OK | os.X_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return SHORT_PATH
    room = min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available)
    return MEMORY if room >= ROOM_IN_MEMORY else SHORT_PATH


def _major_version(pg_ctl: Path) -> int:
    said = subprocess.run([pg_ctl, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


def _parents() -> dict[int, int]:
    """By process, its parent; of all that run here."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return {int(pid): int(parent) for pid, parent in map(str.split, listed.splitlines())}


def _emptied(connection: psycopg.Connection[Any], tables: tuple[str, ...], but: Sequence[int]) -> bool:
    connection.execute(
        "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s::integer[])",
        (list(but),),
    )
    found = connection.execute(
        "SELECT relname, relispartition, relpartbound IS NOT NULL AND"
        " pg_get_expr(relpartbound, oid) = 'DEFAULT' FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    if any(is_part and not is_rest for _, is_part, is_rest in found):
        return False
    if {table for table, is_part, _ in found if not is_part} != set(tables):
        return False
    _empty(connection, tables)
    return True


def _empty(connection: psycopg.Connection[Any], tables: tuple[str, ...]) -> None:
    """Delete all rows, which for a few is quicker than to truncate, and begin every number anew."""
    # What the planner has counted, or what was large, would change the plans of the next test.
    counted = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND (reltuples > 0 OR pg_relation_size(oid) > 262144)"
    ).fetchall()
    if counted:
        names = sql.SQL(", ").join(sql.Identifier(table) for (table,) in counted)
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
    filled = connection.execute(_which_have_rows(tables)).fetchall()
    deletions = (sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for (table,) in filled)
    # Psycopg prepares what it has run five times, and several statements cannot be.
    connection.execute(sql.SQL("; ").join(deletions), prepare=False)
    connection.execute(
        "SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false)"
        " FROM pg_sequences WHERE last_value IS NOT NULL"
    )


@cache
def _which_have_rows(tables: tuple[str, ...]) -> bytes:
    each = (
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(table, sql.Identifier(table))
        for table in tables
    )
    return sql.SQL(" UNION ALL ").join(each).as_bytes()


def unprivileged() -> dict[str, Any]:
    """How its programs are run: as somebody else where we are root."""
    user = _unprivileged_user() if os.geteuid() == 0 else None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _unprivileged_user() -> pwd.struct_passwd | None:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known.get("nobody")
