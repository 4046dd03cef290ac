"""People who do something at random: for laws about what is kept beside what they write."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from postmortems import demo, visibility
from postmortems.accounts import operations as accounts
from postmortems.accounts.models import User
from postmortems.accounts.teams import queries as teams_queries
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Prose, Section
from postmortems.errors import Refusal
from postmortems.exchange.imports import import_file
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.gate import jobs
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.models import Scenario
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.guards import operations as guards
from postmortems.incidents import operations as incidents
from postmortems.incidents import queries as incident_queries
from postmortems.incidents import rows
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.approvals.models import ReviewRequest, SkippedReport
from postmortems.incidents.items import owners
from postmortems.incidents.models import ActionItem, Incident
from tests.conftest import Clock
from tests.gate import founding
from tests.runtimes import VAULT

SYSTEM = Actor.system("test")
REPORT = (
    b"# Full disk %d\n\n**Date:** 2024-05-0%d\n\n## Action items\n\n### Process\n\n- Watch it. Owner: @Sam\n"
)


class People:
    """Whoever does something at random, each in a unit of work of their own."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.dice, self.clock = random.Random(seed), clock
        self.acts: tuple[Callable[[], object], ...] = (
            self.write,
            self.write,
            self.edit,
            self.edit,
            self.edit,
            self.restrict,
            self.publish,
            self.review,
            self.skip,
            self.empty,
            self.delete,
            self.change_guard,
            self.delete_guard,
            self.record,
            self.drop_scenario,
            self.change_services,
            self.change_team,
            self.change_team,
            self.delete_team,
            self.name_somebody,
            self.rename,
            self.bring,
            self.wait,
            self.show_demo,
        )

    def act(self) -> str:
        done = self.dice.choice(self.acts)
        with suppress(Refusal), visibility.seen_by(visibility.EVERYTHING):
            done()
        return done.__name__

    def items(self) -> tuple[Item, ...]:
        return tuple(
            Item(
                f"Do this {self.dice.random()}.",
                owner=self.dice.choice(("", "@sam", "Sam", "kai", "@", "Platform")),
                team=self.dice.choice(("", "", "Platform", "the hub people")),
                status=self.dice.choice(("open", "in_progress", "done", "proposed", "wont_do")),
                due=self.dice.choice((None, date(2026, 2, 1), date(2026, 3, 3))),
                guardability=self.dice.choice(("", "enforceable", "attestable", "not_guardable")),
                guards=tuple(self.dice.sample(list(founding.GUARDS), self.dice.randrange(3))),
                reason="no",
            )
            for _ in range(self.dice.randrange(4))
        )

    def document(self) -> Document:
        hit = self.dice.choice(
            ((), ("data8/prod",), ("data8",), ("biology", "data8/staging"), ("elsewhere",))
        )
        heading = self.dice.choice(("Process", "Technical"))
        section = Section("Action items", (Category(heading), *self.items()))
        return Document(
            title=f"Nr {self.dice.random()}", date=date(2025, 7, 1), services=hit, sections=(section,)
        )

    def one_of(self, sort: type[Any]) -> Any:
        with db.reading():
            found = session().query(sort).order_by(sort.id).all()
        return self.dice.choice(found) if found else None

    def write(self) -> None:
        with db.transaction():
            save_incident.save(None, self.document(), version=None, actor=SYSTEM)

    def edit(self) -> None:
        if item := self.one_of(ActionItem):
            changes = self.dice.choice(
                (
                    {"status": self.dice.choice(("open", "in_progress", "done", "wont_do")), "reason": "no"},
                    {"owner": self.dice.choice(("", "@Sam", "sam", "kai"))},
                    {"due": self.dice.choice((None, "2026-02-01", "2026-04-01"))},
                    {"guards": self.dice.sample(list(founding.GUARDS), 2)},
                    {"guardability": self.dice.choice(("enforceable", "not_guardable"))},
                )
            )
            with db.transaction():
                save_incident.edit_item(
                    item.ref, changes, actor=Actor("person", "ben", role="admin", user_id=2)
                )

    def restrict(self) -> None:
        if incident := self.one_of(Incident):
            with db.transaction():
                stored = rows.to_document(incident_queries.by_slug(incident.slug, SYSTEM))
                names = () if stored.restricted else ("ada",)
                save_incident.save(
                    incident.slug, replace(stored, restricted=names), version=None, actor=SYSTEM, opens=True
                )

    def publish(self) -> None:
        said = {
            "status": self.dice.choice(("draft", "published")),
            "severity": self.dice.choice(("", "SEV2")),
        }
        self.rewrite(**said)

    def empty(self) -> None:
        text = Section("Summary", (Prose("It broke."),))
        self.rewrite(sections=self.dice.choice(((), (text,))))

    def rewrite(self, **said: Any) -> None:
        if incident := self.one_of(Incident):
            with db.transaction():
                stored = rows.to_document(incident_queries.by_slug(incident.slug, SYSTEM))
                save_incident.save(
                    incident.slug, replace(stored, **said), version=None, actor=SYSTEM, opens=True
                )

    def review(self) -> None:
        if incident := self.one_of(Incident):
            with db.transaction():
                asked = session().get(ReviewRequest, (incident.id, "cy"))
                if asked is not None:
                    session().delete(asked)
                else:
                    session().add(
                        ReviewRequest(
                            incident_id=incident.id, reviewer="cy", asked_by="x", asked_at=self.clock.now()
                        )
                    )

    def skip(self) -> None:
        if incident := self.one_of(Incident):
            with db.transaction():
                if session().get(SkippedReport, incident.id) is None:
                    approvals.skip(incident.slug, "no", actor=SYSTEM)
                else:
                    approvals.take_up(incident.slug, actor=SYSTEM)

    def delete(self) -> None:
        if incident := self.one_of(Incident):
            with db.transaction():
                incidents.delete(incident.slug, actor=SYSTEM)

    def change_guard(self) -> None:
        slug, change = (
            self.dice.choice(list(founding.GUARDS)),
            self.dice.choice(
                (
                    {"level": "shadow"},
                    {"level": "soft"},
                    {"is_enabled": False},
                    {"is_enabled": True},
                    {"title": "x"},
                )
            ),
        )
        with db.transaction():
            guard_changes.edit(slug, change, None, actor=SYSTEM, vault=VAULT)

    def delete_guard(self) -> None:
        with db.transaction():
            guard_changes.delete(self.dice.choice(list(founding.GUARDS)), actor=SYSTEM)

    def record(self) -> None:
        if incident := self.one_of(Incident):
            facts = self.dice.choice((founding.BAD, founding.GOOD))
            fields = {
                "incident": incident.slug,
                "name": f"{self.dice.random()}",
                "kind": "bad",
                "facts": facts,
            }
            with db.transaction():
                scenarios_operations.record(fields, actor=SYSTEM)

    def drop_scenario(self) -> None:
        if scenario := self.one_of(Scenario):
            with db.transaction():
                scenarios_operations.delete(scenario.id, actor=SYSTEM)

    def change_services(self) -> None:
        targets = self.dice.sample(["staging", "prod", "canary"], 2)
        with db.transaction():
            there = [team.slug for team in teams_queries.teams()]
            guards.save_service(
                self.dice.choice(("biology", "elsewhere", "data8")),
                "x",
                targets,
                team=self.dice.choice((None, "", *there)),
                actor=SYSTEM,
            )

    def people(self) -> list[str]:
        with db.reading():
            return [user.name for user in session().query(User).order_by(User.id)]

    def change_team(self) -> None:
        slug = self.dice.choice(("platform", "search"))
        if "sam" not in (there := self.people()) and "samira" not in there:
            with db.transaction():
                for name in ("sam", "kai"):
                    accounts.add_user(name, "author", actor=SYSTEM)
        there = self.people()
        members = dict.fromkeys(self.dice.sample(there, min(len(there), self.dice.randrange(3))), False)
        with db.transaction():
            if any(team.slug == slug for team in teams_queries.teams()):
                name = self.dice.choice((slug.title(), f"{slug} people"))
                owners.change_team(slug, name, members, actor=SYSTEM)
            else:
                owners.create_team(slug, slug.title(), members, actor=SYSTEM)

    def delete_team(self) -> None:
        with db.transaction():
            owners.delete_team("platform", actor=SYSTEM)

    def name_somebody(self) -> None:
        with db.transaction():
            if self.dice.choice((True, False)):
                owners.name_owner("the hub people", team="platform", actor=SYSTEM)
            else:
                owners.forget_owner("the hub people", actor=SYSTEM)

    def rename(self) -> None:
        old, new = self.dice.choice((("sam", "samira"), ("samira", "sam")))
        with db.transaction():
            owners.rename_account(old, new, actor=SYSTEM)

    def bring(self) -> None:
        number = self.dice.randrange(1, 9)
        found = ImportFile(f"report-{number}.md", REPORT % (self.dice.randrange(2), number))
        import_file.bring(found, ImportDefaults(), actor=SYSTEM)

    def wait(self) -> None:
        self.clock.advance(days=self.dice.choice((1, 20, 100)))
        jobs.drill_again(self.clock.now())
        jobs.restate_all()

    def show_demo(self) -> None:
        with db.transaction():
            self.dice.choice((demo.load, lambda actor, vault: demo.remove(actor)))(actor=SYSTEM, vault=VAULT)
