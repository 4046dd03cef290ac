"""The simulation: day after day of a company, with a worker's round each evening, and figures each month."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from time import perf_counter

from postmortems import clock
from tests.bench.year import checks, company, rounds
from tests.bench.year.company import Company
from tests.bench.year.days import Days, Mix
from tests.bench.year.figures import Figures
from tests.loopback import http, listening
from tests.notify.mail.sink import sink

# A Monday.
BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
A_DAY, A_MONTH = timedelta(days=1), 30
PAGES = {
    "the list of items": "/action-items",
    "the process-fixes report": "/reports/process-fixes",
    "Home": "/",
}
LOOKS = 7


def simulate(
    url: str, mix: Mix, days: int, *, keep_days: int = 400, server: int | None = None, ends_s: float = 1e9
) -> tuple[Figures, list[str]]:
    """The figures of so many days in a database that has its tables, and what does not hold at their end.

    It ends after `ends_s` seconds at the latest, on the evening of the day that it is at.
    """
    figures, began = Figures(server), perf_counter()
    with ExitStack() as stack:
        place = stack.enter_context(listening(http(b"up")))
        mail = stack.enter_context(sink())
        stack.enter_context(clock.frozen_at(BEGINS))
        made = company.found(url, mix.people, place.url(), mail.url, keep_days)
        worker = stack.enter_context(rounds.working(made.app.extensions["runtime"]))
        passing, number, now = Days(made, mix, figures), 0, BEGINS
        is_over = False
        while not is_over:
            midnight = BEGINS + number * A_DAY
            passing.pass_one(number, midnight)
            number, now = number + 1, midnight + A_DAY - timedelta(minutes=1)
            is_over = number >= days or perf_counter() - began > ends_s
            with clock.frozen_at(now):
                with figures.measured("a round of the worker"):
                    worker.work()
                if number % A_MONTH == 0 or is_over:
                    figures.tidy()
                    _look(made, passing.newest, figures, now)
                    figures.end_month(number, url)
                    took = perf_counter() - began
                    told = f"  day {number} of {days}, {took:.0f} s, {len(mail.came):,} mails"
                    print(told, file=sys.stderr, flush=True)
        with clock.frozen_at(now):
            # Looking at pages is noted, too.
            worker.work()
            return figures, [*worker.troubles, *checks.faults(now)]


def _look(made: Company, newest: str, figures: Figures, now: datetime) -> None:
    opened = made.browser(now)
    pages = PAGES | ({"an incident page": f"/incidents/{newest}"} if newest else {})
    for work, path in pages.items():
        for _ in range(LOOKS):
            with figures.measured(work):
                opened(path)
