"""The timeline as a drawing: where each entry and each phase stands between the first and the last time.

Pure: entries in, positions out, in per cent of the width. The template draws them; nothing here knows SVG.

Phases come from the kinds of the entries: it started with the first trigger (without one, the first
change), was detected with the first detection or escalation after that, mitigated with the first mitigation,
and over with the last recovery.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

# Steps between the marks of the scale, in minutes; the first that needs few enough marks is taken.
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200, 525600)
MOST_TICKS = 6
# Keeps the first and the last dot inside the drawing.
MARGIN = 2.0


class TimedEntry(Protocol):
    """What is drawn of an entry: a row of the timeline with its reading."""

    written: str
    title: str
    kind: str
    precision: str
    at: datetime | None
    instant: datetime | None


@dataclass(frozen=True, slots=True)
class Dot:
    """`number` is the entry's place among all entries, from 1: the anchor to jump to."""

    x: float
    number: int
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Phase:
    """From `x`, `width` wide; `lasted` in words; `name` says what was awaited."""

    name: str
    x: float
    width: float
    lasted: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    dots: tuple[Dot, ...]
    phases: tuple[Phase, ...]
    ticks: tuple[Tick, ...]
    # Milestones in words: ("detected", "16:11", "41 min after the start").
    milestones: tuple[tuple[str, str, str], ...]


def draw(entries: Sequence[TimedEntry], zone: tzinfo) -> Drawing | None:
    """The drawing; None where fewer than two entries have a time of day, or all have the same."""
    timed = [(_local(entry, zone), number, entry) for number, entry in enumerate(entries, 1)]
    placed = [(at, number, entry) for at, number, entry in timed if at is not None]
    if len(placed) < 2:
        return None
    first, last = min(at for at, _, _ in placed), max(at for at, _, _ in placed)
    if first == last:
        return None
    scale = _Scale(first, last)
    days = first.date() != last.date()
    dots = tuple(
        Dot(scale.x(at), number, entry.kind, _label(at, days, entry)) for at, number, entry in placed
    )
    milestones = _milestones([(at, entry.kind) for at, _, entry in placed])
    return Drawing(dots, _phases(milestones, scale), _ticks(scale, days), _in_words(milestones, days))


@dataclass(frozen=True, slots=True)
class _Scale:
    first: datetime
    last: datetime

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(MARGIN + share * (100 - 2 * MARGIN), 2)


def _local(entry: TimedEntry, zone: tzinfo) -> datetime | None:
    """The entry's wall clock time in the incident's zone; entries that only name a day are not drawn."""
    if entry.precision == "day" or entry.at is None:
        return None
    return entry.instant.astimezone(zone).replace(tzinfo=None) if entry.instant else entry.at


def _label(at: datetime, days: bool, entry: TimedEntry) -> str:
    return " ".join(f"{_clock(at, days)} {entry.kind} {entry.title}".split())


def _milestones(timed: list[tuple[datetime, str]]) -> list[tuple[str, datetime]]:
    def first(*kinds: str, since: datetime | None = None) -> datetime | None:
        return min(
            (at for at, kind in timed if kind in kinds and (since is None or at >= since)), default=None
        )

    started = first("trigger") or first("change")
    if started is None:
        return []
    found = [("started", started)]
    over = max((at for at, kind in timed if kind == "recovery" and at >= started), default=None)
    for name, at in (
        ("detected", first("detection", "escalation", since=started)),
        ("mitigated", first("mitigation", since=started)),
        ("resolved", over),
    ):
        if at is not None and at >= found[-1][1]:
            found.append((name, at))
    return found


def _phases(milestones: list[tuple[str, datetime]], scale: _Scale) -> tuple[Phase, ...]:
    phases = []
    for (_, since), (name, until) in itertools.pairwise(milestones):
        x = scale.x(since)
        phases.append(Phase(name, x, round(max(scale.x(until) - x, 0.4), 2), span(until - since)))
    return tuple(phases)


def _in_words(milestones: list[tuple[str, datetime]], days: bool) -> tuple[tuple[str, str, str], ...]:
    if not milestones:
        return ()
    started = milestones[0][1]
    told = [("started", _clock(started, days), "")]
    told += [(name, _clock(at, days), f"after {span(at - started)}") for name, at in milestones[1:]]
    return tuple(told)


def _ticks(scale: _Scale, days: bool) -> tuple[Tick, ...]:
    minutes = (scale.last - scale.first).total_seconds() / 60
    step = next((step for step in STEPS_MIN if minutes / step <= MOST_TICKS - 1), STEPS_MIN[-1])
    midnight = scale.first.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = int((scale.first - midnight).total_seconds() // 60)
    begin = midnight + timedelta(minutes=-(-passed // step) * step)
    count = int((scale.last - begin) / timedelta(minutes=step)) + 1 if begin <= scale.last else 0
    marks = [begin + timedelta(minutes=step * n) for n in range(count)]
    return tuple(Tick(scale.x(at), f"{at:%m-%d}" if step >= 1440 else f"{at:%H:%M}") for at in marks)


def _clock(at: datetime, days: bool) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if days else f"{at:%H:%M}"


def span(length: timedelta) -> str:
    """`41 min`, `1 h 5 min`, `3 d 4 h`: the two coarsest units."""
    minutes = round(length.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2]) or "0 min"
