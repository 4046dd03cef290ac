"""What is compared, called by turns, three rounds each, so that a noisy machine disturbs all alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import psutil

ROUNDS = 3
WARM_UP = 5
# What is slow is warm sooner.
WARM_UP_S = 2.0

Call = Callable[[], object]
# Seconds that have passed, or that processors have worked.
Clock = Callable[[], float]
Figures = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: figures a round, in milliseconds a call where `unit` says nothing else.

    `reference` is the plainest way, `then` another build of ours; each is empty where there is none.
    """

    number: str
    work: str
    database: str
    size: str
    ours: Figures
    reference: Figures
    goal: str
    then: Figures = ()
    unit: str = "ms"

    @property
    def speed(self) -> Figures:
        """The reference's figure divided by ours, round by round."""
        return _ratios(self.reference, self.ours)

    @property
    def times(self) -> Figures:
        """How often as fast (or as light) it is as it was then."""
        return _ratios(self.then, self.ours)


def _ratios(others: Figures, ours: Figures) -> Figures:
    return tuple(other / mine for mine, other in zip(ours, others, strict=True)) if others else ()


def side_by_side(ours: Call, reference: Call, *, seconds: float) -> tuple[Figures, Figures]:
    """The milliseconds a call takes, per round: of ours, of the reference."""
    mine, theirs = by_turns((ours, reference), seconds=seconds)
    return mine, theirs


def by_turns(calls: Sequence[Call], *, seconds: float, clock: Clock = perf_counter) -> list[Figures]:
    """The milliseconds that a call of each takes by the clock, per round of so many seconds that pass."""
    for call in calls:
        _warm_up(call)
    rounds = [[_mean(call, seconds, clock) for call in calls] for _ in range(ROUNDS)]
    return [tuple(one[place] for one in rounds) for place in range(len(calls))]


def _warm_up(call: Call) -> None:
    start = perf_counter()
    for _ in range(WARM_UP):
        call()
        if perf_counter() - start > WARM_UP_S:
            return


def _mean(call: Call, seconds: float, clock: Clock) -> float:
    start, begun, calls = perf_counter(), clock(), 0
    while perf_counter() - start < seconds:
        call()
        calls += 1
    return (clock() - begun) * 1000 / calls


def work_of(processes: Sequence[psutil.Process]) -> Clock:
    """A clock of the processors' seconds that this process, these and their children have worked."""

    def clock() -> float:
        live = [process, *(child for one in (process, *processes) for child in one.children(recursive=True))]
        return sum(map(_worked, {one.pid: one for one in (*processes, *live)}.values()))

    process = psutil.Process()
    return clock


def _worked(process: psutil.Process) -> float:
    try:
        # What its children that are gone worked, too.
        return sum(process.cpu_times()[:4])
    except psutil.NoSuchProcess:
        return 0.0


def spread(figures: Figures, form: str) -> str:
    """The median of the rounds with their least and greatest in brackets; a dash where there are none."""
    if not figures:
        return "–"
    middle, low, high = (f"{figure:{form}}" for figure in (median(figures), min(figures), max(figures)))
    return middle if low == high else f"{middle} ({low}–{high})"


HEAD = ("#", "work", "database", "items", "ours", "reference", "speed", "goal", "then", "times")


def table(rows: Sequence[Row], *, is_wide: bool = True) -> str:
    """The rows as a Markdown table, its columns one below the other where it is wide."""
    lines = [HEAD, *map(_cells, rows)]
    widths = [max(len(line[column]) if is_wide else 3 for line in lines) for column in range(len(HEAD))]
    return "\n".join(_drawn(lines, widths))


def _cells(row: Row) -> tuple[str, ...]:
    figures = (row.ours, row.reference, row.then)
    ours, reference, then = (
        f"{spread(some, ',.2f')}{f' {row.unit}' if some and row.unit != 'ms' else ''}" for some in figures
    )
    speed, times = spread(row.speed, ".2f"), spread(row.times, ".1f")
    return (row.number, row.work, row.database, row.size, ours, reference, speed, row.goal, then, times)


def _drawn(lines: Sequence[tuple[str, ...]], widths: Sequence[int]) -> Iterator[str]:
    for place, line in enumerate(lines):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        if place == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def growth(rows: Sequence[Row], *, is_wide: bool = True) -> str:
    """How often as long each row takes at its largest size as at its smallest; "" where there is one size."""
    by_work: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        by_work.setdefault((row.number, row.work, row.database), []).append(row)
    grown = [several for several in by_work.values() if len(several) > 1]
    lines = [("#", "work", "database", "items", "how often as long"), *map(_growth, grown)]
    widths = [max(len(line[column]) if is_wide else 3 for line in lines) for column in range(5)]
    return "\n".join(_drawn(lines, widths)) if grown else ""


def _growth(rows: list[Row]) -> tuple[str, ...]:
    first, last = rows[0], rows[-1]
    ratio = f"{median(last.ours) / median(first.ours):.2f}"
    return (first.number, first.work, first.database, f"{first.size} to {last.size}", ratio)
