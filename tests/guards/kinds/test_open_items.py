"""Open items: what is overdue, open or regressed stops a deploy, unless the deploy is what mends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.guards.judgement import EvidenceItem, Judgement
from postmortems.guards.kinds.open_items import OpenItems
from tests.guards.asking import NOW, question

KIND = OpenItems()


def item(
    ref: str = "AI-2", due: str | None = "2018-01-24", status: str = "open", **more: Any
) -> EvidenceItem:
    """An item that was due the day before."""
    data = {"id": ref, "due": due, "protection": more.pop("protection", "unguarded")}
    data |= {"is_restricted": True} if more.pop("is_restricted", False) else {}
    opened = NOW - timedelta(days=30)
    return EvidenceItem("item", opened, "data8/prod", more.pop("priority", "P0"), result=status, data=data)


def judged(config: dict[str, Any], *evidence: EvidenceItem, **asked: Any) -> Judgement:
    return KIND.judge(KIND.configured(config), evidence, question(**asked))


@pytest.mark.parametrize(
    "config, evidence, verdict, code",
    [
        ({}, [], "pass", "few_enough"),
        ({}, [item()], "fail", "items_in_the_way"),
        ({}, [item(status="in_progress")], "fail", "items_in_the_way"),
        ({}, [item(status="proposed")], "pass", "few_enough"),
        ({}, [item(status="done")], "pass", "few_enough"),
        # 15:30 in Los Angeles is 23:30 in UTC, and the day is over there half an hour later.
        ({}, [item(due="2018-01-25")], "pass", "few_enough"),
        ({}, [item(due="2018-02-01")], "pass", "few_enough"),
        ({}, [item(due=None)], "pass", "few_enough"),
        ({}, [item(due="soon")], "pass", "few_enough"),
        ({"overdue_grace_s": 86_400}, [item()], "pass", "few_enough"),
        ({"overdue_grace_s": 84_600}, [item()], "fail", "items_in_the_way"),
        ({}, [item(due=None, protection="regressed")], "fail", "items_in_the_way"),
        ({}, [item(due=None, status="done", protection="regressed")], "fail", "items_in_the_way"),
        ({"states": ["overdue"]}, [item(due=None, protection="regressed")], "pass", "few_enough"),
        ({"states": ["open"]}, [item(due=None)], "fail", "items_in_the_way"),
        ({"states": []}, [item()], "fail", "items_in_the_way"),
        ({"max_allowed": 1}, [item()], "pass", "few_enough"),
        ({"max_allowed": 1}, [item(), item("AI-3")], "fail", "items_in_the_way"),
        # The same item, found twice, is one.
        ({"max_allowed": 1}, [item(), item()], "pass", "few_enough"),
    ],
)
def test_what_is_in_the_way_is_counted(
    config: dict[str, Any], evidence: list[EvidenceItem], verdict: str, code: str
) -> None:
    judgement = judged(config, *evidence)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


@pytest.mark.parametrize(
    "asked, verdict, code",
    [
        ({"change_kind": "feature"}, "fail", "items_in_the_way"),
        ({"change_kind": "fix"}, "not_applicable", "exempt"),
        ({"change_kind": "security"}, "not_applicable", "exempt"),
        ({"change_kind": "rollback"}, "not_applicable", "exempt"),
        ({"resolves": ("AI-2",)}, "pass", "resolves"),
        ({"resolves": ("AI-3",)}, "pass", "resolves"),
        ({"resolves": ("AI-4",)}, "fail", "items_in_the_way"),
    ],
)
def test_what_mends_is_let_pass(asked: dict[str, Any], verdict: str, code: str) -> None:
    judgement = judged({}, item(), item("AI-3"), **asked)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def test_a_refusal_names_the_items_and_what_to_do() -> None:
    judgement = judged({}, item("AI-10"), item("AI-2"))

    assert judgement.summary == (
        "AI-2, AI-10 are in the way: do it, give it a later date, or deploy with `resolves` what does it"
    )
    # By reference alone: whose item it is and when it is due may be restricted by the time this is read.
    assert judgement.observed[0] == {"item": "AI-10", "state": "overdue"}


RESTRICTED = item("AI-7", is_restricted=True)


@pytest.mark.parametrize(
    "evidence, told",
    [
        ([RESTRICTED], "an item that is restricted is in the way"),
        ([item(), RESTRICTED], "AI-2 and an item that is restricted are in the way"),
        ([RESTRICTED, item("AI-8", is_restricted=True)], "2 items that are restricted are in the way"),
    ],
)
def test_what_is_restricted_stops_like_others_and_is_not_named(
    evidence: list[EvidenceItem], told: str
) -> None:
    judgement = judged({}, *evidence)

    assert (judgement.verdict, judgement.reason_code) == ("fail", "items_in_the_way")
    assert judgement.summary.startswith(f"{told}: ")
    assert "AI-7" not in str(judgement)
    assert "2018-01-24" not in str(judgement)


def test_a_pass_says_nothing_of_when_a_restricted_item_is_due() -> None:
    assert judged({}, item("AI-7", due="2018-01-27", is_restricted=True)).valid_until is None
    resolved = judged({}, RESTRICTED, resolves=("AI-7",))
    assert (resolved.verdict, "AI-7" in resolved.summary) == ("pass", False)


def test_many_are_counted_and_a_few_named() -> None:
    judgement = judged({}, *(item(f"AI-{number}") for number in range(1, 10)))

    assert judgement.summary.startswith("AI-1, AI-2, AI-3, AI-4, AI-5 and 4 more are in the way")
    assert len(judgement.observed) == 5


def test_a_pass_ends_when_the_next_item_is_overdue() -> None:
    judgement = judged({}, item(due="2018-01-27"), item("AI-3", due="2018-01-26"))

    assert judgement.valid_until == datetime(2018, 1, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    "config, targets",
    [({}, {"data8/prod"}), ({"same_service": False}, {""})],
)
def test_it_asks_for_the_items_of_what_is_deployed(config: dict[str, Any], targets: set[str]) -> None:
    wanted = KIND.needs(KIND.configured({"priorities": ["P0", "P1"], **config}), question())

    assert {one.target for one in wanted} == targets
    assert {one.predicate for one in wanted} == {"P0", "P1"}


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"priorities": ["P9"]}, "/config/priorities/0"),
        ({"priorities": "P0"}, "/config/priorities"),
        ({"states": ["late"]}, "/config/states/0"),
        ({"overdue_grace_s": "1 day"}, "/config/overdue_grace_s"),
        ({"max_allowed": -1}, "/config/max_allowed"),
        ({"same_service": "perhaps"}, "/config/same_service"),
        ({"exempt_change_kinds": ["hotfix"]}, "/config/exempt_change_kinds/0"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert [problem.pointer for problem in told.value.problems] == [pointer]
