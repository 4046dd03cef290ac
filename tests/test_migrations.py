"""The migrations make the tables the code means, on both databases, up and down, with data in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, func, inspect, select, text

from postmortems import clock, demo, visibility
from postmortems.accounts import operations as accounts
from postmortems.accounts import sign_in
from postmortems.accounts.models import BrowserSession, User
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.gate.models import Decision
from postmortems.guards.models import Guard
from postmortems.incidents.history import texts
from postmortems.incidents.models import ActionItem, Entry, Incident, Revision
from postmortems.search.models import SearchEntry
from tests.incidents.documents import FOUNDING, save
from tests.runtimes import VAULT
from tests.tables import create_all  # noqa: F401  (imports every table's module)

SURVIVORS = (Incident, Entry, ActionItem, Guard, User)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh_database()
    yield db.connect(url)
    db.disconnect()


def counts(*tables: type[db.Base]) -> list[int]:
    with db.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def load_demo() -> None:
    with db.transaction():
        demo.load(actor=Actor.system("test"), vault=VAULT)


def test_upgrading_an_empty_database_gives_the_tables_of_the_models(engine: Engine) -> None:
    assert migrations.current(engine) is None

    migrations.upgrade(engine)

    assert migrations.is_current(engine)
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _: migrations.is_of_a_model(name, kind),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, db.Base.metadata) == []


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    migrations.upgrade(engine)
    migrations.upgrade(engine)

    assert migrations.is_current(engine)


def test_downgrading_to_base_takes_every_table_away_again(engine: Engine) -> None:
    migrations.upgrade(engine)

    migrations.downgrade(engine, "base")

    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}


def test_what_is_searched_comes_back_folded_as_it_is_saved(engine: Engine) -> None:
    def searched() -> list[str]:
        with db.reading() as session:
            rows = [
                *session.execute(select(ActionItem.owner_key).order_by(ActionItem.id)),
                *session.execute(select(Guard.search_text).order_by(Guard.id)),
            ]
        return [" ".join(row) for row in rows]

    migrations.upgrade(engine)
    load_demo()
    before = searched()
    assert "sam" in before
    found = counts(SearchEntry)
    assert all(found)

    migrations.downgrade(engine, "20261129_0836")
    migrations.upgrade(engine)

    assert searched() == before
    assert counts(SearchEntry) == found


def test_what_was_searched_beside_its_row_is_put_back_on_the_way_down(engine: Engine) -> None:
    migrations.upgrade(engine)
    load_demo()

    migrations.downgrade(engine, "20261129_2050")

    with engine.connect() as connection:
        for table in ("incidents", "action_items"):
            said = connection.scalars(text(f"SELECT search_text FROM {table}")).all()
            assert said
            assert all(said)


def test_which_incident_came_again_is_forgotten(engine: Engine) -> None:
    named = "AI-1 re-opened: it happened again as a-leak-2020, and no drill shows that stopped"
    migrations.upgrade(engine)
    load_demo()
    with db.transaction() as session, visibility.seen_by(visibility.EVERYTHING):
        revision = session.scalars(select(Revision).limit(1)).one()
        event = session.scalars(select(Event).limit(1)).one()
        revision.message, event.data = named, {"why": [named]}

    migrations.downgrade(engine, "20261129_0945")
    migrations.upgrade(engine)

    with db.reading() as session, visibility.seen_by(visibility.EVERYTHING):
        told = session.get_one(Revision, revision.id).message
        assert told == "AI-1 re-opened: it happened again, and no drill shows that stopped"
        assert session.get_one(Event, event.id).data == {"why": [told]}


def test_old_versions_are_packed_and_come_back_to_the_letter(engine: Engine) -> None:
    def whole() -> dict[int, str]:
        with db.reading() as session:
            incident = session.scalars(select(Incident).where(Incident.slug == slug)).one()
            return texts.of(incident.id, range(1, incident.version + 1))

    migrations.upgrade(engine)
    slug = save(FOUNDING).slug
    for number in range(12):
        save(replace(FOUNDING, title=f"It broke {number}"), slug)
    before = whole()

    migrations.downgrade(engine, "20261129_1310")
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT version, text FROM revisions ORDER BY version")).all()
    assert {row.version: row.text for row in stored} == before
    migrations.upgrade(engine)

    assert whole() == before
    with engine.connect() as connection:
        rest = connection.scalar(text("SELECT max(length(text)) FROM revisions WHERE version < 13"))
    assert rest == 0


def test_stepping_down_and_up_keeps_the_rows_of_the_tables_that_stay(engine: Engine) -> None:
    migrations.upgrade(engine)
    load_demo()
    before = counts(*SURVIVORS)
    assert all(count for count in before[:-1])

    migrations.downgrade(engine, "20261123_0920")
    migrations.upgrade(engine)

    assert counts(*SURVIVORS) == before
    assert counts(Decision) == [0]


def test_reviewers_and_operators_read_on_where_their_roles_are_unknown(engine: Engine) -> None:
    migrations.upgrade(engine)
    roles = {"ada": "author", "ben": "admin", "otto": "operator", "rita": "reviewer"}
    with db.transaction():
        for name, role in roles.items():
            user = accounts.add_user(name, role, actor=Actor.system("test"))
            sign_in.open_session(user, clock.now())

    migrations.downgrade(engine, "20261201_0602")
    migrations.upgrade(engine)

    with db.reading() as session:
        found = {user.name: user.role for user in session.scalars(select(User))}
    assert found == roles | {"otto": "viewer", "rita": "viewer"}
    assert counts(BrowserSession) == [len(roles)]


def test_every_step_down_and_up_works_with_the_demo_in_the_tables(engine: Engine) -> None:
    migrations.upgrade(engine)
    load_demo()

    while migrations.current(engine) is not None:
        migrations.downgrade(engine, "-1")
    migrations.upgrade(engine)
    load_demo()

    assert counts(Incident)[0] > 0


def test_a_migration_that_fails_half_way_leaves_the_old_tables_alone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(config: object, to: str) -> None:
        connection = config.attributes["connection"]  # type: ignore[attr-defined]
        connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
        raise RuntimeError("power cut")

    monkeypatch.setattr(command, "upgrade", breaks)

    with pytest.raises(RuntimeError, match="power cut"):
        migrations.upgrade(engine)

    assert inspect(engine).get_table_names() == []
