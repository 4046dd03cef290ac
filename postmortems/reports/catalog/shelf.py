"""Which reports there are, by the names that their addresses have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from postmortems.errors import NotFound
from postmortems.reports.catalog import (
    ages,
    causes,
    change_failures,
    closure,
    flow,
    funnel,
    guard_blocks,
    recurrence,
    response_times,
    unwritten,
)
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
    "unwritten": (unwritten.TITLE, "Which incidents still wait for their report?", unwritten.report),
    "response-times": (
        response_times.TITLE,
        "How long until incidents are detected, mitigated and over?",
        response_times.report,
    ),
    "recurrence": (recurrence.TITLE, "How many incidents happened before?", recurrence.report),
    "causes": (causes.TITLE, "What do incidents have in common, by their tags?", causes.report),
    "policy": (closure.TITLE, "Are process fixes done by their due date?", closure.report),
    "funnel": (funnel.TITLE, "How many process fixes do guards hold in place?", funnel.report),
    "guards": (guard_blocks.TITLE, "Do guards stop what they should, and nothing else?", guard_blocks.report),
    "change-failures": (
        change_failures.TITLE,
        "Do changes of guarded targets end in fewer incidents than those of others?",
        change_failures.report,
    ),
}


def report(name: str, scope: Scope, now: datetime) -> Report:
    """The report of that name. Raises `NotFound`."""
    if name not in REPORTS:
        raise NotFound(f"there is no report {name}; there are monthly, {', '.join(REPORTS)}")
    return REPORTS[name][2](scope, now)
