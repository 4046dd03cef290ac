"""Migrations with rows in the tables: each step up and down, old tables at once, two at a time, killed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, select

from postmortems import demo
from postmortems.actor import Actor
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.copies import snapshot
from postmortems.db.copies.values import Checksum
from postmortems.gate.tallies import recount
from postmortems.incidents.models import Incident
from tests.bench import copies
from tests.db.copies import filled
from tests.faults.commands import busy, command, done, far
from tests.faults.conftest import Figures
from tests.faults.serving import until
from tests.incidents.documents import FOUNDING, save
from tests.runtimes import VAULT
from tests.tables import create_all  # noqa: F401  (imports every table's module)

pytestmark = pytest.mark.faults

Sums = dict[str, tuple[int, str]]
# Before what is counted and searched was kept: the upgrade from here reads every incident.
BEFORE = "20261129_1712"
KILLS, FEW, MANY = 4, 1_100, 20_000


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh_database()
    engine = db.connect(url)
    migrations.upgrade(engine)
    yield engine
    db.disconnect()


def furnish() -> None:
    """The demo, and a report of several versions."""
    with db.transaction():
        demo.load(Actor.system("test"), VAULT)
    slug = save(FOUNDING).slug
    save(FOUNDING, slug)


def sums(engine: Engine) -> Sums:
    """By table, its rows and their checksum."""
    found = {}
    with snapshot.of(engine) as source:
        for shape in source.shapes:
            checksum = Checksum(shape.columns)
            for _ in checksum.following(source.rows(shape.name)):
                pass
            found[shape.name] = (checksum.rows, checksum.sha256)
    return found


def revisions() -> list[str]:
    """From the newest to the first."""
    config = migrations._config()
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


# Folded when it was first searched otherwise, and left so on the way down.
STAYS_FOLDED = {"20261129_0836": {"incidents"}}


def test_each_step_up_and_down_again_changes_no_row(engine: Engine) -> None:
    furnish()
    # Rows in all other tables, whatever they say.
    filled.fill(engine)
    changed = {}
    for revision in revisions()[1:]:
        migrations.downgrade(engine, revision)
        before = sums(engine)
        migrations.upgrade(engine, "+1")
        migrations.downgrade(engine, revision)
        after = sums(engine)
        differ = {name for name in before if before[name] != after.get(name)}
        if differ:
            changed[revision] = differ

    assert changed == STAYS_FOLDED


def test_old_tables_are_brought_up_at_once(engine: Engine) -> None:
    furnish()
    count = incidents()
    # The oldest that has incidents is the last but one.
    for revision in [*revisions()[5:-2:12], *revisions()[-2:-1]]:
        migrations.downgrade(engine, revision)

        migrations.upgrade(engine)

        assert incidents() == count, revision
        with db.reading(at_one_moment=True):
            assert list(recount.differences()) == [], revision
        with engine.connect() as connection:
            named = lambda name, kind, _: migrations.is_of_a_model(name, kind)  # noqa: E731
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_name": named}
            )
            assert compare_metadata(context, db.Base.metadata) == [], revision


def incidents() -> int:
    with db.reading():
        return counted()


def counted() -> int:
    return db.session().scalar(select(func.count()).select_from(Incident)) or 0


def crowd(engine: Engine, count: int) -> None:
    """So many incidents, as they were before they were counted."""
    copies.fill(engine, save(FOUNDING).slug, count - 1, lambda *_: None)
    migrations.downgrade(engine, BEFORE)


def upgrade(engine: Engine, folder: Path) -> subprocess.Popen[str]:
    return command(engine.url.render_as_string(hide_password=False), folder, "db", "upgrade")


def is_right(count: int) -> bool:
    with db.reading(at_one_moment=True):
        return list(recount.differences()) == [] and counted() == count


def test_of_two_upgrades_at_once_one_does_it_and_the_other_waits(engine: Engine, tmp_path: Path) -> None:
    crowd(engine, FEW)

    both = [upgrade(engine, tmp_path) for _ in range(2)]
    told = [process.communicate() for process in both]

    assert [process.returncode for process in both] == [0, 0], told
    assert migrations.is_current(engine)
    assert is_right(FEW)


def test_a_killed_upgrade_leaves_each_row_as_it_was(engine: Engine, tmp_path: Path) -> None:
    crowd(engine, FEW)
    before = sums(engine)
    for number in range(KILLS):
        killed = upgrade(engine, tmp_path)
        begun = far(engine)
        until(lambda: far(engine) > begun + number)  # noqa: B023
        killed.kill()
        killed.communicate()
        until(lambda: not busy(engine))
        assert migrations.current(engine) == BEFORE
        assert sums(engine) == before

    assert done(upgrade(engine, tmp_path))
    assert is_right(FEW)


def test_many_incidents_are_brought_up(engine: Engine, tmp_path: Path, figures: Figures) -> None:
    crowd(engine, MANY)

    took_s = done(upgrade(engine, tmp_path))

    assert is_right(MANY)
    figures(
        f"upgrade of {MANY:,} incidents that counts and indexes all",
        "",
        f"{took_s:.0f} s",
    )
