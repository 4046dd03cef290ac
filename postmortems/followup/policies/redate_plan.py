"""What a changed policy would do to the dates of items that there are: worked out before anything is changed.

A policy moves the dates that a policy gave. A date that somebody chose stays, and so does that of an item
under an exception. An item without a date gets one only where that is asked for, and then counts from now:
what nobody ever dated was promised for no day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Row, Select, func, or_, select, true

from postmortems.db.session import session
from postmortems.followup import rules
from postmortems.followup.policies import due_dates, queries
from postmortems.followup.policies.due_dates import DuePolicy, ItemFacts
from postmortems.followup.policies.models import ItemDeadline
from postmortems.incidents.items.item_teams import ItemNames
from postmortems.incidents.models import ActionItem, Incident

# Items of a page, open or not, and how many pages are looked through in one go.
AT_ONCE, MOST_PAGES = 250, 50
SHOWN, SHOWN_OF_TEXT = 20, 120
# A preview looks at no more items than that.
MOST_LOOKED_AT = 20_000
# What becomes of an item: another date; a date where there was none; or none of that, and why.
MOVED, DATED, UNDATED, BY_HAND, EXCEPTED, SAME = "moved", "dated", "undated", "by_hand", "excepted", "same"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one item. `before` and `after` are what stands beside it; `before` None for nothing."""

    item_id: int
    number: int
    text: str
    slug: str
    sort: str
    old_due: date | None
    new_due: date | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def is_written(self) -> bool:
        """Whether anything is to be stored: a date may stay while the day to assign it by moves."""
        return self.after is not None and (self.old_due != self.new_due or self.after != self.before)


@dataclass(frozen=True, slots=True)
class Page:
    """What becomes of the items up to the key `end`."""

    end: int
    changes: list[Change]


@dataclass(slots=True)
class Preview:
    """How many items become what, and the first of those whose date changes.

    `late` of the new dates are past already; `unsure` lie in years of which not all holidays are known, from
    that after `known_until` on. Where it is not `is_whole`, only the first items were looked at.
    """

    counts: Counter[str] = field(default_factory=Counter)
    late: int = 0
    unsure: int = 0
    known_until: int = MAXYEAR
    looked_at: int = 0
    is_whole: bool = True
    rows: list[Change] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return self.counts[MOVED] + self.counts[DATED]


def preview(policy: DuePolicy, now: datetime, *, with_undated: bool) -> Preview:
    """What would happen if the policy said this. Raises nothing, changes nothing."""
    found = Preview(known_until=policy.days.known_until)
    for change in changes(policy, now, with_undated=with_undated):
        if found.looked_at == MOST_LOOKED_AT:
            found.is_whole = False
            break
        found.looked_at += 1
        found.counts[change.sort] += 1
        if change.sort in (MOVED, DATED):
            if change.new_due is not None:
                found.late += change.new_due < now.date()
                found.unsure += change.new_due.year > found.known_until
            if len(found.rows) < SHOWN:
                found.rows.append(change)
    return found


def changes(policy: DuePolicy, now: datetime, *, with_undated: bool) -> Iterator[Change]:
    """What becomes of each item that the policy is about or was about, in the order of their keys."""
    for page in pages(policy, now, with_undated=with_undated):
        yield from page.changes


def pages(
    policy: DuePolicy,
    now: datetime,
    *,
    with_undated: bool,
    after: int = 0,
    until: int | None = None,
    most: int | None = None,
) -> Iterator[Page]:
    """The same a page at a time, of the items behind the key `after` up to `until`; `most` to look at.

    Nothing is asked for a page before it is taken.
    """
    others = [each for each in queries.policies() if each.id != policy.id]
    policies = [policy, *others]
    while most != 0 and (end := _end_of_page(after, until)):
        wanted = _candidates(policy).where(ActionItem.id > after, ActionItem.id <= end).limit(most)
        rows = session().execute(wanted).all()
        if most is not None:
            most -= len(rows)
            # There may be more of them in this page.
            end = end if most else rows[-1].id
        names = {row.id: ItemNames(row.owner, row.team, tuple(row.services)) for row in rows}
        teams = queries.team_slugs(names, policies)
        found = []
        for row in rows:
            facts = ItemFacts(row.severity, row.priority, row.kind, teams.get(row.id, ""))
            fits = due_dates.fitting(policies, facts)
            if fits is not None and policy.id in (fits.id, row.policy_id):
                found.append(_change(row, fits, now, with_undated=with_undated))
        yield Page(end, found)
        after = end


def some_changes(
    policy: DuePolicy, now: datetime, *, with_undated: bool, after: int, until: int
) -> tuple[list[Change], int | None]:
    """What one unit of work may decide, and the key that it ends with: None where that was all.

    It looks at `AT_ONCE` items that the policy could be about, and through `MOST_PAGES` pages for them.
    """
    found: list[Change] = []
    coming = pages(policy, now, with_undated=with_undated, after=after, until=until, most=AT_ONCE)
    for page in islice(coming, MOST_PAGES):
        found += page.changes
        after = page.end
    is_over = after >= until or _end_of_page(after, until) is None
    return found, None if is_over else after


def beside(
    policy_id: int, committed_at: datetime, assign_by: date | None, due: date | None
) -> dict[str, Any]:
    """What stands beside an item, as JSON."""
    days = {"assign_by": assign_by and assign_by.isoformat(), "due": due and due.isoformat()}
    return {"policy_id": policy_id, "committed_at": committed_at.isoformat(), **days}


def newest_key() -> int:
    """The key of the newest item; 0 where there is none."""
    return session().scalar(select(func.max(ActionItem.id)).select_from(ActionItem)) or 0


def _end_of_page(after: int, until: int | None) -> int | None:
    """The key that ends the next page of all items, whatever their status; None where there is none."""
    page = select(ActionItem.id).where(ActionItem.id > after).order_by(ActionItem.id).limit(AT_ONCE)
    if until is not None:
        page = page.where(ActionItem.id <= until)
    end: int | None = session().scalar(select(func.max(page.subquery().c.id)))
    return end


def _candidates(policy: DuePolicy) -> Select[Any]:
    # Asked so that no index by status is taken: with one, each page would look through all that are open.
    wanted = [func.coalesce(ActionItem.status, "").in_(rules.OPEN)]
    columns = (Incident.severity, ActionItem.priority, ActionItem.kind)
    named = (policy.severity, policy.priority, policy.kind)
    is_about = [column == value for column, value in zip(columns, named, strict=True) if value] or [true()]
    whole = is_about[0]
    for each in is_about[1:]:
        whole &= each
    found = select(
        ActionItem.id,
        ActionItem.number,
        func.substr(ActionItem.text, 1, SHOWN_OF_TEXT).label("text"),
        ActionItem.due,
        ActionItem.owner,
        ActionItem.team,
        ActionItem.kind,
        ActionItem.priority,
        Incident.slug,
        Incident.severity,
        Incident.services,
        Incident.occurred_on,
        ItemDeadline.policy_id,
        ItemDeadline.committed_at,
        ItemDeadline.assign_by,
        ItemDeadline.due.label("given"),
        ItemDeadline.exception_until,
    )
    found = found.select_from(ActionItem).join(Incident, Incident.id == ActionItem.incident_id)
    found = found.outerjoin(ItemDeadline, ItemDeadline.item_id == ActionItem.id)
    found = found.where(*wanted, or_(whole, ItemDeadline.policy_id == policy.id))
    return found.order_by(ActionItem.id)


def _change(row: Row[Any], policy: DuePolicy, now: datetime, *, with_undated: bool) -> Change:
    known = None
    # What stands beside an item for an exception alone was given by no policy.
    if row.committed_at is not None and (row.policy_id, row.given) != (None, None):
        known = beside(row.policy_id, row.committed_at, row.assign_by, row.given)
    item = (row.id, row.number, row.text, row.slug)
    if row.exception_until is not None and row.exception_until >= now.date():
        return Change(*item, EXCEPTED, row.due, row.due, known, None)
    is_undated = row.due is None
    if is_undated and not with_undated:
        return Change(*item, UNDATED, None, None, known, None)
    if known is None and not is_undated:
        return Change(*item, BY_HAND, row.due, row.due, None, None)
    committed_at = now if is_undated else row.committed_at
    given = due_dates.deadlines(policy, committed_at, row.occurred_on)
    after = beside(policy.id, committed_at, given.assign_by, given.due)
    if is_undated:
        return Change(*item, DATED if given.due else SAME, None, given.due, known, after)
    if row.due != row.given:
        return Change(*item, BY_HAND, row.due, row.due, known, after)
    # A policy that sets no date leaves the one that there is.
    due = given.due or row.due
    after["due"] = due.isoformat()
    return Change(*item, MOVED if due != row.due else SAME, row.due, due, known, after)
