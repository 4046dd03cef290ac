"""`public export`: a folder of what customers read, replaced whole."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner

from postmortems.cli.public.export import public
from postmortems.db import session as db
from postmortems.incidents.public_reports import operations
from tests import world as worlds
from tests.incidents.public_reports.written import Reported

PAGE = "2026-03-04-mail-was-late.html"


@pytest.fixture
def reported(url: str, monkeypatch: pytest.MonkeyPatch) -> Reported:
    db.connect(url)
    monkeypatch.setenv("POSTMORTEMS_PUBLIC_NAME", "Example Cloud")
    found = Reported(worlds.build())
    found.published()
    return found


def run(*words: str, ends: int = 0) -> str:
    done = CliRunner().invoke(public, ["export", *words])
    assert done.exit_code == ends, done.output
    return f"{done.output}{done.exception or ''}"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith("cli.db")}


def test_a_folder_is_replaced_whole(reported: Reported, url: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert "4 files written" in run(str(site), "--url", "https://status.example.com/x/")
    assert names(site) == {".public-reports", "index.html", "feed.atom", "public.css", PAGE}
    feed = Xml.fromstring((site / "feed.atom").read_bytes())
    links = {link.get("href") for link in feed.iter("{http://www.w3.org/2005/Atom}link")}
    assert f"https://status.example.com/x/{PAGE}" in links
    db.connect(url)
    with db.transaction():
        operations.withdraw(reported.slug, actor=reported.world.ada)
    run(str(site))

    assert PAGE not in names(site)
    assert names(tmp_path) == {"site"}


def test_a_folder_of_something_else_is_left_alone(reported: Reported, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    assert "holds something else" in run(str(tmp_path), ends=1)
    assert names(tmp_path) == {"mine.txt"}


def test_a_zip_has_the_same(reported: Reported, tmp_path: Path) -> None:
    run("--zip", str(tmp_path / "site.zip"))

    assert names(tmp_path) == {"site.zip"}


@pytest.mark.parametrize("words", [(), ("x", "--zip", "y")])
def test_it_says_where_to_write(reported: Reported, words: tuple[str, ...]) -> None:
    assert "name a folder" in run(*words, ends=2)


def test_without_a_name_nothing_is_written(
    reported: Reported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSTMORTEMS_PUBLIC_NAME")

    assert "POSTMORTEMS_PUBLIC_NAME" in run(str(tmp_path / "site"), ends=1)
    assert names(tmp_path) == set()
