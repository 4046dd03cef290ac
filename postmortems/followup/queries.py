"""Queries of action items over all incidents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from markupsafe import Markup
from sqlalchemy import Select, bindparam, false, func, literal, select
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.models import PERSON, User
from postmortems.actor import Actor
from postmortems.db.session import catch_up, existing, session
from postmortems.document.markdown.items import item_blanks
from postmortems.document.model import ITEM_STATUSES
from postmortems.followup import due_order, item_order, rules, sought
from postmortems.followup.conditions import PROTECTIONS_OF_ITEMS, UNGUARDED
from postmortems.followup.conditions import conditions as conditions
from postmortems.followup.conditions import protection as protection
from postmortems.followup.filters import Filters as Filters
from postmortems.incidents import page_keys
from postmortems.incidents.items import item_teams
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, Incident
from postmortems.incidents.restricted import reads
from postmortems.search import queries as search

FETCHED_AT_ONCE = 500
# More are not counted: whoever looks at a list of so many does not read it to its end.
MOST_COUNTED = 1000
# So many incidents or items that one filter lets through are counted by themselves first.
COUNTED_FIRST = 2000
# Letters of an item's text that a line of a list is cut from.
SHOWN_OF_TEXT = 2000
MOST_OWNERS = 1000
# So many letters more are not worth a cut.
LEEWAY = 5

Row = TypeVar("Row")


class Line(NamedTuple):
    """What a line of a list shows of an item."""

    number: int
    text: str
    status: str
    kind: str
    priority: str
    owner: str
    due: date | None
    opened_at: datetime
    closed_at: datetime | None
    is_reopened: bool
    closed_unproven: bool
    slug: str
    title: str
    services: list[str]
    protection: str

    @property
    def ref(self) -> str:
        return f"AI-{self.number}"

    def said(self, most: int) -> str:
        """Its heading on one line without tags, cut between two words to `most` letters and a few."""
        text = item_blanks.told(self.text)
        text = Markup(text).striptags() if "<" in text or "&" in text else text
        text = " ".join(text.split())
        return text if len(text) <= most + LEEWAY else text[: most - 3].rsplit(" ", 1)[0] + "..."


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: the item with its incident and guards, and its protection."""

    item: ActionItem
    protection: str

    @property
    def line(self) -> Line:
        """The same as a line of a list."""
        item, incident = self.item, self.item.incident
        return Line(
            *(item.number, item.text, item.status, item.kind, item.priority, item.owner, item.due),
            *(item.opened_at, item.closed_at, bool(item.reopened_because), item.closed_unproven),
            *(incident.slug, incident.title, incident.services, self.protection),
        )


# Put together once: only what a line shows, of both tables.
LINES = select(
    *(
        ActionItem.id,
        ActionItem.incident_id,
        ActionItem.number,
        func.substr(ActionItem.text, 1, SHOWN_OF_TEXT),
        ActionItem.status,
    ),
    *(ActionItem.kind, ActionItem.priority, ActionItem.owner, ActionItem.due, ActionItem.opened_at),
    *(ActionItem.closed_at, ActionItem.reopened_because != "", ActionItem.closed_unproven),
    *(Incident.slug, Incident.title, Incident.services, protection()),
)
LINES = LINES.join(Incident, Incident.id == ActionItem.incident_id)
LINES = LINES.where(ActionItem.id.in_(bindparam("ids", expanding=True)))


def by_ref(ref: str, actor: Actor) -> ActionItem:
    """The item `AI-<n>` with its incident's front and its guards. Raises `NotFound`."""
    permissions.require(actor, "incident.read")
    number = number_of(ref)
    wanted = select(ActionItem).where(ActionItem.number == (number or 0))
    found = existing(wanted.options(*_front_only()), f"there is no action item {ref}")
    reads.note([found.incident_id])
    return found


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
    """Items in the order of `sort`; `after` is the page before's. A bounded number of queries."""
    limit = max(1, min(limit, most))
    shown = item_order.page(filters, after, limit, today or clock.now().date())
    wanted = select(ActionItem, protection()).options(*_front_only())
    rows = session().execute(wanted.where(ActionItem.id.in_(shown.ids))).all()
    reads.note_listed(item.incident_id for item, _ in rows)
    return _page(shown, {item.id: Listed(item, said) for item, said in rows})


def lines(filters: Filters, after: str = "", limit: int = 50) -> page_keys.Page[Line]:
    """The same, as what a page shows of each item."""
    shown = item_order.page(filters, after, limit, clock.now().date())
    rows = session().execute(LINES, {"ids": shown.ids}).all()
    reads.note_listed(row.incident_id for row in rows)
    return _page(shown, {id: Line(*said) for id, _, *said in rows})


def _page(shown: item_order.Shown, found: Mapping[int, Row]) -> page_keys.Page[Row]:
    return page_keys.Page([found[id] for id in shown.ids if id in found], shown.after)


def everything(filters: Filters, limit: int | None = None, *, today: date | None = None) -> Iterator[Listed]:
    """All rows of the list, or the first ones, fetched a few hundred at a time: for exports."""
    rows = _by_due_date(filters, today).limit(limit).execution_options(yield_per=FETCHED_AT_ONCE)
    for page in session().execute(rows).partitions():
        reads.note_listed(item.incident_id for item, _ in page)
        yield from (Listed(item, said) for item, said in page)


def _by_due_date(filters: Filters, today: date | None) -> Select[ActionItem, str]:
    rows = select(ActionItem, protection()).options(*_front_only()).where(*conditions(filters, today))
    return rows.order_by(ActionItem.due.asc().nulls_last(), ActionItem.number)


def matching(filters: Filters, *, today: date | None = None) -> int:
    """How many items the filters let through."""
    counted = select(func.count()).select_from(ActionItem).where(*conditions(filters, today))
    return session().scalar(counted) or 0


def matching_at_most(filters: Filters) -> int:
    """How many items the filters let through, and `MOST_COUNTED` + 1 where it is more than that."""
    today = clock.now().date()
    rest = replace(filters, q="", tag="")
    narrowed, is_sought = due_order.few(rest, today), bool(filters.q or filters.tag)
    some = select(literal(1)).select_from(ActionItem)
    if narrowed and is_sought and search.are_many("item", sought.asked(filters), due_order.MANY):
        few = select(ActionItem.id, ActionItem.opened_at.label("day"))
        rows = session().execute(few.where(*due_order.of_few(rest, today, narrowed))).all()
        return len(sought.having(filters, rows, MOST_COUNTED + 1))
    if is_sought:
        # Looked up in the index of search, whatever else is asked.
        some = search.joined(some, ActionItem.id, "item", sought.asked(filters))
    if narrowed or is_sought:
        return _counted(some.where(*due_order.of_few(rest, today, narrowed)))
    asked = conditions(rest, today)
    one_by_one = some.where(*(func.coalesce(each, false()) for each in asked))
    for column, having in due_order.by_index(rest):
        # Among the first that one filter lets through there mostly are enough already.
        first = having.limit(COUNTED_FIRST).subquery()
        if _counted(one_by_one.where(column.in_(select(next(iter(first.c)))))) > MOST_COUNTED:
            return MOST_COUNTED + 1
    if filters.team:
        theirs = item_teams.few(filters.team, conditions(replace(rest, team=""), today), MOST_COUNTED)
        return MOST_COUNTED + 1 if theirs is None else len(theirs)
    if filters.kind and not filters.status:
        # Of each status by an index that has the kind behind it.
        asked.append(ActionItem.status.in_(ITEM_STATUSES))
    return _counted(some.where(*asked))


def _counted(some: Select[Any]) -> int:
    return session().scalar(select(func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery())) or 0


def owners(limit: int = MOST_OWNERS) -> list[str]:
    """Everybody who owns an item, in one of the spellings; one look into the index for each, not all rows."""
    return list(session().scalars(_owners(), {"limit": limit}))


def left_behind(limit: int) -> list[str]:
    """Accounts that are switched off and still own items that are not closed, by name."""
    theirs = select(ActionItem.id).where(ActionItem.owner_key == User.small_name)
    theirs = theirs.where(ActionItem.status.in_(rules.UNCLOSED))
    # Of two that differ by capitals alone, the one that can sign in is meant.
    other = aliased(User)
    is_meant = select(other.id).where(other.small_name == User.small_name, other.is_active).exists()
    left = select(User.name).where(User.is_active.is_(False), User.kind == PERSON, theirs.exists(), ~is_meant)
    return list(session().scalars(left.order_by(User.name).limit(limit)))


@cache
def _owners() -> Select[str]:
    key = ActionItem.owner_key
    least = select(func.min(key).label("key")).select_from(ActionItem)
    # More than "", not another: else all that nobody owns are looked at first.
    known = least.where(key > "").cte("known", recursive=True)
    following = least.where(key > known.c.key).correlate(known).scalar_subquery()
    known = known.union_all(select(following).where(known.c.key.is_not(None)))
    spelt = select(ActionItem.owner).where(key == known.c.key).correlate(known)
    spelt = spelt.order_by(key, ActionItem.status, ActionItem.due, ActionItem.number).limit(1)
    named = select(spelt.scalar_subquery()).where(known.c.key.is_not(None))
    return named.order_by(known.c.key).limit(bindparam("limit"))


def _front_only() -> list[ORMOption]:
    return [selectinload(ActionItem.guards), joinedload(ActionItem.incident, innerjoin=True)]
