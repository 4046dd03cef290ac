"""Holiday calendars: made, changed, deleted, and known for more years as time goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.followup.policies import holiday_days, queries
from postmortems.followup.policies.business_days import SATURDAY, SUNDAY
from postmortems.followup.policies.models import Holiday, HolidayCalendar
from postmortems.incidents import slugs

MOST_CALENDARS, LONGEST_NAME = 200, 100
# What the audit trail tells of one, besides its own days.
NAMED = ("name", "country", "subdivision", "weekend")
# A country's days are kept for so many years before and after the present one.
YEARS_BACK, YEARS_ON = 10, 10
# Where fewer years than that lie ahead, more are added.
FEWEST_YEARS_ON = 5
WEEKEND = frozenset({SATURDAY, SUNDAY})


@dataclass(frozen=True, slots=True)
class CalendarValues:
    """What somebody says of a calendar. Without a `weekend` (Monday is 0) it is the country's."""

    name: str
    country: str = ""
    subdivision: str = ""
    weekend: frozenset[int] | None = None
    own_days: frozenset[date] = frozenset()


def create(values: CalendarValues, *, actor: Actor) -> HolidayCalendar:
    """Make a calendar. Raises `Invalid` with pointers, and `Conflict` where there are too many."""
    permissions.require(actor, "due_policy.edit")
    if (session().scalar(select(func.count()).select_from(HolidayCalendar)) or 0) >= MOST_CALENDARS:
        raise Conflict(f"there are {MOST_CALENDARS} calendars already: delete one first")
    taken = set(session().scalars(select(HolidayCalendar.slug)))
    slug = slugs.unique(slugs.slug_for(values.name, None)[:70].strip("-") or "calendar", taken)
    row = HolidayCalendar(slug=slug, version=0)
    _fill(row, values)
    audit.record(actor, "holidays.created", "holidays", slug, **_said(row, values))
    return row


def change(slug: str, values: CalendarValues, *, version: int | None, actor: Actor) -> HolidayCalendar:
    """Change a calendar; dates that were counted in it stay. `version` is the one that was edited.

    Raises `NotFound`, `Invalid`, and `Conflict` where somebody saved since.
    """
    permissions.require(actor, "due_policy.edit")
    row = queries.calendar(slug)
    if version not in (None, row.version):
        raise Conflict("somebody else changed this calendar since you opened it: look at theirs first")
    before = {name: getattr(row, name) for name in NAMED}
    _fill(row, values)
    audit.record(actor, "holidays.changed", "holidays", slug, before=before, **_said(row, values))
    return row


def delete(slug: str, *, actor: Actor) -> None:
    """Delete a calendar. Raises `NotFound`, and `Conflict` while a policy counts in it."""
    permissions.require(actor, "due_policy.edit")
    row = queries.calendar(slug)
    if users := queries.uses_of(row.id):
        named = "; ".join(each.title for each in users[:5])
        raise Conflict(f"policies count in {row.name}: give them another calendar first ({named})")
    session().delete(row)
    session().flush()
    audit.record(actor, "holidays.deleted", "holidays", slug, name=row.name)


def extend(now: datetime) -> int:
    """Have the calendars of countries know the years to come; how many were extended. A job calls it."""
    extended = 0
    for row in session().scalars(select(HolidayCalendar).where(HolidayCalendar.country != "")):
        known = row.known_until or now.year
        # A release that knew less filled up years of which some days were missing.
        if (last := holiday_days.last_known(row.country, row.subdivision, known)) < known:
            _forget_after(row, last)
        wanted = holiday_days.last_known(row.country, row.subdivision, now.year + YEARS_ON)
        if last < min(wanted, now.year + FEWEST_YEARS_ON):
            years = range(last + 1, wanted + 1)
            _add(row.id, holiday_days.of_country(row.country, row.subdivision, years), is_own=False)
            row.known_until = wanted
            extended += 1
    session().flush()
    return extended


def _forget_after(row: HolidayCalendar, year: int) -> None:
    of_country = (Holiday.calendar_id == row.id) & ~Holiday.is_own
    session().execute(delete_rows(Holiday).where(of_country, Holiday.day > date(year, 12, 31)))
    row.known_until = year


def _fill(row: HolidayCalendar, values: CalendarValues) -> None:
    this_year = clock.now().year
    known, known_until, weekend = set[date](), None, WEEKEND
    name = values.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(f"write a name of at most {LONGEST_NAME} letters", "/name")
    if values.subdivision and not values.country:
        raise Invalid("name the country of this part, too", "/country")
    if values.country:
        known_until = holiday_days.last_known(values.country, values.subdivision, this_year + YEARS_ON)
        years = range(this_year - YEARS_BACK, known_until + 1)
        known = holiday_days.of_country(values.country, values.subdivision, years)
        weekend = holiday_days.weekend_of(values.country, values.subdivision)
    weekend = _checked(weekend if values.weekend is None else values.weekend)
    own = holiday_days.bounded(set(values.own_days), "/days")
    row.name, row.country, row.subdivision = name, values.country, values.subdivision
    row.weekend, row.version = sorted(weekend), row.version + 1
    row.known_until = known_until
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        raise Conflict("somebody else made a calendar of that name at this moment") from None
    session().execute(delete_rows(Holiday).where(Holiday.calendar_id == row.id))
    _add(row.id, known, is_own=False)
    _add(row.id, own, is_own=True)


def _checked(weekend: Collection[int]) -> frozenset[int]:
    if not set(weekend) <= set(range(7)):
        raise Invalid("weekdays are numbers from 0 for Monday to 6 for Sunday", "/weekend")
    if len(set(weekend)) == 7:
        raise Invalid("on some day of the week people have to work", "/weekend")
    return frozenset(weekend)


def _add(calendar_id: int, days: Iterable[date], *, is_own: bool) -> None:
    rows = [{"calendar_id": calendar_id, "day": day, "is_own": is_own} for day in sorted(days)]
    if rows:
        session().execute(insert(Holiday), rows)


def _said(row: HolidayCalendar, values: CalendarValues) -> dict[str, object]:
    own = sorted(day.isoformat() for day in values.own_days)
    named = {name: getattr(row, name) for name in NAMED}
    return {**named, "own_days": own[:100], "own_days_in_all": len(own)}
