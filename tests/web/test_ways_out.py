"""Every way out through every door: filters hold; drafts and what is restricted stay in unless asked for."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from postmortems import visibility
from postmortems.cli import export, export_output
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Prose, Section
from postmortems.exchange.imports import sources
from postmortems.gate.enforcement import save_incident
from postmortems.visibility import Viewer
from postmortems.web.pdf import pdf
from tests.kept_rows import kept
from tests.world import World

ALPHA = Document(
    title="Alpha",
    date=date(2018, 1, 25),
    status="published",
    services=("data8",),
    sections=(
        Section("Summary", (Prose("Alpha fell."),)),
        Section("Action items", (Item("Mend alpha.", due=date(2018, 2, 1)),)),
    ),
)
FILE = b"---\ntitle: 'Alpha'\ndate: 2018-01-25\nstatus: published\nservices: [data8]\n---\n\n# Alpha\n"
SERVICE = "service=data8"
WAYS = ("zip", "csv", "items.csv", "ical", "atom", "html", "json", "pdf")


def named(title: str, **changes: object) -> Document:
    text = title.lower()
    section = Section("Action items", (Item(f"Mend {text}.", due=date(2018, 2, 1)),))
    summary = Section("Summary", (Prose(f"{title} fell."),))
    return replace(ALPHA, title=title, sections=(summary, section), **changes)  # type: ignore[arg-type]


@pytest.fixture
def slugs(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """By name: one that is let through, one of another service, a draft, and one restricted to Ada."""
    # That PDF is made is tested elsewhere; here it counts of what.
    monkeypatch.setattr(pdf, "pdf", lambda html: html.encode())
    documents = {
        "alpha": ALPHA,
        "bravo": named("Bravo", services=("lab",)),
        "delta": named("Delta", status="draft"),
        "sierra": named("Sierra", restricted=("ada",)),
    }

    def store() -> dict[str, str]:
        with db.transaction(), visibility.seen_by(Viewer("ada")):
            return {
                name: save_incident.save(None, document, version=None, actor=world.ada).slug
                for name, document in documents.items()
            }

    return kept("ways out", store)


Door = Callable[[World, dict[str, str], str, set[str], Path], bytes]


def by_api(world: World, slugs: dict[str, str], way: str, asked: tuple[str, ...], _: Path) -> bytes:
    return _fetched(world, slugs, way, asked, headers=world.headers("ada"))


def by_page(world: World, slugs: dict[str, str], way: str, asked: tuple[str, ...], _: Path) -> bytes:
    return _fetched(world, slugs, way, asked, headers={})


def _fetched(
    world: World, slugs: dict[str, str], way: str, asked: tuple[str, ...], headers: dict[str, str]
) -> bytes:
    browser = world.browser("ada")
    if way in {"html", "json", "pdf"}:
        # One at a time, by name: whoever names one has asked for it.
        wanted = [slugs["alpha"]] + [slugs[name] for name in ("delta", "sierra") if name in asked]
        return b"".join(
            browser.get(f"/api/v1/incidents/{slug}?format={way}", headers=headers).data for slug in wanted
        )
    place = "action-items" if way in {"items.csv", "ical"} else "incidents"
    query = f"format={way.removeprefix('items.')}&{SERVICE}"
    query += "&restricted=1" if "sierra" in asked else ""
    query += "&drafts=1" if "delta" in asked and place == "incidents" else ""
    answer = browser.get(f"/api/v1/{place}?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def by_command(world: World, slugs: dict[str, str], way: str, asked: tuple[str, ...], folder: Path) -> bytes:
    out = folder / "out.zip"
    args = ["--zip", str(out), "--service", "data8"]
    args += [] if way == "zip" else ["--format", way.removeprefix("items.")]
    args += ["--drafts"] if "delta" in asked else []
    args += ["--restricted"] if "sierra" in asked else []
    done = CliRunner().invoke(export.export, args)
    assert done.exit_code == 0, done.output
    return out.read_bytes()


def names(data: bytes, slugs: dict[str, str]) -> set[str]:
    """Which incidents a file tells of."""
    if data.startswith(b"PK"):
        with ZipFile(io.BytesIO(data)) as archive:
            data = b"\n".join([str(archive.namelist()).encode(), *map(archive.read, archive.namelist())])
    return {name for name in slugs if name in data.decode().lower()}


@pytest.mark.parametrize("asked", [(), ("delta",), ("sierra",), ("delta", "sierra")], ids=str)
@pytest.mark.parametrize("door", [by_api, by_page, by_command])
@pytest.mark.parametrize("way", WAYS)
def test_a_way_out_takes_what_is_asked_for(
    world: World,
    slugs: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    door: Door,
    asked: tuple[str, ...],
) -> None:
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", str(db.engine().url))
    # The test's tables were made without migrations, which a command would miss.
    monkeypatch.setattr(export_output, "connect", lambda _settings: None)
    expected = {"alpha", *asked}
    if way == "atom":
        expected -= {"delta"}  # A feed is of what is published.
    if way in {"items.csv", "ical"} and door is not by_command:
        expected |= {"delta"}  # The list of work has the work of drafts.

    assert names(door(world, slugs, way, asked, tmp_path), slugs) == expected


@pytest.mark.parametrize("way", WAYS)
def test_who_is_not_named_gets_nothing_by_asking(world: World, slugs: dict[str, str], way: str) -> None:
    browser, headers = world.browser("ben"), world.headers("ben")
    place = "action-items" if way in {"items.csv", "ical"} else "incidents"
    address = f"/api/v1/{place}?format={way.removeprefix('items.')}&restricted=1"
    if way in {"html", "json", "pdf"}:
        address = f"/api/v1/incidents/{slugs['sierra']}?format={way}"
    answer = browser.get(address, headers=headers)

    assert "sierra" not in names(answer.data.replace(slugs["sierra"].encode(), b""), slugs)


@pytest.mark.parametrize(
    "query, path, begins",
    [
        ("", "reports/alpha.md", FILE),
        ("&style=source", "reports/alpha.md", FILE),
        ("&style=canonical", "2018-01-25-alpha.md", b"---\ntitle: Alpha\n"),
        ("&layout=hugo", "content/postmortems/2018-01-25-alpha.md", b"---\ntitle: Alpha\n"),
        ("&layout=jekyll", "_posts/2018-01-25-alpha.md", b"---\ntitle: Alpha\n"),
        ("&layout=quarto", "2018-01-25-alpha.qmd", b"---\ntitle: Alpha\n"),
        ("&layout=mkdocs", "docs/postmortems/2018-01-25-alpha.md", b"---\ntitle: Alpha\n"),
        ("&layout=confluence", "2018-01-25-alpha.xml", b"<h1>Alpha</h1>\n"),
        ("&layout=sphinx", "2018-01-25-alpha.md", b"---\ntitle: Alpha\n"),
    ],
)
def test_a_zip_gives_files_back_or_writes_them_for_a_generator(
    world: World, query: str, path: str, begins: bytes
) -> None:
    with db.transaction():
        incident = save_incident.save(None, ALPHA, version=None, actor=world.ada)
        sources.remember(incident, "reports/alpha.md", FILE, actor=world.ada)

    answer = world.browser().get(f"/api/v1/incidents?format=zip{query}", headers=world.headers())
    with ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.namelist() == [path]
        assert archive.read(path).startswith(begins)


def test_source_and_layout_together_are_refused(world: World) -> None:
    answer = world.browser().get(
        "/api/v1/incidents?format=zip&style=source&layout=hugo", headers=world.headers()
    )

    assert answer.status_code == 422
    assert '"pointer": "/layout"' in answer.text


def test_what_is_stored_as_text_is_what_the_rows_say(world: World, slugs: dict[str, str]) -> None:
    browser, headers = world.browser(), world.headers()
    answer = browser.get("/api/v1/incidents?format=zip&style=canonical&drafts=1", headers=headers)
    with ZipFile(io.BytesIO(answer.data)) as archive:
        for name in archive.namelist():
            assert archive.read(name) == browser.get(f"/incidents/{name}").data

    assert len(archive.namelist()) == 3
