"""Metrics of the service: what `/metrics` tells, family by family.

A family of another kind (requests, queues) is a function of the time that gives gauges, named in `SOURCES`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from postmortems.followup import rules
from postmortems.followup.filters import NO_SERVICE
from postmortems.reports.services import counts
from postmortems.reports.services.counts import Counts
from postmortems.reports.services.exposition import Gauge

# By the end of a metric's name: the count, and what it is in words.
FIGURES: dict[str, tuple[Callable[[Counts], int], str]] = {
    "open": (lambda each: each.open, rules.is_open.__doc__ or ""),
    "overdue": (lambda each: each.overdue, rules.is_overdue.__doc__ or ""),
    "unproven": (lambda each: each.unproven, rules.is_unproven.__doc__ or ""),
}
EACH_ONCE = "Action items, each counted once. {}"
BY_SERVICE = (
    "Action items of incidents that hit the service; one of two services counts under both, "
    f"{NO_SERVICE} is where none is named. {{}}"
)
LEFT_OUT = f"Services beyond the {counts.MOST} with the most open action items, which have no series here."


def service_items(now: datetime) -> list[Gauge]:
    """Open, overdue and unproven action items, over all and by service."""
    found = counts.overview(now)
    gauges = []
    for name, (count, meaning) in FIGURES.items():
        every = (((), count(found.every)),)
        gauges.append(Gauge(f"postmortems_action_items_{name}", EACH_ONCE.format(meaning), every))
        each = tuple(
            ((("service", service or NO_SERVICE),), count(counted))
            for service, counted in found.by_service.items()
        )
        gauges.append(Gauge(f"postmortems_service_action_items_{name}", BY_SERVICE.format(meaning), each))
    return [*gauges, Gauge("postmortems_services_left_out", LEFT_OUT, (((), found.left_out),))]


SOURCES: tuple[Callable[[datetime], list[Gauge]], ...] = (service_items,)


def gauges(now: datetime) -> list[Gauge]:
    """All that there is to tell, in a fixed number of queries."""
    return [gauge for source in SOURCES for gauge in source(now)]
