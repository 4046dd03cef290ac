"""Lists that are read by time: no issue is passed over, whatever changes or is deleted between two pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from postmortems.trackers import wire
from postmortems.trackers.issue import OPEN, Issue

BEGAN = datetime(2026, 3, 2, 10, tzinfo=UTC)
MANY = 250


def issue(number: int, at: datetime) -> Issue:
    return Issue(str(number), f"#{number}", "", "Alert", OPEN, stamp=at.isoformat())


class Hub:
    """A tracker whose issues changed at these seconds; `between` is called when a page was given out."""

    def __init__(self, seconds: list[int]) -> None:
        self.issues = [issue(number, BEGAN + timedelta(seconds=at)) for number, at in enumerate(seconds)]
        self.between: Callable[[], None] = lambda: None

    def read(self, since: datetime, page: int) -> tuple[list[Issue], int]:
        due = [each for each in self.issues if datetime.fromisoformat(each.stamp) >= since]
        due.sort(key=lambda each: each.stamp)
        found = due[(page - 1) * wire.PAGE : page * wire.PAGE]
        self.between()
        return found, len(found)

    def changed(self) -> list[str]:
        return [found.key for found in wire.following(self.read, BEGAN)]


def test_all_that_changed_is_told_once_the_longest_ago_first() -> None:
    assert Hub(list(range(MANY))).changed() == [str(number) for number in range(MANY)]


def test_of_many_that_changed_in_the_same_second_none_is_passed_over() -> None:
    assert len(set(Hub([0] * MANY).changed())) == MANY


def test_what_is_deleted_between_two_pages_hides_no_other() -> None:
    hub = Hub(list(range(MANY)))
    hub.between = lambda: hub.issues.pop(0) and None

    assert set(hub.changed()) == {str(number) for number in range(MANY)}


def test_what_changes_between_two_pages_hides_no_other_and_is_told_again() -> None:
    hub = Hub(list(range(MANY)))

    def change() -> None:
        first, *others = hub.issues
        late = (BEGAN + timedelta(hours=1)).isoformat()
        hub.issues = [*others, replace(first, stamp=late)]
        hub.between = lambda: None

    hub.between = change
    found = hub.changed()

    assert set(found) == {str(number) for number in range(MANY)}
    assert found.count("0") == 2


def test_a_list_without_end_is_left_for_the_next_turn() -> None:
    found = Hub(list(range(5_000))).changed()

    # Each page but the first begins with the last issue of the one before.
    assert len(found) == wire.PAGE * wire.MOST_PAGES - (wire.MOST_PAGES - 1)


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-03-02T10:00:00"])
def test_a_stamp_that_is_no_moment_stops_nothing(stamp: str) -> None:
    pages = [
        [replace(issue(number, BEGAN), stamp=f"{stamp}{number}"[:20]) for number in range(wire.PAGE)],
        [],
    ]

    def read(since: datetime, page: int) -> tuple[list[Issue], int]:
        assert since == BEGAN
        return pages[page - 1], len(pages[page - 1])

    assert len(list(wire.following(read, BEGAN))) == wire.PAGE
