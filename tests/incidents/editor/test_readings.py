"""A timeline in the order of its times: what cannot be read stays behind what it followed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document.model import Document, Entry, Prose, Section
from postmortems.incidents.editor import form, readings

HOURS = st.lists(st.one_of(st.none(), st.integers(0, 23)), max_size=12)


def at(hour: int | None) -> datetime | None:
    return None if hour is None else datetime(2026, 3, 4, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "hours, order",
    [
        ([], []),
        ([3, 1, 2], [1, 2, 0]),
        # Equal times keep their order.
        ([2, 1, 2, 1], [1, 3, 0, 2]),
        # Without a time: behind the row before it, wherever that goes; in front, if none was before it.
        ([3, None, None, 1], [3, 0, 1, 2]),
        ([None, 2, 1], [0, 2, 1]),
        ([None, None], [0, 1]),
    ],
)
def test_rows_are_put_in_order(hours: list[int | None], order: list[int]) -> None:
    assert readings.by_time(range(len(hours)), [at(hour) for hour in hours]) == order


@given(HOURS)
def test_sorting_keeps_every_row_and_is_done_after_once(hours: list[int | None]) -> None:
    times = [at(hour) for hour in hours]
    order = readings.by_time(range(len(hours)), times)

    assert sorted(order) == list(range(len(hours)))
    assert readings.by_time(order, [times[place] for place in order]) == order


def values(*blocks: Entry | Prose, zone: str = "") -> form.Values:
    document = Document(
        title="It broke",
        date=date(2026, 3, 4),
        timezone=zone,
        sections=(Section("Timeline", blocks),),
    )
    return form.complete(form.to_values(document))


def said(sorted_values: form.Values) -> list[str]:
    return [block.get("written") or block["text"] for block in sorted_values["sections"][0]["blocks"]]


@pytest.mark.parametrize(
    "blocks, order",
    [
        ([Entry("12:00"), Entry("09:00")], ["09:00", "12:00"]),
        ([Entry("12:00"), Prose("Of noon."), Entry("09:00")], ["09:00", "12:00", "Of noon."]),
        # The same clock in other zones: what came first counts.
        (
            [Entry("2026-03-04 12:00 PST"), Entry("2026-03-04 13:00 UTC")],
            ["2026-03-04 13:00 UTC", "2026-03-04 12:00 PST"],
        ),
        (
            [Entry("2026-03-05"), Entry("2026-03-04 13:00"), Entry("soon")],
            ["2026-03-04 13:00", "soon", "2026-03-05"],
        ),
    ],
)
def test_a_section_is_sorted_by_how_its_times_are_read(blocks: list[Entry | Prose], order: list[str]) -> None:
    assert said(readings.sort(values(*blocks, zone="Europe/Berlin"), 0)) == order


@pytest.mark.parametrize("section", [1, 99999])
def test_a_section_that_is_not_there_is_not_sorted(section: int) -> None:
    assert said(readings.sort(values(Entry("12:00"), Entry("09:00")), section)) == ["12:00", "09:00"]
