"""Revisions: known from the files of the steps alone, as Alembic knows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from postmortems.db import engines, migrations


def test_they_are_those_that_alembic_finds_in_its_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()

    found = migrations.known(migrations.MIGRATIONS / "versions")

    assert list(found) == [script.revision for script in scripts][::-1]
    assert len(found) > 100


@pytest.mark.parametrize(
    "steps, expected",
    [
        ({}, ()),
        ({"a": None}, ("a",)),
        ({"z": None, "a": "z", "m": "a"}, ("z", "a", "m")),
        ({"a": None, "c": "b"}, ("a",)),
    ],
)
def test_they_stand_in_the_order_in_which_each_follows_another(
    tmp_path: Path, steps: dict[str, str | None], expected: tuple[str, ...]
) -> None:
    for revision, before in steps.items():
        named = "None" if before is None else f'"{before}"'
        step = f'"""A step."""\n\nrevision = "{revision}"\ndown_revision = {named}\nbranch_labels = None\n'
        (tmp_path / f"{revision}_step.py").write_text(step)
    (tmp_path / "notes.py").write_text('"""No step."""\n')

    assert migrations.known(tmp_path) == expected


def test_a_database_without_a_revision_has_none(any_database: str) -> None:
    engine = engines.make_engine(any_database)
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {migrations.VERSION}"))
    assert migrations.current(engine) is None
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {migrations.VERSION} (version_num VARCHAR(32) NOT NULL)"))
    assert migrations.current(engine) is None
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {migrations.VERSION} VALUES ('20261201_1100')"))
    assert migrations.current(engine) == "20261201_1100"
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {migrations.VERSION}"))
    engine.dispose()
