"""Recounts: whether tallies, sums and marks are what the incidents give now, and mending where they are not.

`mend` opens its units of work itself, a batch of incidents each, so that nobody else waits long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import select

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.tallies import operations, team_changes
from postmortems.gate.tallies.operations import Row
from postmortems.gate.tallies.parts import Counts
from postmortems.incidents.models import Incident
from postmortems.incidents.tallies.models import Tally, TallyGuard, TallyPlace, TallySum, TallyTarget

# Told how many of how many incidents are done.
Progress = Callable[[int, int], object]


def nobody(_done: int, _all: int) -> None:
    """Progress that nobody wants to know."""


def differences(progress: Progress = nobody) -> Iterator[str]:
    """What is kept and is not what a recount gives, each in a sentence; in this unit of work."""
    sums: Counts = Counter()
    with visibility.seen_by(visibility.EVERYTHING):
        for ids in _batches(progress):
            stored, derived = operations.stored(ids), operations.derive(ids)
            for one in ids:
                sums.update(operations.counts(derived.get(one)))
                yield from _of_tally(one, stored.get(one), derived.get(one))
            yield from _of_marks(ids, derived)
    if waiting := team_changes.waiting():
        told = "the worker does that, and what differs may be theirs"
        yield f"{waiting} changes of teams wait to be counted: {told}"
    kept = _kept_sums()
    for key in sorted(kept.keys() | sums.keys()):
        if kept.get(key, 0) != sums.get(key, 0) or (key in kept and not kept[key]):
            what, name, part = key
            told = " ".join(filter(None, (what, name, part)))
            yield f"the sum {told} is kept as {kept.get(key, 0)}, and {sums.get(key, 0)} are counted"


def mend(progress: Progress = nobody) -> None:
    """Work out every tally anew, and the sums from them; what is right already is not touched."""
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        batches = list(_batches(nobody))
    count, done = sum(map(len, batches)), 0
    for ids in batches:
        with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
            operations.touch("incidents", ids)
            db.catch_up()
            operations.mark_anew(ids)
        done += len(ids)
        progress(done, count)
    with db.transaction():
        mend_sums()
    team_changes.work()


def fill(progress: Progress = nobody) -> None:
    """Work out every tally in this unit of work: for tables that are just made."""
    with visibility.seen_by(visibility.EVERYTHING):
        for ids in _batches(progress):
            operations.restate({"incidents": ids})


def mend_sums() -> None:
    """Make the sums what the stored tallies add up to."""
    db.take_turns(operations.TURN)
    sums: Counts = Counter()
    listed = select(Tally.counted, Tally.sliced).where(Tally.is_restricted.is_(False))
    for row in session().connection().execute(listed):
        sums.update(operations.parts_of(row.counted, row.sliced))
    sums.subtract(_kept_sums())
    operations.add(sums)


def _batches(progress: Progress) -> Iterator[list[int]]:
    """The ids of incidents, and of tallies whose incident is gone."""
    ids = {row[0] for of in (Incident.id, Tally.incident_id) for row in db.rows(select(of))}
    ordered = sorted(ids)
    for start in range(0, len(ordered), operations.BATCH):
        some = ordered[start : start + operations.BATCH]
        yield some
        progress(start + len(some), len(ordered))


def _of_tally(one: int, stored: Row | None, derived: Row | None) -> Iterator[str]:
    if stored == derived:
        return
    if derived is None:
        yield f"the tally of incident {one} is kept, and there is no such incident"
    elif stored is None:
        yield f"the tally of incident {one} is missing"
    else:
        names = [name for name in operations.COLUMNS if stored[name] != derived[name]]
        yield f"the tally of incident {one} differs in {', '.join(names)}"


def _of_marks(ids: Sequence[int], derived: dict[int, Row]) -> Iterator[str]:
    rows = derived.items()
    targets = {(one, at, row["coverage"], row["occurred_on"]) for one, row in rows for at in row["targets"]}
    guards = {(one, slug) for one, row in rows for slug in row["drilled"]}
    listed = [mark for row in derived.values() for mark in operations.MARKS_OF[TallyPlace](row)]
    names = ("place", "severity", "occurred_on", "could_recur", "report")
    places = {(mark["incident_id"], *(mark[name] for name in names)) for mark in listed}
    yield from _differing("targets", TallyTarget, ("target", "coverage", "occurred_on"), ids, targets)
    yield from _differing("guards", TallyGuard, ("slug",), ids, guards)
    yield from _differing("services and teams", TallyPlace, names, ids, places)


def _differing(
    what: str, marks: type[db.Base], names: Sequence[str], ids: Sequence[int], derived: set[Any]
) -> Iterator[str]:
    columns = marks.__table__.c
    kept = select(columns.incident_id, *(columns[name] for name in names))
    stored = {tuple(row) for row in db.rows(kept.where(columns.incident_id.in_(ids)))}
    for one in sorted({mark[0] for mark in stored ^ derived}):
        yield f"the marks of {what} of incident {one} differ"


def _kept_sums() -> dict[tuple[str, str, str], int]:
    rows: list[list[Any]] = [
        list(row) for row in db.rows(select(TallySum.what, TallySum.name, TallySum.part, TallySum.count))
    ]
    return {(what, name, part): count for what, name, part, count in rows}
