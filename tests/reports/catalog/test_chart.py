"""Charts: round numbers beside the bars, all bars in their place, and nothing drawn of nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.reports.catalog import chart
from postmortems.reports.catalog.report import Bars

SCALES = {
    1: [0, 1],
    3: [0, 1, 2, 3],
    4: [0, 1, 2, 3, 4],
    5: [0, 2, 4, 6],
    9: [0, 5, 10],
    17: [0, 5, 10, 15, 20],
    21: [0, 10, 20, 30],
    1_000_000: [0, 500_000, 1_000_000],
}


@pytest.mark.parametrize("highest, wanted", SCALES.items())
def test_the_scale_has_round_numbers(highest: int, wanted: list[int]) -> None:
    assert chart.scale(highest) == wanted


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=2, max_size=130))
def test_bars_stand_on_one_line_side_by_side(pairs: list[tuple[int, int]]) -> None:
    drawn = chart.draw(Bars("t", "d", ("a", "b"), tuple((str(n), pair) for n, pair in enumerate(pairs))))

    if not any(map(any, pairs)):
        assert drawn is None
        return
    assert drawn is not None
    assert all(bar.y + bar.height == pytest.approx(drawn.bottom, abs=0.02) for bar in drawn.bars)
    assert all(bar.y >= chart.TOP - 0.02 for bar in drawn.bars)
    ends = [(bar.x, bar.x + bar.width) for bar in drawn.bars]
    assert all(end <= start + 0.01 for (_, end), (start, _) in pairwise(ends))
    assert ends[0][0] >= chart.LEFT
    assert ends[-1][1] <= 100
    assert len(drawn.labels) <= chart.MOST_LABELS


def test_what_is_not_there_is_not_drawn() -> None:
    assert chart.draw(Bars("t", "d", ("a",), ())) is None


def test_one_group_has_nothing_to_be_compared_with() -> None:
    assert chart.draw(Bars("t", "d", ("a", "b"), (("2026-10", (4, 1)),))) is None
