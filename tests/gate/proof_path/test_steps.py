"""Steps of the path to proof: for each state of the facts, which is next, what it says, where it leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postmortems.gate.proof_path import steps, way_back
from postmortems.gate.proof_path.steps import STEPS, Facts, GuardFacts

PROD = frozenset({"data8/prod"})
BOTH = PROD | {"data8/staging"}
NAMED = GuardFacts("lab-hours", targets=PROD)
DRILLED = replace(NAMED, goes_red=True, stays_green=True)
RAISED = replace(DRILLED, level="soft")

NEW = Facts("the-outage", "AI-2")
HIT = replace(NEW, affected=PROD)
REGISTERED = replace(HIT, registered=PROD)
GUARDED = replace(REGISTERED, guards=(NAMED,))
BAD = replace(GUARDED, bad=((7, "In lab hours"),))
GOOD = replace(BAD, good=((8, "In the evening"),))
RED = replace(GOOD, guards=(replace(NAMED, goes_red=True),), is_drilled=True)
WATCHED = replace(GOOD, guards=(DRILLED,), is_drilled=True)
PROVEN = replace(WATCHED, guards=(RAISED,), protection="proven")

BACK = "back=the-outage"
EDIT = "/incidents/the-outage/edit#f-services"
TABLE = [
    # facts, the step that is next, what it says, the words of its button, where that leads, who may
    (
        NEW,
        "target",
        "names no service",
        "Name what was hit",
        EDIT,
        "incident.save",
    ),
    (
        HIT,
        "target",
        "data8/prod is not registered",
        "Register data8/prod",
        f"/services/data8?{BACK}",
        "service.edit",
    ),
    (
        replace(HIT, affected=BOTH),
        "target",
        "data8/prod, data8/staging are not registered",
        "Register data8/prod",
        f"/services/data8?{BACK}",
        "service.edit",
    ),
    (
        replace(HIT, affected=BOTH, registered=PROD),
        "target",
        "data8/staging is not registered",
        "Register data8/staging",
        f"/services/data8?{BACK}",
        "service.edit",
    ),
    (
        replace(HIT, affected=frozenset({"Kasse Süd/prod"})),
        "target",
        "Kasse Süd/prod is not registered",
        "Register Kasse Süd/prod",
        f"/services/Kasse%20S%C3%BCd?{BACK}",
        "service.edit",
    ),
    (
        replace(HIT, affected=frozenset({".."})),
        "target",
        "No service can be registered as “..”",
        "Correct the services",
        EDIT,
        "incident.save",
    ),
    (
        REGISTERED,
        "guard",
        "names no guard",
        "Choose a guard",
        f"/guards/new?item=AI-2&targets=data8%2Fprod&{BACK}",
        "guard.edit",
    ),
    (
        replace(REGISTERED, suggested=("window", "data8-quiet-hours")),
        "guard",
        "data8-quiet-hours would answer it",
        "Make data8-quiet-hours",
        "/incidents/the-outage/suggestions",
        "guard.edit",
    ),
    (
        replace(REGISTERED, guards=(GuardFacts("lab-hours", is_there=False),)),
        "guard",
        "nobody has made it",
        "Make lab-hours",
        f"/guards/new?item=AI-2&slug=lab-hours&targets=data8%2Fprod&{BACK}",
        "guard.edit",
    ),
    (
        replace(REGISTERED, guards=(replace(NAMED, is_enabled=False),)),
        "guard",
        "lab-hours is disabled",
        "Enable lab-hours",
        f"/guards/lab-hours?{BACK}#f-is_enabled",
        "guard.edit",
    ),
    (
        replace(GUARDED, affected=BOTH, registered=BOTH),
        "guard",
        "data8/staging is covered by no guard",
        "Extend lab-hours",
        f"/guards/lab-hours?{BACK}#f-targets",
        "guard.edit",
    ),
    (
        GUARDED,
        "bad",
        "is not recorded",
        "Record the bad deploy",
        f"/gate/scenarios/new?incident=the-outage&kind=bad&{BACK}",
        "scenario.edit",
    ),
    (
        BAD,
        "good",
        "No deploy that was right is recorded",
        "Record a good deploy",
        f"/gate/scenarios/new?incident=the-outage&kind=good&{BACK}",
        "scenario.edit",
    ),
    (GOOD, "drill", "Nobody has drilled", "Drill now", "/incidents/the-outage/drill", "drill.run"),
    (
        replace(GOOD, is_drilled=True),
        "drill",
        "lab-hours did not stop the bad deploy",
        "Correct lab-hours",
        f"/guards/lab-hours?{BACK}#form",
        "guard.edit",
    ),
    (
        RED,
        "drill",
        "lab-hours would stop the good deploy, too",
        "Correct lab-hours",
        f"/guards/lab-hours?{BACK}#form",
        "guard.edit",
    ),
    (
        WATCHED,
        "raise",
        "lab-hours is at shadow: it records",
        "Raise lab-hours",
        f"/guards/lab-hours?level=soft&{BACK}#f-level",
        "guard.edit",
    ),
    (
        replace(WATCHED, guards=(replace(DRILLED, level="advisory"),)),
        "raise",
        "lab-hours is at advisory: it warns",
        "Raise lab-hours",
        f"/guards/lab-hours?level=soft&{BACK}#f-level",
        "guard.edit",
    ),
    # Another guard blocks already, but the proven one is not it.
    (
        replace(WATCHED, guards=(GuardFacts("other", level="hard", targets=PROD), DRILLED)),
        "raise",
        "lab-hours is at shadow",
        "Raise lab-hours",
        f"/guards/lab-hours?level=soft&{BACK}#f-level",
        "guard.edit",
    ),
    # The proven one blocks, but on one target of two.
    (
        replace(
            WATCHED,
            affected=BOTH,
            registered=BOTH,
            guards=(RAISED, GuardFacts("other", targets=frozenset({"data8/staging"}))),
        ),
        "raise",
        "other is at shadow",
        "Raise other",
        f"/guards/other?level=soft&{BACK}#f-level",
        "guard.edit",
    ),
    (
        replace(PROVEN, protection="regressed", why="lab-hours was overridden 3 times in 30 days"),
        "settle",
        "lab-hours was overridden 3 times in 30 days.",
        "See what speaks against it",
        "/action-items/AI-2",
        "incident.read",
    ),
]


@pytest.mark.parametrize("facts, key, said, words, page, act", TABLE)
def test_the_next_step_says_what_is_missing_and_leads_there(
    facts: Facts, key: str, said: str, words: str, page: str, act: str
) -> None:
    step = next(step for step in steps.steps(facts) if step.state == "current")

    assert (step.key, step.act) == (key, act)
    assert said in step.said
    assert (step.ways[0].words, step.ways[0].page) == (words, page)


@pytest.mark.parametrize("facts", [row[0] for row in TABLE] + [PROVEN])
def test_one_step_is_next_and_the_others_are_done_or_say_what_they_wait_for(facts: Facts) -> None:
    found = steps.steps(facts)

    current = [step for step in found if step.state == "current"]
    keys = [step.key for step in found]
    assert keys == list(STEPS)[: len(keys)]
    assert len(current) == (0 if facts is PROVEN else 1)
    for step in found:
        assert step.said
        assert step.why
        if step.state == "later":
            assert current[0].label in step.said
            assert step.ways == ()


def test_what_is_done_stays_done_while_an_earlier_step_is_not() -> None:
    found = {step.key: step for step in steps.steps(replace(WATCHED, registered=frozenset()))}

    assert found["target"].state == "current"
    assert found["drill"].state == "done"
    assert found["raise"].state == "later"


def test_a_suggested_guard_is_made_for_the_item_or_another_is_chosen() -> None:
    found = steps.steps(replace(REGISTERED, suggested=("window", "data8-quiet-hours")))
    accept, other = found[1].ways

    assert accept.sends == {"kind": "window", "item": "AI-2", "back": "the-outage"}
    assert other.page.startswith("/guards/new?item=AI-2")


@pytest.mark.parametrize(
    "said, expected",
    [
        ({}, True),
        ({"guardability": "", "kind": "process"}, True),
        ({"guardability": "", "kind": "technical"}, False),
        ({"guardability": "", "kind": "technical", "names_guards": True}, True),
        ({"guardability": "attestable", "names_guards": True}, False),
        ({"guardability": "not_guardable"}, False),
        ({"status": "wont_do"}, False),
        ({"status": "done"}, True),
        ({"status": "done", "closed_unproven": True}, False),
    ],
)
def test_an_item_has_a_path_where_a_guard_is_to_hold_it(said: dict[str, object], expected: bool) -> None:
    usual = {"guardability": "enforceable", "kind": "process", "status": "open"}
    told = {**usual, "names_guards": False, "closed_unproven": False, **said}

    assert steps.asks_proof(**told) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said, expected",
    [
        ("the-outage", "/incidents/the-outage#proof"),
        ("", "/guards"),
        ("../settings", "/guards"),
        ("//evil.example.org", "/guards"),
        ("https://evil.example.org/", "/guards"),
        ("a\r\nLocation: x", "/guards"),
        ("x" * 201, "/guards"),
    ],
)
def test_the_way_back_leads_to_an_incident_and_nowhere_else(said: str, expected: str) -> None:
    assert way_back.address({"back": said}, "/guards") == expected
