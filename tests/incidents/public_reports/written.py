"""An incident with names in every corner, and a public report of it as two people make it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents.public_reports import operations, queries
from postmortems.incidents.public_reports.queries import Standing
from postmortems.incidents.public_reports.rules import PublicSection, PublicText
from postmortems.incidents.public_reports.surroundings import Surroundings
from tests.world import World

PLACE = Surroundings("Example Cloud", "https://pm.example.com", frozenset({"status.example.com"}))
TEXT = """\
---
title: Ada filled the disk
date: 2026-03-04
timezone: Europe/Berlin
status: published
severity: SEV2
---

## Summary

Nobody got mail, see [the graph](https://grafana.corp/1).

## Timeline

- 09:12 the disk of db1.internal is full
- 09:40 Kim Lee: ben deletes logs
- 10:05 mail flows again

## Action items

- [AI-1] Watch the disk (owner: @kim, due: 2026-04-01)
"""
PUBLIC = PublicText(
    "Mail was late",
    "No mail for an hour.",
    (PublicSection("What happened", "ada saw that the disk was full, at db1.internal."),),
)
EVE = Actor("person", "eve", role="author")


class Reported:
    """One incident, and what is done with its public report, each act in a unit of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        with db.transaction():
            text = TEXT.replace("[AI-1] ", "")
            self.slug = save_incident.save(None, parser.parse(text), version=None, actor=world.system).slug

    def save(self, text: PublicText = PUBLIC, actor: Actor | None = None, **more: Any) -> None:
        kept = more.pop("kept", ())
        with db.transaction():
            operations.save(
                self.slug, text, kept, version=None, actor=actor or self.world.ada, place=PLACE, **more
            )

    def ask(self, actor: Actor | None = None) -> None:
        with db.transaction():
            operations.ask(self.slug, actor=actor or self.world.ada, place=PLACE)

    def approve(self, actor: Actor | None = None, digest: str = "") -> None:
        digest = digest or self.standing().shown.digest
        with db.transaction():
            operations.approve(self.slug, digest=digest, actor=actor or EVE, place=PLACE)

    def publish(self, actor: Actor | None = None, place: Surroundings = PLACE) -> None:
        with db.transaction():
            operations.publish(self.slug, actor=actor or self.world.ada, place=place)

    def published(self) -> str:
        """Written, approved and published; its slug."""
        self.save()
        self.ask()
        self.approve()
        self.publish()
        return self.standing().report.slug

    def standing(self) -> Standing:
        with db.reading():
            incident = incidents.by_slug(self.slug, self.world.ben)
            report = queries.report_of(incident)
            assert report is not None
            return queries.standing(incident, report, PLACE)

    def change(self, actor: Actor | None = None, **fields: Any) -> None:
        """Save the incident with other fields."""
        with db.transaction():
            incident = incidents.by_slug(self.slug, self.world.ben)
            document: Document = replace(
                parser.parse(incidents.revision(incident, incident.version).text), **fields
            )
            save_incident.save(self.slug, document, version=None, actor=actor or self.world.ben, opens=True)
