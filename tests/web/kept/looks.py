"""What the tests of kept parts share: a report, writes that change it, and an application that forgets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import text

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries, rows
from postmortems.web import rendered_parts
from postmortems.web.kept import parts
from tests.gate import founding
from tests.world import World

Write = Callable[[World], object]

SLUG = "2018-01-25-accidental-merge"
# What is of one answer or writer alone; and each look at what is restricted is told at the next.
OF_ONE_ANSWER = re.compile(
    r'name="(?:csrf_token|written_by)" value="[^"]*"|name="csrf-token" content="[^"]*"'
    r'|<details class="readers.*?</details>\s*',
    re.DOTALL,
)
REPORT = Document(
    title="Accidental merge",
    date=date(2018, 1, 25),
    timezone="America/Los_Angeles",
    severity="SEV2",
    status="published",
    services=("data8/prod", "hub"),
    sections=(
        Section("Summary", (Prose("Nobody had tried the chart."),)),
        Section("Timeline", (Entry("2018-01-25 15:30", "Production gets it.", kind="trigger"),)),
        Section(
            "Action items",
            (
                Item("Name the target.", owner="@sam", due=date(2026, 5, 1), guardability="enforceable"),
                Item("Read the policy.", owner="@ada", status="done"),
            ),
        ),
    ),
)


def forget(app: Flask) -> None:
    """Let the application be as one that begins: it has shown nothing yet."""
    db.kept().clear()
    app.extensions["kept_parts"], app.extensions["shown"] = parts.install(), rendered_parts.install()


def sql(statement: str, **values: Any) -> Write:
    """A write by a process that none of ours knows of."""
    return lambda _world: session().execute(text(statement), values)


def edited(**changes: Any) -> Write:
    def write(world: World) -> None:
        save_incident.save(SLUG, replace(stored_now(), **changes), version=None, actor=world.ada)

    return write


def stored_now() -> Document:
    return rows.to_document(queries.by_slug(SLUG, founding.ADA))


def restricted(*names: str) -> Write:
    def write(world: World) -> None:
        with visibility.seen_by(visibility.EVERYTHING):
            report = replace(stored_now(), restricted=names)
            save_incident.save(SLUG, report, version=None, actor=world.system, opens=not names)

    return write


def item(**changes: Any) -> Write:
    return lambda world: save_incident.edit_item("AI-1", changes, actor=world.ben)
