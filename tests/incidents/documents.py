"""The founding incident in short, and shorthand for saving documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.incidents import operations, queries, rows
from postmortems.incidents.models import Incident

SYSTEM = Actor.system("test")
FOUNDING_NAME = "2018-01-25-accidental-merge-to-prod.md"
FOUNDING = Document(
    title="Accidental merge to prod brings things down",
    date=date(2018, 1, 25),
    timezone="America/Los_Angeles",
    severity="SEV2",
    status="published",
    services=("data8/prod",),
    sections=(
        Section("Summary", (Prose("A chart that nobody had tried reached production."),)),
        Section(
            "Timeline",
            (
                Entry("2018-01-25 14:30", "The chart goes to staging.", kind="change"),
                Entry("15:30", "Production gets it by mistake.", kind="trigger"),
                Entry("16:11", "Lab users cannot log in.", kind="detection"),
                Entry("16:35", "The old chart is back.", kind="recovery"),
            ),
        ),
        Section(
            "Action items",
            (
                Category("Process"),
                Item("Read the deployment policy again", guardability="attestable"),
                Item("Block promotion while staging is down", guardability="enforceable"),
                Item("Show which deployment is being managed", guardability="enforceable"),
            ),
        ),
    ),
)


def save(document: Document, slug: str | None = None, **options: Any) -> Incident:
    """Save in a unit of work of its own, as the system unless told otherwise."""
    given = {"version": None, "actor": SYSTEM} | options
    with db.transaction():
        incident = operations.save(slug, document, **given)
        # Tests look at these when the unit of work has ended.
        assert incident.items is not None
        return incident


def stored(slug: str) -> Document:
    """What is stored, as a Document."""
    with db.reading():
        return rows.to_document(queries.by_slug(slug, SYSTEM))


def with_item(document: Document, ref: str, **changes: Any) -> Document:
    """The document with one item changed."""
    sections = tuple(
        replace(
            section,
            blocks=tuple(
                replace(block, **changes) if isinstance(block, Item) and block.id == ref else block
                for block in section.blocks
            ),
        )
        for section in document.sections
    )
    return replace(document, sections=sections)


def without_item(document: Document, ref: str) -> Document:
    """The document without one item."""
    sections = tuple(
        replace(
            section,
            blocks=tuple(
                block for block in section.blocks if not (isinstance(block, Item) and block.id == ref)
            ),
        )
        for section in document.sections
    )
    return replace(document, sections=sections)
