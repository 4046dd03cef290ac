"""The days of the year: what people and machines do on each, at random but the same every time.

Each act is the ordinary operation, or the request of a program, at an instant of the simulated day.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from postmortems import clock
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.gate import jobs
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.comments import operations as comments
from postmortems.incidents.models import Incident
from tests.bench.year.company import Company
from tests.bench.year.figures import Figures

SAID = "The proxy is restarted once more, and again no route survives. Somebody writes down what they see. "
ENTRIES = 10


@dataclass(frozen=True, slots=True)
class Mix:
    """How much happens on a day: what people do by how many they are, what machines do times `scale`."""

    people: int = 5_000
    scale: float = 1.0
    # Of 5,000 people: incidents a day, comments on each, and how often a report is edited before it is done.
    incidents: float = 2.0
    comments: int = 3
    edits: int = 2
    items: int = 3
    # Of 5,000 people's machines.
    decisions: float = 2_000.0
    attested: float = 500.0
    pings: float = 1_200.0
    probes: float = 7_200.0

    def of_people(self, number: float) -> float:
        return number * self.people / 5_000

    def of_machines(self, number: float) -> float:
        return self.of_people(number) * self.scale


class Days:
    """What happens, day by day, and what was begun and goes on later."""

    def __init__(self, company: Company, mix: Mix, figures: Figures, seed: int = 1) -> None:
        self.company, self.mix, self.figures = company, mix, figures
        self.dice = random.Random(seed)
        self.client = company.app.test_client()
        self.headers = {"Authorization": f"Bearer {company.token}"}
        # What is to be done on a later day, by day.
        self.planned: dict[int, list[Callable[[], None]]] = {}
        self.newest = ""
        self.artifacts = [_digest("first")]
        with db.reading():
            self.probing = jobs.observing_guards()

    def pass_one(self, number: int, midnight: datetime) -> None:
        """Everything that happens on the day but the worker's round."""
        acts: list[Callable[[], None]] = list(self.planned.pop(number, []))
        mix = self.mix
        acts += [lambda: self._break(number)] * self._times(mix.of_people(mix.incidents))
        for act, often in (
            (self._ask, mix.decisions), (self._attest, mix.attested),
            (self._ping, mix.pings), (self._probe, mix.probes),
        ):  # fmt: skip
            acts += [act] * self._times(mix.of_machines(often))
        self.dice.shuffle(acts)
        for place, act in enumerate(acts):
            at = midnight + timedelta(days=1) * place / len(acts)
            with clock.frozen_at(at):
                act()

    def _times(self, often: float) -> int:
        """A whole number whose mean is `often`."""
        return int(often) + (self.dice.random() < often % 1)

    def _later(self, number: int, least: int, most: int, act: Callable[[], None]) -> None:
        self.planned.setdefault(number + self.dice.randint(least, most), []).append(act)

    def _person(self) -> Actor:
        place = self.dice.randrange(len(self.company.people))
        # The admin was the first account.
        return Actor("person", self.company.people[place], role="author", user_id=place + 2)

    def _break(self, number: int) -> None:
        """An incident: a draft now, then edits and comments, published within the week, its items later."""
        author = self._person()
        with self.figures.measured("a save"), db.transaction():
            slug = save_incident.save(None, self._document(), version=None, actor=author).slug
        with db.reading():
            refs = [item.id for item in rows.to_document(incidents.by_slug(slug, author)).items]
        self.newest = slug
        for _ in range(self.mix.edits):
            self._later(number, 1, 4, lambda: self._add_entry(slug, author))
        for _ in range(self.mix.comments):
            self._later(number, 1, 6, lambda: self._comment(slug))
        self._later(number, 5, 7, lambda: self._publish(slug, author))
        for ref in refs:
            # One in five is never closed.
            if self.dice.random() < 0.8:
                self._later(number, 10, 80, lambda ref=ref: self._close(ref))  # type: ignore[misc]

    def _document(self) -> Document:
        at, dice = clock.now(), self.dice
        entries = tuple(Entry(f"{at:%F} 1{n}:15", SAID * 2, kind="note") for n in range(ENTRIES))
        service = dice.choice(self.company.services)
        items = [
            Item(
                f"Change what let {service} fail, step {step}.",
                owner=f"@{dice.choice(self.company.people)}",
                status="open",
                due=(at + timedelta(days=dice.randint(14, 60))).date(),
            )
            for step in range(self.mix.items)
        ]
        process = replace(items[0], guardability="enforceable", guards=(f"{service}-validated",))
        sections = (
            Section("Summary", (Prose(SAID * 3),)),
            Section("Timeline", entries),
            Section("Conclusion", (Prose(SAID * 3),)),
            Section("Action items", (Category("Process"), process, Category("Technical"), *items[1:])),
        )
        title = f"{service} ran out of memory at {at:%F %H:%M}"
        severity = dice.choice(("SEV1", "SEV2", "SEV2", "SEV3", "SEV3", "SEV3"))
        return Document(
            title=title, date=at.date(), timezone="Europe/Berlin", severity=severity, status="draft",
            services=(f"{service}/prod",), sections=sections,
        )  # fmt: skip

    def _edit(self, slug: str, actor: Actor, change: Callable[[Document], Document]) -> None:
        with self.figures.measured("an edit"), db.transaction():
            stored: Incident = incidents.for_saving(slug)
            document = change(rows.to_document(stored))
            save_incident.save(slug, document, version=stored.version, actor=actor)

    def _add_entry(self, slug: str, actor: Actor) -> None:
        def with_entry(document: Document) -> Document:
            sections = list(document.sections)
            blocks = (*sections[1].blocks, Entry(f"{clock.now():%F %H:%M}", SAID, kind="note"))
            sections[1] = replace(sections[1], blocks=blocks)
            return replace(document, sections=tuple(sections))

        self._edit(slug, actor, with_entry)

    def _publish(self, slug: str, actor: Actor) -> None:
        self._edit(slug, actor, lambda document: replace(document, status="published"))

    def _comment(self, slug: str) -> None:
        with db.transaction():
            comments.add(slug, f"Did nobody see it? {SAID}", actor=self._person())

    def _close(self, ref: str) -> None:
        """Done, by an admin: proofs of guards are drilled elsewhere."""
        admin = Actor("person", "admin", role="admin", user_id=1)
        with self.figures.measured("an edit"), db.transaction():
            save_incident.edit_item(ref, {"status": "done", "reason": "seen on staging"}, actor=admin)

    def _ask(self) -> None:
        service = self.dice.choice(self.company.services)
        asked = {
            "service": service,
            "target": "prod",
            "declared_target": f"{service}/prod",
            "artifact": {"digest": self.dice.choice(self.artifacts)},
        }
        with self.figures.measured("a decision"):
            self._post("/api/v1/gate/decisions", asked)

    def _attest(self) -> None:
        digest = _digest(str(self.dice.random()))
        self.artifacts = [*self.artifacts[-20:], digest]
        told = {
            "predicate": "validated",
            "subject": {"digest": digest},
            "service": self.dice.choice(self.company.services),
            "target": "staging",
            "result": "passed",
            "observed_at": clock.now().isoformat(),
        }
        self._post("/api/v1/evidence/attestations", told)

    def _ping(self) -> None:
        answer = self.client.post(f"/api/v1/heartbeats/{self.dice.choice(self.company.jobs)}", data="done")
        # The same job twice within a moment is told to wait, as a year's pings meet in few minutes.
        assert answer.status_code in (200, 201, 202, 204, 429), answer.text

    def _probe(self) -> None:
        runtime = self.company.app.extensions["runtime"]
        if self.probing:
            jobs.observe(self.dice.choice(self.probing), runtime.egress)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = self.client.post(path, json=body, headers=self.headers)
        assert answer.status_code in (200, 201), answer.text


def _digest(of: str) -> str:
    return f"sha256:{sha256(of.encode()).hexdigest()}"
