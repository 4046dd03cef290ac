"""Queries of months: the report of one, as it was kept or as of now, and which are kept."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.reports.catalog.scope import Scope
from postmortems.reports.monthly import contents, stored_form
from postmortems.reports.monthly.contents import Monthly
from postmortems.reports.monthly.models import KeptMonth
from postmortems.reports.monthly.month import Month

MOST_MONTHS = 240


def report(month: Month, scope: Scope, now: datetime) -> Monthly:
    """The report of a month as it was kept; where it was not, or is narrowed, as of now."""
    found = None if scope.is_narrowed else kept(month)
    return found or contents.compiled(month, scope, now)


def kept(month: Month) -> Monthly | None:
    """The report of a month as it was kept."""
    row = session().get(KeptMonth, month.name)
    return read(row) if row is not None else None


def read(row: KeptMonth) -> Monthly:
    """The report that a row keeps."""
    month = Month(date.fromisoformat(f"{row.month}-01"))
    return stored_form.read(month, row.as_of, row.contents)


def kept_months() -> list[tuple[str, datetime]]:
    """The months that are kept, and as of when, newest first."""
    rows = select(KeptMonth.month, KeptMonth.as_of).order_by(KeptMonth.month.desc()).limit(MOST_MONTHS)
    return [(month, as_of) for month, as_of in session().execute(rows)]
