"""Disks that lose power, are full, or let nobody write: what was acknowledged is there, on both databases."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import make_url, select, text

from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.models import Decision
from postmortems.guards.models import Evidence
from tests import system_packages
from tests.faults import disks
from tests.faults.commands import command
from tests.faults.conftest import Figures
from tests.faults.ledger import Ledger
from tests.faults.serving import Answer, Group, Process, group, question, until
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.faults

ROUNDS = 5
SAFE = {"fsync": "on", "full_page_writes": "on"}


@dataclass
class Machine:
    """A disk with a database on it, and what works on that; `server` is PostgreSQL, where that is used."""

    disk: disks.Disk
    group: Group
    life: ExitStack
    server: TemporaryPostgres | None = None

    def lose_power(self) -> None:
        """Everything stops at once; the disk keeps what was synced."""
        for process in self.group.running:
            if process.process.poll() is None:
                disks.stand_still(process.process.pid)
        processes = self._stopped_processes_of_postgresql()
        self.disk.cut()
        for pid in processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.group.running:
            process.kill()
        db.disconnect()

    def _stopped_processes_of_postgresql(self) -> list[int]:
        """The one that begins the others first, so that it begins no more of them."""
        if self.server is None:
            return []
        first = int(self._lock().read_text().split()[0])
        disks.stand_still(first)
        others = [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for pid in others:
            disks.stand_still(pid)
        return [first, *others]

    def _lock(self) -> Path:
        return self.disk.place / "postgres" / "postmaster.pid"

    def come_back(self) -> None:
        self.life.close()
        self.disk.unmount()
        self.disk.mount()
        if self.server:
            # Whoever has its number by now is another process, or none, as after a start of the machine.
            self._lock().unlink()
            self.server = self.life.enter_context(TemporaryPostgres(self.disk.place / "postgres", SAFE))
            name = make_url(self.group.url).database
            self.group.url = self.server.maintenance.set(database=name).render_as_string(hide_password=False)
        db.connect(self.group.url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    system_packages.require(disks.why_missing())
    if request.param == "postgresql":
        request.getfixturevalue("postgres")
    with disks.mounted() as disk, ExitStack() as life:
        server = None
        url = f"sqlite:///{disk.place / 'test.db'}"
        if request.param == "postgresql":
            server = life.enter_context(TemporaryPostgres(disk.place / "postgres", SAFE))
            url = server.fresh_database()
        with group(url, tmp_path) as made:
            # What was installed, which nothing syncs, lies on the disk by the time the power goes.
            os.sync()
            yield Machine(disk, made, life, server)


def write(machine: Machine, client: int, number: int) -> tuple[str, str] | None:
    """A decision or a piece of evidence: which it is and its name, where it was acknowledged."""
    made, name = machine.group, f"{len(machine.group.running)}-{client}-{number}"
    server = made.running[-1]
    if (client + number) % 2:
        told = made.ask(server, key=name)
        return ("decision", told["id"]) if told.status == 200 and told["id"] else None
    told = attest(machine, server, name)
    return ("evidence", name) if told == 201 else None


def attest(machine: Machine, server: Process, name: str) -> int:
    body = {"predicate": "tested", "subject": question()["artifact"], "service": "data8"}
    body |= {"target": "staging", "result": "passed", "event_id": name}
    headers = machine.group.headers("ada")
    return server.send("POST", "/api/v1/evidence/attestations", body, headers).status


def lost(ledger: Ledger) -> list[tuple[str, str]]:
    with db.reading():
        decisions = set(session().scalars(select(Decision.id)))
        evidence = set(session().scalars(select(Evidence.event_id)))
    there = {"decision": decisions, "evidence": evidence}
    return [(kind, name) for kind, name in ledger.kept if name not in there[kind]]


def is_whole() -> bool:
    """Whether the database finds no fault with itself."""
    if db.engine().dialect.name == "sqlite":
        with db.reading():
            return session().scalar(text("PRAGMA integrity_check")) == "ok"
    checked = (
        "SELECT count(*) FROM (SELECT bt_index_check(pg_class.oid, true) FROM pg_class"
        " JOIN pg_am ON pg_am.oid = relam WHERE amname = 'btree' AND relkind = 'i') AS checked"
    )
    with db.engine().begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
        return bool(connection.scalar(text(checked)))


def test_such_a_disk_loses_what_was_not_synced_and_nothing_else() -> None:
    system_packages.require(disks.why_missing())
    found = {}
    with disks.mounted() as disk:
        for mode in ("FULL", "OFF"):
            with closing(opened(disk, mode)) as made:
                made.execute("CREATE TABLE kept (number INTEGER)")
        os.sync()
        with closing(opened(disk, "FULL")) as synced, closing(opened(disk, "OFF")) as loose:
            for writing in (synced, loose):
                for number in range(20):
                    writing.execute("INSERT INTO kept VALUES (?)", (number,))
            disk.cut()
        disk.unmount()
        disk.mount()
        for mode in ("FULL", "OFF"):
            with closing(opened(disk, mode)) as back:
                found[mode] = back.execute("SELECT count(*) FROM kept").fetchone()[0]

    assert found["FULL"] == 20
    assert found["OFF"] < 20


def opened(disk: disks.Disk, mode: str) -> sqlite3.Connection:
    """A database that syncs each commit, or none."""
    made = sqlite3.connect(disk.place / f"{mode}.db", isolation_level=None)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute(f"PRAGMA synchronous={mode}")
    return made


def test_power_cuts_lose_nothing_that_was_acknowledged(machine: Machine, figures: Figures) -> None:
    chance, back_s = random.Random(7), []
    ledger = Ledger(lambda client, number: write(machine, client, number))
    for _ in range(ROUNDS):
        machine.group.serve()
        with ledger.writing(chance.randrange(20, 120)):
            machine.lose_power()
        began = monotonic()
        machine.come_back()
        assert lost(ledger) == []
        assert is_whole()
        server = machine.group.serve()
        assert attest(machine, server, f"after-{len(machine.group.running)}") == 201
        back_s.append(monotonic() - began)

    told = f"{ROUNDS} power cuts below the file system under 8 clients: acknowledged and lost"
    figures(told, "0", f"0 of {len(ledger.kept)}")
    figures("power again: disk mounted, database checked, first write", "", f"{max(back_s):.1f} s at most")


def test_a_disk_without_room_refuses_loses_nothing_and_takes_writes_again(
    machine: Machine, figures: Figures
) -> None:
    server = machine.group.serve()
    ledger = Ledger(lambda client, number: write(machine, client, number))
    with ledger.writing(40):
        ballast = machine.disk.fill()
        # What has room set aside goes on for a while.
        names = count()
        until(lambda: attest(machine, server, f"full-{next(names)}") == 503)
        answers = [machine.group.ask(server) for _ in range(10)]
        live = server.send("GET", "/livez").status
        ballast.unlink()
        back_s = until(lambda: attest(machine, server, "after") == 201)

    assert live == 200
    assert {answer.status for answer in answers} <= {200, 503}
    assert not any(answer["decision"] == "allow" for answer in answers if not answer.body.get("id"))
    assert lost(ledger) == []
    assert is_whole()
    figures("a disk without room under 8 clients: acknowledged and lost", "0", f"0 of {len(ledger.kept)}")
    figures("a disk without room has some again: first write", "≤ 5 s", f"{back_s:.2f} s")


def test_a_folder_of_files_that_lets_nobody_write_is_told_of_and_the_rest_goes_on(
    processes: Group, tmp_path: Path
) -> None:
    system_packages.require(disks.why_missing())
    with disks.mounted() as disk:
        server = processes.serve(POSTMORTEMS_FILES_DIR=str(disk.place / "files"))
        before = upload(processes, server, "before")
        disk.close_to_writers()
        refused = upload(processes, server, "meanwhile")
        read = server.send("GET", f"/api/v1/attachments/{before['id']}", headers=processes.headers("ada"))
        asked = processes.ask(server)
        disk.open_to_writers()
        after = upload(processes, server, "meanwhile")
        listed = server.send("GET", "/api/v1/attachments", headers=processes.headers("ada"))
        server.kill()

    assert (before.status, read.status, asked.status, after.status) == (201, 200, 200, 201)
    assert refused.status == 501
    assert "POSTMORTEMS_FILES_DIR cannot be written" in refused["detail"]
    assert {row["id"] for row in listed["attachments"]} == {before["id"], after["id"]}


def upload(made: Group, server: Process, text: str) -> Answer:
    part = 'Content-Disposition: form-data; name="file"; filename="notes.txt"'
    body = f"--cut\r\n{part}\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--cut--\r\n"
    headers = made.headers("ada", **{"Content-Type": "multipart/form-data; boundary=cut"})
    return server.send("POST", "/api/v1/attachments", body, headers)


def test_a_server_whose_database_nobody_may_write_says_so_in_a_sentence(tmp_path: Path) -> None:
    system_packages.require(disks.why_missing())
    with disks.mounted() as disk:
        url = f"sqlite:///{disk.place / 'test.db'}"
        migrations.upgrade(db.connect(url))
        db.disconnect()
        disk.close_to_writers()
        told = command(url, tmp_path, "serve", "--port", "0").communicate(timeout=60)[1]
        disk.open_to_writers()

    assert re.fullmatch(
        r"Error: the database cannot be used: .*; correct POSTMORTEMS_DATABASE_URL, .*\n", told
    )
