"""Where evidence comes from beside the rows that are sent in: items, and what other guards said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Item, Section
from postmortems.gate.decisions import ask as decisions_ask
from postmortems.guards import queries
from postmortems.guards.judgement import Artifact, EvidenceItem, EvidenceNeed, Question
from postmortems.incidents import operations as incidents
from tests.artifacts import digest
from tests.conftest import Clock
from tests.guards.conftest import SYSTEM, add_guard
from tests.runtimes import RUNTIME

pytestmark = pytest.mark.usefixtures("data8")


def found(wanted: EvidenceNeed, clock: Clock, **changes: Any) -> list[EvidenceItem]:
    asked = {"now": clock.now(), "target": "data8/prod", "artifact": Artifact(digest=digest("1"))}
    with db.reading():
        return queries.evidence([wanted], Question(**{**asked, **changes}))


def add_items(*items: Item, services: tuple[str, ...] = ("data8/prod",), title: str = "Merge") -> None:
    document = Document(
        title=title,
        date=date(2026, 1, 1),
        services=services,
        sections=(Section("Action items", items),),
    )
    with db.transaction():
        incidents.save(None, document, version=None, actor=SYSTEM)


def refs(seen: list[EvidenceItem]) -> list[str]:
    return sorted(one.data["id"] for one in seen)


def test_items_are_found_by_priority_and_by_what_their_incident_hit(clock: Clock) -> None:
    add_items(Item("a", priority="P0"), Item("b", priority="P1"), Item("c"))
    add_items(Item("d", priority="P0"), services=("biology",), title="Other")
    add_items(Item("e", priority="P0"), services=("data8",), title="All of it")
    add_items(Item("f", priority="P0"), services=("data8/staging",), title="Elsewhere")

    assert refs(found(EvidenceNeed("item", "P0", "data8/prod"), clock)) == ["AI-1", "AI-5"]
    assert refs(found(EvidenceNeed("item", "P1", "data8/prod"), clock)) == ["AI-2"]
    assert refs(found(EvidenceNeed("item", "", "data8/prod"), clock)) == ["AI-1", "AI-2", "AI-3", "AI-5"]
    assert refs(found(EvidenceNeed("item", "P0"), clock)) == ["AI-1", "AI-4", "AI-5", "AI-6"]


def test_closed_items_are_left_out_but_for_a_moment_when_they_were_open(clock: Clock) -> None:
    add_items(Item("a", priority="P0", status="done"), Item("b", priority="P0", status="proposed"))
    add_items(Item("c", priority="P0", due=date(2026, 2, 1), owner="@sam"), title="Open")

    seen = found(EvidenceNeed("item", "P0", "data8/prod"), clock)
    assert [(one.result, one.data["due"], "owner" in one.data) for one in seen] == [
        ("open", "2026-02-01", False)
    ]
    before = clock.now() - timedelta(days=1)
    earlier = found(EvidenceNeed("item", "P0", "data8/prod"), clock, now=before, is_replay=True)
    assert [one.result for one in earlier if one.data["id"] == "AI-1"] in ([], ["open"])


def add_draft(title: str, *entries: Entry, service: str = "data8/prod", **more: Any) -> None:
    timeline = (Section("Timeline", entries),)
    document = Document(
        title=title,
        date=date(2026, 3, 1),
        timezone="UTC",
        services=(service,),
        sections=timeline,
        **{"status": "draft", **more},
    )
    with db.transaction():
        incidents.save(None, document, version=None, actor=SYSTEM)


BROKEN = Entry("2026-03-01 10:00", kind="trigger")


@pytest.mark.parametrize(
    "drafts, is_open",
    [
        ([], False),
        ([{}], True),
        ([{"service": "data8"}], True),
        ([{"service": "data8/staging"}], False),
        ([{"service": "biology/prod"}], False),
        ([{"status": "published"}], False),
        ([{"over": "2026-03-01 11:00"}], False),
        # The clock of the test says 09:00.
        ([{"over": "2026-03-02 09:01"}], True),
        ([{"over": "2026-03-02 09:00"}], False),
        ([{"over": "in the evening"}], False),
        # It holds back deploys whoever asks.
        ([{"restricted": ("ada",)}], True),
        ([{"status": "published"}, {}], True),
    ],
)
def test_an_incident_is_open_while_its_draft_knows_of_no_recovery(
    clock: Clock, drafts: list[dict[str, Any]], is_open: bool
) -> None:
    for number, draft in enumerate(drafts):
        more = {name: value for name, value in draft.items() if name != "over"}
        over = [Entry(draft["over"], kind="recovery")] if "over" in draft else []
        add_draft(f"Hub down {number}", BROKEN, *over, **more)

    seen = found(EvidenceNeed("incident", target="data8/prod"), clock)

    assert [one.result for one in seen] == (["open"] if is_open else [])
    assert all(not one.data and not one.predicate for one in seen)


def test_an_incident_that_was_open_then_is_found_for_that_moment(clock: Clock) -> None:
    before = clock.now() - timedelta(seconds=1)
    add_draft("Hub down", BROKEN, Entry("2026-03-02 12:00", kind="recovery"))
    wanted = EvidenceNeed("incident", target="data8/prod")

    assert [len(found(wanted, clock, now=now)) for now in (before, clock.now())] == [0, 1]
    assert found(wanted, clock, now=clock.now() + timedelta(hours=3)) == []


def test_what_a_guard_said_of_the_artifact_elsewhere_is_found(clock: Clock) -> None:
    with db.transaction():
        add_guard(slug="target-named", kind="target", config={}, targets=["data8/staging"])
        add_guard(slug="other", kind="target", config={}, targets=["data8/staging"])

    def ask(digest: str, declared: str, **more: Any) -> None:
        asked = {"service": "data8", "target": "staging", "declared_target": declared, **more}
        decisions_ask.ask({**asked, "artifact": {"digest": digest}}, actor=SYSTEM, runtime=RUNTIME)

    ask(digest("1"), "")
    clock.advance(seconds=1)
    ask(digest("1"), "data8/staging")
    clock.advance(seconds=1)
    ask(digest("2"), "")
    ask(digest("1"), "", dry_run=True)
    wanted = EvidenceNeed("evaluation", "target-named", "data8/staging", of_artifact=True)

    assert [(one.predicate, one.result) for one in found(wanted, clock)] == [("target-named", "pass")]
    other = found(wanted, clock, artifact=Artifact(digest=digest("2")))
    assert [one.result for one in other] == ["fail"]
    assert found(wanted, clock, artifact=Artifact(digest=digest("3"))) == []
    assert found(EvidenceNeed("evaluation", "target-named", "data8/prod", of_artifact=True), clock) == []
