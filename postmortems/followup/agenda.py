"""Agenda: which lists of items wait for somebody, in the order in which one looks at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from postmortems.accounts.teams.models import Team
from postmortems.followup import rules
from postmortems.followup.filters import Filters

# Today and so many days more are "soon".
SOON_DAYS = 7

# By the name of a figure, the filters of the list behind it: whose items, the caller adds.
LISTS: dict[str, Callable[[date], Filters]] = {
    "overdue": lambda today: Filters(overdue=True),
    "soon": lambda today: Filters(
        status=",".join(rules.OPEN), due_from=today, due_before=today + timedelta(days=SOON_DAYS + 1)
    ),
    "reopened": lambda today: Filters(reopened=True),
    "unproven": lambda today: Filters(unproven=True),
    "unowned": lambda today: Filters(unowned=True),
    "proposed": lambda today: Filters(status="proposed"),
}
OWN = ("overdue", "soon", "reopened")
OF_TEAM, OF_LED = ("overdue",), ("overdue", "unowned", "proposed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One list that waits: the name of its figure, whose items it has ("" for one's own), and its filters."""

    name: str
    whose: str
    filters: Filters

    @property
    def url(self) -> str:
        """The page with these items: what is proposed is decided on in its queue."""
        if self.name == "proposed":
            return f"/action-items/proposed?{replace(self.filters, status='').query()}"
        return f"/action-items?{self.filters.query()}"


def of_person(name: str, today: date) -> list[Entry]:
    """What waits of the items that somebody owns."""
    return [Entry(each, "", replace(LISTS[each](today), owner=name)) for each in OWN]


def of_team(team: Team, today: date, *, is_led: bool) -> list[Entry]:
    """What waits of a team's items, for a member; whoever leads it also gives out and sorts."""
    names = OF_LED if is_led else OF_TEAM
    return [Entry(each, team.name, replace(LISTS[each](today), team=team.slug)) for each in names]
