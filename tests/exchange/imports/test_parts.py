"""Files of several reports, downloads of other tools, zips in zips: every file accounted for."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.readers import formats
from postmortems.document.readers.formats import Format, Part
from postmortems.errors import Invalid
from postmortems.exchange.imports import folders, import_file, parts, uploads, zip_files
from postmortems.exchange.imports.archives import registry
from postmortems.exchange.imports.archives.archive import Archive, ArchiveKind
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.imports.uploads import Upload
from postmortems.exchange.models import Source
from postmortems.incidents.models import Incident
from tests.exchange.bad_inputs import zipped

ADA = Actor("person", "ada", role="author", user_id=1)
REPORT = b"# Disk full\n\nIt was full.\n"


def _split(name: str, text: str) -> Iterator[Part]:
    for each in json.loads(text):
        if "title" not in each:
            raise Invalid("a record without a title")
        yield Part(f"{each['id']}.json", json.dumps([each]), f"desk:{each['id']}")


DESK = Format(
    "desk",
    "desk record",
    lambda text: f"# {json.loads(text)[0]['title']}\n\n{json.loads(text)[0]['text']}\n",
    among=(".json",),
    is_it=lambda text: text.startswith("[") and '"id"' in text,
    split=_split,
)


def _pages(archive: Archive) -> Iterator[ImportFile]:
    for name in archive.names:
        if name.startswith("page-"):
            yield ImportFile(name, archive.read(name) or b"", at=name, identity=f"shelf:{name[5:7]}")
        elif name == "cover.html":
            archive.leaves(name, "the cover of the shelf")


SHELF = ArchiveKind("shelf", lambda archive: "shelf.txt" in archive.names, _pages)


@pytest.fixture(autouse=True)
def formats_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "FORMATS", (DESK, *formats.FORMATS))
    monkeypatch.setattr(formats, "NAMED", {**formats.NAMED, "desk": DESK})
    monkeypatch.setattr(registry, "KINDS", (SHELF,))


def bring(file: ImportFile) -> import_file.Report:
    return import_file.bring(file, ImportDefaults(), actor=ADA)


def records(*pairs: tuple[int, str]) -> bytes:
    return json.dumps(
        [{"id": number, "title": title, "text": "It was so."} for number, title in pairs]
    ).encode()


def divided(*found: ImportFile, left: Left | None = None, as_format: str = "") -> list[ImportFile]:
    return list(parts.divided(found, left or Left(), as_format))


def test_a_file_of_several_reports_becomes_one_for_each() -> None:
    found = divided(ImportFile("all.json", records((1, "Disk full"), (2, "Queue stood still"))))

    assert [(each.name, each.identity, each.format, each.shown) for each in found] == [
        ("1.json", "desk:1", "desk", "all.json: 1.json"),
        ("2.json", "desk:2", "desk", "all.json: 2.json"),
    ]


def test_the_format_can_be_said_where_nothing_tells_it() -> None:
    [found] = divided(ImportFile("dump.bin", records((1, "Disk full"))), as_format="desk")

    assert (found.name, found.format) == ("1.json", "desk")


def test_an_unknown_format_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Invalid, match=r"'slate' is no format; there are .*html"):
        parts.named("slate")


TROUBLES = {
    "of no kind": (ImportFile("x.png", b"\x89PNG"), "of a kind that has no reader; convert it to Markdown"),
    "none in it": (ImportFile("x.json", b"[]"), "holds no report"),
    "a bad record": (ImportFile("x.json", b'[{"id": 1}]'), "a record without a title"),
}


@pytest.mark.parametrize("file, said", TROUBLES.values(), ids=TROUBLES.keys())
def test_what_holds_no_report_says_why(file: ImportFile, said: str) -> None:
    [found] = divided(file, as_format="" if file.name.endswith(".png") else "desk")

    assert found.trouble.startswith(said)


def test_unrecognised_data_is_left_in_a_folder_and_refused_where_it_is_named(
    database: str,
) -> None:
    settings, left = ImportFile("package.json", b'{"name": "x"}'), Left()

    assert divided(replace(settings, is_guess=True), left=left) == []
    [named] = divided(settings)

    assert left.reasons == {"package.json": parts.NOT_RECOGNISED}
    assert str(left) == "1 file left out: 1 .json"
    assert "JSON that no format recognises; say what it is with --as" in bring(named).detail


def test_a_report_is_known_again_by_its_identity_under_any_name(any_database: str) -> None:
    [first] = divided(ImportFile("a.json", records((7, "Disk full"))))
    came = bring(first)
    again = bring(replace(first, name="elsewhere/seven.json"))
    [edited] = divided(ImportFile("b.json", records((7, "Disk full of logs"))))
    third = bring(edited)
    last = bring(edited)

    assert [came.result, again.result, third.result, last.result] == ["new", "same", "changed", "same"]
    assert {again.slug, third.slug, last.slug} == {came.slug}
    with db.reading() as session:
        [source] = session.scalars(select(Source))
        assert (source.format, source.identity, source.name) == ("desk", "desk:7", "7.json")


def test_two_reports_of_one_name_and_title_are_two_if_their_identities_are(database: str) -> None:
    [one] = divided(ImportFile("a.json", records((1, "Disk full"))))
    [two] = divided(ImportFile("a.json", records((2, "Disk full"))))

    slugs = {bring(replace(each, name="same.json")).slug for each in (one, two)}

    assert len(slugs) == 2


SHELF_FILES = (
    ("shelf.txt", b"of three"),
    ("cover.html", b"<p>Cover"),
    ("page-01.md", REPORT),
    ("page-02.md", b"# Queue stood still\n\nIt did.\n"),
    ("notes.xlsx", b"x"),
    (".hidden", b"x"),
)


def in_zip(folder: Path, left: Left) -> list[ImportFile]:
    return list(zip_files.in_zip(io.BytesIO(zipped(*_below("Shelf/"))), "shelf.zip", left))


def in_parts(folder: Path, left: Left) -> list[ImportFile]:
    halves = [zipped(*_below("Shelf/")[half::2]) for half in (0, 1)]
    whole = zipped(*((f"Shelf-Part-{n}.zip", half) for n, half in enumerate(halves, 1)))
    return list(zip_files.in_zip(io.BytesIO(whole), "shelf.zip", left))


def in_folder(folder: Path, left: Left) -> list[ImportFile]:
    for name, content in SHELF_FILES:
        (folder / name).write_bytes(content)
    return list(folders.in_folder(folder, left))


def in_upload(folder: Path, left: Left) -> list[ImportFile]:
    files = [Upload(name, io.BytesIO(content)) for name, content in _below("Shelf/")]
    return list(uploads.uploaded(files, left, is_folder=True))


def _below(folder: str) -> list[tuple[str, bytes]]:
    return [(f"{folder}{name}", content) for name, content in SHELF_FILES]


@pytest.mark.parametrize("way", [in_zip, in_parts, in_folder, in_upload])
def test_a_download_is_recognised_as_a_whole_and_every_file_of_it_accounted_for(
    way: object, tmp_path: Path
) -> None:
    left = Left()

    found = way(tmp_path, left)  # type: ignore[operator]

    assert sorted((each.name, each.identity) for each in found) == [
        ("page-01.md", "shelf:01"),
        ("page-02.md", "shelf:02"),
    ]
    assert left.reasons["cover.html"] == "the cover of the shelf"
    assert set(left.reasons) == {"cover.html", "shelf.txt", "notes.xlsx"}


def test_reports_in_a_zip_in_a_zip_come_in_beside_those_around_it() -> None:
    inner = zipped(("a.md", REPORT), ("deeper.zip", zipped(("b.md", REPORT))))
    whole = zipped(("c.md", REPORT), ("older.zip", inner), ("broken.zip", b"PK\x03\x04 cut off"))

    found = list(zip_files.in_zip(io.BytesIO(whole), "x.zip", Left()))

    assert {each.name: bool(each.trouble) for each in found} == {
        "c.md": False,
        "older/a.md": False,
        "older/deeper.zip": True,
        "broken.zip": True,
    }
    assert {each.trouble for each in found if "deeper" in each.name} == {
        "a zip in a zip in a zip is not opened; unpack the outer one"
    }


ZIPS_BESIDE = (
    ("a.md", REPORT),
    ("older/reports.zip", zipped(("b.md", REPORT), ("log.xlsx", b"x"))),
    ("older/broken.zip", b"PK\x03\x04 cut off"),
    ("Shelf-Part-3.zip", zipped(("c.md", REPORT))),
    (".hidden/d.zip", zipped(("d.md", REPORT))),
)


def beside_in_a_folder(folder: Path, left: Left) -> list[ImportFile]:
    for name, content in ZIPS_BESIDE:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return list(folders.in_folder(folder, left))


def beside_in_an_upload(folder: Path, left: Left) -> list[ImportFile]:
    files = [Upload(f"All/{name}", io.BytesIO(content)) for name, content in ZIPS_BESIDE]
    return list(uploads.uploaded(files, left, is_folder=True))


@pytest.mark.parametrize("way", [beside_in_a_folder, beside_in_an_upload])
def test_a_zip_in_a_folder_is_read_as_if_it_were_unpacked_there(way: object, tmp_path: Path) -> None:
    left = Left()

    found = way(tmp_path, left)  # type: ignore[operator]

    assert {each.name: each.trouble for each in found if not each.trouble} == {
        "a.md": "",
        "older/reports/b.md": "",
        "Shelf-Part-3/c.md": "",
    }
    assert {each.name: each.trouble[:20] for each in found if each.trouble} == {
        "older/broken.zip": "this is no zip, or a",
        "Shelf-Part-1.zip": "this part of the dow",
        "Shelf-Part-2.zip": "this part of the dow",
    }
    assert str(left) == "1 file left out: 1 .xlsx"


def test_no_link_to_a_zip_is_followed_out_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.zip").write_bytes(zipped(("a.md", REPORT)))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "here.zip").symlink_to(tmp_path / "elsewhere.zip")

    found = list(folders.in_folder(tmp_path / "folder", Left()))

    assert [(each.name, each.trouble) for each in found] == [("here.zip", "a link; links are not followed")]


CUT = "1: this is no whole JSON: it breaks off here; download it again"
EMPTY = (
    "holds no report: its list “incidents” is empty; ask for more than was asked for, another page or"
    " another time"
)


@pytest.mark.parametrize(
    "content, troubles, reasons",
    [
        (b'[{"number": 3, "title": "Disk full", "body": "It was', [CUT], {}),
        (b'{"compilerOptions": {"target": "es2022"', [], {"x.json": parts.NOT_RECOGNISED}),
        (b'{"incidents": [], "limit": 25, "more": false}', [], {"x.json": EMPTY}),
        (b'{"name": "x", "files": []}', [], {"x.json": EMPTY.replace("incidents", "files")}),
        (b'{"rules": ["a"], "files": []}', [], {"x.json": parts.NOT_RECOGNISED}),
    ],
)
def test_data_in_a_folder_says_why_it_is_no_report(
    content: bytes, troubles: list[str], reasons: dict[str, str]
) -> None:
    left = Left()

    found = list(parts.divided([ImportFile("x.json", content, is_guess=True)], left))

    assert [each.trouble for each in found] == troubles
    assert left.reasons == reasons


def test_an_answer_without_records_that_was_named_says_so(database: str) -> None:
    [given] = parts.divided([ImportFile("x.json", b'{"incidents": []}')], Left())

    report = import_file.bring(given, ImportDefaults(), actor=ADA, is_dry_run=True)

    assert (report.result, report.detail) == ("failed", f"x.json: {EMPTY}")


def test_incidents_of_a_download_keep_where_they_came_from(database: str, tmp_path: Path) -> None:
    results = [bring(each).result for each in parts.divided(in_folder(tmp_path, Left()), Left())]

    assert results == ["new", "new"]
    with db.reading() as session:
        came = session.execute(
            select(Incident.title, Source.identity).join(Source).order_by(Incident.id)
        ).all()
    assert [tuple(row) for row in came] == [("Disk full", "shelf:01"), ("Queue stood still", "shelf:02")]


FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Acme Status - Incident History</title>
<link rel="alternate" href="https://status.example.org"/><entry><id>tag:status.example.org,2005:Incident/77</id>
<title>Mail delays</title><updated>2025-03-04T11:00:00Z</updated>
<link rel="alternate" href="https://status.example.org/incidents/77"/>
<content type="html">&lt;p&gt;&lt;small&gt;Mar 4, 11:00 UTC&lt;/small&gt;&lt;br&gt;
&lt;strong&gt;Resolved&lt;/strong&gt; - Mail flows.&lt;/p&gt;</content></entry></feed>
"""


@pytest.mark.parametrize("name", ["history.atom", "history.rss", "history.xml"])
def test_a_feed_is_read_under_the_name_that_a_status_page_gives_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FEED)
    left = Left()

    found = list(parts.divided(folders.in_folder(tmp_path, left), left))

    assert ([file.identity for file in found], str(left)) == (["statuspage:77"], "")


SAID = {"title": "the file tells no title", "date": "the file tells no day"}


@pytest.mark.parametrize(
    "name, content, missing",
    [
        ("x.md", b"Some words.\n\n## Impact\n\nNone.\n", ["title", "date"]),
        ("x.md", REPORT, ["date"]),
        ("2026-03-01-x.md", REPORT, []),
        ("x.md", b"# Disk full\n\nIt was full on 3 March 2026.\n", []),
        ("2026-03-01.md", b"## Impact\n\nNone.\n\n## Root cause\n\nA disk.\n", ["title"]),
    ],
)
def test_a_file_that_tells_no_title_or_day_is_warned_about(
    database: str, name: str, content: bytes, missing: list[str]
) -> None:
    report = import_file.bring(ImportFile(name, content), ImportDefaults(), actor=ADA, is_dry_run=True)

    assert report.understood
    assert [each.kind for each in report.understood.warnings] == missing
    assert all(each.text.startswith(SAID[each.kind]) for each in report.understood.warnings)
