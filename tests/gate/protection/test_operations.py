"""Where each item's protection stands, what makes it slide back, and that done items come back open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Item
from postmortems.gate.decisions import ask as decisions_ask
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.protection import queries as protection_queries
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.guards import queries as guards_queries
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evidence, Service, Target
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import ActionItem, Revision
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BAD, BEN, CI
from tests.runtimes import RUNTIME, VAULT


def protection_of(ref: str) -> Any:
    item = session().scalars(select(ActionItem).where(ActionItem.number == int(ref[3:]))).one()
    return protection_queries.of_items([item.id])[item.id]


def protections() -> list[str]:
    with db.reading():
        return [protection_of(ref).protection for ref in ("AI-1", "AI-2", "AI-3")]


def item(ref: str) -> ActionItem:
    with db.reading():
        return session().scalars(select(ActionItem).where(ActionItem.number == int(ref[3:]))).one()


def edit(slug: str, **fields: Any) -> None:
    with db.transaction():
        guard_changes.edit(slug, fields, None, actor=ADA, vault=VAULT)


def ask(**changes: Any) -> dict[str, Any]:
    return decisions_ask.ask(founding.request(**changes), actor=CI, runtime=RUNTIME)


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """The staging hub answers."""
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})


def test_drilled_guards_prove_their_items(story: str) -> None:
    assert protections() == ["proven"] * 3


def test_a_real_decision_makes_proven_items_enforced(story: str, online: None) -> None:
    ask()
    assert protections() == ["enforced"] * 3


def test_a_dry_run_enforces_nothing(story: str, online: None) -> None:
    ask(dry_run=True)
    assert protections() == ["proven"] * 3


def test_a_decision_counts_for_thirty_days_where_nothing_is_deployed(
    story: str, online: None, clock: Clock
) -> None:
    ask()
    clock.advance(days=30, seconds=-1)
    assert derived("AI-3") == "enforced"
    clock.advance(seconds=1)
    assert derived("AI-3") == "proven"


def test_a_decision_counts_for_the_deploys_within_thirty_days(story: str, online: None, clock: Clock) -> None:
    ask()
    clock.advance(days=20)
    deployed(clock, decision_id=ask()["id"])
    clock.advance(days=200)
    assert derived("AI-3") == "enforced"


def derived(ref: str) -> str:
    with db.reading():
        number = int(ref[3:])
        item_id = session().scalars(select(ActionItem.id).where(ActionItem.number == number)).one()
        return protection_operations.derive([item_id])[item_id].protection


def deployed(clock: Clock, **changes: Any) -> None:
    with db.transaction():
        fields = {
            "service": "data8",
            "target": "prod",
            "artifact": {"digest": founding.NEW},
            "outcome": "succeeded",
            **changes,
        }
        guard_changes.record_deploy(fields, actor=BEN)


def test_guards_that_only_watch_are_shadows(services: None, clock: Clock) -> None:
    founding.tell(clock.now(), level="shadow")
    assert protections() == ["shadow"] * 3


def test_items_without_guards_are_unguarded(services: None) -> None:
    with db.transaction():
        incident = save_incident.save(
            None,
            founding.document(Item("Do better."), Item("Do best.", guards=("no-such",))),
            version=None,
            actor=ADA,
        )
        found = protection_queries.of_items([one.id for one in incident.items])
    assert {one.protection for one in found.values()} == {"unguarded"}
    assert {one.why for one in found.values()} == {"no guard is linked", "no-such does not exist"}


def test_a_service_alone_means_its_last_target(services: None, clock: Clock) -> None:
    with db.transaction():
        founding.add_guard("target-confirmed", clock.now(), level="soft", targets=("staging",))
        founding.add_incident(Item("Name it.", guards=("target-confirmed",)), services=("data8",))
    with db.reading():
        item_id = item_ids()[0]
        assert protection_operations.derive([item_id])[item_id].why.endswith("covers data8/prod")
    with db.transaction():
        guard = guards_queries.by_slug("target-confirmed")
        guard.targets = list(session().scalars(select(Target).join(Service).where(Service.name == "data8")))
    with db.reading():
        assert protection_operations.derive([item_id])[item_id].protection == "guarded"


def item_ids() -> list[int]:
    return list(session().scalars(select(ActionItem.id).order_by(ActionItem.id)))


def test_without_a_good_deploy_nothing_is_proven(story: str) -> None:
    with db.transaction():
        scenarios_operations.delete(2, actor=ADA)
    assert protections() == ["regressed"] * 3


SLIDES: list[tuple[str, Callable[[], None], str]] = [
    ("disabled", lambda: edit("target-confirmed", is_enabled=False), "target-confirmed is disabled"),
    ("downgraded", lambda: edit("target-confirmed", level="advisory"), "target-confirmed only watches"),
    ("narrowed", lambda: edit("target-confirmed", targets=["data8/staging"]), "covers data8/prod"),
    ("deleted", lambda: remove(), "target-confirmed does not exist"),
    ("unlinked", lambda: unlink(), "no guard is linked"),
    ("scenario no longer red", lambda: soften_scenario(), "no drill shows target-confirmed red"),
]


def remove() -> None:
    with db.transaction():
        guard_changes.delete("target-confirmed", actor=ADA)


def unlink() -> None:
    with db.transaction():
        save_incident.edit_item("AI-3", {"guards": []}, actor=ADA)


def soften_scenario() -> None:
    with db.transaction():
        scenarios_operations.edit(1, {"facts": {**BAD, "request": founding.request()}}, actor=ADA)


@pytest.mark.parametrize("slide,why", [row[1:] for row in SLIDES], ids=[row[0] for row in SLIDES])
def test_what_slides_back_re_opens_a_done_item(
    story: str, clock: Clock, slide: Callable[[], None], why: str
) -> None:
    with db.transaction():
        save_incident.edit_item("AI-3", {"status": "done", "outcome": "a guard"}, actor=ADA)
    assert item("AI-3").status == "done"
    clock.advance(hours=1)

    slide()

    assert protections()[2] == "regressed"
    opened = item("AI-3")
    assert opened.status == "open"
    assert opened.reopened_at == clock.now()
    assert why in opened.reopened_because
    assert opened.closed_at is None
    with db.reading():
        verbs = [one.verb for one in audit.of("item", "AI-3")]
        assert {"item.regressed", "item.reopened"} <= set(verbs)
        newest = session().scalars(select(Revision).order_by(Revision.id.desc())).first()
        assert newest is not None
        assert "re-opened" in newest.message
        assert newest.author == "gate"


def test_a_slide_of_an_open_item_is_recorded_and_leaves_it_open(story: str) -> None:
    edit("target-confirmed", is_enabled=False)
    assert protections() == ["proven", "proven", "regressed"]
    assert item("AI-3").reopened_at is None
    with db.reading():
        assert [one.verb for one in audit.of("item", "AI-3")].count("item.regressed") == 1
        assert incidents.by_slug(story, ADA).version == 1


def test_an_item_regresses_once(story: str) -> None:
    edit("target-confirmed", is_enabled=False)
    edit("target-confirmed", title="Another title")
    with db.reading():
        assert [one.verb for one in audit.of("item", "AI-3")].count("item.regressed") == 1


def test_what_comes_back_is_proven_again(story: str) -> None:
    edit("target-confirmed", is_enabled=False)
    edit("target-confirmed", is_enabled=True)
    assert protections()[2] == "proven"


def test_a_done_item_that_was_never_proven_stays_done(services: None) -> None:
    with db.transaction():
        save_incident.save(None, founding.document(Item("Known.", status="done")), version=None, actor=ADA)
        protection_operations.touch(items=item_ids(), actor=ADA)
    assert item("AI-1").status == "done"


def test_since_tells_when_the_standing_changed(story: str, clock: Clock) -> None:
    start = clock.now()
    clock.advance(days=1)
    edit("target-confirmed", title="Another title")
    with db.reading():
        assert protection_of("AI-3").since == start
    edit("target-confirmed", is_enabled=False)
    with db.reading():
        assert protection_of("AI-3").since == start + timedelta(days=1)


def test_a_slide_re_opens_on_both_databases(any_database: str, clock: Clock) -> None:
    founding.tell(clock.now())
    with db.transaction():
        save_incident.edit_item("AI-2", {"status": "done"}, actor=ADA)
    edit("staging-online", is_enabled=False)
    assert protections()[1] == "proven"
    edit("staging-validated", is_enabled=False)
    assert protections()[1] == "regressed"
    assert item("AI-2").status == "open"


def test_the_number_of_queries_does_not_grow_with_the_items(story: str, clock: Clock) -> None:
    counts = []
    for total in (10, 1000):
        with db.transaction():
            while len(item_ids()) < total:
                founding.add_incident(
                    *(
                        Item(f"Item {n}", guards=("lab-hours",))
                        for n in range(min(90, total - len(item_ids())))
                    ),
                    title=f"Incident {len(item_ids())}",
                )
        seen: list[str] = []

        def count(_c: Any, _cursor: Any, statement: str, *_: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        with db.reading():
            wanted = item_ids()
            event.listen(db.engine(), "before_cursor_execute", count)
            try:
                assert len(protection_operations.derive(wanted)) == total
            finally:
                event.remove(db.engine(), "before_cursor_execute", count)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_evidence_of_other_kinds_is_no_deploy(story: str, online: None, clock: Clock) -> None:
    ask()
    clock.advance(days=29)
    with db.transaction():
        prod = session().scalars(select(Target).where(Target.name == "prod")).first()
        session().add(
            Evidence(kind="attestation", target=prod, observed_at=clock.now(), received_at=clock.now())
        )
    clock.advance(days=2)
    assert derived("AI-3") == "proven"
