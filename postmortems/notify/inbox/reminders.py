"""Reminders: what policies have to tell of due dates, and who the owner, the lead and the admins are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, load_only

from postmortems import visibility
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.teams.models import Team
from postmortems.accounts.teams.queries import Meant
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.followup import rules
from postmortems.followup.policies import due_dates, reminders
from postmortems.followup.policies import queries as policies
from postmortems.followup.policies.due_dates import DuePolicy, ItemFacts
from postmortems.followup.policies.models import ItemDeadline
from postmortems.followup.policies.reminders import ADMIN, OWNER, ItemDates, Reminder
from postmortems.incidents.items import item_teams
from postmortems.incidents.items.item_teams import ItemNames
from postmortems.incidents.models import ActionItem, Incident
from postmortems.notify.channels import dispatch
from postmortems.notify.inbox import audience, operations
from postmortems.notify.inbox.news import News

# Where no policy fits, the owner hears of it on the day.
DEFAULT = DuePolicy(0)
BATCH = 200
ESCALATIONS = frozenset({"assign_late", "lead", "admin"})
A_DAY = timedelta(days=1)


def tell_all(now: datetime, *, sends_mail: bool) -> int:
    """Tell everybody what is due to be told, a batch a unit of work; returns how many were told.

    Whoever was told before is not told again, so that it can be broken off anywhere and done again.
    """
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        numbers = _numbers(policies.policies(), now)
    count = 0
    for start in range(0, len(numbers), BATCH):
        with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
            items = _items(numbers[start : start + BATCH])
            news = _news(items, policies.policies(), now)
            count += operations.tell(news, now, sends_mail=sends_mail)
            dispatch.tell(news, now)
    return count


def _numbers(known: Sequence[DuePolicy], now: datetime) -> Sequence[int]:
    """The numbers of open items of which something may be due to be told: by an index, of a few weeks."""
    spans = [reminders.dates_of_interest(policy, now) for policy in (*known, DEFAULT)]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    # The days of policies are those of their zones.
    span = (first - A_DAY, last + A_DAY)
    near = select(ActionItem.number).where(ActionItem.status.in_(rules.OPEN), ActionItem.due.between(*span))
    unassigned = select(ActionItem.number).join(ItemDeadline, ItemDeadline.item_id == ActionItem.id)
    unassigned = unassigned.where(ActionItem.status.in_(rules.OPEN), ItemDeadline.assign_by.between(*span))
    return sorted(set(session().scalars(near)) | set(session().scalars(unassigned)))


def _items(numbers: Sequence[int]) -> list[ActionItem]:
    wanted = (
        select(ActionItem)
        .where(ActionItem.number.in_(numbers))
        .options(
            load_only(
                *(ActionItem.number, ActionItem.status, ActionItem.due, ActionItem.owner, ActionItem.team)
            ),
            load_only(*(ActionItem.priority, ActionItem.kind, ActionItem.incident_id)),
            joinedload(ActionItem.incident, innerjoin=True).load_only(Incident.severity, Incident.services),
        )
    )
    return list(session().scalars(wanted.order_by(ActionItem.number)))


def _news(items: Sequence[ActionItem], known: Sequence[DuePolicy], now: datetime) -> list[News]:
    if not items:
        return []
    meant = teams.meant({item.owner for item in items})
    names = {item.id: ItemNames(item.owner, item.team, tuple(item.incident.services)) for item in items}
    teams_of = item_teams.of_items(names)
    deadlines = _deadlines([item.id for item in items])
    slugs = _slugs(set(teams_of.values()))
    speakers = audience.speakers(set(teams_of.values()))
    admins = audience.admins()
    found = []
    for item in items:
        owner, team = meant.get(item.owner), teams_of.get(item.id)
        if owner is not None and not owner.is_able:
            # Whoever has left hears nothing: it goes where that of nobody's items goes.
            owner = None
        slug = slugs.get(team, "") if team else ""
        facts = ItemFacts(item.incident.severity, item.priority, item.kind, slug)
        deadline = deadlines.get(item.id)
        policy = due_dates.fitting(known, facts) or DEFAULT
        if deadline is not None and _is_excepted(deadline, policy, now):
            policy = DEFAULT
        dates = ItemDates(
            item.number,
            item.status,
            item.due,
            deadline.assign_by if deadline is not None and policy is not DEFAULT else None,
            has_owner=owner is not None,
            has_team=team is not None,
        )
        for reminder in reminders.moments(policy, dates, now):
            people = _people(reminder, owner, speakers.get(team, []) if team else [], admins)
            found += [_one(item, reminder, user_id) for user_id in people]
    return found


def _deadlines(item_ids: Sequence[int]) -> dict[int, ItemDeadline]:
    wanted = select(ItemDeadline).where(ItemDeadline.item_id.in_(item_ids))
    return {row.item_id: row for row in session().scalars(wanted)}


def _slugs(team_ids: set[int]) -> dict[int, str]:
    wanted = select(Team.id, Team.slug).where(Team.id.in_(team_ids))
    return {row.id: row.slug for row in session().execute(wanted)} if team_ids else {}


def _is_excepted(deadline: ItemDeadline, policy: DuePolicy, now: datetime) -> bool:
    """While an exception lasts, no policy warns of the item: it is only told on its day."""
    until = deadline.exception_until
    return until is not None and due_dates.day_in(policy.zone, now) <= until


def _people(reminder: Reminder, owner: Meant | None, speakers: list[int], admins: list[int]) -> Iterator[int]:
    found: list[int] = []
    for recipient in reminder.recipients:
        if recipient == ADMIN:
            found += admins
        elif recipient == OWNER and owner is not None and owner.kind == "account":
            found.append(owner.id)
        else:
            # A team speaks by its leads; where nobody speaks for it, somebody has to hear.
            found += speakers or admins
    yield from dict.fromkeys(found)


def _one(item: ActionItem, reminder: Reminder, user_id: int) -> News:
    kind = "escalation" if reminder.kind in ESCALATIONS else "reminder"
    return News(user_id, kind, reminder.key, item.incident_id, item.number, {"cause": reminder.kind})
