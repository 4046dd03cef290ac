"""Keeps the report of the month that is over: once, of what everybody may see."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db.session import insert, session
from postmortems.reports.catalog.scope import Scope
from postmortems.reports.monthly import contents, month, stored_form
from postmortems.reports.monthly.models import KeptMonth
from postmortems.reports.monthly.month import Month


def keep_last(now: datetime) -> KeptMonth | None:
    """Keep the report of the last month that is over; None where it is kept, or nothing was here in it.

    Earlier months that were missed, as no worker ran, are not kept: what was overdue at their end is not
    known any more.
    """
    last = month.of(now.astimezone(UTC).date()).before
    if session().get(KeptMonth, last.name) is not None or not _had_begun(last):
        return None
    return keep(last, now)


def keep(of: Month, now: datetime) -> KeptMonth:
    """Keep the report of a month as of now. In the eyes of nobody in particular: all may read it.

    Where another kept it at the same time, it is that one's.
    """
    with visibility.seen_by(visibility.NOBODY):
        report = contents.compiled(of, Scope(), now)
    row = KeptMonth(month=of.name, as_of=now, contents=stored_form.written(report))
    try:
        with session().begin_nested():
            insert(row)
    except IntegrityError:
        return session().get_one(KeptMonth, of.name)
    audit.record(Actor.system("worker"), "report.kept", "report", f"monthly/{of.name}")
    return row


def _had_begun(of: Month) -> bool:
    """Whether anything had happened here before the month was over."""
    with visibility.seen_by(visibility.EVERYTHING):
        first = session().scalar(select(Event.at).order_by(Event.id).limit(1))
    return first is not None and first.astimezone(UTC).date() <= of.last
