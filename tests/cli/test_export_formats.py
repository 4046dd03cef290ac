"""`export --format`: CSV, calendar, feed, and one PDF, HTML or JSON file for each incident."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as Xml
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from postmortems.cli import export, export_formats, export_output
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.errors import Unavailable
from postmortems.incidents.queries import Filters
from postmortems.web.pdf import pdf
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save, stored, with_item

SLUG = "2018-01-25-accidental-merge-to-prod"
DRAFT_SLUG = "2026-02-20-nobody-may-read-this-yet"
ALL = Filters()


@pytest.fixture
def settings(database: str) -> Settings:
    first = save(FOUNDING, name=FOUNDING_NAME)
    save(with_item(stored(first.slug), "AI-1", due=date(2026, 3, 1)), first.slug)
    save(replace(FOUNDING, title="Nobody may read this yet", status="draft", date=date(2026, 2, 20)))
    return Settings(database_url=database)


def written(form: str, settings: Settings, filters: Filters = ALL, drafts: bool = False) -> dict[str, bytes]:
    return dict(export_formats.files(form, filters, drafts, settings))


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_csv_is_a_table_of_incidents_and_one_of_items(settings: Settings) -> None:
    files = written("csv", settings)

    assert list(files) == ["incidents.csv", "action-items.csv"]
    assert [line["slug"] for line in lines(files["incidents.csv"])] == [SLUG]
    assert {line["incident"] for line in lines(files["action-items.csv"])} == {SLUG}


@pytest.mark.parametrize(
    "filters, drafts, slugs",
    [
        (ALL, True, {SLUG, DRAFT_SLUG}),
        (Filters(status="draft"), False, {DRAFT_SLUG}),
        (Filters(year=2018), True, {SLUG}),
        (Filters(service="lab"), True, set()),
    ],
)
def test_filters_hold_for_incidents_and_their_items(
    settings: Settings, filters: Filters, drafts: bool, slugs: set[str]
) -> None:
    tables = written("csv", settings, filters, drafts)

    assert {line["slug"] for line in lines(tables["incidents.csv"])} == slugs
    assert {line["incident"] for line in lines(tables["action-items.csv"])} == slugs
    for form in ("html", "json"):
        assert set(written(form, settings, filters, drafts)) == {f"{slug}.{form}" for slug in slugs}


def test_ical_has_the_due_dates(settings: Settings) -> None:
    data = written("ical", settings)["action-items.ics"]

    assert [str(event["uid"]) for event in Calendar.from_ical(data).walk("VEVENT")] == ["AI-1@127.0.0.1"]


def test_atom_has_what_is_published(settings: Settings) -> None:
    feed = Xml.fromstring(written("atom", settings, drafts=True)["feed.atom"])

    assert [one.text for one in feed.iter("{http://www.w3.org/2005/Atom}title")] == [
        "Postmortems",
        FOUNDING.title,
    ]


def test_html_and_json_have_an_incident_each(settings: Settings) -> None:
    assert b"Block promotion while staging is down" in written("html", settings)[f"{SLUG}.html"]
    assert json.loads(written("json", settings)[f"{SLUG}.json"])["title"] == FOUNDING.title


@pytest.mark.skipif(not pdf.is_installed(), reason="WeasyPrint is not installed")
def test_pdf_has_an_incident_each(settings: Settings) -> None:
    assert written("pdf", settings)[f"{SLUG}.pdf"].startswith(b"%PDF-")


def test_pdf_without_weasyprint_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "is_installed", lambda: False)

    with pytest.raises(Unavailable, match=r"requirements-pdf\.txt"):
        written("pdf", settings)


@pytest.mark.parametrize("form", sorted(export_formats.FORMATS))
def test_nothing_is_open_when_it_is_done(
    settings: Settings, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "pdf", lambda html: b"%PDF-")
    written(form, settings)

    assert not db.is_open()


def test_the_command_offers_what_there_is() -> None:
    assert set(export.FORMS) == set(export_formats.FORMATS)


def run(monkeypatch: pytest.MonkeyPatch, settings: Settings, *arguments: str) -> Result:
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", settings.database_url)
    monkeypatch.setattr(export_output, "connect", lambda _: db.connect(settings.database_url))
    return CliRunner().invoke(export.export, arguments)


def test_the_command_writes_and_checks_files(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, zip_ = tmp_path / "out", tmp_path / "out.zip"

    first = run(monkeypatch, settings, str(folder), "--format", "html")
    again = run(monkeypatch, settings, str(folder), "--format", "html", "--check")
    more = run(monkeypatch, settings, str(folder), "--format", "html", "--check", "--drafts")
    zipped = run(monkeypatch, settings, "--zip", str(zip_), "--format", "csv")

    assert (first.exit_code, again.exit_code, more.exit_code, zipped.exit_code) == (0, 0, 1, 0), first.output
    assert [path.name for path in folder.iterdir()] == [f"{SLUG}.html"]
    with ZipFile(zip_) as found:
        assert found.namelist() == ["incidents.csv", "action-items.csv"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["x", "--format", "docx"],
        ["x", "--format", "csv", "--layout", "hugo"],
        ["x", "--format", "csv", "--style", "canonical"],
        ["--format", "csv"],
    ],
)
def test_a_command_that_is_unclear_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    assert run(monkeypatch, settings, *arguments).exit_code == 2
