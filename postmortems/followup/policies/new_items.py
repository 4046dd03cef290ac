"""Dates of items that are new as commitments: what a save of an incident adds to what its author wrote.

Only what is written here is dated. A file's items stay as the file says, so that they go out as they came in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item
from postmortems.document.times import timeline_times
from postmortems.followup import rules
from postmortems.followup.policies import due_dates, queries
from postmortems.followup.policies.due_dates import Deadlines, ItemFacts
from postmortems.followup.policies.models import ItemDeadline
from postmortems.incidents.items import kinds
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.items.item_teams import ItemNames
from postmortems.incidents.models import ActionItem


@dataclass(slots=True)
class NewItems:
    """The items that become commitments in one save, and the dates that policies give them."""

    now: datetime
    # Out of a file or the demo: what others committed to, elsewhere and before.
    is_claimed: bool = False
    given: dict[str, Deadlines] = field(default_factory=dict)

    def dated(self, before: Document, after: Document) -> Document:
        """The document with a due date for each new open item that has none, where a policy gives one.

        New is an item that was not there before, or was only proposed. Its author's own date stays.
        """
        if self.is_claimed:
            return after
        was = {item.id: item.status or "open" for item in before.items}
        new = {
            item.id: (item, kind)
            for item, kind in of_kinds(after)
            if rules.is_open(item.status or "open")
            and not rules.is_open(was.get(item.id, "proposed"))
            # What is taken up again after it was closed was committed to before.
            and was.get(item.id, "proposed") == "proposed"
        }
        if not new or not (policies := queries.policies()):
            return after
        occurred_on = timeline_times.incident_date(after, "") or self.now.date()
        names = {ref: ItemNames(item.owner, item.team, after.services) for ref, (item, _) in new.items()}
        teams = queries.team_slugs(names, policies)
        for ref, (item, kind) in new.items():
            facts = ItemFacts(after.severity, item.priority, kind, teams.get(ref, ""))
            policy = due_dates.fitting(policies, facts)
            if policy is not None:
                self.given[ref] = due_dates.deadlines(policy, self.now, occurred_on)
        return after.with_items(self._with_date)

    def _with_date(self, item: Item) -> Item:
        given = self.given.get(item.id)
        return item if given is None or item.due is not None else replace(item, due=given.due)

    def note(self) -> None:
        """Keep what was given beside the items, once they are stored."""
        if not self.given:
            return
        numbers = {number_of(ref): given for ref, given in self.given.items()}
        rows = session().execute(
            select(ActionItem.id, ActionItem.number).where(ActionItem.number.in_(numbers))
        )
        for id, number in rows.all():
            kept(id, numbers[number], self.now)
        session().flush()


def kept(item_id: int, given: Deadlines, committed_at: datetime) -> ItemDeadline:
    """What a policy gave an item, as it is kept beside it."""
    row = session().get(ItemDeadline, item_id) or ItemDeadline(item_id=item_id, exception_reason="")
    row.policy_id, row.committed_at = given.policy.id, committed_at
    row.assign_by, row.due = given.assign_by, given.due
    session().add(row)
    return row


def of_kinds(document: Document) -> Iterator[tuple[Item, str]]:
    """Each item with its kind: the one stated, else that of the heading it stands under."""
    for section in document.sections:
        category = ""
        for block in section.blocks:
            if isinstance(block, Category):
                category = block.heading
            elif isinstance(block, Item):
                yield block, block.kind or kinds.kind_of(category, section.heading)


def expected(
    severity: str, priority: str, kind: str, team: str, now: datetime, occurred_on: date
) -> Deadlines | None:
    """What policies would give an item that is committed to now: for a form, before it is saved."""
    policy = due_dates.fitting(queries.policies(), ItemFacts(severity, priority, kind, team))
    return None if policy is None else due_dates.deadlines(policy, now, occurred_on)
