"""Broken and hostile files, through the real import: a clear message each, and nothing half-written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.errors import Refusal
from postmortems.exchange.exports import export as exports_export
from postmortems.exchange.imports import files as imports_files
from postmortems.exchange.imports import import_file, zip_files
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.import_file import Report
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.models import Source
from postmortems.incidents import queries, rows
from postmortems.incidents.models import Incident, Revision, Section
from postmortems.search.models import SearchEntry
from tests.exchange.bad_inputs import GOOD, LAID_OUT, REFUSED, SECRET, TAKEN, ZIPPED
from tests.tables import create_all

SYSTEM = Actor.system("test")


@pytest.fixture(scope="module", autouse=True)
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One for all: what a bad input left behind would show in the next test."""
    create_all(db.connect(f"sqlite:///{tmp_path_factory.mktemp('bad') / 'test.db'}"))
    yield
    db.disconnect()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the folder of reports that nobody gave to anybody."""
    path = tmp_path / "secrets" / "secret.md"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


def counts() -> list[int]:
    with db.reading() as session:
        tables = (Incident, Section, Revision, Source)
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def bring(found: ImportFile) -> Report:
    return import_file.bring(found, ImportDefaults(), actor=SYSTEM)


def all_text() -> str:
    with db.reading() as session:
        texts = [*session.scalars(select(SearchEntry.words)), *session.scalars(select(Revision.text))]
        return "\n".join(texts)


@pytest.mark.parametrize("name, content, said", REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_file_is_refused_by_name_and_line_and_leaves_nothing(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    before = counts()

    report = bring(imports_files.in_file(tmp_path / name))

    assert report.result == "failed"
    assert report.detail.startswith(f"{tmp_path}/{said}"[-import_file.LONGEST_DETAIL :])
    assert "\n" not in report.detail
    assert counts() == before


@pytest.mark.parametrize("name, text", TAKEN.values(), ids=TAKEN.keys())
def test_an_odd_file_comes_in_goes_out_byte_for_byte_and_reads_no_other(
    name: str, text: str | bytes, tmp_path: Path, secret: Path
) -> None:
    content = text.replace("{secret}", str(secret)).encode() if isinstance(text, str) else text
    (tmp_path / name).write_bytes(content)

    report = bring(imports_files.in_file(tmp_path / name))
    again = bring(imports_files.in_file(tmp_path / name))

    assert (report.result, again.result) in {("new", "same"), ("same", "same")}, report.detail
    with db.reading():
        incident = queries.by_slug(report.slug, SYSTEM)
        assert exports_export.in_source(incident).content == content
        document = rows.to_document(incident)
    assert parser.parse(parser.write(document)) == document
    assert SECRET not in all_text()
    assert "root:" not in all_text()
    with db.transaction() as session:
        session.delete(session.scalars(select(Incident).where(Incident.slug == report.slug)).one())


@pytest.mark.parametrize("make, said", ZIPPED.values(), ids=ZIPPED.keys())
def test_a_bad_zip_says_which_of_its_files_and_why(
    make: object, said: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(make())  # type: ignore[operator]
    before = counts()[0]

    failed, taken = [], 0
    try:
        with (tmp_path / "a.zip").open("rb") as file:
            for found in zip_files.in_zip(file, "a.zip", Left()):
                report = bring(found)
                failed += [report.detail] if report.result == "failed" else []
                taken += report.result == "new"
    except Refusal as refusal:
        failed.append(refusal.detail)

    assert len(failed) == len(said)
    for detail, start in zip(failed, said, strict=True):
        assert start in detail
        assert detail.isprintable()
    assert counts()[0] == before + taken


@pytest.mark.parametrize("lay_out, said", LAID_OUT.values(), ids=LAID_OUT.keys())
def test_a_folder_from_elsewhere_shows_no_other_file_and_its_good_ones_come_in(
    lay_out: object, said: tuple[str, ...], tmp_path: Path, secret: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    lay_out(folder, secret)  # type: ignore[operator]
    (folder / "z-good.md").write_bytes(GOOD)

    reports = [bring(found) for found in imports_files.in_folder(folder, Left())]

    failed = [report.detail for report in reports if report.result == "failed"]
    assert len(failed) == len(said)
    assert all(start in detail for start, detail in zip(said, failed, strict=True))
    assert reports[-1].result in {"new", "same"}
    assert SECRET not in all_text()


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    assert imports_files.in_file(tmp_path / "gone.md").trouble == "No such file or directory"
    (tmp_path / "folder.md").mkdir()
    assert imports_files.in_file(tmp_path / "folder.md").trouble == "a folder, not a file"
    assert imports_files.in_file(Path("/dev/zero")).trouble == "not a regular file"
    assert imports_files.in_file(Path("a\0.md")).trouble == imports_files.UNREADABLE_NAME
    with pytest.raises(Refusal, match="No such file"):
        list(imports_files.in_folder(tmp_path / "gone", Left()))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(GOOD)
    (tmp_path / "a.md").chmod(0)

    assert imports_files.in_file(tmp_path / "a.md").trouble == "Permission denied"


def test_a_zip_of_one_folder_names_its_files_below_that_folder(tmp_path: Path) -> None:
    from tests.exchange.bad_inputs import zipped

    files = (("reports/a.md", GOOD), ("reports/2021/b.md", GOOD), ("reports/readme.md", b""), ("x.png", b""))
    (tmp_path / "a.zip").write_bytes(zipped(*files))

    with (tmp_path / "a.zip").open("rb") as file:
        found = list(zip_files.in_zip(file, "a.zip", Left()))

    assert [each.name for each in found] == ["a.md", "2021/b.md"]
    assert found[1].shown == "a.zip: reports/2021/b.md"


def test_the_table_is_long_enough() -> None:
    assert len(REFUSED) + len(TAKEN) + len(ZIPPED) + len(LAID_OUT) >= 60
