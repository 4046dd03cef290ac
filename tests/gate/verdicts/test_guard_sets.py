"""What a process keeps of a target is true, whoever changes what, in this process or in another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from marshmallow import Schema
from sqlalchemy import Select, delete, select, update
from sqlalchemy.sql import visitors

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db import units, versions
from postmortems.db.session import Base, session
from postmortems.gate.decisions import ask
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.exemptions import overrides, waivers
from postmortems.gate.models import ItemProtection, Waiver
from postmortems.gate.verdicts import active_waivers, guard_sets
from postmortems.gate.verdicts.guard_sets import GuardSet
from postmortems.guards import operations as guards
from postmortems.guards.models import Guard, GuardTarget, Service, Target
from postmortems.incidents import operations as incidents
from postmortems.incidents import queries as incident_queries
from postmortems.incidents import rows
from postmortems.incidents.models import Incident
from tests import forked
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import BEN, CI, request
from tests.runtimes import RUNTIME, VAULT
from tests.world import World

OPERATOR = Actor.system("test")
ELSEWHERE = """
import sys
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.gate.enforcement import guard_changes
from tests.runtimes import VAULT

db.connect(sys.argv[1])
with db.transaction():
    fields = {"title": "told elsewhere"}
    guard_changes.edit("lab-hours", fields, None, actor=Actor.system("test"), vault=VAULT)
"""


@pytest.fixture
def story(any_database: str, clock: Clock) -> str:
    """The founding story; the value is its incident's slug."""
    slug = founding.tell(clock.now())
    with db.transaction():
        # Whatever a test has put back, this database has a version from now on.
        guards.save_service("data8", "Data 8", ["staging", "prod"], actor=OPERATOR)
    return slug


def present() -> GuardSet | None:
    with db.reading():
        return guard_sets.of_target("data8", "prod")


def in_unit(act: Callable[[], object]) -> Callable[[str, Clock], None]:
    def run(_slug: str, _clock: Clock) -> None:
        with db.transaction():
            act()

    return run


def edited(**fields: Any) -> Callable[[str, Clock], None]:
    return in_unit(lambda: guard_changes.edit("lab-hours", fields, None, actor=OPERATOR, vault=VAULT))


def saved(**changes: Any) -> Callable[[str, Clock], None]:
    def run(slug: str, _clock: Clock) -> None:
        with db.transaction():
            incident = incident_queries.by_slug(slug, OPERATOR)
            document = replace(rows.to_document(incident), **changes)
            save_incident.save(slug, document, version=incident.version, actor=OPERATOR)

    return run


def with_item(**changes: Any) -> Callable[[str, Clock], None]:
    return in_unit(lambda: save_incident.edit_item("AI-3", changes, actor=OPERATOR))


def deleted(slug: str, _clock: Clock) -> None:
    with db.transaction():
        incidents.delete(slug, actor=OPERATOR)


def waived(_slug: str, clock: Clock) -> None:
    fields = {
        "kind": "waiver",
        "guard": "lab-hours",
        "until": (clock.now() + timedelta(days=3)).isoformat(),
        "reason": founding.WHY,
    }
    with db.transaction():
        waivers.add(fields, actor=BEN)


def waived_and_ended(slug: str, clock: Clock) -> None:
    waived(slug, clock)
    kept = present()
    with db.transaction():
        waivers.end(session().scalars(select(Waiver.id)).one(), actor=BEN)
    assert present() != kept
    waived(slug, clock)


def put_right(slug: str, clock: Clock) -> None:
    waived(slug, clock)
    clock.advance(days=60)
    assert [one.waiver.kind for one in present().waivers] == []  # type: ignore[union-attr]
    clock.advance(days=-60)


def overridden(_slug: str, clock: Clock) -> None:
    blocked = ask.ask(request(declared_target="biology/prod"), actor=CI, runtime=RUNTIME)
    asked = {"guards": ["target-confirmed"], "reason": founding.WHY, "ticket": "OPS-1"}
    with db.transaction():
        wanted = overrides.request(blocked["id"], asked, actor=founding.ADA)
        overrides.grant(wanted.id, actor=BEN)


def raw(statement: Any) -> Callable[[str, Clock], None]:
    return in_unit(lambda: session().connection().execute(statement))


# Each way in which what guards a target, or what is told of it, can become another.
CHANGES: list[tuple[str, Callable[[str, Clock], None]]] = [
    ("a guard's title", edited(title="No deploys in labs")),
    ("a guard's configuration", edited(config=founding.GUARDS["lab-hours"][1] | {"reason": "exams"})),
    ("a guard's remedy", edited(remedy="Wait.")),
    ("a guard's level", edited(level="advisory")),
    ("a guard that is switched off", edited(is_enabled=False)),
    ("a guard's targets", edited(targets=["data8/staging"])),
    ("a guard that is deleted", in_unit(lambda: guard_changes.delete("target-confirmed", actor=OPERATOR))),
    (
        "a new guard",
        in_unit(
            lambda: guard_changes.create(
                {"slug": "new", "title": "New", "kind": "target", "targets": ["data8/prod"]},
                actor=OPERATOR,
                vault=VAULT,
            )
        ),
    ),
    ("an incident's title", saved(title="Another title")),
    ("an incident that is restricted", saved(restricted=("@ada",))),
    ("an item's text", with_item(text="Show what is about to change.")),
    ("an item's owner", with_item(owner="@kim")),
    ("an incident that is deleted", deleted),
    ("a waiver", waived),
    ("a waiver that is ended", waived_and_ended),
    ("a waiver, and a clock that was ahead when it was looked for", put_right),
    ("an override", overridden),
    ("a statement about guards", raw(update(Guard).values(remedy="Ask."))),
    ("a statement about targets of guards", raw(delete(GuardTarget))),
    ("a statement about protections", raw(update(ItemProtection).values(protection="regressed"))),
    ("a statement about incidents", raw(update(Incident).values(title="By a statement"))),
    ("a service of the demo", raw(update(Service).values(is_demo=True))),
    (
        "a statement that gives a target another name",
        raw(update(Target).where(Target.name == "prod").values(name="production")),
    ),
    (
        "a guard that begins to flap, noted past its row",
        raw(update(Base.metadata.tables["guards"]).values(flaps_since=datetime(2026, 3, 2, tzinfo=UTC))),
    ),
]  # fmt: skip


@pytest.mark.parametrize("act", [row[1] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_after_every_change_the_next_question_is_about_what_is_there(
    story: str, clock: Clock, act: Callable[[str, Clock], None]
) -> None:
    kept = present()
    assert present() is kept

    act(story, clock)
    found = present()
    db.kept().clear()
    assert found == present()
    assert found != kept


def test_a_target_that_is_taken_away_is_unknown_at_once(story: str, clock: Clock) -> None:
    with db.transaction():
        guards.save_service("data8", "Data 8", ["staging", "prod", "lab"], actor=OPERATOR)
    with db.reading():
        assert guard_sets.of_target("data8", "lab") is not None
    with db.transaction():
        guards.save_service("data8", "Data 8", ["staging", "prod"], actor=OPERATOR)
    with db.reading():
        assert guard_sets.of_target("data8", "lab") is None


def test_another_process_is_believed(story: str, any_database: str) -> None:
    kept = present()
    forked.run([sys.executable, "-c", ELSEWHERE, any_database], check=True)

    found = present()
    assert kept is not None
    assert found is not None
    assert [guard.title for guard in kept.guards if guard.slug == "lab-hours"] == ["lab-hours"]
    assert [guard.title for guard in found.guards if guard.slug == "lab-hours"] == ["told elsewhere"]


def while_it_is_read(story: str, clock: Clock) -> tuple[int | None, GuardSet | None]:
    """The version, and what is read after somebody else has changed a guard."""
    edit = Thread(target=edited(title="told meanwhile"), args=(story, clock))
    db.kept().clear()
    with db.reading():
        number = versions.present(versions.GATE)
        edit.start()
        edit.join()
        return number, guard_sets.of_target("data8", "prod")


def titles() -> set[str]:
    found = present()
    assert found is not None
    return {guard.title for guard in found.guards}


def test_what_changes_after_the_version_was_read_is_seen_by_the_next(story: str, clock: Clock) -> None:
    number, read = while_it_is_read(story, clock)
    assert number is not None
    assert read is not None
    assert "told meanwhile" in titles()
    assert present() is present()


def test_who_reads_longer_puts_nothing_old_in_the_place_of_what_is_new(story: str, clock: Clock) -> None:
    slow = while_it_is_read(story, clock)
    assert "told meanwhile" in titles()
    db.kept()["data8", "prod"] = slow
    assert "told meanwhile" in titles()


def test_what_is_taken_back_changes_nothing(story: str) -> None:
    kept = present()
    db.begin()
    session().execute(update(Guard).values(remedy="Ask."))
    found = guard_sets.of_target("data8", "prod")
    db.finish(keep=False)
    assert found is not None
    assert {guard.remedy for guard in found.guards} == {"Ask."}
    assert present() is kept


def tables_of(statement: Select[Any]) -> set[Any]:
    return {part for part in visitors.iterate(statement) if part.__visit_name__ == "table"}


@pytest.mark.parametrize(
    "statement",
    [guard_sets.COVERING, guard_sets.WHY, active_waivers.GRANTED],
    ids=["covering", "why", "waivers"],
)
def test_every_table_that_is_kept_from_moves_the_version(statement: Select[Any]) -> None:
    read = tables_of(statement)
    assert read
    assert [table.name for table in read if table.info.get(versions.MOVES) != versions.GATE] == []


def test_a_process_keeps_a_bounded_number_of_targets(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_sets, "MOST_KEPT", 1)
    for target in ("staging", "prod", "staging"):
        with db.reading():
            assert guard_sets.of_target("data8", target) is not None
        assert len(db.kept()) == 1


def test_nobody_fills_the_memory_with_targets_that_are_none(story: str) -> None:
    db.kept().clear()
    for number in range(5):
        with db.reading():
            assert guard_sets.of_target("data8", f"none-{number}") is None
    assert not db.kept()


def test_a_question_that_was_asked_before_reads_no_guards(
    client: FlaskClient,
    world: World,
    clock: Clock,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    founding.tell(clock.now())
    founding.only("target-confirmed", "staging-validated")
    founding.attest(clock)
    asked = request(artifact={"digest": founding.NEW})
    for _ in range(2):  # The first one makes items enforced, which is told in the answers after it.
        client.post("/api/v1/gate/decisions", json=asked, headers=world.headers())
    with count_queries() as statements:
        answer = client.post("/api/v1/gate/decisions", json=asked, headers=world.headers())
    assert answer.status_code == 200
    words = [text.split()[0] for text in statements]
    # Who asks, with the version; the evidence; the decision, whose verdicts say nothing new.
    assert [word for word in words if word in {"SELECT", "INSERT", "UPDATE"}] == [
        "SELECT", "SELECT", "INSERT",
    ]  # fmt: skip


def test_a_question_as_pipelines_send_it_needs_neither_schema_nor_session(
    client: FlaskClient, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    founding.tell(clock.now())
    founding.only("target-confirmed", "staging-validated")
    asked = request(artifact={"digest": founding.NEW})
    for _ in range(2):
        client.post("/api/v1/gate/decisions", json=asked, headers=world.headers())
    for owner, name in ((Schema, "load"), (Schema, "dump"), (units, "Session")):
        monkeypatch.setattr(owner, name, None)
    answer = client.post("/api/v1/gate/decisions", json=asked, headers=world.headers())
    assert answer.status_code == 200
    assert len(answer.get_json()["guards"]) == 2
