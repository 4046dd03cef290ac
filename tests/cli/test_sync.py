"""`sync` as a command: one line a file, a sum, and an exit code that a job can act upon."""

from __future__ import annotations

from pathlib import Path

import pytest

from postmortems.actor import Actor
from tests.cli.conftest import Run
from tests.exchange.repositories import WHO, bare, content, log, push
from tests.slugs import all_slugs

pytestmark = pytest.mark.usefixtures("begun")

FILES = {"incidents/2020-02-01-disk.md": b"# Disk full\n\n2020-02-01 10:00 The disk fills.\n"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    return bare(tmp_path / "git", FILES)


def edit_here(old: str, new: str) -> None:
    """Ada edits the one incident there is."""
    from postmortems.config import Settings
    from postmortems.db import session as db
    from postmortems.document.markdown import parser
    from postmortems.gate.enforcement import save_incident
    from postmortems.incidents import queries, rows

    db.connect(Settings().database_url)
    with db.transaction():
        [slug] = all_slugs()
        text = parser.write(rows.to_document(queries.by_slug(slug, Actor.system("test"))))
        assert old in text
        ada = Actor("person", "ada", "author")
        save_incident.save(slug, parser.parse(text.replace(old, new)), version=None, actor=ada)
    db.disconnect()


def test_a_dry_run_then_the_sync_then_nothing(run: Run, place: Path) -> None:
    code, out, _ = run("sync", str(place), "--folder", "incidents", "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, "1 in, 0 out (dry run: nothing was changed)")

    code, out, _ = run("sync", str(place), "--folder", "incidents")
    assert code == 0
    assert out.splitlines() == ["new      2020-02-01-disk.md → 2020-02-01-disk", "1 in, 0 out"]
    assert run("sync", str(place), "--folder", "incidents/") == (0, "0 in, 0 out\n", "")


def test_an_edit_here_is_pushed_and_a_conflict_ends_with_1(run: Run, place: Path) -> None:
    run("sync", str(place))
    edit_here("fills", "filled")
    assert run("sync", str(place))[0] == 0
    assert content(place, "incidents/2020-02-01-disk.md").endswith(b"The disk filled.\n")
    assert log(place, "%an")[0] == "ada"

    name = "incidents/2020-02-01-disk.md"
    push(place, place.parent / "clone", {name: content(place, name).replace(b"filled", b"burst")}, "No")
    edit_here("filled", "ran over")
    code, out, _ = run("sync", str(place))

    assert code == 1
    assert "/reviews/1" in out
    assert out.splitlines()[-1] == "0 in, 0 out, 1 in conflict"


@pytest.mark.parametrize(
    "argv, said",
    [
        (["/nowhere/x.git"], "there is no git repository"),
        (["git://git.example.org/x"], "asked over https or ssh"),
        (["https://ada:s3cret@git.example.org/x"], "name or password"),
        (["https://127.0.0.1:1/x"], "cannot be reached"),
        ([".", "--branch", "a b"], "no name of a branch"),
        ([".", "--folder", "../x"], "is no folder of a repository"),
        ([".", "--timezone", "Mars"], "is no zone"),
        ([".", "--secret", "s3cret"], "say where the secret is, not what it is"),
        (["https://git.example.org/x", "--secret", "store:git"], "secret"),
    ],
)
def test_what_cannot_be_synced_is_one_line_and_2(
    run: Run, tmp_path: Path, argv: list[str], said: str
) -> None:
    code, _, err = run("sync", *argv)

    assert code == 2
    assert said in err
    assert len(err.splitlines()) == 1
    assert "s3cret" not in err
