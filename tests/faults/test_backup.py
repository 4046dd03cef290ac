"""Backups of a server that is written to; and kill -9 of backup and restore: old or new, nothing between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

from postmortems.audit.models import Event
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.copies import backup_file, load
from postmortems.db.session import session
from postmortems.gate.models import Decision
from postmortems.gate.tallies import recount
from postmortems.guards.models import Evidence
from postmortems.incidents.models import Incident
from tests.bench import copies
from tests.faults.commands import busy, command, done, far, spent
from tests.faults.conftest import Figures
from tests.faults.ledger import Ledger
from tests.faults.serving import Group, Process, add_guard, question, until
from tests.incidents.documents import FOUNDING, save
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.faults

FILE = "one.backup"
# Rows enough for a backup and a restore to be met in their midst.
COUNT = 2_000
MANY = 10_000
KILLS = 5


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """`empty(url)` is the URL of a new database of the same system."""
    count = iter(range(99))

    def make(url: str) -> str:
        if url.startswith("sqlite"):
            return f"sqlite:///{tmp_path / f'empty-{next(count)}.db'}"
        postgres: TemporaryPostgres = request.getfixturevalue("postgres")
        return postgres.fresh_database()

    return make


@pytest.fixture
def large(processes: Group) -> Iterator[Group]:
    """A database with many incidents."""
    slug = save(FOUNDING).slug
    copies.fill(db.engine(), slug, COUNT - 1, lambda *_: None)
    return processes


def test_a_backup_under_write_load_has_all_that_was_acknowledged_before_it_began(
    large: Group, empty: Callable[[str], str], figures: Figures
) -> None:
    add_guard(large, "target-confirmed", "target", {})
    server = large.serve()
    ledger = Ledger(lambda client, number: written(large, server, client, number))
    before = []
    with ledger.writing(enough=100):
        for round in range(3):
            before = list(ledger.kept)
            took_s = done(command(large.url, large.folder, "backup", f"{round}.backup"))
    assert len(ledger.kept) > len(before) > 100
    into = empty(large.url)

    done(command(into, large.folder, "restore", "2.backup", "--into", into))

    db.connect(into)
    with db.reading(at_one_moment=True):
        stored = set(session().scalars(select(Decision.id))) | set(
            session().scalars(select(Evidence.event_id))
        )
        incidents = session().scalar(select(func.count()).select_from(Incident))
        assert list(recount.differences()) == []
    lost = set(before) - stored
    assert lost == set()
    assert incidents == COUNT
    what = f"backup of {COUNT:,} incidents while 8 clients write"
    figures(f"{what}: acknowledged before it and not restored", "0", f"{len(lost)} of {len(before):,}")
    figures(f"{what}: its time", "", f"{took_s:.1f} s")


def test_ten_thousand_incidents_are_restored_checked_and_read_back(
    processes: Group, empty: Callable[[str], str], figures: Figures
) -> None:
    copies.fill(db.engine(), save(FOUNDING).slug, MANY - 1, lambda *_: None)
    # As the service has them, which counts each with its save.
    with db.transaction():
        recount.fill()
    saved_s, saved_cpu_s = spent(command(processes.url, processes.folder, "backup", FILE))
    into = empty(processes.url)

    restored_s, restored_cpu_s = spent(command(into, processes.folder, "restore", FILE, "--into", into))

    db.connect(into)
    with db.reading(at_one_moment=True):
        assert session().scalar(select(func.count()).select_from(Incident)) == MANY
        assert list(recount.differences()) == []
    for what, took_s, cpu_s in (("backup", saved_s, saved_cpu_s), ("restore", restored_s, restored_cpu_s)):
        told = f"{took_s:.1f} s, {cpu_s:.1f} s of a processor"
        figures(f"{what} of {MANY:,} incidents with what is counted of them", "≤ 60 s", told)


def written(group: Group, server: Process, client: int, number: int) -> str | None:
    """What the server acknowledged: a decision, or a piece of evidence."""
    name = f"{client}-{number}"
    if number % 2:
        answer = group.ask(server, key=name)
        return str(answer["id"]) if answer.status == 200 and answer["id"] else None
    body = {"predicate": "tested", "subject": question()["artifact"], "service": "data8"}
    body |= {"target": "staging", "result": "passed", "event_id": name}
    answer = server.send("POST", "/api/v1/evidence/attestations", body, group.headers("ada"))
    return name if answer.status == 201 else None


def test_a_killed_backup_leaves_the_one_before(large: Group) -> None:
    place = large.folder / FILE
    done(command(large.url, large.folder, "backup", FILE))
    before = place.read_bytes()
    part = large.folder / f"{FILE}.part"
    for number in range(KILLS):
        killed = command(large.url, large.folder, "backup", FILE, "--replace")
        until(lambda: part.exists() and part.stat().st_size > number * len(before) // KILLS)  # noqa: B023
        killed.kill()
        killed.communicate()
        assert place.read_bytes() == before or whole(place)

    done(command(large.url, large.folder, "backup", FILE, "--replace"))

    assert whole(place)
    assert not part.exists()


def whole(place: Path) -> bool:
    with backup_file.opened(place) as file:
        file.check()
    return True


def test_a_killed_restore_leaves_an_empty_database_that_takes_the_next_one(
    large: Group, empty: Callable[[str], str]
) -> None:
    done(command(large.url, large.folder, "backup", FILE))
    into = empty(large.url)
    target = db.make_engine(into)
    for number in range(KILLS):
        killed = command(into, large.folder, "restore", FILE, "--into", into)
        until(lambda: far(target) > number)  # noqa: B023
        killed.kill()
        killed.communicate()
        until(lambda: not busy(target))
        load.refuse_rows(target, "--into")
        assert "incidents" not in inspect(target).get_table_names()

    done(command(into, large.folder, "restore", FILE, "--into", into))

    db.connect(into)
    assert migrations.is_current(db.engine())
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Incident)) == COUNT
        assert session().scalar(select(Event.id).where(Event.verb == "database.restored")) is not None
    target.dispose()
