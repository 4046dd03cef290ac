"""Due dates: which policy fits an item, and by which days it has to be assigned and done. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from postmortems import zone_tables
from postmortems.followup.policies import business_days
from postmortems.followup.policies.business_days import ALL_DAYS, WorkCalendar

# How days are counted: every day, or those of the policy's calendar on which people work.
COUNTINGS = ("calendar", "business")
# From when: the instant at which the item was committed to, or the incident's day.
BEGINNINGS = ("commitment", "incident")
# In the order in which policies that name as many of them go before each other.
CONDITIONS = ("severity", "priority", "kind", "team")


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What of an item a policy is chosen by. `team` is a team's short name, "" where it has none."""

    severity: str = ""
    priority: str = ""
    kind: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class DuePolicy:
    """How long items may take. "" as a condition means any.

    `assign_days` and `complete_days` count from `begins`, None where the policy sets no such date;
    `warn_before` and `warn_after` are days from the due date, as `lead_after` and `admin_after` are, None for
    never. All days are counted as `counting` says, in the calendar's days and the time zone `zone`.
    """

    id: int
    severity: str = ""
    priority: str = ""
    kind: str = ""
    team: str = ""
    assign_days: int | None = None
    complete_days: int | None = None
    counting: str = "calendar"
    begins: str = "commitment"
    zone: str = "UTC"
    calendar: WorkCalendar = field(default=WorkCalendar(), repr=False)
    warn_before: tuple[int, ...] = ()
    warns_at: bool = True
    warn_after: tuple[int, ...] = ()
    lead_after: int | None = None
    admin_after: int | None = None

    @property
    def title(self) -> str:
        """The conditions in words, such as `SEV1, process, team platform`."""
        named = (self.severity, self.priority, self.kind, self.team and f"team {self.team}")
        return ", ".join(filter(None, named)) or "all items"

    @property
    def days(self) -> WorkCalendar:
        """The days that it counts."""
        return self.calendar if self.counting == "business" else ALL_DAYS


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What a policy asks of one item: the last days to assign and to finish it, counted from `begun_on`."""

    policy: DuePolicy
    begun_on: date
    assign_by: date | None
    due: date | None


def fitting(policies: Iterable[DuePolicy], item: ItemFacts) -> DuePolicy | None:
    """The policy that holds for an item: of those all of whose conditions it meets, the most specific.

    The one with more conditions is more specific. Of two with as many, the one that names the severity goes
    first, then the one that names the priority, then the kind, then the team. No two policies have the same
    conditions, so there is never a choice left. None where no policy fits.
    """
    return max((each for each in policies if _fits(each, item)), key=specificity, default=None)


def specificity(policy: DuePolicy) -> tuple[int, tuple[bool, ...]]:
    """By this, policies that fit the same item go before each other: the highest holds."""
    named = tuple(bool(getattr(policy, name)) for name in CONDITIONS)
    return sum(named), named


def _fits(policy: DuePolicy, item: ItemFacts) -> bool:
    return all(getattr(policy, name) in ("", getattr(item, name)) for name in CONDITIONS)


def deadlines(policy: DuePolicy, committed_at: datetime, occurred_on: date) -> Deadlines:
    """The dates that a policy gives an item that was committed to at that instant (aware).

    They count from the day that it then was in the policy's time zone, or from the day of the incident, which
    is one already. A date is the last day of grace: until it ends in that zone the item is in time.
    """
    begun_on = occurred_on if policy.begins == "incident" else day_in(policy.zone, committed_at)
    assign_by, due = (
        None if days is None else business_days.after(begun_on, days, policy.days)
        for days in (policy.assign_days, policy.complete_days)
    )
    return Deadlines(policy, begun_on, assign_by, due)


def day_in(zone: str, instant: datetime) -> date:
    """The day that it is at an instant in a time zone; in UTC where the zone is no longer known."""
    return instant.astimezone(zone_tables.named(zone) or UTC).date()
