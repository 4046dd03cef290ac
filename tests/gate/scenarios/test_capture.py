"""Record now: what the guards over a target see at this moment, as the facts of a scenario."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Item
from postmortems.egress.client import Egress
from postmortems.errors import Invalid, NotAllowed
from postmortems.gate import schemas
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.scenarios import capture
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.guards.evidence import submit
from postmortems.guards.kinds.registry import KINDS
from postmortems.incidents import queries as incidents
from postmortems.visibility import Viewer
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, CY, GOOD, NEW, attest, change, only, request
from tests.loopback import http, listening
from tests.runtimes import VAULT

LOOPBACK = ("127.0.0.0/8",)


def asked(at: str = "", **facts: Any) -> dict[str, Any]:
    return {"at": at, "request": request(), "evidence": [], "probes": {}, **facts}


def looked_at(url: str) -> None:
    change("staging-online", config=KINDS["http"].configured({"url": url}))


def test_reality_is_recorded_and_edited_into_the_bad_case(story: str, clock: Clock) -> None:
    attest(clock)
    with listening(http(b"healthy")) as hub:
        looked_at(hub.url("/hub/health"))
        seen = capture.record_now(asked(), actor=ADA, egress=Egress(LOOPBACK))

    assert (seen.guards, seen.troubles) == (4, [])
    assert seen.facts["at"] == clock.now().isoformat()
    assert seen.facts["probes"]["staging-online"]["status"] == 200
    assert not capture.NOT_TOLD & set(seen.facts["probes"]["staging-online"])
    (one,) = seen.facts["evidence"]
    assert (one["kind"], one["result"], one["digest"]) == ("attestation", "passed", NEW)
    seen.facts["probes"]["staging-online"]["status"] = 503
    with db.transaction():
        fields = {"incident": story, "name": "now", "kind": "bad", "facts": seen.facts}
        drill = scenarios_queries.drills(scenarios_operations.record(fields, actor=ADA))[0]
    verdicts = {one["guard"]: one["verdict"] for one in drill.results}
    assert verdicts["staging-online"] == "fail"
    assert verdicts["staging-validated"] == "pass"


def test_nothing_is_kept_by_it_and_no_unit_of_work_is_open_meanwhile(
    story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: opened.append(db.is_open()) or {"status": 200})
    with db.reading():
        before = [scenario.facts for scenario in scenarios_queries.scenarios(incidents.by_slug(story, ADA))]

    capture.record_now(asked(), actor=ADA, egress=Egress())

    assert opened == [False]
    with db.reading():
        assert before == [one.facts for one in scenarios_queries.scenarios(incidents.by_slug(story, ADA))]


def test_what_came_later_is_as_old_at_the_moment_of_asking_as_it_is_now(story: str, clock: Clock) -> None:
    only("staging-validated")
    attest(clock)
    clock.advance(minutes=25)
    at = "2018-01-25T15:30:00-08:00"

    seen = capture.record_now(asked(at), actor=ADA, egress=Egress())

    assert seen.facts["at"] == at
    (one,) = seen.facts["evidence"]
    assert one["observed_at"] == "2018-01-25T15:05:00-08:00"


def test_what_was_there_by_then_keeps_its_time(story: str, clock: Clock) -> None:
    only("staging-validated")
    attest(clock)
    earlier = clock.now()
    clock.advance(days=30)
    at = (earlier + timedelta(hours=1)).isoformat()

    (one,) = capture.record_now(asked(at), actor=ADA, egress=Egress()).facts["evidence"]

    assert schemas.instant(one["observed_at"]) == earlier.replace(microsecond=0)


def test_it_takes_the_place_of_what_guards_ask_for_and_leaves_the_rest(story: str) -> None:
    only("staging-validated", "staging-online")
    note = {"kind": "facts", "target": "data8/prod", "observed_at": GOOD["at"]}
    facts = asked(GOOD["at"], evidence=[*GOOD["evidence"], note], probes={"elsewhere": {"status": 1}})

    once = capture.record_now(facts, actor=ADA, egress=Egress()).facts
    twice = capture.record_now(once, actor=ADA, egress=Egress()).facts

    assert once["evidence"] == [note]
    assert set(once["probes"]) == {"elsewhere", "staging-online"}
    assert once == twice


def test_an_address_that_is_not_allowed_is_seen_as_that_and_tells_no_more(story: str) -> None:
    only("staging-online")
    looked_at("http://10.0.0.8/health")

    saw = capture.record_now(asked(), actor=ADA, egress=Egress()).facts["probes"]["staging-online"]

    assert "refused" in saw
    assert "detail" not in saw


def test_who_could_not_look_is_told_and_hides_nobody(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: 1 / 0)

    seen = capture.record_now(asked(), actor=ADA, egress=Egress())

    assert seen.troubles == ["staging-online: it could not look: ZeroDivisionError"]
    assert seen.facts["probes"] == {}


@pytest.mark.parametrize(
    "changes, pointer",
    [
        ({"target": "moon"}, "/facts/request/target"),
        ({"target": "staging"}, "/facts/request/target"),
        ({"service": ""}, "/facts/request/service"),
        ({"change_kind": "magic"}, "/facts/request/change_kind"),
    ],
)
def test_where_nobody_stands_nothing_is_recorded(story: str, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        capture.record_now(asked() | {"request": request(**changes)}, actor=ADA, egress=Egress())

    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_a_viewer_lets_nobody_look(story: str) -> None:
    with pytest.raises(NotAllowed):
        capture.record_now(asked(), actor=CY, egress=Egress())


def test_items_of_a_restricted_incident_stay_out_though_the_author_may_see_them(
    services: None, clock: Clock
) -> None:
    guard = {"slug": "open", "kind": "open_items", "targets": ["data8/prod"], "config": {"states": ["open"]}}
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        guard_changes.create(guard, actor=ADA, vault=VAULT)
        for title, restricted in (("Seen by all", ()), ("Ada's own", ("ada",))):
            document = founding.document(Item(f"Mend {title}.", priority="P0", status="open"), title=title)
            document = replace(document, restricted=restricted)
            save_incident.save(None, document, version=None, actor=Actor.system("test"), opens=True)

    with visibility.seen_by(Viewer("ada")):
        seen = capture.record_now(asked(), actor=ADA, egress=Egress())

    assert [one["data"]["id"] for one in seen.facts["evidence"]] == ["AI-1"]


def test_that_an_incident_is_open_is_recorded_and_not_since_when(services: None, clock: Clock) -> None:
    halt = {"slug": "calm", "kind": "halt", "targets": ["data8/prod"], "config": {"incident_open": True}}
    with db.transaction():
        guard_changes.create(halt, actor=ADA, vault=VAULT)
        founding.add_incident()
    clock.advance(hours=5)

    facts = capture.record_now(asked(), actor=ADA, egress=Egress()).facts

    (one,) = facts["evidence"]
    assert (one["kind"], one["target"], one["observed_at"]) == ("incident", "data8/prod", facts["at"])


def test_pings_and_deploys_are_recorded_with_whose_they_are(services: None, clock: Clock) -> None:
    halt = {"slug": "calm", "kind": "halt", "targets": ["data8/prod"], "config": {}}
    with db.transaction():
        guard_changes.create(halt, actor=ADA, vault=VAULT)
        said = {"service": "data8", "target": "prod", "artifact": {"digest": NEW}, "outcome": "failed"}
        submit.record_deploy(said, actor=ADA)

    (one,) = capture.record_now(asked(), actor=ADA, egress=Egress()).facts["evidence"]

    assert (one["kind"], one["outcome"], one["target"]) == ("deploy", "failed", "data8/prod")
    assert schemas.load(scenarios_schemas.SeenShape(), one)
