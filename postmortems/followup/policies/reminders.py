"""Reminders: who is to hear what of an item, and on which day. Pure; `notify` sends each once by its key.

kind           when                                                          who
assign         the last day to assign it, while nobody owns it               the team's lead, else admins
assign_late    `lead_after` days later, still nobody                         admins
before         each of `warn_before` days before the due date                the owner
due            on the due date, where the policy warns then                  the owner
after          each of `warn_after` days after the due date                  the owner
lead           `lead_after` days after the due date                          the team's lead, and the owner
admin          `admin_after` days after the due date                         admins, the lead and the owner

Where an item has no owner, its team's lead hears instead, and where it has no team, admins do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postmortems.followup import rules
from postmortems.followup.policies import business_days
from postmortems.followup.policies.due_dates import DuePolicy, day_in

OWNER, TEAM_LEAD, ADMIN = "owner", "team_lead", "admin"
KINDS = ("assign", "assign_late", "before", "due", "after", "lead", "admin")
# What is said of the due date to the owner: of several that are due, the newest says it all.
WARNINGS = ("before", "due", "after")
# What was missed while the service was down is caught up for so long; older news is in the digest.
CAUGHT_UP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ItemDates:
    """What of an item decides on its reminders. `team` and `owner`: whether it has one."""

    number: int
    status: str
    due: date | None
    assign_by: date | None = None
    has_owner: bool = False
    has_team: bool = False


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to tell. `recipients` are of `OWNER`, `TEAM_LEAD` and `ADMIN`, `kind` one of `KINDS`.

    `day` is the day on which it was to be told, in the policy's zone. `key` is the same for the same item,
    kind and day, however often it is asked for: who sends keeps it, and sends once.
    """

    item_number: int
    kind: str
    recipients: tuple[str, ...]
    day: date

    @property
    def key(self) -> str:
        return f"AI-{self.item_number}:{self.kind}:{self.day.isoformat()}"


def moments(policy: DuePolicy, item: ItemDates, now: datetime) -> list[Reminder]:
    """What is to be told of an open item at `now` (aware): of today, or missed in the last days.

    Of the warnings to the owner only the newest is given. Nothing of an item that is closed or only proposed.
    """
    if not rules.is_open(item.status):
        return []
    today = day_in(policy.zone, now)
    due_now = [one for one in schedule(policy, item) if one.day <= today <= one.day + CAUGHT_UP]
    warned = [one for one in due_now if one.kind in WARNINGS]
    newest = max(warned, key=lambda one: (one.day, WARNINGS.index(one.kind)), default=None)
    return [one for one in due_now if one.kind not in WARNINGS or one is newest]


def schedule(policy: DuePolicy, item: ItemDates) -> list[Reminder]:
    """All that there is to tell of an item as it is, by day."""
    found = {reminder.key: reminder for reminder in _planned(policy, item)}
    return sorted(found.values(), key=lambda one: (one.day, KINDS.index(one.kind)))


def dates_of_interest(policy: DuePolicy, now: datetime) -> tuple[date, date]:
    """The first and last date (to assign, or due) of items of which something can be due to be told at `now`.

    It is what to look for in a list of a million items before `moments` decides on each.
    """
    today = day_in(policy.zone, now)
    latest = max((*policy.warn_after, policy.lead_after or 0, policy.admin_after or 0))
    earliest = max(policy.warn_before, default=0)
    first = business_days.before(today - CAUGHT_UP, latest, policy.days)
    return first, business_days.after(today, earliest, policy.days)


def _planned(policy: DuePolicy, item: ItemDates) -> Iterator[Reminder]:
    # Who is to hear where nobody owns it.
    instead = TEAM_LEAD if item.has_team else ADMIN
    if item.assign_by is not None and not item.has_owner:
        yield Reminder(item.number, "assign", (instead,), item.assign_by)
        if policy.lead_after is not None:
            day = business_days.after(item.assign_by, policy.lead_after, policy.days)
            yield Reminder(item.number, "assign_late", (ADMIN,), day)
    if item.due is None:
        return
    owner = OWNER if item.has_owner else instead
    for days in policy.warn_before:
        yield Reminder(item.number, "before", (owner,), business_days.before(item.due, days, policy.days))
    if policy.warns_at:
        yield Reminder(item.number, "due", (owner,), item.due)
    later = (
        *(("after", days, (owner,)) for days in policy.warn_after),
        *_escalations(policy, item, owner, instead),
    )
    for kind, days, recipients in later:
        day = business_days.after(item.due, days, policy.days)
        yield Reminder(item.number, kind, tuple(dict.fromkeys(recipients)), day)


def _escalations(
    policy: DuePolicy, item: ItemDates, owner: str, instead: str
) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    if policy.lead_after is not None:
        yield "lead", policy.lead_after, (instead, owner)
    if policy.admin_after is not None:
        yield "admin", policy.admin_after, (ADMIN, instead, owner)
