"""Response times: how long it took to detect, mitigate and resolve, as timelines tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.incidents import timeline_chart
from postmortems.incidents.models import Entry, Section
from postmortems.incidents.queries import NO_SEVERITY, Filters
from postmortems.reports.catalog import incidents
from postmortems.reports.catalog.incidents import ALL_SEVERITIES, Told
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope

TITLE = "Response times"
DEFINITION = (
    "Minutes from the start of an incident to its detection, mitigation and end, by the kinds of the "
    "entries of its timeline: it starts with the first trigger, without one with the first change; it is "
    "detected with the first detection or escalation after that, mitigated with the first mitigation, and "
    "over with the last recovery. An entry without a time of day counts for nothing. Without a first day it "
    "is the last twelve months."
)
# By the milestone that it ends with: what one waits for.
WAITS = {"detected": "detect", "mitigated": "mitigate", "resolved": "resolve"}
KINDS = ("trigger", "change", "detection", "escalation", "mitigation", "recovery")
# (label, below so many minutes)
SPANS = (("< 5 min", 5), ("< 15", 15), ("< 60", 60), ("< 4 h", 240), ("< 1 day", 1440), ("longer", None))
COLUMNS = (
    Column("of", "Of", is_number=False),
    Column("until", "Time to", is_number=False),
    Column("measured", "Incidents"),
    Column("median", "Median"),
    Column("p90", "90th"),
    Column("longest", "Longest"),
)
AT_ONCE = 1000

Minutes = Mapping[str, Sequence[float]]


@dataclass(slots=True)
class Read:
    """What is read of an entry of a timeline, as `timeline_chart` looks at it."""

    incident_id: int
    written: str
    title: str
    kind: str
    precision: str
    at: datetime | None
    instant: datetime | None
    zone: str


@dataclass(frozen=True, slots=True)
class Timed:
    """An incident with the minutes from its start to each milestone; None where no start can be told."""

    told: Told
    minutes: Mapping[str, float] | None


def report(scope: Scope, now: datetime) -> Report:
    """Of each severity and month, and of all: how many could be measured, and how long it took."""
    base = incidents.lately(scope, now)
    found, notes = incidents.newest(base)
    timed = _timed(found)
    everything = _minutes(timed)
    return Report(
        name="response-times",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(_rows(timed, base)),
        figures=_figures(everything, incidents.behind(base)),
        chart=Bars(
            "Incidents by how long it took, from the start",
            ", ".join(f"{len(everything[name])} with a time to {WAITS[name]}" for name in WAITS),
            tuple(f"to {word}" for word in WAITS.values()),
            tuple(
                (label, tuple(_within(everything[name], place) for name in WAITS))
                for place, (label, _) in enumerate(SPANS)
            ),
        ),
        notes=notes + _missing(timed),
    )


def percentile(minutes: Sequence[float], share: int) -> float | None:
    """The nearest-rank percentile of minutes: the least that `share` in a hundred do not pass."""
    if not minutes:
        return None
    return sorted(minutes)[max(0, -(-len(minutes) * share // 100) - 1)]


def _timed(found: Sequence[Told]) -> list[Timed]:
    entries: defaultdict[int, list[Read]] = defaultdict(list)
    for start in range(0, len(found), AT_ONCE):
        wanted = (
            select(Section.incident_id, Entry.written, Entry.title, Entry.kind)
            .add_columns(Entry.precision, Entry.at, Entry.instant, Entry.zone)
            .join(Section, Section.id == Entry.section_id)
            .where(
                Section.incident_id.in_([one.id for one in found[start : start + AT_ONCE]]),
                Entry.kind.in_(KINDS),
            )
        )
        for row in session().execute(wanted):
            entries[row[0]].append(Read(*row))
    return [Timed(one, _of_timeline(entries.get(one.id, ()), one.timezone)) for one in found]


def _of_timeline(entries: Sequence[Read], timezone: str) -> Mapping[str, float] | None:
    moments = timeline_chart.moments(entries, timeline_chart.zone_of(entries, timezone))
    if "started" not in moments:
        return None
    started = moments["started"]
    return {name: (moments[name] - started).total_seconds() / 60 for name in WAITS if name in moments}


def _minutes(timed: Iterable[Timed]) -> Minutes:
    known = [one.minutes for one in timed if one.minutes is not None]
    return {name: [each[name] for each in known if name in each] for name in WAITS}


def _rows(timed: Sequence[Timed], base: Filters) -> Iterable[tuple[Cell, ...]]:
    yield from _group("all", timed, base)
    for severity in ALL_SEVERITIES:
        those = [one for one in timed if (one.told.severity or NO_SEVERITY) == severity]
        if those:
            filters = replace(base, severity=severity)
            yield from _group(incidents.severity_words(severity), those, filters)
    for month in sorted({one.told.month for one in timed}):
        those = [one for one in timed if one.told.month == month]
        yield from _group(month, those, incidents.of_month(base, month))


def _group(label: str, timed: Sequence[Timed], filters: Filters) -> Iterable[tuple[Cell, ...]]:
    """A row for each wait that any of these incidents has."""
    for name, minutes in _minutes(timed).items():
        if minutes:
            numbers = (len(minutes), *(_round(percentile(minutes, share)) for share in (50, 90, 100)))
            yield Cell(label, incidents.behind(filters)), Cell(WAITS[name]), *map(Cell, numbers)


def _figures(minutes: Minutes, rows: str) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            name,
            f"Median time to {word}, in minutes",
            _round(percentile(minutes[name], 50)),
            f"Half of the incidents with a time to {word} took no longer; none where none has one.",
            rows,
        )
        for name, word in WAITS.items()
    )


def _within(minutes: Sequence[float], place: int) -> int:
    low = SPANS[place - 1][1] if place else None
    high = SPANS[place][1]
    return sum((low is None or one >= low) and (high is None or one < high) for one in minutes)


def _round(minutes: float | None) -> float | None:
    return None if minutes is None else round(minutes, 1)


def _missing(timed: Sequence[Timed]) -> tuple[str, ...]:
    """Of how many incidents what cannot be told, and why."""
    told = []
    started = [one.minutes for one in timed if one.minutes is not None]
    if len(started) < len(timed):
        told.append(
            f"Nothing is measured of {len(timed) - len(started):,} of {len(timed):,} incidents: their "
            "timelines name no trigger and no change with a time of day."
        )
    for name, kind in (("detected", "detection"), ("mitigated", "mitigation"), ("resolved", "recovery")):
        lacking = sum(name not in minutes for minutes in started)
        if lacking:
            told.append(
                f"The time to {WAITS[name]} is unknown for {lacking:,} of {len(started):,} that start: their "
                f"timelines have no {kind} with a time of day, or it comes before the milestone before it."
            )
    return tuple(told)
