"""`audit`: the record is sealed and verified by its operator."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import create_engine, text

from postmortems.config import Settings
from tests.cli.conftest import Run


def lay_hands_on(statement: str) -> None:
    engine = create_engine(Settings.from_env().database_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_it_seals_verifies_and_names_the_first_that_was_changed(run: Run) -> None:
    assert run("audit", "seal") == (0, "There is no event to seal yet.\n", "")
    assert run("audit", "verify") == (0, "Nothing is sealed yet.\nNot sealed yet: 0 events.\n", "")
    run("users", "add", "ada", "--role", "admin")
    run("users", "add", "ben", "--role", "viewer")

    code, told, _ = run("audit", "seal")
    assert code == 0
    sealed = re.fullmatch(r"2 events sealed; seal 1 is ([0-9a-f]{64})\n", told)
    assert sealed

    code, told, _ = run("audit", "verify", "--head", sealed[1].upper())
    assert code == 0
    assert told.startswith("2 events in 1 seal are as they were sealed.\nSeal 1 of ")
    assert told.endswith(" UTC is " + sealed[1] + "\nNot sealed yet: 1 event.\n")

    lay_hands_on("UPDATE events SET actor = 'ben' WHERE id = 2")
    code, told, help_ = run("audit", "verify")
    assert (code, help_) == (1, "The record is not as it was sealed.\n")
    assert re.fullmatch(r"event 2 was changed after seal 1 of .* UTC\n", told)


def test_a_head_that_is_not_on_the_chain_is_told(run: Run) -> None:
    run("users", "add", "ada", "--role", "admin")
    run("audit", "seal")

    code, told, _ = run("audit", "verify", "--head", "0" * 64)

    assert code == 1
    assert told.startswith(f"no seal has the hash {'0' * 64}")


@pytest.mark.parametrize("head", ["0" * 63, "0" * 65, "g" * 64, "seal 1", "١" * 64])
def test_what_is_no_hash_is_told_before_anything_is_read(run: Run, head: str) -> None:
    code, told, error = run("audit", "verify", "--head", head)

    assert (code, told) == (2, "")
    assert "64 letters of 0-9 and a-f" in error
