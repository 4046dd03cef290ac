"""`doctor` says what is used and what is wrong, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from postmortems import zone_tables
from postmortems.cli import cli
from postmortems.db import migrations
from tests.tables import put_migrated


def run(url: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", url)
    monkeypatch.setenv("POSTMORTEMS_SECRET_KEY", "x" * 32)
    return CliRunner().invoke(cli, ["doctor", *options])


def test_it_names_database_tables_and_zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = put_migrated(tmp_path / "data.db")
    said = run(url, monkeypatch)

    assert said.exit_code == 0, said.output
    assert f"data.db, tables at {migrations.head()}" in said.output
    assert (
        f"ok    zones: time zones of IANA {zone_tables.tables.version} ({zone_tables.tables.place})"
        in said.output
    )


def test_a_database_that_is_not_there_is_wrong_and_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(f"sqlite:///{tmp_path / 'data.db'}", monkeypatch)

    assert said.exit_code == 1
    assert "WRONG database: " in said.output
    assert "db upgrade" in said.output
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_one_line_and_the_rest_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("mysql://nowhere/", monkeypatch)

    assert said.exit_code == 1
    assert "WRONG settings: POSTMORTEMS_DATABASE_URL must begin with" in said.output
    assert "ok    zones: " in said.output


@pytest.mark.parametrize(
    "place",
    ["ada:hunter2@127.0.0.1:1/x", "ada@127.0.0.1:1/x?password=hunter2", "ada:hunter2@h:1/x?sslmode=no"],
)
def test_no_password_of_a_database_is_shown(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(f"postgresql://{place}", monkeypatch)

    assert said.exit_code == 1
    assert "WRONG database: the database does not answer" in said.output
    assert "hunter2" not in said.output


def test_a_password_beside_an_address_is_not_shown_where_all_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postmortems.db.migrations.current", lambda _: migrations.head())
    monkeypatch.setattr("postmortems.db.migrations.refuse_anothers", lambda *_: None)
    said = run("postgresql://ada:hunter2@127.0.0.1:1/x?password=hunter2", monkeypatch)

    assert "postgresql+psycopg://ada:***@127.0.0.1:1/x, tables at" in said.output
    assert "hunter2" not in said.output


def test_programs_read_the_same_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(put_migrated(tmp_path / "data.db"), monkeypatch, "--json")
    told = json.loads(said.output)

    assert said.exit_code == 0
    assert told["ok"] is True
    names = ["settings", "database", "disk", "clock", "replica", "worker", "months", "backups"]
    names += ["messages", "mail", "network", "identity provider", "zones", "extras"]
    assert [check["name"] for check in told["checks"]] == names


def test_json_says_what_is_wrong_and_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("postgresql://ada:hunter2@127.0.0.1:1/x", monkeypatch, "--json")
    told = json.loads(said.output)

    assert said.exit_code == 1
    assert told["ok"] is False
    assert [check["name"] for check in told["checks"] if not check["ok"]] == ["database"]
    assert "hunter2" not in said.output


def test_a_disk_with_little_room_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postmortems.cli.doctor.FREE_AT_LEAST", 2**70)
    said = run(put_migrated(tmp_path / "data.db"), monkeypatch)

    assert said.exit_code == 1
    assert "WRONG disk: " in said.output
    assert "make room there" in said.output


def test_in_a_fresh_folder_the_database_alone_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`serve` and `db upgrade` make the folders, too."""
    said = run(f"sqlite:///{tmp_path / 'none' / 'below' / 'data.db'}", monkeypatch)

    assert said.output.count("WRONG") == said.output.count("WRONG database: ") == 1
    assert f"MiB are free at {tmp_path / 'none' / 'below'}" in said.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_which_we_may_not_write_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = put_migrated(tmp_path / "data.db")
    # Root may write in any folder but one of a read-only file system.
    monkeypatch.setattr("os.access", lambda *_: False)
    said = run(url, monkeypatch)

    assert said.exit_code == 1
    assert f"WRONG disk: nobody but others may write in {tmp_path}; let us" in said.output


def test_a_database_that_is_away_is_not_asked_for_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(run("postgresql://ada@127.0.0.1:1/x", monkeypatch, "--json").output)

    assert not {"clock", "worker"} & {check["name"] for check in told["checks"]}


def test_a_mail_server_that_is_away_and_an_address_out_of_reach_are_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTMORTEMS_SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("POSTMORTEMS_MAIL_FROM", "pm@example.org")
    monkeypatch.setenv("POSTMORTEMS_CONTROL_URL", "http://127.0.0.1:1/")
    said = run(put_migrated(tmp_path / "data.db"), monkeypatch)

    assert said.exit_code == 1
    assert "WRONG mail: 127.0.0.1 port 1: the mail server cannot be reached: " in said.output
    assert "WRONG network: http://127.0.0.1:1/ may not be called: " in said.output
    assert "allow it by POSTMORTEMS_EGRESS_ALLOW" in said.output
    assert "ok    worker: none has run here yet" in said.output
