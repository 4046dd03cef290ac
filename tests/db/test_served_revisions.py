"""Code of a version before works on tables of a later one where those say so, and on no others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from postmortems.cli import database
from postmortems.config import Settings
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.models import ServedRevision
from postmortems.errors import Misconfigured
from tests.tables import put_migrated

LATER = "29991231_0000"
STEP = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{later}", "{head}"
branch_labels = depends_on = None
{marked}

def upgrade():
    op.add_column("incidents", sa.Column("of_later", sa.String(10)))


def downgrade():
    op.drop_column("incidents", "of_later")
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Tables of this version, as its migrations make them."""
    if request.param == "sqlite":
        url = put_migrated(tmp_path / "tables.db")
    else:
        url = request.getfixturevalue("postgres").fresh_database()
    made = db.connect(url)
    migrations.upgrade(made)
    yield made
    db.disconnect()


def upgrade_by_a_later_version(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch, marked: str
) -> None:
    """What a version does that has one step more; afterwards this one is the older."""
    step = STEP.format(later=LATER, head=migrations.head(), marked=marked)
    shutil.copytree(migrations.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / f"versions/{LATER}_later.py").write_text(step)
    with monkeypatch.context() as later:
        later.setattr(migrations, "MIGRATIONS", folder)
        migrations.upgrade(engine)
    assert migrations.current(engine) == LATER


def settings_of(engine: Engine) -> Settings:
    return Settings(database_url=engine.url.render_as_string(hide_password=False), secret_key="for tests" * 4)


def test_tables_of_this_version_serve_it(engine: Engine) -> None:
    with engine.connect() as connection:
        served = set(connection.scalars(select(ServedRevision.revision)))
    assert {migrations.FIRST_TO_SERVE, migrations.head()} <= served
    assert migrations.serve_us(engine)


def test_a_later_version_that_only_adds_leaves_this_one_at_work(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_by_a_later_version(engine, tmp_path / "later", monkeypatch, marked="")

    database.connect(settings_of(engine))

    migrations.upgrade(db.engine())
    assert migrations.current(db.engine()) == LATER


@pytest.mark.parametrize("marked", ["contracts = True"])
def test_a_later_version_that_takes_something_away_is_refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marked: str
) -> None:
    upgrade_by_a_later_version(engine, tmp_path / "later", monkeypatch, marked)

    with pytest.raises(Misconfigured, match=f"{LATER}, which this version does not know"):
        database.connect(settings_of(engine))


@pytest.mark.parametrize("statement", ["DROP TABLE served_revisions", "DELETE FROM served_revisions"])
def test_without_a_promise_no_unknown_revision_is_taken(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))
        connection.execute(text("UPDATE alembic_version SET version_num = '29991231_0001'"))

    with pytest.raises(Misconfigured, match="does not know"):
        database.connect(settings_of(engine))
