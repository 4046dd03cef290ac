"""A bad deploy is asked for at the gate itself, as a drill: it is stopped, shown, and counts nowhere."""

from __future__ import annotations

import threading
from datetime import UTC
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.serving import make_server

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.cli.gate.check import gate
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.errors import Invalid, NotAllowed, NotFound
from postmortems.gate.decisions import ask, live_drill, queries, verify
from postmortems.gate.decisions.verify import DeployClaim
from postmortems.gate.effectiveness import block_review
from postmortems.gate.models import Decision, Finding, ItemProtection, LiveDrill
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.guards import queries as guard_queries
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation
from postmortems.incidents.models import Admitted
from postmortems.visibility import Viewer
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, CI, CLAIM, CY, NEW, request
from tests.runtimes import RUNTIME, with_egress
from tests.shown import words
from tests.world import World


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})


def fired(scenario_id: int = 1, actor: Actor = ADA) -> dict[str, Any]:
    with db.reading():
        question = live_drill.question(scenario_id, actor=actor)
    return dict(ask.ask_once(question, actor=actor, runtime=with_egress(Egress())).body)


@pytest.mark.usefixtures("hub")
def test_the_gate_stops_the_bad_deploy_and_says_that_it_was_a_drill(story: str) -> None:
    answer = fired()

    assert (answer["decision"], answer["dry_run"], answer["drill"]) == ("block", True, 1)
    with db.reading():
        (done,) = live_drill.newest(queries.scenario(1))
        decision = queries.decision(done.decision_id)
        assert (done.decision, done.is_as_expected, done.by) == ("block", True, "ada")
        assert live_drill.of_decision(decision).id == 1  # type: ignore[union-attr]


@pytest.mark.usefixtures("hub")
def test_it_stands_in_the_history_of_each_item_that_names_a_guard(story: str) -> None:
    answer = fired()

    with db.reading():
        for ref in ("AI-1", "AI-2", "AI-3"):
            event = audit.of("item", ref)[0]
            assert (event.verb, event.data["decision"]) == ("item.drilled_live", answer["id"])
            assert event.data["why"].startswith("the gate stopped “in lab hours”: ")
            assert "target-confirmed" in event.data["why"]
        assert audit.of("scenario", "1")[0].verb == "scenario.drilled_live"


@pytest.mark.usefixtures("hub")
def test_what_is_recorded_of_it_is_withheld_with_its_incident(story: str) -> None:
    """The name of a bad deploy is among it: webhooks, and admins whom it does not name, are told nothing."""
    fired()
    with db.transaction():
        scenario = queries.scenario(1)
        assert {audit.of("item", f"AI-{n}")[0].data["incident"] for n in (1, 2, 3)} == {
            scenario.incident.slug
        }
        session().add(Admitted(incident_id=scenario.incident_id, name="ada"))
    for viewer, is_shown in (Viewer("ada"), True), (visibility.NOBODY, False), (Viewer("ben"), False):
        with db.reading(), visibility.seen_by(viewer):
            assert bool(audit.of("scenario", "1")) is is_shown


@pytest.mark.usefixtures("hub")
def test_it_counts_as_no_decision_no_deploy_and_no_proof(story: str, clock: Clock) -> None:
    def known() -> tuple[Any, ...]:
        rows = session().scalars(select(ItemProtection).order_by(ItemProtection.item_id))
        would_stop = scenarios_queries.would_stop(queries.scenario(1).incident)
        return (
            [(row.protection, row.since, row.why) for row in rows],
            [replay.drill and replay.drill.id for replay in would_stop.replays],
            queries.decisions(queries.Filters(is_dry_run=False)).rows,
            session().scalar(select(func.count()).select_from(Finding)),
            [block_review.of_guard(guard) for guard in guard_queries.by_slugs(founding.GUARDS).values()],
        )

    with db.reading():
        before = known()

    answer = fired()

    with db.transaction():
        protection_operations.touch(incidents=[story], actor=ADA)
    with db.reading():
        assert known() == before
        purposes = session().scalars(select(Evaluation.purpose).where(Evaluation.decision_id == answer["id"]))
        assert set(purposes) == {"dry_run"}
    with db.transaction():
        verified = verify.verify(answer["id"], DeployClaim.of(CLAIM | {"use": False}), actor=ADA)
        assert not verified.is_valid


def test_what_is_let_through_now_is_told_and_takes_no_proof_away(
    story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction():
        for guard in guard_queries.by_slugs(founding.GUARDS).values():
            guard.is_enabled = guard.slug == "staging-online"
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})

    answer = fired()

    assert answer["decision"] == "allow"
    with db.reading():
        (done,) = live_drill.newest(queries.scenario(1))
        assert not done.is_as_expected
        assert (
            audit.of("item", "AI-1")[0].data["why"] == "the gate would let “in lab hours” through now: allow"
        )
        assert all(drill.is_as_expected for drill in scenarios_queries.newest_drills([1, 2]).values())


@pytest.mark.usefixtures("hub")
def test_the_same_key_drills_once(story: str) -> None:
    with db.reading():
        question = live_drill.question(1, actor=ADA)

    first, second = (
        ask.ask_once(question, actor=ADA, idempotency_key="once", runtime=RUNTIME).body for _ in range(2)
    )

    assert first == second
    with db.reading():
        assert len(live_drill.newest(queries.scenario(1))) == 1


@pytest.mark.parametrize(
    "changes, pointer, told",
    [
        ({"drill": 2}, "/drill", "only a bad deploy"),
        ({"drill": 99}, "/drill", "there is no scenario 99"),
        ({"drill": 0}, "/drill", ""),
        ({"drill": "1"}, "/drill", "integer"),
        ({"target": "moon"}, "/drill", "recorded another target"),
        ({"artifact": {"digest": NEW}}, "/drill", "recorded another artifact"),
        ({"declared_target": "data8/prod"}, "/drill", "recorded another declared_target"),
        ({"at": founding.LAB_TIME}, "/at", "is about now"),
    ],
)
def test_what_is_not_the_scenarios_request_is_no_drill(
    story: str, changes: dict[str, Any], pointer: str, told: str
) -> None:
    with db.reading():
        question = live_drill.question(1, actor=ADA)

    with pytest.raises(Invalid) as refused:
        ask.ask(question.as_json() | changes, actor=ADA, runtime=RUNTIME)

    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    assert told in refused.value.detail
    with db.reading():
        assert session().scalar(select(func.count()).select_from(LiveDrill)) == 0
        assert session().scalar(select(func.count()).select_from(Decision)) == 0


def test_neither_a_viewer_nor_a_token_that_only_asks_drills(story: str) -> None:
    for actor in (CY, CI):
        with pytest.raises(NotAllowed):
            fired(actor=actor)
        with pytest.raises(NotAllowed):
            ask.ask(founding.BAD["request"] | {"drill": 1}, actor=actor, runtime=RUNTIME)  # type: ignore[operator]


def test_a_good_deploy_is_not_asked_for_live(story: str) -> None:
    with db.reading(), pytest.raises(Invalid, match="only a bad deploy"):
        live_drill.question(2, actor=ADA)
    with db.reading(), pytest.raises(NotFound):
        live_drill.question(99, actor=ADA)


@pytest.mark.usefixtures("hub")
def test_a_question_that_is_no_drill_is_stored_as_before(story: str) -> None:
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)

    assert "drill" not in answer
    with db.reading():
        assert "drill" not in queries.decision(answer["id"]).request


@pytest.mark.usefixtures("hub")
def test_a_scenario_takes_its_live_drills_along(story: str) -> None:
    answer = fired()
    with db.transaction():
        scenarios_operations.delete(1, actor=ADA)

    with db.reading():
        assert live_drill.of_decision(queries.decision(answer["id"])) is None
        assert session().scalar(select(func.count()).select_from(LiveDrill)) == 0


@pytest.mark.usefixtures("hub")
def test_either_database_keeps_drills_and_revisions(any_database: str, clock: Clock) -> None:
    founding.tell(clock.now())

    answer = fired()
    with db.transaction():
        edited = scenarios_operations.edit(1, {"name": "renamed"}, 1, actor=ADA)

    assert edited.revision == 2
    with db.reading():
        (done,) = live_drill.newest(queries.scenario(1))
        assert (done.decision_id, done.at.tzinfo) == (answer["id"], UTC)
        assert audit.of("item", "AI-3")[0].verb == "item.drilled_live"


@pytest.fixture
def told(world: World, clock: Clock, hub: None) -> str:
    return founding.tell(clock.now())


def test_the_api_drills_live_and_tells_what_came_of_it(told: str, world: World, client: FlaskClient) -> None:
    path = "/api/v1/scenarios/1/live-drills"

    done = client.post(path, headers=world.headers())

    assert done.status_code == 201
    assert done.json is not None
    assert (done.json["decision"], done.json["is_as_expected"]) == ("block", True)
    assert client.get(path, headers=world.headers("cy")).json == {"live_drills": [done.json], "next": ""}
    answer = client.get(f"/api/v1/gate/decisions/{done.json['decision_id']}", headers=world.headers()).json
    assert answer is not None
    assert answer["drill"] == 1
    assert client.post(path, headers=world.headers("cy")).status_code == 403
    assert client.post("/api/v1/scenarios/2/live-drills", headers=world.headers()).status_code == 422
    assert client.post("/api/v1/scenarios/9/live-drills", headers=world.headers()).status_code == 404


def test_the_pages_drill_live_and_mark_what_they_show(told: str, world: World) -> None:
    browser = world.browser()

    shown = words(browser.send("/gate/scenarios/1/live-drill", follow_redirects=True).text)

    assert "The gate stopped “in lab hours”: " in shown
    assert "block as it should, explained" in shown
    assert "live drill" in words(browser.get("/gate").text)
    assert "drilled live by ada" in words(browser.get("/action-items/AI-3").text)
    with db.reading():
        (done,) = live_drill.newest(queries.scenario(1))
    assert "live drill in lab hours" in words(browser.get(f"/gate/{done.decision_id}").text)
    assert "Drill live" not in words(browser.get("/gate/scenarios/2").text)
    reader = world.browser("cy")
    assert 'action="/gate/scenarios/1/live-drill"' not in reader.get("/gate/scenarios/1").text
    assert reader.send("/gate/scenarios/1/live-drill").status_code == 403


def test_the_command_asks_at_the_door_that_pipelines_use(
    told: str, world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    env = {
        "POSTMORTEMS_URL": f"http://127.0.0.1:{server.server_port}",
        "POSTMORTEMS_TOKEN": world.token("ada", "read", "write", "gate:read"),
        "NO_PROXY": "127.0.0.1",
    }
    try:
        one = CliRunner().invoke(gate, ["drill", "--live", "--scenario", "1"], env=env)
        both = CliRunner().invoke(gate, ["drill", "--live", "--incident", told], env=env)
        good = CliRunner().invoke(gate, ["drill", "--live", "--scenario", "2"], env=env)
        narrow = env | {"POSTMORTEMS_TOKEN": world.token("ada", "read", "gate:read")}
        refused = CliRunner().invoke(gate, ["drill", "--live", "--scenario", "1"], env=narrow)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert one.exit_code == 0, one.output
    assert "data8/prod bad deploy: in lab hours block, live, as expected (dec_" in one.stdout
    assert both.exit_code == 0, both.output
    assert "after the labs" not in both.stdout
    assert (good.exit_code, refused.exit_code) == (21, 21)
    assert "only a bad deploy" in good.output
    with db.reading():
        assert len(live_drill.newest(queries.scenario(1))) == 2
