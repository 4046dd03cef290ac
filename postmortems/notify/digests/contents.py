"""Contents of digests: what is overdue, due soon, unowned, unproven and back, of many people at once.

A fixed number of statements for a batch of people or teams. Rows are counted by what they belong to and by
the restricted incident that they are of, if any: so each reader's digest is made of what they may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from postmortems import visibility
from postmortems.db.session import session
from postmortems.followup import agenda
from postmortems.followup.conditions import conditions
from postmortems.followup.filters import Filters
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Admitted
from postmortems.notify.inbox import audience
from postmortems.reports import definitions

# So many are shown of a section; more are counted.
SHOWN = 10
# Before the name of a team, so that it is no owner of that name.
TEAM = "team:"


# By name: the heading, and the filters of the list behind it. What is overdue is not due soon as well.
SECTIONS: dict[str, tuple[str, Callable[[date], Filters]]] = {
    name: (definitions.label(name), agenda.LISTS[name])
    for name in ("overdue", "soon", "reopened", "unproven", "unowned")
}


class Found(NamedTuple):
    """Items of one section that belong together: how many, and the first as pairs of due date and number."""

    many: int
    first: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a digest: how many items, and the numbers of the first."""

    count: int = 0
    numbers: tuple[int, ...] = ()


Digest = Mapping[str, Section]
# By section, then by what the items belong to and the id of their restricted incident, 0 for none.
Sums = dict[str, dict[str, dict[int, Found]]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a batch of digests is put together from."""

    sums: Sums
    shown: audience.Audience

    def of_person(self, name: str, owned: Iterable[str], teams: Iterable[int]) -> Digest:
        """What this account may see of what it owns, and what nobody owns of its teams."""
        unowned = [f"{TEAM}{team}" for team in teams]
        belongs = {section: tuple(owned) for section in SECTIONS} | {"unowned": tuple(unowned)}
        return {section: self._section(section, belongs[section], name) for section in SECTIONS}

    def of_team(self, name: str, team: int) -> Digest:
        """What this account, "" for a chat, may see of what a team answers for."""
        return {section: self._section(section, [f"{TEAM}{team}"], name) for section in SECTIONS}

    def _section(self, section: str, keys: Iterable[str], name: str) -> Section:
        sums = self.sums[section]
        groups = [
            found
            for key in dict.fromkeys(keys)
            for incident_id, found in sums.get(key, {}).items()
            if self.shown.may_see(name, incident_id or None)
        ]
        first = sorted(pair for group in groups for pair in group.first)[:SHOWN]
        return Section(sum(group.many for group in groups), tuple(number for _, number in first))


def gathered(
    owned: Collection[str], teams: Collection[int], unowned: Collection[int], today: date
) -> Gathered:
    """What belongs to owners, as names are compared, and to teams by their ids.

    `unowned`: teams of which only what nobody owns is wanted.
    """
    everybodys = {*teams, *unowned}
    with visibility.seen_by(visibility.EVERYTHING):
        team, may_be = item_teams.team_id(), or_(*item_teams.may_be(everybodys))
        sums: Sums = {}
        for section, (_, filters) in SECTIONS.items():
            wanted = conditions(filters(today), today)
            sums[section] = _grouped(ActionItem.owner_key, [ActionItem.owner_key.in_(owned), *wanted])
            asked = everybodys if section == "unowned" else teams
            if asked:
                found = _grouped(team, [may_be, team.in_(asked), *wanted])
                sums[section] |= {f"{TEAM}{id}": groups for id, groups in found.items()}
        restricted = {id for by_key in sums.values() for groups in by_key.values() for id in groups} - {0}
        return Gathered(sums, audience.of(restricted))


def is_empty(digest: Digest) -> bool:
    return not any(section.count for section in digest.values())


def _grouped(key: Any, wanted: list[ColumnElement[bool]]) -> dict[str, dict[int, Found]]:
    restricted = select(Admitted.incident_id).distinct().subquery()
    hidden = func.coalesce(restricted.c.incident_id, 0)
    due = func.coalesce(ActionItem.due, date.max)
    group = [key, hidden]
    ranked = (
        select(
            key.label("key"),
            hidden.label("hidden"),
            ActionItem.number,
            ActionItem.due,
            func.count().over(partition_by=group).label("many"),
            func.row_number().over(partition_by=group, order_by=[due, ActionItem.number]).label("place"),
        )
        .select_from(ActionItem)
        .outerjoin(restricted, restricted.c.incident_id == ActionItem.incident_id)
        .where(*wanted)
        .subquery()
    )
    found: dict[str, dict[int, Found]] = defaultdict(dict)
    rows = session().execute(
        select(ranked).select_from(ranked).where(ranked.c.place <= SHOWN).order_by(ranked.c.place)
    )
    for row in rows:
        before = found[row.key].get(row.hidden, Found(row.many, ()))
        pair = (row.due or date.max, row.number)
        found[row.key][row.hidden] = Found(row.many, (*before.first, pair))
    return found
