"""Ours and the reference by turns, three rounds each, so that a noisy machine disturbs both alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

ROUNDS = 3
WARM_UP = 5

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Times are milliseconds a call, one a round; `speed` is reference / ours."""

    number: str
    work: str
    database: str
    size: str
    ours: tuple[float, ...]
    reference: tuple[float, ...]
    goal: str

    @property
    def speed(self) -> tuple[float, ...]:
        return tuple(theirs / mine for mine, theirs in zip(self.ours, self.reference, strict=True))


def side_by_side(
    ours: Call, reference: Call, *, seconds: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The milliseconds a call takes, per round: of ours, of the reference."""
    for call in (ours, reference):
        for _ in range(WARM_UP):
            call()
    rounds = [(_mean(ours, seconds), _mean(reference, seconds)) for _ in range(ROUNDS)]
    return tuple(mine for mine, _ in rounds), tuple(theirs for _, theirs in rounds)


def _mean(call: Call, seconds: float) -> float:
    start, calls = perf_counter(), 0
    while perf_counter() - start < seconds:
        call()
        calls += 1
    return (perf_counter() - start) * 1000 / calls


def spread(figures: tuple[float, ...], form: str) -> str:
    """The median of the rounds with their least and greatest in brackets."""
    low, high = min(figures), max(figures)
    return f"{median(figures):{form}} ({low:{form}}–{high:{form}})"


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    head = ("#", "work", "database", "size", "ours, ms", "reference, ms", "speed", "goal")
    lines = [head] + [
        (
            row.number,
            row.work,
            row.database,
            row.size,
            spread(row.ours, ".2f"),
            spread(row.reference, ".2f"),
            spread(row.speed, ".2f"),
            row.goal,
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    texts.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(texts)
