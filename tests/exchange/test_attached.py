"""Attached files leave and come back with their documents, in every layout and through git."""

from __future__ import annotations

import io
import os
import zipfile
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Prose, Section
from postmortems.exchange.exports import export
from postmortems.exchange.imports import beside, files, import_file, uploads, zip_files
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.import_file import Report
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.imports.uploads import Upload
from postmortems.incidents import operations as incidents_operations
from postmortems.incidents.attachments import file_store, image_process, links, operations
from postmortems.incidents.attachments.models import Attachment, AttachmentUse
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import Filters
from tests.conftest import Clock
from tests.document.readers.office import office_cases
from tests.exchange.bad_inputs import zipped
from tests.exchange.repositories import bare, content, git, push
from tests.exchange.synced import sync
from tests.incidents.attachments import samples
from tests.incidents.documents import SYSTEM, save, stored
from tests.world import World

ADA = Actor(kind="person", name="ada", role="author")
PNG = samples.picture("PNG")
CLEAN = image_process.checked(PNG, "a.png", 10**6).content
DIGEST = file_store.hashlib.sha256(CLEAN).hexdigest()
REPORT = b"# Disk full\n\nLook:\n\n![Graph](img/a.png) and ![gone](img/gone.png)\n"
NAME = "2020/2020-02-01-disk-full.md"
SLUG = "2020-02-01-disk-full"


def attach(content: bytes = PNG, name: str = "graph.png") -> tuple[str, str]:
    """The id and the Markdown of a file that Ada uploaded."""
    checked = image_process.checked(content, name, 10**6)
    with db.transaction(), visibility.seen_by(visibility.Viewer("ada")):
        row = operations.add(checked, actor=ADA)
        return row.id, links.markdown(row.id, row.name, is_picture=row.is_picture)


def written_here(text: str, title: str = "It fell over") -> str:
    document = Document(title, status="published", sections=(Section("Summary", (Prose(text),)),))
    with visibility.seen_by(visibility.Viewer("ada")):
        return save(document, actor=ADA).slug


def exported(layout: str = "") -> dict[str, bytes]:
    return {file.path: file.content for file in export.files(Filters(), actor=SYSTEM, layout=layout)}


def bring(file: ImportFile, actor: Actor = SYSTEM, **given: Any) -> Report:
    return import_file.bring(file, ImportDefaults(), actor=actor, **given)


def used(slug: str) -> dict[str, str]:
    """The links of an incident's text, each with the name of what it leads to."""
    with db.reading():
        rows = session().execute(
            select(AttachmentUse.link, Attachment.name)
            .join(Attachment, Attachment.id == AttachmentUse.attachment_id)
            .join(Incident, Incident.id == AttachmentUse.incident_id)
            .where(Incident.slug == slug)
        )
        return {row.link: row.name for row in rows}


LAYOUTS = [
    ("", "{slug}.md", "attachments", "attachments"),
    ("plain", "{slug}.md", "attachments", "attachments"),
    ("quarto", "{slug}.qmd", "attachments", "attachments"),
    ("sphinx", "{slug}.md", "attachments", "attachments"),
    ("mkdocs", "docs/postmortems/{slug}.md", "docs/postmortems/attachments", "attachments"),
    ("hugo", "content/postmortems/{slug}.md", "static/postmortems/files", "../files"),
    ("jekyll", "_posts/{day}-{slug}.md", "assets/postmortems", "/assets/postmortems"),
]


@pytest.mark.parametrize("layout, file, folder, way", LAYOUTS)
def test_every_layout_has_the_files_where_its_links_lead(
    database: str, clock: Clock, layout: str, file: str, folder: str, way: str
) -> None:
    picture, log = attach()[1], attach(b"14:30 it fell over", "the log.txt")[1]
    slug = written_here(f"{picture} {log}")

    found = exported(layout)

    name = f"{DIGEST[:12]}-graph.png"
    [path] = [path for path in found if slug in path or path.startswith("_posts")]
    assert path == file.format(slug=slug, day=clock.now().date())
    text = found[path].decode()
    assert f"![graph]({way}/{name})" in text
    assert "-the%20log.txt)" in text
    assert links.PATH not in text.replace("/assets/postmortems", "")
    assert found[f"{folder}/{name}"] == CLEAN
    assert [each for path, each in found.items() if path.endswith("-the log.txt")] == [b"14:30 it fell over"]


def test_a_content_is_in_an_export_once(database: str) -> None:
    for number in range(3):
        with visibility.seen_by(visibility.Viewer("ada")):
            written_here(attach()[1], f"Outage {number}")

    assert [path for path in exported("plain") if path.endswith(".png")] == [
        f"attachments/{DIGEST[:12]}-graph.png"
    ]


def test_what_is_restricted_leaves_with_no_file(database: str) -> None:
    text = attach()[1]
    document = Document("Secret", sections=(Section("Summary", (Prose(text),)),), restricted=("ada",))
    with visibility.seen_by(visibility.Viewer("ada")):
        save(document, actor=SYSTEM)

    with visibility.seen_by(visibility.NOBODY):
        assert list(export.files(Filters(), actor=SYSTEM, drafts=True)) == []


def test_an_exported_folder_comes_in_elsewhere_with_its_files(database: str, tmp_path: Path) -> None:
    slug = written_here(f"{attach()[1]} {attach(b'words', 'a.log')[1]}")
    for path, data in exported("plain").items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    with db.transaction():
        incidents_operations.delete(slug, actor=SYSTEM)

    [file] = in_folder(tmp_path)
    report = bring(file)

    assert report.result == "new"
    assert sorted(used(report.slug).values()) == sorted(
        path.removeprefix("attachments/") for path in exported() if path.startswith("attachments/")
    )
    assert exported()[file.name] == file.content


def test_what_went_out_comes_back_as_it_was_written_here(database: str) -> None:
    number, text = attach()
    slug = written_here(f"First. {text}")
    before = stored(slug)
    [report] = [ImportFile(path, data) for path, data in exported().items() if path.endswith(".md")]

    assert bring(report).result == "same"
    edited = ImportFile(report.name, report.content.replace(b"First.", b"Second."))
    assert bring(edited).result == "changed"

    assert parser.write(stored(slug)) == parser.write(before).replace("First.", "Second.")
    assert f"/attachments/{number}/graph.png" in parser.write(stored(slug))
    assert exported()[report.name] == edited.content, "and goes out to the byte"


def in_folder(folder: Path) -> list[ImportFile]:
    left = Left()
    found = files.in_folder(folder, left)
    return [beside.gathered(file, lambda path: files.below(folder, path)) for file in found]


def in_upload(folder: Path) -> list[ImportFile]:
    sent = [
        Upload(f"reports/{path.relative_to(folder)}", io.BytesIO(path.read_bytes()))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]
    return list(uploads.uploaded(sent, Left(), is_folder=True))


def in_zip(folder: Path) -> list[ImportFile]:
    pairs = [
        (f"reports/{path.relative_to(folder)}", path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]
    return list(zip_files.in_zip(io.BytesIO(zipped(*pairs)), "reports.zip", Left()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a report and the picture that it links to."""
    place = tmp_path / "reports"
    (place / "2020" / "img").mkdir(parents=True)
    (place / NAME).write_bytes(REPORT)
    (place / "2020" / "img" / "a.png").write_bytes(samples.picture("PNG"))
    (place / "2020" / "img" / "unused.png").write_bytes(PNG)
    return place


@pytest.mark.parametrize("way", [in_folder, in_upload, in_zip])
def test_pictures_come_along_and_the_text_stays_to_the_byte(
    any_database: str, folder: Path, way: Any
) -> None:
    [file] = way(folder)
    report = bring(file)

    assert report.result == "new", report.detail
    assert used(report.slug) == {"img/a.png": "a.png"}
    assert report.understood is not None
    [missing] = [one for one in report.understood.warnings if one.kind == "picture"]
    assert (missing.words, missing.line) == ("img/gone.png", 5)
    assert "is not in what was imported" in missing.text
    found = exported()
    assert {path for path in found if not path.endswith(".md")} == {path_of(file.name, "img/a.png")}
    assert found[path_of(file.name, "img/a.png")] == CLEAN
    assert found[file.name] == REPORT
    assert bring(way(folder)[0]).result == "same"
    with db.reading():
        assert len(session().scalars(select(Attachment.id)).all()) == 1


def path_of(name: str, link: str) -> str:
    return f"{name.rpartition('/')[0]}/{link}".removeprefix("/")


def test_a_layout_moves_pictures_that_came_with_a_file(database: str, folder: Path) -> None:
    [file] = in_folder(folder)
    bring(file)

    found = exported("mkdocs")

    assert f"![Graph](attachments/{DIGEST[:12]}-a.png) and ![gone](img/gone.png)" in found[
        f"docs/postmortems/{SLUG}.md"
    ].decode().replace("\\", "")
    assert found[f"docs/postmortems/attachments/{DIGEST[:12]}-a.png"] == CLEAN


def test_a_picture_that_changed_is_the_new_one(database: str, folder: Path) -> None:
    bring(in_folder(folder)[0])
    (folder / "2020" / "img" / "a.png").write_bytes(samples.picture("PNG", size=(10, 10)))
    (folder / NAME).write_bytes(REPORT + b"\nMore.\n")

    bring(in_folder(folder)[0])

    assert samples.read(exported()[path_of(NAME, "img/a.png")]).size == (10, 10)


BAD_LINKS = [
    ("../../outside.png", "its name leads out of the folder"),
    ("img/../../../outside.png", "its name leads out of the folder"),
    ("img/link.png", "links are not followed"),
    ("linked/a.png", "links are not followed"),
    ("img/folder.png", "a folder, not a file"),
    (".hidden/a.png", "hidden files are not taken"),
    ("img/text.png", "text.png is no picture"),
    ("img/cut.png", "cut.png is broken or cut off"),
    ("img/chart.svg", "chart.svg is an SVG"),
    ("img/large.png", "large.png has 10000 × 5000 pixels"),
    ("img/empty.png", "empty.png is empty"),
    ("img/none.png", "is not in what was imported"),
]


@pytest.mark.parametrize("link, why", BAD_LINKS)
def test_what_is_not_taken_is_told_with_its_line_and_stops_nothing(
    database: str, folder: Path, link: str, why: str
) -> None:
    img = folder / "2020" / "img"
    (folder.parent / "outside.png").write_bytes(PNG)
    (img / "link.png").symlink_to(folder.parent / "outside.png")
    (folder / "2020" / "linked").symlink_to(folder / "2020" / "img")
    (img / "folder.png").mkdir()
    (folder / "2020" / ".hidden").mkdir()
    (folder / "2020" / ".hidden" / "a.png").write_bytes(PNG)
    for name, data in {
        "text.png": b"words",
        "cut.png": PNG[:50],
        "chart.svg": samples.SVG,
        "large.png": samples.large_header(10_000, 5_000),
        "empty.png": b"",
    }.items():
        (img / name).write_bytes(data)
    (folder / NAME).write_bytes(f"# Disk full\n\n![x]({link})\n".encode())

    [file] = in_folder(folder)
    report = bring(file)

    assert report.result == "new"
    assert used(report.slug) == {}
    assert report.understood is not None
    [warned] = [one for one in report.understood.warnings if one.kind == "picture"]
    assert why in warned.text
    assert warned.line == 3
    assert exported()[NAME] == file.content


def test_a_dry_run_stores_no_file(database: str, folder: Path) -> None:
    [file] = in_folder(folder)
    report = bring(file, is_dry_run=True)

    assert report.result == "new"
    assert report.understood is not None
    assert [one.words for one in report.understood.warnings if one.kind == "picture"] == ["img/gone.png"]
    with db.reading():
        assert session().scalars(select(Attachment.id)).all() == []


def test_a_repository_and_the_incidents_here_keep_their_pictures(any_database: str, tmp_path: Path) -> None:
    place = bare(tmp_path, {f"incidents/{NAME}": REPORT, "incidents/2020/img/a.png": PNG})
    sync(place)
    assert used(SLUG) == {"img/a.png": "a.png"}
    head = git(place, "rev-parse", "main")
    assert sync(place).in_words() == "0 in, 0 out"
    assert git(place, "rev-parse", "main") == head

    slug = written_here(attach(samples.picture("PNG", size=(8, 8)), "new.png")[1])
    sync(place)

    text = content(place, f"incidents/{slug}.md").decode()
    assert "![new](attachments/" in text
    [name] = [
        line
        for line in git(place, "ls-tree", "-r", "--name-only", "main").splitlines()
        if "attachments/" in line
    ]
    assert samples.read(content(place, name)).size == (8, 8)
    assert content(place, "incidents/2020/img/a.png") == PNG, "the author's own stays to the byte"
    head = git(place, "rev-parse", "main")
    assert sync(place).in_words() == "0 in, 0 out"

    push(
        place, tmp_path / "clone", {f"incidents/{slug}.md": text.replace("[new]", "[newer]").encode()}, "Edit"
    )
    assert sync(place).in_words() == "1 in, 0 out"
    assert f"![newer]({links.PATH}" in parser.write(stored(slug))
    assert sync(place).in_words() == "0 in, 0 out"


def test_a_run_in_the_browser_brings_pictures_along(world: World, folder: Path) -> None:
    browser = world.browser()
    sent = [
        (io.BytesIO(path.read_bytes()), f"reports/{path.relative_to(folder)}")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    seen = browser.send("/import", {"folder": sent}, follow_redirects=True)
    assert "img/gone.png" in seen.text
    assert "1 file left out: 1 .png" in seen.text

    browser.send("/import/1/apply")

    assert used(SLUG) == {"img/a.png": "a.png"}
    page = browser.get(f"/incidents/{SLUG}").text
    assert 'alt="Graph" loading="lazy" decoding="async" width="40" height="20"' in page
    assert "img/gone.png" in page


@pytest.mark.parametrize("path", ["/preview?field=text", "/write/preview"])
def test_a_preview_shows_what_came_with_the_report_to_whom_it_is_shown(
    world: World, folder: Path, path: str
) -> None:
    bring(in_folder(folder)[0], actor=world.ada)
    form = {"incident": SLUG, "text": "![Graph](img/a.png)", "title": "Disk full"}
    form |= {"sections.0.blocks.0.type": "prose", "sections.0.blocks.0.text": "![Graph](img/a.png)"}

    assert 'width="40" height="20"' in world.browser("ben").send(path, form).text
    restricted = replace(stored(SLUG), restricted=("ada",))
    save(restricted, SLUG, actor=world.ada)
    assert 'width="40" height="20"' in world.browser("ada").send(path, form).text
    assert links.PATH not in world.browser("ben").send(path, form).text


def test_a_comparison_of_versions_shows_the_pictures_of_both(world: World, folder: Path) -> None:
    bring(in_folder(folder)[0], actor=world.ada)
    (folder / NAME).write_bytes(REPORT.replace(b"Look", b"Look here"))
    bring(in_folder(folder)[0], actor=world.ada)

    told = world.browser().get(f"/api/v1/incidents/{SLUG}/diff?from=1&to=2&format=html").text

    assert f'src="{links.PATH}' in told


def test_a_page_in_one_file_has_its_pictures_in_it(world: World) -> None:
    slug = written_here(f"{attach()[1]} {attach(b'words', 'a.log')[1]}")

    page = world.browser().get(f"/api/v1/incidents/{slug}?format=html").text

    data = page.partition('src="data:image/png;base64,')[2].partition('"')[0]
    assert b64decode(data) == CLEAN
    assert 'href="http://127.0.0.1:8000/attachments/' in page


def test_a_zip_of_the_list_has_the_files(world: World) -> None:
    written_here(attach()[1])
    answer = world.browser().get("/api/v1/incidents?format=zip")

    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.read(f"attachments/{DIGEST[:12]}-graph.png") == CLEAN


def test_a_folder_is_read_through_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")

    with pytest.raises(files.Refusal, match="not a regular file"):
        files.below(tmp_path, "a.png")


def word_file(*pictures: str) -> bytes:
    """A document of Word that shows these pictures."""
    shown = "".join(
        f'<w:p><w:r><w:drawing><wp:inline><wp:docPr descr="{name}"/><a:graphic><a:graphicData>'
        f'<pic:pic><pic:blipFill><a:blip r:embed="p{at}"/></pic:blipFill></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
        for at, name in enumerate(pictures)
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    links = "".join(
        f'<Relationship Id="p{at}" Type="{kind}" Target="media/{name}"/>' for at, name in enumerate(pictures)
    )
    parts: dict[str, str | bytes] = {"body": shown, "links": links, "title": "Disk full"}
    return office_cases.docx(parts | {f"word/media/{name}": PNG for name in pictures if "gone" not in name})


@pytest.mark.usefixtures("database")
def test_pictures_in_a_document_of_word_are_attached() -> None:
    report = bring(ImportFile("2020-02-01-disk-full.docx", word_file("a.png", "gone.png", "b.emf")))

    assert used(report.slug) == {"word/media/a.png": "a.png"}
    assert report.understood is not None
    told = [one.words for one in report.understood.warnings if one.kind == "picture"]
    assert told == ["word/media/gone.png", "word/media/b.emf"]
    assert list(exported()) == ["2020-02-01-disk-full.docx"]


@pytest.mark.usefixtures("database")
def test_a_document_of_word_is_written_with_its_pictures() -> None:
    _, shown = attach()
    slug = written_here(f"{shown}")

    assert list(exported("docx")) == [f"{slug}.docx"]
