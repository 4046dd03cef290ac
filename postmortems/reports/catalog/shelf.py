"""Which reports there are, by the names that their addresses have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from postmortems.errors import NotFound
from postmortems.reports.catalog import ages, flow
from postmortems.reports.catalog.report import Report
from postmortems.reports.catalog.scope import Scope

# Each with its title, what it answers, and how it is made.
REPORTS: dict[str, tuple[str, str, Callable[[Scope, datetime], Report]]] = {
    "ageing": (
        ages.TITLE,
        "How long do open process fixes wait, and how old are the oldest?",
        ages.report,
    ),
    "flow": (flow.TITLE, "Do we close process fixes as fast as we open them?", flow.report),
}


def report(name: str, scope: Scope, now: datetime) -> Report:
    """The report of that name. Raises `NotFound`."""
    if name not in REPORTS:
        raise NotFound(f"there is no report {name}; there are {', '.join(REPORTS)}")
    return REPORTS[name][2](scope, now)
