"""Restates tallies once before a unit of work ends, with the sums, in its transaction.

`changes.py` notices what makes it necessary; what writes around the mapped classes calls `touch`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, select, update

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.db.session import session
from postmortems.gate.models import Scenario
from postmortems.gate.tallies import coverage, facts, parts
from postmortems.gate.tallies.coverage import GuardState
from postmortems.gate.tallies.facts import IncidentFacts
from postmortems.gate.tallies.parts import Counts
from postmortems.incidents.models import ActionItem, Affected, Incident
from postmortems.incidents.parts import fresh_rows
from postmortems.incidents.tallies import slices
from postmortems.incidents.tallies.models import Tally, TallyGuard, TallyPlace, TallySum, TallyTarget

# How many are restated with one round of queries: SQLite takes some 30,000 parameters a statement.
BATCH = 500
# Any number will do as long as it is no other's turn.
TURN = 7_260_312_911

Row = dict[str, Any]
# Every column of a tally, for comparing.
COLUMNS = tuple(column.name for column in Tally.__table__.columns)

KEY = ("what", "name", "part")
SUMS: Any = TallySum.__table__
GONE = delete(SUMS).where(SUMS.c["count"] == 0, *(SUMS.c[name] == bindparam(f"of_{name}") for name in KEY))

# By what is touched, where the incidents are found.
KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
OF = {
    "items": PreparedQuery(select(ActionItem.incident_id).where(ActionItem.id.in_(KEYS))),
    "scenarios": PreparedQuery(select(Scenario.incident_id).where(Scenario.id.in_(KEYS))),
    "guards": PreparedQuery(select(TallyGuard.incident_id).where(TallyGuard.slug.in_(KEYS))),
    # Which target of a service is its last matters to those that name the service alone.
    "services": PreparedQuery(
        select(Affected.incident_id).where(Affected.service.in_(KEYS), Affected.target == "")
    ),
}
STORED = PreparedQuery(select(*Tally.__table__.c).where(Tally.incident_id.in_(KEYS)))
NEW = PreparedInsert(Tally, *COLUMNS)
CHANGE = PreparedQuery(
    update(Tally)
    .where(Tally.incident_id == bindparam("key"))
    .values({name: bindparam(f"now_{name}") for name in COLUMNS[1:]})
)
Marks = type[TallyTarget] | type[TallyGuard] | type[TallyPlace]
MARKED: dict[Marks, PreparedInsert] = {
    TallyTarget: PreparedInsert(TallyTarget, "incident_id", "target", "coverage", "occurred_on"),
    TallyGuard: PreparedInsert(TallyGuard, "slug", "incident_id"),
    TallyPlace: PreparedInsert(
        *(TallyPlace, "incident_id", "place", "severity", "occurred_on", "could_recur", "report")
    ),
}
UNMARK = {marks: PreparedQuery(delete(marks).where(marks.incident_id.in_(KEYS))) for marks in MARKED}
FORGET = PreparedQuery(delete(Tally).where(Tally.incident_id.in_(KEYS)))
ADD = PreparedInsert(TallySum, *KEY, "count", adds_up="count")


def touch(sort: str, keys: Iterable[Any]) -> None:
    """Have tallies restated before this unit of work ends: of `incidents` by id, or of what `OF` finds."""
    db.at_end(restate, takes_turns=True).setdefault(sort, set()).update(keys)


def restate(touched: Mapping[str, Collection[Any]]) -> None:
    """Store the tallies of touched incidents as they are now, and add to the sums what differs."""
    session().flush()
    # In turns: else two that are not over yet would each count without the other.
    db.take_turns(TURN)
    with visibility.seen_by(visibility.EVERYTHING):
        ids = set(touched.get("incidents", ()))
        for sort, keys in touched.items():
            if sort in OF:
                for some in _batches(keys):
                    ids.update(row.incident_id for row in OF[sort].rows({"keys": some}))
        for some in _batches(ids):
            _restate_batch(some)


def derive(ids: Collection[int]) -> dict[int, Row]:
    """The tallies that these incidents should have, by id, whatever is stored; none for what is gone."""
    found, guards = facts.gather(ids)
    return {one.id: _row(one, guards) for one in found}


def stored(ids: Collection[int]) -> dict[int, Row]:
    """Their tallies as they are stored."""
    return {row.incident_id: row._asdict() for row in STORED.rows({"keys": ids})}


def counts(row: Row | None) -> Counts:
    """What an incident with this tally adds to the sums: nothing while it is restricted."""
    if row is None or row["is_restricted"]:
        return Counter()
    return parts_of(row["counted"], row["sliced"])


def parts_of(counted: Iterable[Any], sliced: Mapping[str, Any]) -> Counts:
    """The parts as they are stored with a tally."""
    counts: Counts = Counter({(what, name, part): count for what, name, part, count in counted})
    counts.update(slices.spread(sliced))
    return counts


def _batches(keys: Collection[Any]) -> Iterable[list[Any]]:
    ordered = sorted(keys)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))


def _row(one: IncidentFacts, guards: Mapping[str, GuardState]) -> Row:
    bad = one.bad
    is_unguardable = one.kept_items > 0 and one.not_guardable == one.kept_items
    covered = coverage.of(bad.results, guards, is_unguardable=is_unguardable)
    items = parts.of_items(one.items, sorted({service for service, _ in one.affected}))
    is_open, unproven = items["open", "", ""], items["unproven", "", ""]
    could_recur = bool(is_open or unproven) and not (
        bad.decisions and all(decision == "block" for decision in bad.decisions)
    )
    counted = items + parts.of_coverage(covered.name, one.targets)
    if could_recur:
        counted["again", "", ""] = 1
    counted.update(parts.of_report(one.report))
    counted.update(parts.of_months(one.created_at, bad.drills))
    return {
        "incident_id": one.id,
        "occurred_on": one.occurred_on,
        "is_restricted": one.is_restricted,
        "coverage": covered.name,
        "blocking": list(covered.blocking),
        "kinds": list(covered.kinds),
        "noticing": list(covered.noticing),
        "drilled": sorted({told["guard"] for results in bad.results for told in results}),
        "targets": sorted(one.targets),
        "scenarios": len(bad.results),
        "could_recur": could_recur,
        "has_scenario": bool(bad.results),
        "open_fixes": is_open,
        "unproven_fixes": unproven,
        "counted": [[*key, count] for key, count in sorted(counted.items())],
        "sliced": slices.kept(
            *(counted, parts.SLICED, parts.ALONE, one.report.severity),
            *(slices.services(one.affected), parts.by_team(one.items)),
        ),
        "severity": one.report.severity,
        "places": slices.places(one.affected, {item.team for item in one.items if item.team is not None}),
    }


def _restate_batch(ids: list[int]) -> None:
    # Nothing can be kept of those that are new.
    are_new = fresh_rows.are_new(Incident, ids, __name__)
    before, after = {} if are_new else stored(ids), derive(ids)
    changed = [one for one in ids if before.get(one) != after.get(one)]
    sums: Counts = Counter()
    for one in changed:
        sums.update(counts(after.get(one)))
        sums.subtract(counts(before.get(one)))
    for marks, of in MARKS_OF.items():
        marked = [one for one in changed if of(before.get(one)) != of(after.get(one))]
        if not are_new:
            _unmark(marks, marked)
        _mark(marks, marked, after)
    _write_tallies(changed, before, after)
    add(sums)


def _marks(row: Row | None) -> list[Row]:
    kept = ("incident_id", "coverage", "occurred_on")
    return (
        [{"target": target, **{name: row[name] for name in kept}} for target in row["targets"]] if row else []
    )


def _asked(row: Row | None) -> list[Row]:
    return [{"slug": slug, "incident_id": row["incident_id"]} for slug in row["drilled"]] if row else []


def _places(row: Row | None) -> list[Row]:
    if row is None:
        return []
    kept = {name: row[name] for name in ("incident_id", "severity", "occurred_on", "could_recur")}
    states = [part for what, _, part, _ in row["counted"] if what == "report" and part != "awaited"]
    return [{"place": place, "report": "/".join(states), **kept} for place in row["places"]]


MARKS_OF: dict[Marks, Callable[[Row | None], list[Row]]] = {
    TallyTarget: _marks,
    TallyGuard: _asked,
    TallyPlace: _places,
}


def _unmark(marks: Marks, ids: list[int]) -> None:
    if ids:
        UNMARK[marks].rows({"keys": ids})


def _mark(marks: Marks, ids: list[int], after: Mapping[int, Row]) -> None:
    MARKED[marks].run([row for one in ids for row in MARKS_OF[marks](after.get(one))])


def _write_tallies(ids: list[int], before: Mapping[int, Row], after: Mapping[int, Row]) -> None:
    if gone := [one for one in ids if one not in after]:
        FORGET.rows({"keys": gone})
    NEW.run([after[one] for one in ids if one in after and one not in before])
    edited = [one for one in ids if one in after and one in before]
    CHANGE.each([{"key": one, **{f"now_{name}": after[one][name] for name in COLUMNS[1:]}} for one in edited])


def mark_anew(ids: list[int]) -> None:
    """Write the marks of these incidents again, by their stored tallies."""
    kept = stored(ids)
    for marks in MARKS_OF:
        _unmark(marks, ids)
        _mark(marks, ids, kept)


def add(sums: Counts) -> None:
    """Add to the sums; what comes to nothing goes."""
    differing = {key: count for key, count in sorted(sums.items()) if count}
    rows: list[Row] = [
        {"what": what, "name": name, "part": part, "count": n} for (what, name, part), n in differing.items()
    ]
    ADD.run(rows)
    if less := [row for row in rows if row["count"] < 0]:
        session().connection().execute(GONE, [{f"of_{name}": row[name] for name in KEY} for row in less])
