"""Who is to hear what of an item, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.followup.policies import reminders
from postmortems.followup.policies.due_dates import DuePolicy
from postmortems.followup.policies.reminders import ItemDates

# 2026-03-10 is a Tuesday.
DUE = date(2026, 3, 10)
POLICY = DuePolicy(1, warn_before=(7, 1), warn_after=(1, 5), lead_after=3, admin_after=10)
ITEM = ItemDates(12, "open", DUE, has_owner=True, has_team=True)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def told(policy: DuePolicy, item: ItemDates, now: datetime) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.kind, one.day.isoformat(), one.recipients) for one in reminders.moments(policy, item, now)]


# (days from the due date, what is told then that was not yet told the day before)
DAY_BY_DAY = [
    (-8, []),
    (-7, ["before"]),
    (-1, ["before"]),
    (0, ["due"]),
    (1, ["after"]),
    (2, []),
    (3, ["lead"]),
    (5, ["after"]),
    (10, ["admin"]),
    (11, []),
]


@pytest.mark.parametrize("days, kinds", DAY_BY_DAY)
def test_each_is_told_on_its_day(days: int, kinds: list[str]) -> None:
    today = DUE + timedelta(days=days)
    before = {one.key for one in reminders.moments(POLICY, ITEM, at(today - timedelta(days=1)))}

    found = reminders.moments(POLICY, ITEM, at(today))

    assert [one.kind for one in found if one.key not in before] == kinds


def test_who_hears_rises_with_the_days() -> None:
    planned = {one.kind: one.recipients for one in reminders.schedule(POLICY, ITEM)}

    assert planned == {
        "before": ("owner",),
        "due": ("owner",),
        "after": ("owner",),
        "lead": ("team_lead", "owner"),
        "admin": ("admin", "team_lead", "owner"),
    }


# (owner, team, who hears of the due date, who at the escalation to the lead)
NOBODY = [
    (True, False, ("owner",), ("admin", "owner")),
    (False, True, ("team_lead",), ("team_lead",)),
    (False, False, ("admin",), ("admin",)),
]


@pytest.mark.parametrize("owner, team, due, lead", NOBODY)
def test_where_nobody_owns_it_somebody_hears(
    owner: bool, team: bool, due: tuple[str, ...], lead: tuple[str, ...]
) -> None:
    planned = reminders.schedule(POLICY, replace(ITEM, has_owner=owner, has_team=team))

    assert {one.recipients for one in planned if one.kind == "due"} == {due}
    assert {one.recipients for one in planned if one.kind == "lead"} == {lead}


def test_an_item_that_nobody_owns_is_asked_about_by_the_day_to_assign_it() -> None:
    item = ItemDates(12, "open", None, assign_by=DUE, has_team=True)

    assert told(POLICY, item, at(DUE)) == [("assign", "2026-03-10", ("team_lead",))]
    assert told(POLICY, item, at(date(2026, 3, 13)))[1:] == [("assign_late", "2026-03-13", ("admin",))]
    assert told(POLICY, replace(item, has_owner=True), at(DUE)) == []


@pytest.mark.parametrize("status", ["proposed", "done", "wont_do"])
def test_of_what_is_not_open_nothing_is_told(status: str) -> None:
    assert reminders.moments(POLICY, replace(ITEM, status=status), at(DUE)) == []


def test_what_was_missed_for_a_few_days_is_caught_up_once_and_old_news_is_not() -> None:
    """The worker was down from before the due date: one warning is enough, and the lead hears too."""
    policy = replace(POLICY, admin_after=None)

    assert told(policy, ITEM, at(DUE + timedelta(days=5))) == [
        ("lead", "2026-03-13", ("team_lead", "owner")),
        ("after", "2026-03-15", ("owner",)),
    ]
    assert told(policy, ITEM, at(DUE + timedelta(days=400))) == []


def test_the_day_is_that_of_the_policys_zone() -> None:
    evening = datetime(2026, 3, 9, 12, tzinfo=UTC)

    assert [kind for kind, _, _ in told(replace(POLICY, zone="Pacific/Kiritimati"), ITEM, evening)][
        -1
    ] == "due"
    assert "due" not in [kind for kind, _, _ in told(replace(POLICY, zone="America/New_York"), ITEM, evening)]


def test_business_days_are_counted_where_the_policy_counts_them() -> None:
    """Due on a Monday: one business day before is Friday, three after is Thursday."""
    policy = DuePolicy(1, counting="business", warn_before=(1,), lead_after=3, warns_at=False)

    planned = reminders.schedule(policy, replace(ITEM, due=date(2026, 3, 9)))

    assert [(one.kind, one.day) for one in planned] == [
        ("before", date(2026, 3, 6)),
        ("lead", date(2026, 3, 12)),
    ]


def test_another_due_date_has_other_keys_and_the_same_one_the_same() -> None:
    first, later = (
        {one.key for one in reminders.schedule(POLICY, replace(ITEM, due=due))}
        for due in (DUE, DUE + timedelta(days=90))
    )

    assert not first & later
    assert first == {one.key for one in reminders.schedule(POLICY, ITEM)}
    assert "AI-12:due:2026-03-10" in first


@given(
    st.builds(
        DuePolicy,
        st.just(1),
        counting=st.sampled_from(["calendar", "business"]),
        zone=st.sampled_from(["UTC", "Pacific/Kiritimati", "America/New_York"]),
        warn_before=st.lists(st.integers(1, 40), max_size=3).map(tuple),
        warn_after=st.lists(st.integers(1, 40), max_size=3).map(tuple),
        lead_after=st.none() | st.integers(1, 40),
        admin_after=st.none() | st.integers(1, 40),
    ),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.booleans(),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(at),
)
def test_nothing_is_told_of_an_item_outside_the_dates_of_interest(
    policy: DuePolicy, due: date, owned: bool, now: datetime
) -> None:
    first, last = reminders.dates_of_interest(policy, now)

    if not first <= due <= last:
        assert reminders.moments(policy, ItemDates(1, "open", due, due, owned), now) == []
