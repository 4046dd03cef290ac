"""The timeline as a chart: where each entry and phase lies between first and last. Pure.

Pure: entries in, positions out, in per cent of the width. The template draws them; nothing here knows SVG.
Places and lengths are those of instants, so clocks that change and entries in other zones stand right;
labels and marks are what the clocks of the chart's zone showed.

Phases come from the kinds of the entries: it started with the first trigger (without one, the first
change), was detected with the first detection or escalation after that, mitigated with the first mitigation,
and over with the last recovery.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from postmortems.document.times import zones

# Steps between the marks of the scale, in minutes; the first that needs few enough marks is taken.
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200, 525600)
MOST_TICKS = 6
# Keeps the first and the last dot inside the chart.
MARGIN = 2.0


class TimedEntry(Protocol):
    """What is drawn of an entry: a row of the timeline with its reading."""

    written: str
    title: str
    kind: str
    precision: str
    at: datetime | None
    instant: datetime | None
    zone: str


@dataclass(frozen=True, slots=True)
class _Placed:
    """An entry that is drawn: `at` is where, in UTC, `label` what the clocks showed."""

    at: datetime
    number: int
    entry: TimedEntry
    label: str


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
class Chart:
    dots: tuple[Dot, ...]
    phases: tuple[Phase, ...]
    ticks: tuple[Tick, ...]
    # Milestones in words: ("detected", "16:11", "41 min after the start").
    milestones: tuple[tuple[str, str, str], ...]


def zone_of(entries: Sequence[TimedEntry], timezone: str) -> tzinfo:
    """The zone of the chart's clocks: the incident's, else the first that an entry has, else UTC."""
    words = (timezone, *(entry.zone for entry in entries))
    return next((zone for each in words if each and (zone := zones.known(each))), UTC)


def draw(entries: Sequence[TimedEntry], zone: tzinfo) -> Chart | None:
    """The chart; None where fewer than two entries have a time of day, or all have the same."""
    placed = _placed(entries, zone)
    if len(placed) < 2:
        return None
    first, last = min(each.at for each in placed), max(each.at for each in placed)
    if first == last:
        return None
    scale = _Scale(first, last, zone)
    dots = tuple(Dot(scale.x(each.at), each.number, each.entry.kind, _label(each)) for each in placed)
    milestones = _milestones(placed)
    return Chart(dots, _phases(milestones, scale), _ticks(scale), _in_words(milestones))


def moments(entries: Sequence[TimedEntry], zone: tzinfo) -> dict[str, datetime]:
    """When it started, was detected, mitigated and resolved, as the chart has it; without what is unknown."""
    return {name: each.at for name, each in _milestones(_placed(entries, zone))}


def _placed(entries: Sequence[TimedEntry], zone: tzinfo) -> list[_Placed]:
    """The entries that have a time of day, each with what the clocks of the zone showed."""
    timed = [(number, entry, entry.at) for number, entry in enumerate(entries, 1) if entry.precision != "day"]
    known = [(number, entry, at) for number, entry, at in timed if at is not None]
    if not known:
        return []
    instants = [_place(entry, at, zone) for _, entry, at in known]
    local = [_local(at, zone) for at in instants]
    days = min(local).date() != max(local).date()
    return [
        _Placed(instant, number, entry, _clock(at, days))
        for (number, entry, _), instant, at in zip(known, instants, local, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Scale:
    first: datetime
    last: datetime
    zone: tzinfo

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(MARGIN + share * (100 - 2 * MARGIN), 2)


def _place(entry: TimedEntry, at: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC. A time without one is taken by the incident's clocks."""
    if entry.instant:
        return entry.instant.astimezone(UTC)
    try:
        return at.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)


def _local(at: datetime, zone: tzinfo) -> datetime:
    """What the zone's clocks show; at the ends of the calendar, what UTC's do."""
    try:
        return at.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return at.replace(tzinfo=None)


def _label(placed: _Placed) -> str:
    return " ".join(f"{placed.label} {placed.entry.kind} {placed.entry.title}".split())


def _milestones(placed: list[_Placed]) -> list[tuple[str, _Placed]]:
    def first(*kinds: str, since: datetime | None = None) -> _Placed | None:
        found = (each for each in placed if each.entry.kind in kinds and (since is None or each.at >= since))
        return min(found, key=lambda each: each.at, default=None)

    started = first("trigger") or first("change")
    if started is None:
        return []
    found = [("started", started)]
    over = (each for each in placed if each.entry.kind == "recovery" and each.at >= started.at)
    for name, milestone in (
        ("detected", first("detection", "escalation", since=started.at)),
        ("mitigated", first("mitigation", since=started.at)),
        ("resolved", max(over, key=lambda each: each.at, default=None)),
    ):
        if milestone is not None and milestone.at >= found[-1][1].at:
            found.append((name, milestone))
    return found


def _phases(milestones: list[tuple[str, _Placed]], scale: _Scale) -> tuple[Phase, ...]:
    phases = []
    for (_, since), (name, until) in itertools.pairwise(milestones):
        x = scale.x(since.at)
        width = round(max(scale.x(until.at) - x, 0.4), 2)
        phases.append(Phase(name, x, width, span(until.at - since.at)))
    return tuple(phases)


def _in_words(milestones: list[tuple[str, _Placed]]) -> tuple[tuple[str, str, str], ...]:
    if not milestones:
        return ()
    started = milestones[0][1]
    told = [("started", started.label, "")]
    told += [(name, each.label, f"after {span(each.at - started.at)}") for name, each in milestones[1:]]
    return tuple(told)


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    """Marks at whole steps of the incident's clocks, each with what they show then."""
    minutes = (scale.last - scale.first).total_seconds() / 60
    step = next((step for step in STEPS_MIN if minutes / step <= MOST_TICKS - 1), STEPS_MIN[-1])
    local = _local(scale.first, scale.zone)
    passed = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 60
    begin = scale.first + timedelta(minutes=-(-passed // step) * step - passed)
    count = int((scale.last - begin) / timedelta(minutes=step)) + 1 if begin <= scale.last else 0
    marks = [begin + timedelta(minutes=step * n) for n in range(count)]
    form = "%m-%d" if step >= 1440 else "%H:%M"
    return tuple(Tick(scale.x(at), _local(at, scale.zone).strftime(form)) for at in marks)


def _clock(at: datetime, days: bool) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if days else f"{at:%H:%M}"


def span(length: timedelta) -> str:
    """`41 min`, `1 h 5 min`, `3 d 4 h`: the two coarsest units."""
    minutes = round(length.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2]) or "0 min"
