"""Queries of due-date policies and the calendars that they count in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from postmortems.accounts.teams.models import Team
from postmortems.db import session as db
from postmortems.db import versions
from postmortems.db.session import existing, session
from postmortems.errors import NotFound
from postmortems.followup.policies.business_days import WorkCalendar
from postmortems.followup.policies.due_dates import DuePolicy, specificity
from postmortems.followup.policies.models import (
    Holiday,
    HolidayCalendar,
    ItemDeadline,
    StoredPolicy,
)
from postmortems.incidents.items import item_teams
from postmortems.incidents.items.item_teams import ItemNames, Key

KEPT = "due-date policies"


def policies() -> list[DuePolicy]:
    """All policies, the most specific first. They are few, change rarely, and are kept by each process."""
    number, kept = versions.present(versions.DUE_DATES), db.kept()
    at, known = kept.get(KEPT, (None, None))
    if known is not None and at == number:
        return known  # type: ignore[no-any-return]
    rows = session().scalars(_whole()).all()
    calendars = work_calendars({row.calendar_id for row in rows if row.calendar_id is not None})
    made = sorted((as_policy(row, calendars) for row in rows), key=specificity, reverse=True)
    if number is not None:
        kept[KEPT] = number, made
    return made


def stored() -> list[StoredPolicy]:
    """The same as they are stored."""
    known = {row.id: row for row in session().scalars(_whole())}
    return [known[each.id] for each in policies()]


def policy(number: int) -> StoredPolicy:
    """One with its team and calendar. Raises `NotFound`."""
    return existing(_whole().where(StoredPolicy.id == number), f"there is no due-date policy {number}")


def as_policy(row: StoredPolicy, calendars: dict[int, WorkCalendar] | None = None) -> DuePolicy:
    """What a stored one says, as rules take it."""
    if calendars is None:
        calendars = work_calendars([row.calendar_id] if row.calendar_id is not None else [])
    team = session().get(Team, row.team_id) if row.team_id is not None else None
    return DuePolicy(
        row.id,
        row.severity,
        row.priority,
        row.kind,
        team.slug if team else "",
        row.assign_days,
        row.complete_days,
        row.counting,
        row.begins,
        row.zone,
        calendars.get(row.calendar_id or 0, WorkCalendar()),
        tuple(row.warn_before),
        row.warns_at,
        tuple(row.warn_after),
        row.lead_after,
        row.admin_after,
    )


def work_calendars(ids: Iterable[int]) -> dict[int, WorkCalendar]:
    """By key, what calendars say of days. Two queries."""
    wanted = list(ids)
    if not wanted:
        return {}
    days: defaultdict[int, set[date]] = defaultdict(set)
    for calendar, day in session().execute(
        select(Holiday.calendar_id, Holiday.day).where(Holiday.calendar_id.in_(wanted))
    ):
        days[calendar].add(day)
    columns = (HolidayCalendar.id, HolidayCalendar.weekend, HolidayCalendar.known_until)
    rows = session().execute(select(*columns).where(HolidayCalendar.id.in_(wanted)))
    return {
        id: WorkCalendar(frozenset(days[id]), frozenset(weekend), known_until or MAXYEAR)
        for id, weekend, known_until in rows
    }


def calendars() -> list[HolidayCalendar]:
    """All calendars by name."""
    return list(session().scalars(select(HolidayCalendar).order_by(HolidayCalendar.name, HolidayCalendar.id)))


def calendar(slug: str) -> HolidayCalendar:
    """One by its id in addresses. Raises `NotFound`."""
    return existing(select(HolidayCalendar).where(HolidayCalendar.slug == slug), f"no calendar {slug!r}")


def days_of(calendar_id: int) -> dict[date, bool]:
    """By day, in order, whether it is one of one's own."""
    rows = session().execute(
        select(Holiday.day, Holiday.is_own)
        .where(Holiday.calendar_id == calendar_id)
        .order_by(Holiday.day, Holiday.is_own)
    )
    return {row.day: row.is_own for row in rows}


def counts_of_days() -> dict[int, int]:
    """By calendar, how many days it has."""
    counted = select(Holiday.calendar_id, func.count(Holiday.day.distinct())).group_by(Holiday.calendar_id)
    return {row[0]: row[1] for row in session().execute(counted)}


def uses_of(calendar_id: int) -> list[DuePolicy]:
    """The policies that count in a calendar."""
    used = set(session().scalars(select(StoredPolicy.id).where(StoredPolicy.calendar_id == calendar_id)))
    return [each for each in policies() if each.id in used]


def deadline_of(item_id: int) -> ItemDeadline | None:
    """What a policy gave an item, if one ever did."""
    return session().get(ItemDeadline, item_id)


def team_slugs(items: Mapping[Key, ItemNames], policies: Iterable[DuePolicy]) -> dict[Key, str]:
    """By key, the short name of each item's team, where a policy asks for it at all."""
    if not any(policy.team for policy in policies):
        return {}
    known = item_teams.of_items(items)
    slugs = dict(session().execute(select(Team.id, Team.slug).where(Team.id.in_(set(known.values())))).all())
    return {key: slugs[id] for key, id in known.items()}


def named(number: int) -> DuePolicy:
    """One as rules take it. Raises `NotFound`."""
    for each in policies():
        if each.id == number:
            return each
    raise NotFound(f"there is no due-date policy {number}")


def _whole() -> Select[StoredPolicy]:
    return select(StoredPolicy).options(joinedload(StoredPolicy.team), joinedload(StoredPolicy.calendar))
