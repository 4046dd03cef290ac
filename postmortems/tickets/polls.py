"""Polls trackers for issues that changed: some send no webhooks, and webhooks are lost."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from postmortems import clock, visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Refused, Unreachable
from postmortems.tickets import exchange, queue, settlement, trackers
from postmortems.tickets.models import Ticket, Tracker
from postmortems.trackers import wire
from postmortems.trackers.issue import OPEN, Issue
from postmortems.trackers.services import SERVICES
from postmortems.trackers.wire import Failed
from postmortems.vault.runtime import Runtime

EVERY = timedelta(minutes=2)
# Changes are asked for from so long before the last look, as clocks differ, and at first from so long ago.
OVERLAP, AT_FIRST = timedelta(minutes=10), timedelta(days=1)
AT_ONCE = 10
# Pages overlap, where issues change while they are read.
MOST = wire.PAGE * (wire.MOST_PAGES - 1)
MARK = re.compile(r"^Mark: (?P<mark>[0-9a-f-]{36})\s*$", re.MULTILINE)


def work(now: datetime, runtime: Runtime) -> int:
    """Ask the trackers not looked at lately; returns how many tickets have changed there."""
    with visibility.seen_by(visibility.EVERYTHING):
        with db.reading():
            found = [row.id for row in _due(now)]
        return sum(_look(tracker_id, now, runtime) for tracker_id in found)


def _due(now: datetime) -> list[Tracker]:
    has_tickets = select(Ticket.id).where(Ticket.tracker_id == Tracker.id).exists()
    due = select(Tracker).where(
        Tracker.is_enabled,
        or_(Tracker.looked_at.is_(None), Tracker.looked_at <= now - EVERY),
        has_tickets,
    )
    longest_ago = due.order_by(Tracker.looked_at.is_not(None), Tracker.looked_at, Tracker.id)
    return list(session().scalars(longest_ago.limit(AT_ONCE)))


def _look(tracker_id: int, now: datetime, runtime: Runtime) -> int:
    trouble, wait, issues = "", timedelta(), list[Issue]()
    try:
        with db.reading():
            tracker = trackers.found(tracker_id)
            host, service = trackers.host(tracker, runtime.vault), SERVICES[tracker.service]
            since = tracker.looked_to - OVERLAP if tracker.looked_to else now - AT_FIRST
        issues.extend(service.changed(host, since, runtime.egress))
    except Failed as failed:
        trouble, wait = failed.told, timedelta(seconds=exchange.wait_s(failed, clock.now()))
    except (Refused, Unreachable) as failed:
        trouble = str(failed)
    with db.transaction():
        row = session().get(Tracker, tracker_id)
        if row is None:
            return 0
        # Who asks to be left alone is asked that much later.
        row.looked_at = now + max(wait - EVERY, timedelta())
        was_troubled, row.trouble = bool(row.trouble), trouble[: exchange.LONGEST_TROUBLE]
        if not trouble:
            row.looked_to = _reached(issues, now)
            if was_troubled:
                queue.ask_again(row, now)
        return _ask(row, issues, now)


def _reached(issues: list[Issue], now: datetime) -> datetime:
    """Until when changes are known: to the last one that was listed, where there are more."""
    if len(issues) < MOST:
        return now
    try:
        last = datetime.fromisoformat(issues[-1].stamp)
    except ValueError:
        return now
    return last if last.tzinfo else now


def _ask(tracker: Tracker, issues: list[Issue], now: datetime) -> int:
    stamps = {issue.key: issue.stamp for issue in issues}
    known = select(Ticket).where(Ticket.tracker_id == tracker.id, Ticket.key.in_(stamps))
    changed = [one for one in session().scalars(known) if one.stamp != stamps[one.key][:50]]
    changed += _marked(tracker, issues)
    for ticket in changed:
        queue.ask(ticket, now)
    return len(changed)


def _marked(tracker: Tracker, issues: list[Issue]) -> list[Ticket]:
    """The tickets whose issue is there and not known here yet; what has the mark of another's is told."""
    marked = [(found["mark"], issue) for issue in issues if (found := MARK.search(issue.body))]
    its = select(Ticket).where(Ticket.tracker_id == tracker.id, Ticket.mark.in_({mark for mark, _ in marked}))
    known = {ticket.mark: ticket for ticket in session().scalars(its)} if marked else {}
    late = []
    for mark, issue in marked:
        ticket = known.get(mark)
        if ticket is None or ticket.key == issue.key:
            continue
        if not ticket.key:
            late.append(ticket)
        elif issue.state == OPEN:
            settlement.doubled(ticket, issue)
        elif ticket.twin == (issue.url or issue.shown):
            settlement.single(ticket)
    return late
