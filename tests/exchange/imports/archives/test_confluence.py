"""Exported spaces of Confluence through all doors: reports, pictures, and what is left with the reason."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.cli.import_files import import_
from postmortems.db import session as db
from postmortems.document.readers.confluence import space
from postmortems.exchange.imports import folders, import_file, parts, zip_files
from postmortems.exchange.imports.archives import confluence
from postmortems.exchange.imports.archives.archive import Archive
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.models import Source
from postmortems.incidents.attachments.models import Attachment
from postmortems.incidents.models import Incident
from tests.cli.import_folder import run
from tests.document.readers.confluence.test_forms import exported
from tests.document.readers.confluence.test_space import INDEX
from tests.exchange.bad_inputs import zipped
from tests.tables import put_migrated
from tests.world import World, build

ADA = Actor("person", "ada", role="author", user_id=1)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540000000 0049454e44ae426082".replace(" ", "")
)
TASK = '<ul class="inline-task-list"><li class="checked" data-inline-task-id="1">Buy one</li></ul>'
REPORT = exported(
    "<h2>Summary</h2><p>Full.</p><h2>Timeline</h2><p>2018-01-25 14:30 full</p>"
    '<p><img src="attachments/3/31.png" alt="graph"/></p><p>See <a href="Postmortems_2.html">all</a>.</p>'
    f"<h2>Action items</h2>{TASK}",
    name="Ops : Disk full",
).replace("</body>", '<img src="images/icons/bullet_blue.gif"/></body>')
FILES = {
    "index.html": INDEX,
    "Home_1.html": exported('<p>Welcome, see <a href="Postmortems_2.html">x</a></p>', name="Ops : Home"),
    "Postmortems_2.html": exported('<p>All: <a href="Home_1.html">x</a></p>', name="Ops : Postmortems"),
    "Hub-down_3.html": REPORT,
    "Über_4.html": exported("<h2>Impact</h2><p>x</p><h2>Lessons</h2><p>y</p>", name="Ops : Über"),
    "styles/site.css": "a {}",
    "images/icons/bullet_blue.gif": "GIF89a",
    "attachments/3/31.png": PNG,
}
CONTENT = {name: text if isinstance(text, bytes) else text.encode() for name, text in FILES.items()}


def in_zip(_: Path, left: Left) -> list[ImportFile]:
    content = zipped(*((f"OPS/{name}", content) for name, content in CONTENT.items()))
    return list(zip_files.in_zip(io.BytesIO(content), "space.zip", left))


def in_folder(folder: Path, left: Left) -> list[ImportFile]:
    written(folder)
    return list(folders.in_folder(folder, left))


def written(folder: Path) -> None:
    for name, content in CONTENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("way", [in_zip, in_folder])
def test_reports_come_with_identity_and_pictures_and_the_rest_is_told(
    way: Callable[[Path, Left], list[ImportFile]], tmp_path: Path
) -> None:
    left = Left()

    found = way(tmp_path, left)

    assert [(file.name, file.identity, file.format) for file in found] == [
        ("Hub-down_3.html", "confluence:3", "confluence"),
        ("Über_4.html", "confluence:4", "confluence"),
    ]
    assert [(one.link, one.trouble) for one in found[0].beside] == [("attachments/3/31.png", "")]
    assert left.reasons["index.html"] == confluence.LIST
    assert left.reasons["Home_1.html"] == space.NO_REPORT
    assert left.reasons["Postmortems_2.html"] == f"{space.NO_REPORT}; it stands below Home"


def archive_of(files: dict[str, bytes], left: Left | None = None) -> Archive:
    return Archive("space.zip", tuple(files), files.get, left or Left())


def test_a_space_without_a_list_is_known_by_its_pages() -> None:
    files = {name: content for name, content in CONTENT.items() if name != "index.html"}

    assert confluence.is_it(archive_of(files))
    assert [file.name for file in confluence.reports(archive_of(files))] == ["Hub-down_3.html", "Über_4.html"]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"index.html": b"<h1>My site</h1>", "post_1.html": b"<h1>Post</h1>"},
        {"index.html": INDEX.encode()},
        {"a.md": b"# x", "b.html": REPORT.encode()},
    ],
)
def test_any_other_folder_is_no_space(files: dict[str, bytes]) -> None:
    assert not confluence.is_it(archive_of(files))


def test_a_page_that_was_cut_off_says_so_itself(database: str) -> None:
    files = dict(CONTENT) | {"Hub-down_3.html": REPORT.encode()[: REPORT.index("Full.")]}

    found = list(confluence.reports(archive_of(files)))

    assert found[0].name == "Hub-down_3.html"
    assert "the page ends amid its body" in bring(found[0]).detail


def test_pages_that_link_in_circles_and_thousands_below_one_are_each_looked_at_once() -> None:
    page = exported('<p><a href="p_1.html">x</a></p>').encode()
    files = {f"p_{number}.html": page for number in range(1, 1_001)}
    nested = "".join(f'<ul><li><a href="{name}">{name}</a>' for name in files)
    files["index.html"] = INDEX.replace("<ul><li>", f"{nested}<ul><li>", 1).encode()
    looked: list[str] = []

    def fetch(name: str) -> bytes | None:
        looked.append(name)
        return files.get(name)

    left = Left()
    found = list(confluence.reports(Archive("a.zip", tuple(files), fetch, left)))

    assert (found, len(looked), len(left.reasons)) == ([], 1_001, 1_000)


def bring(file: ImportFile) -> import_file.Report:
    return import_file.bring(file, ImportDefaults(), actor=ADA)


def test_a_page_that_was_renamed_is_the_same_report(database: str, tmp_path: Path) -> None:
    [first, _] = in_zip(tmp_path, Left())
    came, again = bring(first), bring(replace(first, name="Disk-full-again_3.html"))

    assert (came.result, again.result, again.slug) == ("new", "same", came.slug)
    with db.reading() as session:
        assert [source.identity for source in session.scalars(select(Source))] == ["confluence:3"]


PAGES = {
    "results": [
        {"id": str(number), "title": title, "body": {"storage": {"value": f"<h2>Summary</h2><p>{title}</p>"}}}
        for number, title in ((7, "Disk full"), (8, "Queue stood"))
    ],
    "_links": {"base": "https://wiki.example.org"},
}


def test_a_list_of_the_api_becomes_a_report_for_each_page(database: str) -> None:
    file = ImportFile("pages.json", json.dumps(PAGES).encode())

    found = list(parts.divided([file], Left()))

    assert [(each.name, each.identity) for each in found] == [
        ("Disk-full_7.json", "confluence:7"),
        ("Queue-stood_8.json", "confluence:8"),
    ]
    assert [bring(each).result for each in found] == ["new", "new"]


FORMS = [
    ("a.json", json.dumps(PAGES["results"][0]), "confluence:7"),  # type: ignore[index]
    ("Disk-full_3.html", REPORT, "confluence:3"),
    ("3.html", REPORT, "confluence:3"),
    ("page.html", REPORT, ""),
    ("a.xml", "<p>x</p><ac:task-list></ac:task-list>", ""),
    ("a.txt", "<p>x</p><ac:task-list></ac:task-list>", ""),
]


@pytest.mark.parametrize("name, text, identity", FORMS)
def test_a_single_page_is_recognised_by_what_is_in_it(
    database: str, name: str, text: str, identity: str
) -> None:
    [found] = parts.divided([ImportFile(name, text.encode())], Left())

    assert found.identity == identity
    assert bring(found).result == "new"


def test_the_command_takes_a_folder_and_again_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = put_migrated(tmp_path / "test.db")
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", url)
    written(tmp_path / "OPS")

    tried = run(import_, tmp_path / "OPS", "--dry-run")
    first, again = run(import_, tmp_path / "OPS"), run(import_, tmp_path / "OPS")

    assert "2 new" in tried.output
    assert "2 new, 0 changed, 0 same, 0 failed" in first.output
    assert "0 new, 0 changed, 2 same, 0 failed" in again.output
    assert "Home_1.html" in first.output


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


def test_an_upload_of_the_zip_is_previewed_and_applied(world: World) -> None:
    content = zipped(*((f"OPS/{name}", content) for name, content in CONTENT.items()))
    browser = world.browser()

    answer = browser.send("/import", {"files": (io.BytesIO(content), "space.zip")})
    browser.send(f"{answer.location}/apply", {})

    with db.reading() as session:
        assert set(session.scalars(select(Incident.title))) == {"Disk full", "Über"}
        assert session.scalars(select(Attachment.name)).all() == ["31.png"]


def test_of_a_page_outside_a_space_only_its_body_has_pictures(tmp_path: Path) -> None:
    """In a folder of several sources no space is recognised; its icons are still none of the report's."""
    ornament = '<img src="images/icons/emoticons/warning.png"/> <img src="images/gone.png" alt="gone"/>'
    page = REPORT.replace("<p>Full.</p>", f"<p>Full. {ornament}</p>")
    for name, text in {"wiki/Hub-down.html": page, "a.md": "# Other\n\nx\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "wiki" / "attachments" / "3").mkdir(parents=True)
    (tmp_path / "wiki" / "attachments" / "3" / "31.png").write_bytes(PNG)

    found = {file.name: file for file in folders.in_folder(tmp_path, Left())}["wiki/Hub-down.html"]

    assert [(one.link, one.trouble, one.content) for one in found.beside] == [
        ("attachments/3/31.png", "", PNG)
    ]
    assert found.beside[0].line == page.count("\n", 0, page.index("31.png")) + 1
