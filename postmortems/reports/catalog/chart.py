"""A chart of bars, laid out. Pure.

Places across are shares of the width and those down pixels, so the chart fits any screen and its letters keep
their size. The template draws it; colours come from classes alone, for dark pages and paper.
"""

from __future__ import annotations

from dataclasses import dataclass

from postmortems.reports.catalog.report import Bars

# Pixels: the room of the bars, and above them that of the highest one's number.
HEIGHT, TOP = 150, 18
# Shares of the width, in per cent: between two groups, and left for the numbers of the scale.
GAP, LEFT = 0.3, 7.0
MOST_LABELS = 6
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """`series` counts from 1; `told` is read out and shown on pointing."""

    x: float
    width: float
    y: float
    height: float
    series: int
    told: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word below the bars, or a number of the scale beside them."""

    at: float
    label: str

    @property
    def length(self) -> int:
        return len(self.label)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The whole chart; `bottom` is where the bars stand, in pixels."""

    title: str
    told: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    labels: tuple[Mark, ...]
    scale: tuple[Mark, ...]
    bottom: int = TOP + HEIGHT


def draw(chart: Bars) -> Drawn | None:
    """The chart in its places; None where it would show nothing, or one group that has no other beside it."""
    if len(chart.groups) < 2:
        return None
    highest = max((value for _, values in chart.groups for value in values), default=0)
    if not highest > 0:
        return None
    marks = scale(highest)
    room = (100 - LEFT) / len(chart.groups)
    width = room * (1 - GAP) / len(chart.series)
    bars = []
    for place, (label, values) in enumerate(chart.groups):
        for number, value in enumerate(values):
            height = round(HEIGHT * value / marks[-1], 2)
            x = LEFT + room * (place + GAP / 2) + width * number
            told = f"{label}: {value:,.10g} {chart.series[number]}"
            y = round(TOP + HEIGHT - height, 2)
            bars.append(Bar(round(x, 3), round(width, 3), y, height, number + 1, told))
    every = -(-len(chart.groups) // MOST_LABELS)
    labels = [
        Mark(round(LEFT + room * (place + 0.5), 3), label)
        for place, (label, _) in enumerate(chart.groups)
        if place % every == 0
    ]
    lines = [Mark(round(TOP + HEIGHT * (1 - mark / marks[-1]), 2), f"{mark:,.10g}") for mark in marks]
    return Drawn(chart.title, chart.told, chart.series, tuple(bars), tuple(labels), tuple(lines))


def scale(highest: float) -> list[float]:
    """Round numbers from 0 to the highest or above it: at most four
    steps of 1, 2 or 5 times a power of ten."""
    power = 0
    while True:
        for step in (times * 10**power for times in STEPS):
            count = -(-highest // step)
            if count <= 4:
                return [step * n for n in range(int(count) + 1)]
        power += 1
