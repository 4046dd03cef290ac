"""Business days: which days people work, and how days are counted from one to another. Pure.

The rule. The day that is counted from is not counted: day n is the n-th business day after it. Day 0 is that
day itself, or the next business day where nobody works on it. So Friday + 1 is Monday, Saturday + 0 is
Monday, and Saturday + 1 is Monday as well: it is the first business day that comes. Backwards it is the same
in a mirror. `between` undoes `after`: from Friday to Monday is 1.

A holiday is a day, whatever it is called. One that is observed on another day counts on that day, in the year
where that day falls: with 1 January 2028 on a Saturday, the United States rest on 31 December 2027.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import lru_cache

SATURDAY, SUNDAY = 5, 6
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days on which nobody works: `holidays`, and the weekdays (Monday is 0) of each weekend.

    All holidays are known to the end of the year `known_until`.
    """

    holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    known_until: int = MAXYEAR

    def is_business_day(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.holidays


ALL_DAYS = WorkCalendar(weekend=frozenset())


# Many items are counted from the same few days.
@lru_cache(maxsize=4_096)
def after(day: date, days: int, calendar: WorkCalendar) -> date:
    """The day so many business days after `day`; never later than the last day that a date can say."""
    return _counted(day, days, calendar, _next)


def before(day: date, days: int, calendar: WorkCalendar) -> date:
    """The day so many business days before `day`; never earlier than the first day that a date can say."""
    return _counted(day, days, calendar, _previous)


def between(first: date, last: date, calendar: WorkCalendar) -> int:
    """How many business days there are after `first` up to `last`, with it; 0 where it is not later."""
    return sum(calendar.is_business_day(first + DAY * number) for number in range(1, (last - first).days + 1))


def _counted(day: date, days: int, calendar: WorkCalendar, step: Callable[[date], date]) -> date:
    for _ in range(days):
        day = _first(step(day), calendar, step)
    return day if days else _first(day, calendar, step)


def _first(day: date, calendar: WorkCalendar, step: Callable[[date], date]) -> date:
    while not calendar.is_business_day(day) and step(day) != day:
        day = step(day)
    return day


def _next(day: date) -> date:
    return day if day == date.max else day + DAY


def _previous(day: date) -> date:
    return day if day == date.min else day - DAY
