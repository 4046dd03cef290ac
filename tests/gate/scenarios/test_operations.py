"""Recorded deploys, and what today's guards say to them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Stale
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.guards import queries as guards_queries
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BAD, BEN, CY, GOOD


def test_the_founding_deploy_is_stopped_by_every_guard(story: str) -> None:
    with db.reading():
        bad, good = scenarios_queries.scenarios(decisions_queries.scenario(1).incident)
        newest = scenarios_queries.newest_drills([bad.id, good.id])

    assert newest[bad.id].decision == "block"
    assert newest[bad.id].is_as_expected
    verdicts = {one["guard"]: one["verdict"] for one in newest[bad.id].results}
    assert verdicts == dict.fromkeys(founding.GUARDS, "fail")
    assert newest[good.id].decision == "allow"
    assert newest[good.id].is_as_expected
    assert {one["verdict"] for one in newest[good.id].results} == {"pass"}


def test_a_drill_shows_the_verdicts_of_guards_that_only_watch(story: str, clock: Clock) -> None:
    with db.transaction():
        for guard in guards_queries.by_slugs(founding.GUARDS).values():
            guard.level = "shadow"

    with db.transaction():
        drill = scenarios_operations.drill(1, actor=ADA)

    assert drill.decision == "allow"
    assert not drill.is_as_expected
    assert {one["verdict"] for one in drill.results} == {"fail"}


def test_drilling_an_incident_runs_all_its_scenarios(story: str) -> None:
    with db.transaction():
        incident = decisions_queries.scenario(1).incident
        done = scenarios_operations.drill_incident(incident, actor=ADA)

    assert [drill.is_as_expected for drill in done] == [True, True]
    assert [drill.by for drill in done] == ["ada", "ada"]


def test_a_drill_is_in_the_event_stream(story: str) -> None:
    with db.transaction():
        scenarios_operations.drill(2, actor=ADA)
    with db.reading():
        event = audit.of("scenario", "2")[0]

    assert (event.verb, event.actor) == ("scenario.drilled", "ada")
    assert event.data["is_as_expected"] is True


def test_a_scenario_that_changes_is_drilled_anew(story: str) -> None:
    on_time = {**BAD, "request": founding.request(artifact={"digest": founding.OLD})}
    with db.transaction():
        scenario = scenarios_operations.edit(1, {"facts": on_time}, actor=ADA)
        newest = scenarios_queries.drills(scenario)[0]

    verdicts = {one["guard"]: one["verdict"] for one in newest.results}
    assert verdicts["target-confirmed"] == "pass"
    assert newest.decision == "block"


def test_a_scenario_that_stays_as_it_is_writes_nothing(story: str) -> None:
    with db.transaction():
        before = len(scenarios_queries.drills(decisions_queries.scenario(1)))
        scenarios_operations.edit(1, {"kind": "bad"}, actor=ADA)
        assert len(scenarios_queries.drills(decisions_queries.scenario(1))) == before


def test_an_edit_of_an_older_revision_is_refused_with_both_texts(story: str) -> None:
    with db.transaction():
        scenarios_operations.edit(1, {"name": "theirs"}, 1, actor=BEN)

    with db.transaction(), pytest.raises(Stale) as stale:
        scenarios_operations.edit(1, {"name": "mine"}, 1, actor=ADA)

    assert stale.value.version == 2
    assert ("name: mine" in stale.value.mine, "name: theirs" in stale.value.theirs) == (True, True)
    with db.transaction():
        assert scenarios_operations.edit(1, {"name": "theirs"}, 1, actor=ADA).revision == 2
        assert scenarios_operations.edit(1, {"name": "mine"}, 2, actor=ADA).revision == 3


def test_who_writes_at_the_very_same_moment_is_told_so(story: str) -> None:
    with db.transaction():
        scenario = decisions_queries.scenario(1)
        session().execute(text("UPDATE scenarios SET revision = 7 WHERE id = 1"))
        with pytest.raises(Conflict, match="at this moment"), session().begin_nested():
            scenarios_operations.edit(scenario.id, {"name": "mine"}, 1, actor=ADA)


def test_what_no_look_could_have_seen_is_refused(story: str) -> None:
    facts = {
        **BAD,
        "probes": {"staging-online": {"status": "down", "latency_ms": None}, "of-nobody": {"a": 1}},
    }

    with db.transaction(), pytest.raises(Invalid) as refused:
        scenarios_operations.edit(1, {"facts": facts}, actor=ADA)

    (problem,) = refused.value.problems
    assert problem.pointer == "/facts/probes/staging-online/status"


def test_evidence_of_later_does_not_count(story: str) -> None:
    late = {**GOOD, "evidence": [GOOD["evidence"][0] | {"observed_at": "2018-01-25T19:20:00-08:00"}]}
    with db.transaction():
        scenarios_operations.edit(2, {"facts": late}, actor=ADA)
        newest = scenarios_queries.drills(decisions_queries.scenario(2))[0]

    assert newest.decision == "block"
    assert not newest.is_as_expected
    assert [one["guard"] for one in newest.results if one["verdict"] == "fail"] == ["staging-validated"]


def test_a_deleted_scenario_takes_its_drills_along(story: str) -> None:
    with db.transaction():
        scenarios_operations.delete(1, actor=ADA)
    with db.reading():
        with pytest.raises(NotFound):
            decisions_queries.scenario(1)
        assert scenarios_queries.newest_drills([1]) == {}


WRONG = [
    ("/incident", {"incident": "no-such-incident"}),
    ("/incident", {"incident": ""}),
    ("/name", {"name": ""}),
    ("/name", {"name": "x" * 101}),
    ("/kind", {"kind": "ugly"}),
    ("/kind", {"kind": None}),
    ("/extra", {"extra": 1}),
    ("/facts", {"facts": None}),
    ("/facts", {"facts": []}),
    ("/facts/at", {"facts": {**BAD, "at": "yesterday"}}),
    ("/facts/at", {"facts": {**BAD, "at": "2018-01-25T15:30:00"}}),
    ("/facts/request", {"facts": {"at": BAD["at"]}}),
    ("/facts/request/target", {"facts": {**BAD, "request": founding.request(target="moon")}}),
    ("/facts/request/target", {"facts": {**BAD, "request": founding.request(service="moon")}}),
    ("/facts/request/at", {"facts": {**BAD, "request": founding.request(at=BAD["at"])}}),
    ("/facts/request/change_kind", {"facts": {**BAD, "request": founding.request(change_kind="hotfix")}}),
    ("/facts/request/resolves/0", {"facts": {**BAD, "request": founding.request(resolves=["2"])}}),
    ("/facts/evidence/0/observed_at", {"facts": {**BAD, "evidence": [{"target": "data8/staging"}]}}),
    ("/facts/evidence/0/kind", {"facts": {**BAD, "evidence": [{**GOOD["evidence"][0], "kind": "rumour"}]}}),
    (
        "/facts/probes/staging-online/value",
        {"facts": {**BAD, "probes": {"staging-online": {"status": float("nan")}}}},
    ),
    (
        "/facts/evidence/0/tests",
        {"facts": {**BAD, "evidence": [{**GOOD["evidence"][0], "tests": ["kernel"]}]}},
    ),
    ("/facts/evidence/0/run", {"facts": {**BAD, "evidence": [{**GOOD["evidence"][0], "run": {"id": ADA}}]}}),
    ("/facts/probes/staging-online/value", {"facts": {**BAD, "probes": {"staging-online": 503}}}),
]


@pytest.mark.parametrize("pointer,changes", WRONG)
def test_a_wrong_scenario_is_refused_at_the_wrong_place(
    story: str, pointer: str, changes: dict[str, Any]
) -> None:
    fields = {"incident": story, "name": "another", "kind": "bad", "facts": BAD} | changes
    with pytest.raises(Invalid) as refused, db.transaction():
        scenarios_operations.record(fields, actor=ADA)

    assert pointer in {problem.pointer for problem in refused.value.problems}


def test_two_scenarios_of_an_incident_have_two_names(story: str) -> None:
    with pytest.raises(Conflict), db.transaction():
        scenarios_operations.record(
            {"incident": story, "name": "in lab hours", "kind": "bad", "facts": BAD}, actor=BEN
        )


def test_a_viewer_neither_records_nor_drills(story: str) -> None:
    fields = {"incident": story, "name": "another", "kind": "bad", "facts": BAD}
    acts: list[Any] = [
        lambda: scenarios_operations.record(fields, actor=CY),
        lambda: scenarios_operations.edit(1, {"kind": "good"}, actor=CY),
        lambda: scenarios_operations.delete(1, actor=CY),
        lambda: scenarios_operations.drill(1, actor=CY),
        lambda: scenarios_operations.drill_incident(decisions_queries.scenario(1).incident, actor=CY),
    ]
    for act in acts:
        with pytest.raises(NotAllowed), db.transaction():
            act()
