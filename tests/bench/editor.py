"""Rows of the bench for the editor: a postmortem of 300 entries and 100 items is opened and saved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from postmortems.db import session as db
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import rows as incident_rows
from postmortems.incidents.models import Incident
from tests.bench import clones
from tests.bench.cases import Bench, Case, Maker
from tests.bench.world import OPERATOR

RAW_FROM = 1_700_000_000
RAW_STRIDE = 100_000
TEXT = (
    "The proxy is restarted once more, and again **no route** survives. Somebody writes down what they see."
)


def document() -> Document:
    """300 entries over ten hours, and 100 items in one category."""
    entries = tuple(
        Entry(f"{8 + n // 30:02}:{n % 30 * 2:02}", f"{n}: {TEXT}", kind="change") for n in range(300)
    )
    items = tuple(
        Item(f"Let step {n} ask somebody first.", owner="@kai", due=date(2024, 6, 1), status="open")
        for n in range(100)
    )
    sections = (
        Section("Summary", (Prose(TEXT),)),
        Section("Timeline", entries),
        Section("Action items", (Category("Technical"), *items)),
    )
    begun = {"title": "A long night", "date": date(2024, 5, 6), "timezone": "Europe/Berlin"}
    return Document(**begun, services=("bench",), sections=sections)


def rows() -> dict[str, Maker]:
    """By number, what makes the cases."""
    return {"E1": _open, "E2": _save}


def _stored(title: str) -> tuple[Incident, Document]:
    """A new incident, and its document with the items' numbers."""
    with db.transaction():
        incident = save_incident.save(None, replace(document(), title=title), version=None, actor=OPERATOR)
        return incident, incident_rows.to_document(incident)


def _open(bench: Bench) -> Iterator[Case]:
    slug = _stored("A long night, opened")[0].slug
    client, plain = bench.ours.browser(), bench.plain.client()
    length = len(client.get(f"/incidents/{slug}/edit"))
    yield Case(
        f"form of 300 entries, 100 items, {length // 1024} KiB / bare page of that size",
        "",
        lambda: client.get(f"/incidents/{slug}/edit"),
        lambda: plain.get(f"/page?bytes={length}"),
    )


def _save(_bench: Bench) -> Iterator[Case]:
    incident, stored = _stored("A long night, saved")
    versions, starts = itertools.count(1), itertools.count(RAW_FROM, RAW_STRIDE)
    engine = db.engine()
    with engine.begin() as connection:
        written = clones.of(connection, incident)

    def save() -> None:
        version = next(versions)
        with db.transaction():
            edited = _edited(stored, f"Edited {version} times.")
            save_incident.save(incident.slug, edited, version=version, actor=OPERATOR)

    def raw() -> None:
        with engine.begin() as connection:
            clones.write(connection, clones.moved(written, next(starts)))

    yield Case("save of one edit among 300 entries, 100 items / all their rows by SQL", "", save, raw)


def _edited(stored: Document, text: str) -> Document:
    summary, timeline, items = stored.sections
    first = replace(timeline.entries[0], text=text)
    return replace(stored, sections=(summary, replace(timeline, blocks=(first, *timeline.blocks[1:])), items))
