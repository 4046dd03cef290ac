"""Queries of action items over all incidents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Select, and_, column, exists, func, or_, select, table, true
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from postmortems import clock, search_words
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import catch_up, existing, session
from postmortems.errors import Invalid
from postmortems.followup import rules
from postmortems.followup.filters import NO_SERVICE
from postmortems.followup.filters import Filters as Filters
from postmortems.incidents import page_keys
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, Affected, Incident
from postmortems.search import queries as search

# The gate works out and stores each item's protection. It lies to our right: known by name here.
PROTECTIONS_OF_ITEMS = table("standings", column("item_id"), column("protection"))
UNGUARDED = "unguarded"
FETCHED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: the item with its incident and guards, and its protection."""

    item: ActionItem
    protection: str


def by_ref(ref: str, actor: Actor) -> ActionItem:
    """The item `AI-<n>` with its incident's front and its guards. Raises `NotFound`."""
    permissions.require(actor, "incident.read")
    number = number_of(ref)
    wanted = select(ActionItem).where(ActionItem.number == (number or 0))
    return existing(wanted.options(*_front_only()), f"there is no action item {ref}")


def protection_of(item: ActionItem) -> str:
    """The item's protection as the gate last worked it out."""
    catch_up()
    known = select(PROTECTIONS_OF_ITEMS.c.protection).where(PROTECTIONS_OF_ITEMS.c.item_id == item.id)
    return str(session().scalar(known) or UNGUARDED)


def listing(
    filters: Filters,
    after: str = "",
    limit: int = 50,
    *,
    today: date | None = None,
    most: int = page_keys.LARGEST,
) -> page_keys.Page[Listed]:
    """Items by due date, those without one last; `after` is the page before's. A fixed number of queries."""
    limit = max(1, min(limit, most))
    page = _by_due_date(filters, today).limit(limit + 1)
    if after:
        page = page.where(_behind(after))
    rows = [Listed(item, protection) for item, protection in session().execute(page)]
    more = len(rows) > limit
    rows = rows[:limit]
    return page_keys.Page(rows, page_keys.key(rows[-1].item.due or "", rows[-1].item.number) if more else "")


def everything(filters: Filters, limit: int | None = None, *, today: date | None = None) -> Iterator[Listed]:
    """All rows of the list, or the first ones, fetched a few hundred at a time: for exports."""
    rows = _by_due_date(filters, today).limit(limit).execution_options(yield_per=FETCHED_AT_ONCE)
    for item, protection in session().execute(rows):
        yield Listed(item, protection)


def _by_due_date(filters: Filters, today: date | None) -> Select[ActionItem, str]:
    rows = select(ActionItem, protection()).options(*_front_only()).where(*conditions(filters, today))
    return rows.order_by(ActionItem.due.asc().nulls_last(), ActionItem.number)


def matching(filters: Filters, *, today: date | None = None) -> int:
    """How many items the filters let through."""
    counted = select(func.count()).select_from(ActionItem).where(*conditions(filters, today))
    return session().scalar(counted) or 0


def owners() -> list[str]:
    """Everybody who owns an item, in one of the spellings."""
    named = select(func.min(ActionItem.owner)).select_from(ActionItem)
    named = named.where(ActionItem.owner != "").group_by(ActionItem.owner_key)
    return list(session().scalars(named.order_by(ActionItem.owner_key).limit(1000)))


def protection() -> ColumnElement[str]:
    """An item's protection, as a column."""
    known = (
        select(PROTECTIONS_OF_ITEMS.c.protection)
        .where(PROTECTIONS_OF_ITEMS.c.item_id == ActionItem.id)
        .scalar_subquery()
    )
    return func.coalesce(known, UNGUARDED)


def conditions(filters: Filters, today: date | None = None) -> list[ColumnElement[bool]]:
    """What the filters ask of `ActionItem`. A figure and the list behind it use the same, so they agree."""
    today = today or clock.now().date()
    found = [*_chosen(filters), *_dated(filters)]
    if filters.service:
        found.append(_hit(filters.service))
    if filters.incident:
        slug = select(Incident.id).where(Incident.slug == filters.incident).scalar_subquery()
        found.append(ActionItem.incident_id == slug)
    if filters.overdue:
        found += [ActionItem.status.in_(rules.OPEN), ActionItem.due < today]
    if filters.unowned:
        found += [ActionItem.status.in_(rules.OPEN), ActionItem.owner == ""]
    if filters.unproven:
        found += [ActionItem.status == "done", ActionItem.guardability.in_(rules.ASKS_PROOF)]
        found.append(protection().not_in(rules.PROOF))
    if filters.undated:
        found.append(ActionItem.due.is_(None))
    if filters.reopened:
        found += [ActionItem.status.in_(rules.OPEN), ActionItem.reopened_at.is_not(None)]
    return found + search.conditions(ActionItem.id, "item", filters.q)


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    chosen: list[tuple[ColumnElement[str], str]] = [
        (ActionItem.status.expression, filters.status),
        (ActionItem.kind.expression, filters.kind),
        (ActionItem.priority.expression, filters.priority),
        (protection(), filters.protection),
    ]
    found: list[ColumnElement[bool]] = [
        by.in_([one.strip() for one in several.split(",")]) for by, several in chosen if several
    ]
    if filters.owner:
        found.append(ActionItem.owner_key == search_words.person(filters.owner))
    return found


def _dated(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.due_before:
        found.append(ActionItem.due < filters.due_before)
    if filters.opened_from:
        found.append(ActionItem.opened_at >= _midnight(filters.opened_from))
    if filters.opened_before:
        found.append(ActionItem.opened_at < _midnight(filters.opened_before))
    if filters.closed_from:
        found.append(ActionItem.closed_at >= _midnight(filters.closed_from))
    if filters.closed_before:
        found.append(ActionItem.closed_at < _midnight(filters.closed_before))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _hit(name: str) -> ColumnElement[bool]:
    # Only the items are the outer query's: a report may join the services there as well.
    hit = select(Affected.service).where(Affected.incident_id == ActionItem.incident_id).correlate(ActionItem)
    if name == NO_SERVICE:
        return ~exists(hit)
    service, _, target = name.partition("/")
    narrowed = Affected.target.in_([target, ""]) if target else true()
    return exists(hit.where(Affected.service == service, narrowed))


def _behind(after: str) -> ColumnElement[bool]:
    """That a row comes after the one named; rows without a due date come last."""
    due, number = page_keys.parts(after, 2)
    undated = ActionItem.due.is_(None)
    if not due:
        return and_(undated, ActionItem.number > int(number))
    try:
        day = date.fromisoformat(due)
    except ValueError:
        raise Invalid("is no place in this list; take it from the page before", "/after") from None
    return or_(undated, ActionItem.due > day, and_(ActionItem.due == day, ActionItem.number > int(number)))


def _front_only() -> list[ORMOption]:
    incident = joinedload(ActionItem.incident, innerjoin=True)
    return [
        selectinload(ActionItem.guards),
        incident.options(defer(Incident.search_text)),
        defer(ActionItem.search_text),
    ]
