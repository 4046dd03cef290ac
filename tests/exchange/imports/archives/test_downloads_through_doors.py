"""Downloads of Notion and Google Docs through every door: once they are new, again they are the same."""

from __future__ import annotations

import io
from base64 import b64encode
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.cli.import_files import import_
from postmortems.db import session as db
from postmortems.exchange.imports import import_file, parts, zip_files
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.models import Source
from postmortems.incidents.attachments.models import Attachment
from postmortems.incidents.models import Incident
from tests.cli.import_folder import run
from tests.document.cases import load
from tests.exchange.bad_inputs import zipped
from tests.exchange.imports.archives.test_confluence import PNG
from tests.tables import put_migrated
from tests.world import World, build

ADA = Actor("person", "ada", role="author", user_id=1)
CASES = Path(__file__).parents[3] / "document"
HEX = "0123456789abcdef0123456789abcdef"
NOTION = load(CASES / "notion" / "page.md.md").input
DOCS = load(CASES / "gdocs" / "page.html.md").input
TITLE = "Checkout was down"


def notion_zip(title: str = TITLE) -> bytes:
    """The download as it comes: a zip with a part in it."""
    page = NOTION.replace(TITLE, title)
    inner = zipped((f"{title} {HEX}.md", page.encode()), (f"{TITLE} {HEX}/Untitled.png", PNG))
    return zipped((f"Export-{HEX}-Part-1.zip", inner))


DOCS_ZIP = zipped((f"{TITLE}.html", DOCS.encode()), ("images/image1.png", PNG))


def in_zip(content: bytes) -> list[ImportFile]:
    left = Left()
    return list(parts.divided(zip_files.in_zip(io.BytesIO(content), "x.zip", left), left))


def bring(file: ImportFile) -> import_file.Report:
    return import_file.bring(file, ImportDefaults(), actor=ADA)


@pytest.mark.parametrize("content", [notion_zip(), DOCS_ZIP], ids=["notion", "gdocs"])
def test_a_download_comes_with_its_picture_and_again_changes_nothing(database: str, content: bytes) -> None:
    ((first,), (second,)) = in_zip(content), in_zip(content)
    came, again = bring(first), bring(second)

    assert (came.result, again.result, again.slug) == ("new", "same", came.slug)
    assert came.slug == "2018-01-25-checkout-was-down"
    with db.reading() as session:
        assert len(session.scalars(select(Attachment.name)).all()) == 1


def test_a_page_of_notion_with_another_title_is_the_same_report(database: str) -> None:
    ((first,), (renamed,)) = in_zip(notion_zip()), in_zip(notion_zip("Checkout stood still"))
    came, again = bring(first), bring(renamed)

    assert (again.result, again.slug) == ("changed", came.slug)
    with db.reading() as session:
        assert [source.identity for source in session.scalars(select(Source))] == [f"notion:{HEX}"]


FORMS = {
    f"2018-01-25 Down {HEX}.md": ("# Down\n\nWords.\n", f"notion:{HEX}", "2018-01-25-down"),
    f"To do {HEX}.csv": ("Task,Owner,Status\nAlert,Ada,Done\n", f"notion:{HEX}", "to-do"),
    f"Down {HEX}.html": (
        '<article class="page sans"><h1 class="page-title">Down</h1><div class="page-body"><p>a</p></div>',
        f"notion:{HEX}",
        "down",
    ),
    "Down.html": (DOCS, "", "2018-01-25-checkout-was-down"),
    "Down.md": (load(CASES / "gdocs" / "download.md.md").input, "", "2018-01-25-checkout-was-down"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_single_file_is_recognised_by_its_name_or_by_what_is_in_it(database: str, name: str) -> None:
    text, identity, slug = FORMS[name]
    (found,) = parts.divided([ImportFile(name, text.encode())], Left())
    came = bring(found)

    assert (found.identity, came.result, came.slug) == (identity, "new", slug)


def test_rows_of_a_database_of_reports_are_reports(database: str) -> None:
    columns = "Name,Date,Severity,Owner,Summary,Root cause"
    rows = 'Disk full on db/3,"March 2, 2024",SEV2,Ada,The disk was full.,Logs\nQueue stood,,SEV3,,,\n'
    file = ImportFile(f"Incidents {HEX}.csv", f"{columns}\n{rows}".encode())

    found = list(parts.divided([file], Left()))

    assert [(each.name, each.identity) for each in found] == [
        ("Incidents/Disk full on db 3.md", ""),
        ("Incidents/Queue stood.md", ""),
    ]
    assert [bring(each).slug for each in found] == ["2024-03-02-disk-full-on-db-3", "queue-stood"]
    assert b"- Root cause: Logs\n\n## Summary\n\nThe disk was full." in found[0].content


def test_a_database_of_any_name_is_read_where_it_is_said_to_be_notions(database: str) -> None:
    file = ImportFile("c.csv", b"Task,Owner,Status\nAlert,Ada,Done\n")

    (found,) = parts.divided([file], Left(), "notion")

    assert bring(found).result == "new"


def test_the_command_takes_both_and_again_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", put_migrated(tmp_path / "test.db"))
    (tmp_path / "n.zip").write_bytes(notion_zip())
    (tmp_path / "g.zip").write_bytes(DOCS_ZIP)
    both = (tmp_path / "n.zip", tmp_path / "g.zip")

    tried, first, again = run(import_, *both, "--dry-run"), run(import_, *both), run(import_, *both)

    assert "2 new" in tried.output
    assert "2 new, 0 changed, 0 same, 0 failed" in first.output
    assert "0 new, 0 changed, 2 same, 0 failed" in again.output


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.mark.parametrize("content", [notion_zip(), DOCS_ZIP], ids=["notion", "gdocs"])
def test_an_upload_of_the_zip_is_previewed_and_applied(world: World, content: bytes) -> None:
    browser = world.browser()

    answer = browser.send("/import", {"files": (io.BytesIO(content), "x.zip")})
    browser.send(f"{answer.location}/apply", {})

    with db.reading() as session:
        assert TITLE in set(session.scalars(select(Incident.title)))


def test_a_picture_with_its_bytes_in_the_text_is_stored(database: str) -> None:
    data = b64encode(PNG).decode()
    text = f"# **Down**\n\n## **Impact**\n\n![][image1]\n\n[image1]: <data:image/png;base64,{data}>\n"
    (found,) = parts.divided([ImportFile("Down.md", text.encode())], Left())

    assert bring(found).result == "new"
    with db.reading() as session:
        assert session.scalars(select(Attachment.name)).all() == ["image1.png"]
