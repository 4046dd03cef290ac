"""What happens in the world and speaks against a fix: a done item opens again by itself, and heals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Item
from postmortems.errors import Conflict, Invalid, NotAllowed
from postmortems.gate import jobs as gate_jobs
from postmortems.gate.decisions import ask as decisions_ask
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.exemptions import overrides
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.models import Finding
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.protection import queries as protection_queries
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.guards.kinds.registry import KINDS
from postmortems.incidents import operations as incidents
from postmortems.incidents import rows
from postmortems.incidents.models import ActionItem, Incident
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BAD, BEN, CI, GOOD, NEW, OLD
from tests.kept_rows import kept
from tests.runtimes import RUNTIME, VAULT

AGAIN = "2019-02-02-it-happened-again"


@pytest.fixture
def done(any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    """The founding story with AI-3, `target-confirmed`, proven and done; an hour has passed since."""
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    slug = founding.tell(clock.now())
    kept("AI-3 is done", finish)
    clock.advance(hours=1)
    assert (item().status, protection()) == ("done", "proven")
    return slug


def finish() -> None:
    with db.transaction():
        save_incident.edit_item("AI-3", {"status": "done", "outcome": "a guard"}, actor=ADA)


def item() -> ActionItem:
    with db.reading():
        return session().scalars(select(ActionItem).where(ActionItem.number == 3)).one()


def protection() -> str:
    with db.reading():
        return protection_queries.of_items([item_id()])[item_id()].protection


def item_id() -> int:
    return session().scalars(select(ActionItem.id).where(ActionItem.number == 3)).one()


def ask(**changes: Any) -> dict[str, Any]:
    return decisions_ask.ask(founding.request(**changes), actor=CI, runtime=RUNTIME)


def deploy(**changes: Any) -> None:
    fields = {"service": "data8", "target": "prod", "artifact": {"digest": NEW}, "outcome": "succeeded"}
    with db.transaction():
        guard_changes.record_deploy(fields | changes, actor=BEN)


def allowed(clock: Clock) -> str:
    """The id of a decision that lets the mended chart pass."""
    edit("lab-hours", is_enabled=False)
    edit("staging-validated", is_enabled=False)
    answer = ask()
    assert answer["decision"] == "allow"
    return str(answer["id"])


def edit(slug: str, **fields: Any) -> None:
    with db.transaction():
        guard_changes.edit(slug, fields, None, actor=ADA, vault=VAULT)


def overridden(clock: Clock, times: int) -> None:
    for number in range(times):
        clock.advance(hours=5)
        answer = ask(declared_target="biology/prod", run={"id": str(number)})
        fields = {
            "guards": ["target-confirmed"],
            "reason": "the biology run is meant, and somebody watches it",
            "expires_s": 600,
        }
        with db.transaction():
            asked = overrides.request(answer["id"], fields, actor=ADA)
        with db.transaction():
            overrides.grant(asked.id, actor=BEN)


def three_overrides(clock: Clock) -> None:
    overridden(clock, 3)


def deploy_without_decision(clock: Clock) -> None:
    deploy()


def deploy_after_a_block(clock: Clock) -> None:
    deploy(decision_id=ask(declared_target="biology/prod")["id"])


def deploy_of_another_artifact(clock: Clock) -> None:
    deploy(decision_id=allowed(clock), artifact={"digest": OLD})


def deploy_on_an_old_decision(clock: Clock) -> None:
    decision_id = allowed(clock)
    clock.advance(hours=1)
    deploy(decision_id=decision_id, outcome="started")


def deploy_on_a_dry_run(clock: Clock) -> None:
    deploy(decision_id=ask(dry_run=True)["id"])


def deploy_on_a_made_up_decision(clock: Clock) -> None:
    deploy(decision_id="dec_of_my_own")


def error_that_allows(clock: Clock) -> None:
    for slug in ("lab-hours", "staging-validated"):
        edit(slug, is_enabled=False)
    edit("target-confirmed", on_error="warn")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KINDS["target"], "judge", lambda *_: 1 / 0)
        assert ask()["decision"] == "allow_with_warnings"


def deploys_that_nobody_asks_about(clock: Clock) -> None:
    clock.advance(days=31)
    with pytest.MonkeyPatch.context() as patch:
        # Decisions were made, so none of the deploys is a bypass; none of them asked this guard.
        patch.setattr(findings_operations, "of_deploy", lambda *_: None)
        deploy()


def recurrence(clock: Clock) -> None:
    with db.transaction():
        document = founding.document(Item("Do better."), title="It happened again")
        slug = session().scalars(select(Incident.slug)).first() or ""
        again = replace(document, recurrence_of=slug, date=date(2019, 2, 2))
        save_incident.save(None, again, version=None, actor=ADA)


TRIGGERS: list[tuple[Callable[[Clock], None], str]] = [
    (three_overrides, "target-confirmed was overridden 3 times in 30 days"),
    (deploy_without_decision, "deployed to data8/prod without a decision: none was named"),
    (deploy_after_a_block, "it was decided to block"),
    (deploy_of_another_artifact, "it was decided for sha256:8c8c"),
    (deploy_on_an_old_decision, "held no longer"),
    (deploy_on_a_dry_run, "it was a dry run"),
    (deploy_on_a_made_up_decision, "there is no such decision"),
    (error_that_allows, "target-confirmed could not be evaluated and let a deploy to data8/prod pass"),
    (deploys_that_nobody_asks_about, "for 30 days deploys went to data8/prod and no decision asked"),
    (recurrence, "it happened again, and no drill shows"),
]


@pytest.mark.parametrize("happen, why", TRIGGERS, ids=[row[0].__name__ for row in TRIGGERS])
def test_a_done_item_opens_again_by_itself(
    done: str, clock: Clock, happen: Callable[[Clock], None], why: str
) -> None:
    happen(clock)

    opened = item()
    assert protection() == "regressed"
    assert (opened.status, opened.reopened_at) == ("open", clock.now())
    assert why in opened.reopened_because
    with db.reading():
        regressed = next(one for one in audit.of("item", "AI-3") if one.verb == "item.regressed")
        # Owner, and whoever leads the incident.
        assert regressed.data["tells"] == ["ada", "sam"]


def test_a_deploy_that_a_decision_let_pass_is_no_finding(done: str, clock: Clock) -> None:
    decision_id = allowed(clock)
    clock.advance(minutes=5)
    deploy(decision_id=decision_id, outcome="started")
    # It took longer than the decision held, and that is right.
    clock.advance(hours=2)
    deploy(decision_id=decision_id)

    assert (item().status, protection()) == ("done", "enforced")
    assert found() == []


def found() -> list[str]:
    with db.reading():
        return [one.kind for one in findings_operations.page().rows]


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "rolled_back"},
        {"target": "staging"},
        {"observed_at": "2026-02-20T00:00:00Z"},
    ],
    ids=["a rollback", "where no guard stands", "before the guards stood there"],
)
def test_some_deploys_need_no_decision(done: str, changes: dict[str, Any]) -> None:
    deploy(**changes)
    assert found() == []
    assert item().status == "done"


def test_the_events_of_one_deploy_are_one_finding(done: str, clock: Clock) -> None:
    deploy(outcome="started")
    clock.advance(minutes=10)
    deploy(outcome="succeeded")
    assert found() == ["bypass"]


def test_two_overrides_are_not_yet_a_habit(done: str, clock: Clock) -> None:
    overridden(clock, 2)
    assert item().status == "done"


def test_a_settled_finding_speaks_against_nothing(done: str, clock: Clock) -> None:
    deploy()
    with db.transaction():
        finding = session().scalars(select(Finding)).one()
        guard_changes.settle(finding.id, "The script asks the gate now.", actor=BEN)
    assert protection() == "proven"
    # What was opened stays open: somebody closes it, and the proof is there again.
    assert item().status == "open"
    assert found() == []


@pytest.mark.parametrize(
    "reason, actor, error",
    [("", BEN, Invalid), ("   ", BEN, Invalid), ("x" * 2001, BEN, Invalid), ("fine", ADA, NotAllowed)],
)
def test_who_settles_a_finding_is_an_admin_and_says_what_was_done(
    done: str, reason: str, actor: Any, error: type[Exception]
) -> None:
    deploy()
    with db.transaction(), pytest.raises(error):
        guard_changes.settle(1, reason, actor=actor)
    assert protection() == "regressed"


def test_a_finding_is_settled_once(done: str) -> None:
    deploy()
    with db.transaction():
        guard_changes.settle(1, "Done.", actor=BEN)
    with db.transaction(), pytest.raises(Conflict, match="ben has settled it"):
        guard_changes.settle(1, "Done.", actor=BEN)


def test_after_thirty_days_a_finding_speaks_against_nothing_any_more(done: str, clock: Clock) -> None:
    deploy()
    clock.advance(days=30, seconds=-1)
    gate_jobs.restate_all()
    assert protection() == "regressed"
    clock.advance(seconds=1)
    gate_jobs.restate_all()
    assert protection() == "proven"


def test_a_recurrence_is_answered_by_a_drill_that_stops_it_too(done: str, clock: Clock) -> None:
    recurrence(clock)
    assert protection() == "regressed"
    for kind, facts in (("bad", BAD), ("good", GOOD)):
        with db.transaction():
            fields = {"incident": AGAIN, "name": kind, "kind": kind, "facts": facts}
            scenarios_operations.record(fields, actor=ADA)
    assert protection() == "proven"


def test_a_recurrence_that_is_none_after_all_is_taken_back(done: str, clock: Clock) -> None:
    recurrence(clock)
    with db.transaction():
        incident = session().scalars(select(Incident).where(Incident.slug == AGAIN)).one()
        document = replace(rows.to_document(incident), recurrence_of="")
        save_incident.save(AGAIN, document, version=incident.version, actor=ADA)
    assert protection() == "proven"


def test_a_recurrence_that_is_deleted_heals_when_the_worker_looks(done: str, clock: Clock) -> None:
    recurrence(clock)
    with db.transaction():
        incidents.delete(AGAIN, actor=BEN)
    gate_jobs.restate_all()
    assert protection() == "proven"


def test_an_incident_does_not_repeat_itself(done: str) -> None:
    with db.transaction():
        incident = session().scalars(select(Incident)).one()
        document = replace(rows.to_document(incident), recurrence_of=done)
        save_incident.save(done, document, version=incident.version, actor=ADA)
    assert item().status == "done"


def test_an_edit_by_which_the_drill_goes_green_opens_it_again(done: str, clock: Clock) -> None:
    with db.transaction():
        save_incident.edit_item("AI-1", {"status": "done"}, actor=BEN)
    edit("staging-validated", config={"predicate": "x", "target": "data8/staging"}, level="advisory")
    # Now nothing but the window speaks for AI-1, and it is moved away from the labs.
    edit("lab-hours", config={"tz": "UTC", "starts": "03:00", "ends": "04:00", "rrule": "FREQ=DAILY"})
    with db.reading():
        opened = session().scalars(select(ActionItem).where(ActionItem.number == 1)).one()
        assert opened.status == "open"
        assert "no drill shows lab-hours red" in opened.reopened_because


def test_gathering_it_takes_as_many_queries_for_many_items(
    done: str, clock: Clock, count_queries: Any
) -> None:
    counts = []
    for more in (7, 60):
        with db.transaction():
            items = [Item(f"Fix {number}.", guards=("target-confirmed",)) for number in range(more)]
            founding.add_incident(*items, title=f"Another {more}")
        with db.reading(), count_queries() as statements:
            protection_operations.derive(list(session().scalars(select(ActionItem.id))))
        counts.append(len(statements))
    assert counts[0] == counts[1]
