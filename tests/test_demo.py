"""The demo comes in by the ordinary operations, shows what it promises, and goes without a trace."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, text, update

from postmortems import clock, demo
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import Base
from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Item, Section
from postmortems.document.times import timeline_times
from postmortems.errors import Conflict, NotAllowed, NotFound
from postmortems.gate.decisions import ask, store
from postmortems.gate.effectiveness import block_review
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.exemptions import overrides, waivers
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.models import Decision, ItemProtection, Waiver
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.guards import operations as guards
from postmortems.guards import queries as guard_queries
from postmortems.guards import trial
from postmortems.guards.evidence.store import record_observation
from postmortems.guards.kinds.heartbeat import pings
from postmortems.guards.kinds.signoff import operations as signoff_operations
from postmortems.guards.models import Evidence, Guard, LastSaid, Service
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows as incidents_rows
from postmortems.incidents.models import ActionItem, Counter, Incident
from postmortems.reports import queries as reports
from postmortems.reports.coverage import queries as coverage_queries
from tests.conftest import Clock
from tests.kept_rows import kept
from tests.runtimes import RUNTIME, VAULT

OPERATOR = Actor.system("tests")
ADMIN = Actor(kind="person", name="cy", role="admin", user_id=1)
BEN = Actor(kind="person", name="ben", role="author", user_id=1)
FOUNDING = demo.FOUNDING
DEPLOY = {
    "service": "data8",
    "target": "prod",
    "declared_target": "data8/prod",
    "artifact": {"digest": "sha256:" + "8c" * 32},
}
OVERRIDE = {
    "kind": "override",
    "guard": "lab-hours",
    "target": "data8/prod",
    "owner": "ben",
    "reason": "Late.",
    "made_by": "ben",
    "granted_by": "cy",
}
BROKEN = "sha256:51f1d28fbdd7c95fb2ce13fa96dfb6a4d9d3ff0acd1a7b5b5ac4f0b6c9a2e6d1"
MENDED = "sha256:8c0a6f6d5b2f3c1e9d77a40f2b9e15c3046fd8ab1c5d9e72f3b8640a1d2c7e95"


def load() -> demo.Counts:
    return kept("demo", _loaded)


def _loaded() -> demo.Counts:
    with db.transaction():
        return demo.load(OPERATOR, VAULT)


def remove() -> demo.Counts:
    with db.transaction():
        return demo.remove(OPERATOR)


def rows() -> dict[str, int]:
    """How many rows each table has, but for the event stream and what counts: those only grow."""
    counting = ("events", Counter.__tablename__, "versions")
    tables = [table for table in Base.metadata.sorted_tables if table.name not in counting]
    with db.reading() as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def replay(**differences: Any) -> dict[str, Any]:
    """The gate's answer to a dry run at 15:30 on the day, as the README shows it."""
    asked = {
        "service": "data8",
        "target": "prod",
        "declared_target": "biology/prod",
        "artifact": {"digest": BROKEN},
        "at": "2018-01-25T15:30:00-08:00",
        "dry_run": True,
    }
    return ask.ask(asked | differences, actor=OPERATOR, runtime=RUNTIME)


def own_incident(text: str = "Deploy in daylight only.", **item: Any) -> Document:
    items = Section("Action items", (Category("Process"), Item(text, **item)))
    return Document(title="An outage of our own", date=date(2026, 2, 2), sections=(items,))


def test_the_demo_loads_whole(any_database: str) -> None:
    counts = load()

    assert str(counts) == "10 incidents, 4 services, 14 guards, 13 scenarios"


def test_loading_again_changes_nothing(any_database: str) -> None:
    load()
    before = rows()

    counts = load()

    assert counts == demo.Counts()
    assert rows() == before


def test_the_founding_incident_has_its_name_its_times_and_three_open_process_fixes(any_database: str) -> None:
    load()

    with db.reading():
        incident = incidents.by_slug(FOUNDING, OPERATOR)
        document = incidents_rows.to_document(incident)
        readings = timeline_times.read_entries(document)

    assert (document.title, document.date) == (
        "Accidental merge to prod brings things down",
        date(2018, 1, 25),
    )
    assert [reading.at.strftime("%H:%M") for reading in readings if reading.at] == [
        "14:30",
        "15:30",
        "16:11",
        "16:35",
    ]
    assert [entry.kind for entry in document.entries] == ["change", "trigger", "detection", "recovery"]
    assert [(item.id, item.kind, item.status) for item in document.items] == [
        ("AI-1", "process", "open"),
        ("AI-2", "process", "open"),
        ("AI-3", "process", "open"),
    ]


def test_the_four_guards_of_data8_block_because_a_drill_has_proven_them(any_database: str) -> None:
    load()

    with db.reading() as session:
        levels = {
            guard.slug: guard.level
            for guard in session.scalars(select(Guard))
            if any(target.full_name == "data8/prod" for target in guard.targets)
        }
        would = scenarios_queries.would_stop(incidents.by_slug(FOUNDING, OPERATOR))
        protections = session.scalars(
            select(ItemProtection.protection)
            .join(ActionItem, ActionItem.id == ItemProtection.item_id)
            .where(ActionItem.number <= 3)
        ).all()

    names = ["lab-hours", "staging-online", "staging-validated", "target-confirmed"]
    assert levels == dict.fromkeys(names, "soft")
    assert (would.verdict, list(would.stopping)) == ("yes", names)
    assert set(protections) == {"proven"}


def test_the_replay_of_half_past_three_is_blocked_by_three_guards_that_say_why(any_database: str) -> None:
    load()

    answer = replay()

    failing = {guard["guard"]: guard for guard in answer["guards"] if guard["verdict"] == "fail"}
    assert answer["decision"] == "block"
    assert set(failing) == {"lab-hours", "target-confirmed", "staging-validated"}
    for guard in failing.values():
        items = {
            because["action_item"]["id"]
            for because in guard["because"]
            if because["incident"]["slug"] == FOUNDING
        }
        assert items
        assert items <= {"AI-1", "AI-2", "AI-3"}
    others = {guard["guard"]: guard["verdict"] for guard in answer["guards"] if guard["guard"] not in failing}
    assert others == {"staging-online": "not_applicable"}


def test_the_replay_of_five_past_seven_is_allowed(any_database: str) -> None:
    load()

    answer = replay(declared_target="data8/prod", artifact={"digest": MENDED}, at="2018-01-25T19:05:00-08:00")

    assert answer["decision"] == "allow"


@pytest.mark.parametrize(
    "differences, culprit",
    [
        ({"at": "2018-01-25T18:45:00-08:00"}, "lab-hours"),
        ({"declared_target": "biology/prod"}, "target-confirmed"),
        ({"declared_target": ""}, "target-confirmed"),
        ({"artifact": {"digest": BROKEN}}, "staging-validated"),
    ],
)
def test_each_guard_alone_stops_what_it_is_there_for(
    database: str, differences: dict[str, Any], culprit: str
) -> None:
    load()
    good = {
        "declared_target": "data8/prod",
        "artifact": {"digest": MENDED},
        "at": "2018-01-25T19:05:00-08:00",
    }

    answer = replay(**(good | differences))

    assert answer["decision"] == "block"
    assert [guard["guard"] for guard in answer["guards"] if guard["effective"] == "block"] == [culprit]


def switch_off(*slugs: str) -> None:
    with db.transaction():
        for slug in slugs:
            guard_changes.edit(slug, {"is_enabled": False}, None, actor=OPERATOR, vault=VAULT)


def could_happen_again() -> set[str]:
    with db.reading():
        return {incident.slug for incident in reports.process_fixes(clock.now()).again}


def test_a_fix_marked_done_opens_again_when_its_guard_is_switched_off(any_database: str) -> None:
    load()
    with db.transaction():
        assert save_incident.edit_item("AI-3", {"status": "done"}, actor=BEN).status == "done"

    switch_off("target-confirmed")

    with db.reading() as session:
        item = session.scalars(select(ActionItem).where(ActionItem.number == 3)).one()
        assert item.status == "open"
        assert "target-confirmed" in item.reopened_because


def test_with_its_guards_switched_off_the_incident_could_happen_again(any_database: str) -> None:
    load()
    assert FOUNDING not in could_happen_again()

    switch_off("lab-hours", "target-confirmed", "staging-validated", "staging-online")

    assert FOUNDING in could_happen_again()


def test_the_founding_family_shows_every_class_of_coverage(any_database: str) -> None:
    load()

    with db.reading():
        found = {one.slug: one.coverage for one in coverage_queries.everything()}
        drills = {
            (scenario.kind, scenario.name): scenarios_queries.drills(scenario)[0].is_as_expected
            for scenario in scenarios_queries.scenario_page().rows
        }

    assert found == {
        "2017-02-23-evicted-proxy-strands-sessions": "uncovered",
        "2017-02-24-script-scales-the-wrong-cluster": "thin",
        "2017-03-06-chart-and-image-out-of-step": "strong",
        "2017-03-23-kernels-that-never-start": "thin",
        "2017-11-30-build-eats-the-proxys-memory": "uncovered",
        FOUNDING: "strong",
        "2018-01-26-slow-start-with-many-users": "detected",
        "2019-05-01-live-keys-in-a-pull-request": "detected",
        "2022-01-20-shared-image-breaks-several-hubs": "strong",
        "2024-02-07-no-core-node-left": "unguardable",
    }
    # Guards that only warn or watch are why two bad deploys are not stopped.
    odd = sorted(name for (_, name), as_expected in drills.items() if not as_expected)
    assert odd == ["Deployed with a key in it", "Promoted to a cluster that is not alike"]


def verdicts(name: str) -> dict[str, tuple[str, str]]:
    """Verdict and reason of each guard in a scenario's newest drill."""
    with db.reading():
        scenario = next(one for one in scenarios_queries.scenario_page().rows if one.name == name)
        results = scenarios_queries.drills(scenario)[0].results
        return {one["guard"]: (one["verdict"], one["reason_code"]) for one in results}


@pytest.mark.parametrize(
    "slug, level, bad, good",
    [
        (
            "shared-image-agreed",
            "soft",
            ("Merged at two in the morning", "stale", "expired"),
            ("Merged when people are at work", "pass", "approved"),
        ),
        (
            "alerts-arrive",
            "shadow",
            ("Merged at two in the morning", "stale", "missed"),
            ("Merged when people are at work", "pass", "on_time"),
        ),
        (
            "staging-as-full",
            "shadow",
            ("Promoted to a cluster that is not alike", "fail", "threshold_missed"),
            ("Promoted to a cluster that is alike", "pass", "as_expected"),
        ),
        (
            "no-keys-in-it",
            "shadow",
            ("Deployed with a key in it", "fail", "not_successful"),
            ("Deployed without a key", "pass", "all_successful"),
        ),
    ],
)
def test_guards_that_ask_people_jobs_and_other_systems_are_drilled_too(
    database: str, slug: str, level: str, bad: tuple[str, str, str], good: tuple[str, str, str]
) -> None:
    load()

    with db.reading() as session:
        assert session.scalars(select(Guard.level).where(Guard.slug == slug)).one() == level
    for name, verdict, reason in (bad, good):
        assert verdicts(name)[slug] == (verdict, reason)


def test_whoever_asks_for_the_r_hub_waits_for_a_colleague(database: str, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("America/Los_Angeles")))
    load()
    asked = {"service": "r-hub", "target": "prod", "artifact": {"digest": MENDED}, "actor": "sam"}

    assert ask.ask(asked, actor=OPERATOR, runtime=RUNTIME)["decision"] == "wait"
    agree()

    assert ask.ask(asked, actor=OPERATOR, runtime=RUNTIME)["decision"] == "allow"


def agree() -> None:
    with db.transaction():
        guard = guard_queries.by_slug("shared-image-agreed")
        said = {"guard": guard.slug, "service": "r-hub", "target": "prod", "result": "approved"}
        ticked = {"artifact": {"digest": MENDED}, "checklist": guard.config["checklist"]}
        signoff_operations.sign(said | ticked, actor=BEN)


def test_the_other_incidents_have_different_shapes(database: str) -> None:
    load()

    with db.reading() as session:
        items = session.scalars(select(ActionItem)).all()
        statuses = {item.status for item in items}
        drafts = session.scalars(select(Incident.slug).where(Incident.status == "draft")).all()
        documents = [incidents_rows.to_document(incident) for incident in session.scalars(select(Incident))]

    assert statuses == {"proposed", "open", "in_progress", "done", "wont_do"}
    assert {item.guardability for item in items} == {"", "enforceable", "attestable", "not_guardable"}
    assert {"process", "technical", "documentation", "monitoring", "upstream"} <= {
        item.kind for item in items
    }
    assert any(not item.owner for item in items)
    assert any(item.due is None for item in items)
    assert len(drafts) == 1
    assert sorted(len(document.entries) for document in documents) == [0, 0, 0, 4, 5, 5, 6, 7, 10, 10]


def test_lists_and_report_have_something_of_each_sort_to_show(database: str) -> None:
    load()

    with db.reading() as session:
        protections = set(session.scalars(select(ItemProtection.protection)))
        report = reports.process_fixes(clock.now())

    assert protections == {"unguarded", "shadow", "guarded", "proven"}
    for figure in ("open", "overdue", "unowned", "undated", "unproven", "proposed"):
        assert report.figures[figure].value, figure


@pytest.mark.parametrize("path", sorted(demo.DATA.glob("incidents/*.md")), ids=lambda path: path.stem)
def test_each_file_is_read_with_all_its_times_and_comes_back_stable(path: Any) -> None:
    document = parser.parse(path.read_text())

    assert document.date is not None
    assert path.stem.startswith(document.date.isoformat())
    assert all(reading.at for reading in timeline_times.read_entries(document))
    assert parser.parse(parser.write(document)) == document


def test_the_founding_file_is_canonical() -> None:
    text = (demo.DATA / "incidents" / f"{FOUNDING}.md").read_text()

    assert parser.write(parser.parse(text)) == text


def a_service() -> None:
    guards.save_service("data8", "Ours", ["prod"], actor=OPERATOR)


def a_guard() -> None:
    guards.save_service("ours", "Ours", ["prod"], actor=OPERATOR)
    guard_changes.create(
        {"slug": "lab-hours", "title": "Ours", "kind": "target", "config": {}, "targets": ["ours/prod"]},
        actor=OPERATOR,
        vault=VAULT,
    )


def an_incident() -> None:
    document = Document(title="Accidental merge to prod brings things down", date=date(2018, 1, 25))
    save_incident.save(None, document, version=None, actor=OPERATOR, name=f"{FOUNDING}.md")


@pytest.mark.parametrize(
    "make, what", [(a_service, "data8"), (a_guard, "lab-hours"), (an_incident, FOUNDING)]
)
def test_it_keeps_away_from_what_has_a_demo_name_already(
    any_database: str, make: Callable[[], None], what: str
) -> None:
    with db.transaction():
        make()
    before = rows()

    with pytest.raises(Conflict, match=what):
        load()

    assert rows() == before


def test_removing_it_leaves_no_row_behind(any_database: str) -> None:
    before = rows()
    load()
    replay()

    counts = remove()

    assert str(counts) == "10 incidents, 4 services, 14 guards, 13 scenarios"
    assert rows() == before


def test_removing_it_takes_along_what_people_did_with_its_guards(any_database: str, clock: Clock) -> None:
    before = rows()
    load()
    agree()
    with db.transaction():
        pings.ping(pings.make_key("alerts-arrive", actor=OPERATOR), "success")
        waivers.add(
            {
                "kind": "waiver",
                "guard": "staging-online",
                "reason": "There is no hub to ask in a demo",
                "until": "2026-03-09T09:00:00+00:00",
            },
            actor=ADMIN,
        )
    blocked = replay(dry_run=False, at=None)
    with db.transaction():
        fields = {"guards": ["target-confirmed"], "reason": "It is but a demo of an override"}
        override = overrides.request(blocked["id"], fields, actor=BEN)
        overrides.grant(override.id, actor=ADMIN)
        block_review.confirm(blocked["id"], True, ["target-confirmed"], actor=BEN)
        guard_changes.record_deploy(
            {"service": "data8", "target": "prod", "artifact": {"digest": BROKEN}, "outcome": "succeeded"},
            actor=OPERATOR,
        )
        assert findings_operations.page().rows

    remove()

    assert rows() == before


def test_removing_it_twice_is_no_error(any_database: str) -> None:
    load()
    remove()

    assert remove() == demo.Counts()


def test_it_can_come_back(any_database: str) -> None:
    load()
    remove()

    assert str(load()) == "10 incidents, 4 services, 14 guards, 13 scenarios"
    assert replay()["decision"] == "block"


def test_removing_it_leaves_what_is_ours_as_it_was(any_database: str) -> None:
    with db.transaction():
        guards.save_service("ours", "Ours", ["prod"], actor=OPERATOR)
        slug = save_incident.save(None, own_incident(), version=None, actor=OPERATOR).slug
    ask.ask({"service": "ours", "target": "prod"}, actor=OPERATOR, runtime=RUNTIME)
    before = rows()
    with db.reading():
        text = parser.write(incidents_rows.to_document(incidents.by_slug(slug, OPERATOR)))

    load()
    remove()

    assert rows() == before
    with db.reading() as session:
        assert parser.write(incidents_rows.to_document(incidents.by_slug(slug, OPERATOR))) == text
        assert session.scalars(select(Decision.service)).all() == ["ours"]


def test_a_demo_guard_that_our_item_names_stays_with_its_service(any_database: str) -> None:
    load()
    with db.transaction():
        save_incident.save(None, own_incident(guards=("lab-hours",)), version=None, actor=OPERATOR)

    counts = remove()

    assert (counts.guards, counts.services) == (13, 3)
    assert [line.partition(" stays")[0] for line in counts.kept] == [
        "the guard lab-hours",
        "the service data8",
    ]
    with db.reading() as session:
        assert session.scalars(select(Guard.slug)).all() == ["lab-hours"]
        assert session.scalars(select(Service.name)).all() == ["data8"]


def test_a_demo_service_that_our_guard_is_over_stays(any_database: str) -> None:
    load()
    with db.transaction():
        fields = {
            "slug": "ours",
            "title": "Ours",
            "kind": "target",
            "config": {},
            "targets": ["biology/prod"],
        }
        guard_changes.create(fields, actor=OPERATOR, vault=VAULT)

    counts = remove()

    assert counts.kept == ("the service biology stays: the guard ours is over it",)
    with db.reading() as session:
        assert session.scalars(select(Service.name)).all() == ["biology"]


def test_what_people_changed_survives_a_second_load(database: str) -> None:
    load()
    with db.transaction() as session:
        guard = session.scalars(select(Guard).where(Guard.slug == "lab-hours")).one()
        guard_changes.edit("lab-hours", {"is_enabled": False}, guard.revision, actor=OPERATOR, vault=VAULT)

    load()

    with db.reading() as session:
        assert not session.scalars(select(Guard.is_enabled).where(Guard.slug == "lab-hours")).one()


@pytest.mark.parametrize("act", [lambda actor: demo.load(actor, VAULT), demo.remove])
@pytest.mark.parametrize("role", ["viewer", "author"])
def test_only_admins_may_load_and_remove_it(database: str, act: Callable[[Actor], object], role: str) -> None:
    cy = Actor(kind="person", name="cy", role=role, user_id=1)

    with db.transaction(), pytest.raises(NotAllowed):
        act(cy)


def test_loading_and_removing_are_events(database: str) -> None:
    load()
    remove()

    with db.reading():
        assert [event.verb for event in audit.of("demo", "demo")] == ["demo.removed", "demo.loaded"]


WAITS = text("SELECT 1 FROM pg_locks WHERE NOT granted")


def beside(act: Callable[[], object]) -> Future[object]:
    """Begin it in a thread of its own, and go on once it waits for somebody, or is over."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(act)
    pool.shutdown(wait=False)
    with db.engine().connect() as watching:
        while not future.done() and watching.execute(WAITS).first() is None:
            watching.rollback()
    return future


def remove_a_guard() -> None:
    with db.transaction():
        guard_changes.delete("lab-hours", actor=OPERATOR)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "holds, removal",
    [
        ("what was said last", remove),
        ("an override", remove),
        ("what a guard saw", remove),
        ("what a guard saw", remove_a_guard),
    ],
)
def test_a_removal_waits_for_a_decision_that_is_being_stored_and_neither_is_ended(
    postgres_database: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    holds: str,
    removal: Callable[[], object],
) -> None:
    """The decision has a row that the removal takes away, and is about to name a guard that it takes away."""
    db.connect(postgres_database)
    load()
    assert ask.ask(DEPLOY, actor=OPERATOR, runtime=RUNTIME)["id"]
    with db.transaction() as session:
        session.add(Waiver(**OVERRIDE, made_at=clock.now(), begins_at=clock.now(), ends_at=clock.now()))
        guard = session.scalars(select(Guard).where(Guard.slug == "lab-hours")).one()
        record_observation(guard.id, {}, clock.now())
        if holds != "what was said last":
            # The first ever: it has no row of that sort to wait for.
            session.execute(delete(LastSaid))
    clock.advance(hours=1)
    changes = {
        "an override": update(Waiver).values(used_by="this decision"),
        "what a guard saw": update(Evidence).values(decision_id="this decision"),
    }
    store_verdicts = store.evaluations
    begun: list[Future[object]] = []

    def stored(*words: Any, **more: Any) -> None:
        monkeypatch.setattr(store, "evaluations", store_verdicts)
        if holds in changes:
            db.session().execute(changes[holds])
        begun.append(beside(removal))
        store_verdicts(*words, **more)

    monkeypatch.setattr(store, "evaluations", stored)
    answer = ask.ask(DEPLOY, actor=OPERATOR, runtime=RUNTIME)
    begun[0].result()

    assert answer["id"]
    with db.reading() as session:
        assert session.scalar(select(Guard.id).where(Guard.slug == "lab-hours")) is None
        assert session.scalar(select(Decision.id).where(Decision.id == answer["id"])) in (None, answer["id"])
        if removal is remove:
            assert session.scalar(select(func.count()).select_from(LastSaid)) == 0
            assert session.scalar(select(func.count()).select_from(Waiver)) == 0


@pytest.mark.postgres
def test_who_tries_a_guard_and_who_removes_it_do_not_wait_for_each_other(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.connect(postgres_database)
    load()
    ask.ask(DEPLOY, actor=OPERATOR, runtime=RUNTIME)
    forget = trial._forget_what_it_said
    begun: list[Future[object]] = []

    def removed_first(guard_id: int) -> None:
        begun.append(beside(remove))
        forget(guard_id)

    monkeypatch.setattr(trial, "_forget_what_it_said", removed_first)
    with pytest.raises(NotFound, match="was deleted meanwhile"):
        trial.run("lab-hours", {"target": "data8/prod"}, actor=OPERATOR, egress=RUNTIME.egress)

    assert begun[0].result() is not None
