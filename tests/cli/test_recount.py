"""`recount` proves that what is kept for reports is right, names what is not, and mends it."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from postmortems.config import Settings
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("begun")


def test_it_proves_names_and_mends(run: Run) -> None:
    assert run("demo", "load")[0] == 0
    assert run("recount", "--check") == (0, "Every number is what a recount gives.\n", "")
    engine = create_engine(Settings.from_env().database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE tallies SET coverage = 'thin' WHERE coverage = 'strong'"))
    engine.dispose()

    code, told, help_ = run("recount", "--check")
    assert code == 1
    assert "differs in coverage" in told
    assert "postmortems recount" in help_

    assert run("recount")[0] == 0
    assert run("recount", "--check")[0] == 0
