"""Guards are made, edited and deleted; who is to block has been watched blocking."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.document.model import Item
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Stale
from postmortems.gate.decisions import ask
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.enforcement import guard_changes
from postmortems.gate.protection import queries as protection_queries
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.guards import queries as guards_queries
from postmortems.guards.models import Evidence
from tests.artifacts import commit
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BAD, CI, CY, GOOD, NEW, OLD
from tests.runtimes import RUNTIME, VAULT


@pytest.fixture
def watching(services: None, clock: Clock) -> str:
    """The founding story with its guards at shadow; the value is the incident's slug."""
    return founding.tell(clock.now(), level="shadow")


def edit(slug: str, revision: int | None = None, **fields: Any) -> Any:
    with db.transaction():
        return guard_changes.edit(slug, fields, revision, actor=ADA, vault=VAULT)


def refused(slug: str, **fields: Any) -> str:
    with pytest.raises(Invalid) as error:
        edit(slug, **fields)
    assert [problem.pointer for problem in error.value.problems] == ["/level"]
    return error.value.detail


@pytest.mark.parametrize("level", ["soft", "hard"])
@pytest.mark.parametrize("slug", list(founding.GUARDS))
def test_a_guard_that_stops_the_bad_deploy_alone_may_block(watching: str, slug: str, level: str) -> None:
    assert edit(slug, level=level).level == level
    with db.reading():
        bad = scenarios_queries.newest_drills([1])[1]
    assert [one["guard"] for one in bad.results if one["effective"] == "block"] == [slug]


def test_advisory_needs_no_drill(services: None, clock: Clock) -> None:
    with db.transaction():
        founding.add_guard("lab-hours", clock.now())
    assert edit("lab-hours", level="advisory").level == "advisory"


def test_a_guard_that_no_item_names_may_not_block(services: None, clock: Clock) -> None:
    with db.transaction():
        founding.add_guard("lab-hours", clock.now())
    assert "name lab-hours in an action item" in refused("lab-hours", level="soft")


def test_an_incident_without_a_recorded_deploy_proves_nothing(services: None, clock: Clock) -> None:
    with db.transaction():
        founding.add_guard("lab-hours", clock.now())
        founding.add_incident(Item("Mind the labs.", guards=("lab-hours",)))
    assert "record that incident's bad deploy" in refused("lab-hours", level="soft")


def test_a_guard_that_lets_the_bad_deploy_through_may_not_block(watching: str) -> None:
    told = refused("lab-hours", level="soft", config=founding.GUARDS["lab-hours"][1] | {"ends": "12:00"})
    assert "did not stop the bad deploy (in lab hours:" in told


def test_a_guard_that_stops_the_good_deploy_too_may_not_block(watching: str) -> None:
    told = refused("lab-hours", level="soft", config=founding.GUARDS["lab-hours"][1] | {"ends": "20:00"})
    assert "would also stop a good deploy (after the labs:" in told


def test_a_guard_elsewhere_may_not_block(watching: str) -> None:
    assert "does not cover data8/prod" in refused("lab-hours", level="soft", targets=["data8/staging"])


def test_what_is_refused_leaves_everything_as_it_was(watching: str) -> None:
    with db.transaction(), pytest.raises(Invalid):
        guard_changes.edit(
            "lab-hours", {"level": "soft", "targets": ["data8/staging"]}, None, actor=ADA, vault=VAULT
        )
    with db.reading():
        guard = guards_queries.by_slug("lab-hours")
        assert (guard.level, guard.revision) == ("shadow", 1)
        assert [target.full_name for target in guard.targets] == ["data8/prod"]


def test_the_edited_guard_is_what_is_drilled(watching: str) -> None:
    edit("lab-hours", config=founding.GUARDS["lab-hours"][1] | {"ends": "12:00"})
    assert edit("lab-hours", level="soft", config=founding.GUARDS["lab-hours"][1]).level == "soft"


def test_lowering_and_rewording_need_no_drill(story: str) -> None:
    with db.transaction():
        scenarios_operations.delete(1, actor=ADA)
    assert edit("lab-hours", title="Labs").level == "soft"
    assert edit("lab-hours", level="shadow").level == "shadow"
    refused("lab-hours", level="soft")


def new(**changes: Any) -> dict[str, Any]:
    kind, config = founding.GUARDS["target-confirmed"]
    return {"slug": "named", "kind": kind, "config": config, "targets": ["data8/prod"]} | changes


def test_a_new_guard_only_watches(watching: str) -> None:
    with db.transaction():
        assert guard_changes.create(new(), actor=ADA, vault=VAULT).level == "shadow"
    with pytest.raises(Invalid), db.transaction():
        guard_changes.create(new(slug="other", level="soft"), actor=ADA, vault=VAULT)
    with pytest.raises(Conflict), db.transaction():
        guard_changes.create(new(), actor=ADA, vault=VAULT)


def test_a_guard_whose_name_was_there_first_may_block_at_once(services: None) -> None:
    with db.transaction():
        incident = founding.add_incident(Item("Name it.", guards=("named",)))
        for kind, facts in (("bad", BAD), ("good", GOOD)):
            scenarios_operations.record(
                {"incident": incident.slug, "name": kind, "kind": kind, "facts": facts}, actor=ADA
            )
        guard = guard_changes.create(new(level="soft"), actor=ADA, vault=VAULT)
        assert guard.level == "soft"
        assert {drill.is_as_expected for drill in scenarios_queries.newest_drills([1, 2]).values()} == {True}
        assert {one.protection for one in protection_queries.of_items([1]).values()} == {"proven"}


def test_every_edit_is_drilled(story: str) -> None:
    edit("lab-hours", title="Labs")
    with db.reading():
        results = scenarios_queries.newest_drills([1])[1].results
    assert {one["guard"]: one["revision"] for one in results}["lab-hours"] == 2


def test_an_edit_that_changes_nothing_is_not_drilled(story: str) -> None:
    with db.reading():
        before = scenarios_queries.newest_drills([1])[1].id
    edit("lab-hours", level="soft")
    with db.reading():
        assert scenarios_queries.newest_drills([1])[1].id == before


def test_a_deleted_guard_is_missed_in_the_next_drill(story: str) -> None:
    for slug in founding.GUARDS:
        with db.transaction():
            guard_changes.delete(slug, actor=ADA)
    with db.reading():
        bad = scenarios_queries.newest_drills([1])[1]
        stopped = scenarios_queries.would_stop(decisions_queries.scenario(1).incident)
    assert (bad.decision, bad.is_as_expected) == ("allow_with_warnings", False)
    assert stopped.verdict == "no"


def test_the_incident_would_be_stopped_while_its_guards_stand(story: str) -> None:
    with db.reading():
        found = scenarios_queries.would_stop(decisions_queries.scenario(1).incident)
    assert found.verdict == "yes"
    assert set(found.stopping) == set(founding.GUARDS)
    assert [replay.scenario.kind for replay in found.replays] == ["bad", "good"]


def test_an_incident_without_scenarios_is_unknown(services: None) -> None:
    with db.transaction():
        assert scenarios_queries.would_stop(founding.add_incident()).verdict == "unknown"


def test_an_old_revision_is_refused(story: str) -> None:
    edit("lab-hours", title="Labs")
    with pytest.raises(Stale):
        edit("lab-hours", revision=1, title="Laboratories")


def test_a_guard_that_is_not_there_is_not_found(services: None) -> None:
    with pytest.raises(NotFound):
        edit("none", title="x")
    with pytest.raises(NotFound), db.transaction():
        guard_changes.delete("none", actor=ADA)


@pytest.mark.parametrize("actor", [CY, Actor("token", "ada", role="author", scopes=frozenset({"gate:read"}))])
def test_viewers_and_gate_tokens_touch_no_guard(story: str, actor: Actor) -> None:
    acts: list[Any] = [
        lambda: guard_changes.create(new(), actor=actor, vault=VAULT),
        lambda: guard_changes.edit("lab-hours", {"title": "x"}, None, actor=actor, vault=VAULT),
        lambda: guard_changes.delete("lab-hours", actor=actor),
        lambda: guard_changes.record_deploy({}, actor=actor),
    ]
    for act in acts:
        with pytest.raises(NotAllowed), db.transaction():
            act()


@pytest.fixture
def decided(services: None, clock: Clock) -> str:
    """A decision that lets the new chart onto data8's production; the value is its id."""
    return str(ask.ask(founding.request(), actor=CI, runtime=RUNTIME)["id"])


def deployed(**changes: Any) -> Evidence:
    event = {"service": "data8", "target": "prod", "artifact": {"digest": NEW}, "outcome": "succeeded"}
    with db.transaction():
        return guard_changes.record_deploy({**event, **changes}, actor=ADA)


def test_a_deploy_keeps_the_decision_that_let_it_through(decided: str) -> None:
    kept = deployed(decision_id=decided)

    assert (kept.decision_id, kept.data.get("warnings")) == (decided, None)


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"target": "staging"}, "it was decided for data8/prod"),
        ({"service": "biology"}, "it was decided for data8/prod"),
        ({"artifact": {"digest": OLD}}, f"it was decided for {NEW}"),
        ({"artifact": {"sha": commit("abc")}}, f"it was decided for {NEW}"),
        ({"decision_id": "dec_made_up"}, "there is no such decision"),
    ],
)
def test_a_deploy_with_anothers_decision_counts_as_one_without(
    decided: str, changes: dict[str, Any], why: str
) -> None:
    claimed = changes.get("decision_id", decided)
    kept = deployed(**{"decision_id": decided, **changes})

    assert kept.decision_id == ""
    assert kept.data["warnings"] == [f"the decision {claimed} does not let this through: {why}"]
    with db.reading():
        told = [event for event in audit.latest() if event.verb == "evidence.wrong_decision"]
        assert [(event.data["decision"], event.data["why"]) for event in told] == [(claimed, why)]


@pytest.mark.parametrize(
    "asked, why",
    [({"target": "nowhere"}, "it was decided for data8/nowhere"), ({"dry_run": True}, "dry run")],
)
def test_a_decision_that_lets_nothing_through_is_no_excuse(
    services: None, asked: dict[str, Any], why: str
) -> None:
    decided = ask.ask(founding.request(**asked), actor=CI, runtime=RUNTIME)["id"]

    assert why in deployed(decision_id=decided).data["warnings"][0]
