"""Incidents of several services for tests: with open, overdue and unproven items, one of them restricted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.guards import operations as guards
from postmortems.incidents.models import Incident
from tests.incidents.documents import save
from tests.world import World

PAST, LATER = date(2026, 3, 1), date(2026, 4, 1)


def write(
    title: str, *items: Item, services: tuple[str, ...] = (), restricted: tuple[str, ...] = ()
) -> Incident:
    parts = (Section("Action items", items),)
    document = Document(title, date=date(2026, 2, 1), status="published", sections=parts)
    return save(replace(document, services=services, restricted=restricted))


def told(world: World) -> None:
    """`hub` and `data8` share one item; `vault` is named by a restricted incident alone, `idle` by none."""
    write(
        "The hub fell",
        Item("Watch it.", status="open", due=PAST, kind="technical"),
        Item("Ask twice.", status="in_progress", due=LATER, kind="process"),
        Item("Try it first.", status="done", kind="process"),
        Item("Buy a bell.", status="proposed", due=PAST),
        Item("Forget it.", status="wont_do", due=PAST, reason="too dear"),
        services=("hub/prod",),
    )
    write("Both fell", Item("Split them.", status="open", due=PAST), services=("hub", "data8/prod"))
    write("Nobody knows what fell", Item("Find out.", status="open"))
    write(
        "The vault leaked",
        Item("Hush.", status="open", due=PAST),
        services=("vault", "hub"),
        restricted=("ada",),
    )
    with db.transaction():
        guards.save_service("idle", "Idle", ["prod"], actor=world.ben)
