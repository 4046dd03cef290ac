"""kill -9 of an upgrade that fills new tables: what was there stays, and the next one does all of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.gate.tallies import recount
from postmortems.incidents.models import Incident
from postmortems.search import queries as search
from postmortems.search import results
from tests.bench import copies
from tests.incidents.documents import FOUNDING, save
from tests.tables import create_all  # noqa: F401  (imports every table's module)

pytestmark = pytest.mark.faults

BEFORE = "20261129_1712"
# So many that an upgrade says how far it is.
COUNT = 1_100


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of before, with incidents."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh_database()
    engine = db.connect(url)
    migrations.upgrade(engine)
    slug = save(FOUNDING).slug
    copies.fill(engine, slug, COUNT - 1, lambda *_: None)
    migrations.downgrade(engine, BEFORE)
    yield engine
    db.disconnect()


def upgrade(engine: Engine) -> subprocess.Popen[str]:
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-m", "postmortems", "db", "upgrade"],
        env={**os.environ, "POSTMORTEMS_DATABASE_URL": url}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_killed_upgrade_leaves_the_old_tables_and_the_next_one_fills_the_new(engine: Engine) -> None:
    killed = upgrade(engine)
    assert killed.stderr is not None
    assert "counted 500 of 1,100 incidents\n" in iter(killed.stderr.readline, "")
    killed.kill()
    killed.communicate()
    assert migrations.current(engine) == BEFORE

    again = upgrade(engine)
    told = again.communicate()[1]

    assert again.returncode == 0, told
    assert migrations.is_current(engine)
    with db.reading():
        assert list(recount.differences()) == []
        assert db.session().scalar(select(func.count()).select_from(Incident)) == COUNT
        assert results.count(search.asked("kind:process")) > 0
