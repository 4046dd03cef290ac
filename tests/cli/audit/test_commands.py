"""`audit`: the record is sealed and verified by its operator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from postmortems.config import Settings
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("begun")


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


def test_it_exports_what_can_be_verified_without_a_database(run: Run, tmp_path: Path) -> None:
    run("users", "add", "ada", "--role", "admin")
    run("audit", "seal")

    assert run("audit", "export", "audit.jsonl") == (0, "audit.jsonl is written.\n", "")
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600
    code, told, _ = run(
        "audit", "verify", "--file", "audit.jsonl", POSTMORTEMS_DATABASE_URL="sqlite:////none/x"
    )
    assert code == 0
    assert told.startswith("1 event in 1 seal are as they were sealed.")
    assert run("audit", "export", "audit.csv", "--format", "csv", "--since", "2020-01-01")[0] == 0
    assert (tmp_path / "audit.csv").read_text().startswith("id,at,actor_kind,actor,verb")


@pytest.mark.parametrize(
    "words, said",
    [
        ("export none/audit.jsonl", "cannot be written"),
        ("export x --since yesterday", "does not match the format"),
        ("export x --format xml", "is not one of"),
        ("verify --file none", "does not exist"),
        ("verify --file text", "line 1"),
    ],
)
def test_what_cannot_be_done_is_told(run: Run, tmp_path: Path, words: str, said: str) -> None:
    (tmp_path / "text").write_text("hello")

    code, told, error = run("audit", *words.split())

    assert (code, told) == (2, "")
    assert said in error
    assert not list(tmp_path.glob("*.part"))
