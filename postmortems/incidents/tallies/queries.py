"""Queries of the sums, as the viewer may know them: restricted incidents count for those they are shown to.

A sum has the incidents that are not restricted; what the few restricted ones add is read with the viewer's
eyes and put on top.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Subquery,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from postmortems.db import reads, versions
from postmortems.db import session as db
from postmortems.db.session import catch_up, session
from postmortems.document.parse_cache import Kept
from postmortems.incidents.tallies import slices
from postmortems.incidents.tallies.models import Tally, TallyPlace, TallySum, TeamChange
from postmortems.incidents.tallies.slices import Slice

Key = tuple[str, str, str]
# Counted up to the day before today: what is due later is not overdue.
DUE = ("due", "due_service", "due_owner", "age_due", "items_due", "all_due")

# Bytes of rows that are kept in each process, and what one takes, roughly.
MOST_KEPT, A_ROW = 4 * 1024 * 1024, 300
NO_ENDS: Mapping[str, str] = MappingProxyType({})
# Said as the indexes say it that have these alone.
COULD_RECUR, AWAITED = TallyPlace.could_recur.expression, TallyPlace.report != literal_column("''")
WAITING = select(TeamChange.sort).limit(1)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over all parts of a name, and the first of these parts."""

    count: int = 0
    first: str = ""


NONE = Total()


def totals(*whats: str, today: date, name: str | None = None) -> dict[tuple[str, str], Total]:
    """By what and name, summed over the parts; of those in `DUE`, only over the days before today.

    Of one name where one is given, else of all.
    """
    catch_up()
    dated = [what for what in whats if what in DUE]
    undated = [what for what in whats if what not in DUE]
    wanted = (
        select(TallySum.what, TallySum.name, func.sum(TallySum.count), func.min(TallySum.part))
        .where(
            or_(
                TallySum.what.in_(undated),
                and_(TallySum.what.in_(dated), TallySum.part < today.isoformat()),
            )
        )
        .group_by(TallySum.what, TallySum.name)
    )
    if name is not None:
        wanted = wanted.where(TallySum.name == name)
    rows = _rows(wanted, "totals", whats, today, name)
    found = {(what, of): Total(int(count), first) for what, of, count, first in rows}
    for (what, of, part), count in _of_restricted():
        is_counted = what in undated or (what in dated and part < today.isoformat())
        if is_counted and name in {None, of}:
            known = found.get((what, of))
            first = min(known.first, part) if known else part
            found[what, of] = Total((known.count if known else 0) + count, first)
    return found


def by_part(
    *whats: str,
    name: str | None = None,
    since: Mapping[str, str] = NO_ENDS,
    before: Mapping[str, str] = NO_ENDS,
) -> dict[Key, int]:
    """The sums as they are kept, of one name or of all.

    Of what `since` names from that part on, of what `before` names up to that part.
    """
    catch_up()
    wanted = select(TallySum.what, TallySum.name, TallySum.part, TallySum.count)
    wanted = wanted.where(_within(whats, since, before))
    if name is not None:
        wanted = wanted.where(TallySum.name == name)
    asked = "by part", whats, name, tuple(since.items()), tuple(before.items())
    found = {(what, of, part): count for what, of, part, count in _rows(wanted, *asked)}
    for key, count in _of_restricted():
        if name in {None, key[1]} and _is_within(key, whats, since, before):
            found[key] = found.get(key, 0) + count
    return found


def between(*whats: str, first: str, before: str) -> dict[tuple[str, str], int]:
    """By what and name, summed over the parts from `first` on and before `before`, "" for no end."""
    catch_up()
    ends = [TallySum.part >= first, *([TallySum.part < before] if before else [])]
    wanted = select(TallySum.what, TallySum.name, func.sum(TallySum.count))
    wanted = wanted.where(TallySum.what.in_(whats), *ends).group_by(TallySum.what, TallySum.name)
    rows = _rows(wanted, "between", whats, first, before)
    found = {(what, name): int(count) for what, name, count in rows}
    for (what, name, part), count in _of_restricted():
        if what in whats and first <= part and (part < before or not before):
            found[what, name] = found.get((what, name), 0) + count
    return found


def of_slice(
    *whats: str,
    of: Slice,
    since: Mapping[str, str] = NO_ENDS,
    before: Mapping[str, str] = NO_ENDS,
) -> dict[Key, int]:
    """The same sums of a severity, of a service or both as filters have them, of a team, or of all."""
    if of.is_all:
        return by_part(*whats, since=since, before=before)
    found: dict[Key, int] = {}
    names = {of.named(what): what for what in whats}
    ends = [{of.named(what): end for what, end in each.items()} for each in (since, before)]
    for name in of.names:
        for (what, _, part), count in by_part(*names, name=name, since=ends[0], before=ends[1]).items():
            key = (names[what], *slices.parted(part))
            found[key] = found.get(key, 0) + count
    return found


def between_of_slice(what: str, *, of: Slice, first: str = "", before: str = "") -> dict[str, int]:
    """Of such a slice by name, summed over the days from `first` on and before `before`, "" for no end."""
    if of.is_all:
        return {name: count for (_, name), count in between(what, first=first, before=before).items()}
    catch_up()
    wanted_what, names = of.named(what), of.names
    name = func.substr(TallySum.part, slices.DAY + 2).label("of")
    wanted = select(name, func.sum(TallySum.count)).where(
        TallySum.what == wanted_what, TallySum.name.in_(names), TallySum.part >= first
    )
    wanted = wanted.where(TallySum.part < before) if before else wanted
    rows = _rows(wanted.group_by(name), "slice", wanted_what, tuple(names), first, before)
    found = {str(each): int(count) for each, count in rows}
    for (of_what, of_name, part), count in _of_restricted():
        if of_what == wanted_what and of_name in names and first <= part and (part < before or not before):
            each, _ = slices.parted(part)
            found[each] = found.get(each, 0) + count
    return found


def awaits_teams() -> bool:
    """Whether items wait to be counted anew for another team: until then sums and places of teams lag."""
    catch_up()
    return bool(db.rows(WAITING))


def newest(
    service: str,
    team: int | None,
    *,
    severity: str = "",
    first: date | None = None,
    before: date | None = None,
    among: ColumnElement[bool] | None = None,
    most: int,
) -> Select[int]:
    """The ids of so many incidents of a service or a team, the newest, by the lists that are kept of them.

    `severity` is as filters have it; days are as `Filters.occurred_from` and `occurred_before`; `among` is
    `COULD_RECUR` or `AWAITED`, of which there are lists of their own.
    """
    return select(_listed(service, team, severity, first, before, among, most).c.incident_id)


def awaited(
    service: str,
    team: int | None,
    late: Mapping[str, date],
    *,
    severity: str = "",
    first: date | None = None,
    before: date | None = None,
    most: int,
) -> list[tuple[str, str, int, int]]:
    """Reports that are neither published nor skipped, the newest: by severity and state, how many there are,
    and how many of incidents before the day that `late` has for the severity.
    """
    of = _listed(service, team, severity, first, before, AWAITED, most).c
    is_late = or_(false(), *(and_(of.severity == name, of.occurred_on < day) for name, day in late.items()))
    wanted = select(of.severity, of.report, func.count(), func.count().filter(is_late))
    rows = session().execute(wanted.group_by(of.severity, of.report))
    return [(severity, state, count, late_ones) for severity, state, count, late_ones in rows]


def _listed(
    service: str,
    team: int | None,
    severity: str,
    first: date | None,
    before: date | None,
    among: ColumnElement[bool] | None,
    most: int,
) -> Subquery:
    catch_up()
    row = TallyPlace
    wanted = select(row.incident_id, row.occurred_on, row.severity, row.report)
    wanted = wanted.order_by(row.occurred_on.desc(), row.incident_id.desc()).limit(most)
    if severity:
        wanted = wanted.where(row.severity == severity.removeprefix(slices.NONE_STATED))
    wanted = wanted.where(row.occurred_on >= first) if first else wanted
    wanted = wanted.where(row.occurred_on < before) if before else wanted
    wanted = wanted.where(among) if among is not None else wanted
    each = [wanted.where(row.place == place).subquery() for place in slices.places_asked(service, team)]
    if len(each) == 1:
        return each[0]
    found = union_all(*(select(one) for one in each)).subquery()
    ordered = select(found).order_by(found.c.occurred_on.desc(), found.c.incident_id.desc())
    return ordered.limit(most).subquery()


def by_tail(
    whats: Collection[str], names: Collection[str], letters: int, *, first: str = "", before: str = ""
) -> dict[tuple[str, str], int]:
    """By what and what its parts say behind a day or month of so many letters, summed over these.

    From the day or month `first` on and before `before`, "" for no end. Whats and names are those of a slice.
    """
    catch_up()
    tail = func.substr(TallySum.part, letters + 2).label("tail")
    wanted = select(TallySum.what, tail, func.sum(TallySum.count)).where(
        TallySum.what.in_(whats), TallySum.name.in_(names), TallySum.part >= first
    )
    wanted = (wanted.where(TallySum.part < before) if before else wanted).group_by(TallySum.what, tail)
    rows = _rows(wanted, "by tail", tuple(whats), tuple(names), letters, first, before)
    found = {(what, str(of)): int(count) for what, of, count in rows}
    for (what, name, part), count in _of_restricted():
        if what in whats and name in names and first <= part and (part < before or not before):
            key = (what, part[letters + 1 :])
            found[key] = found.get(key, 0) + count
    return found


def in_order(*whats: str) -> dict[str, list[tuple[str, int]]]:
    """Of each sum the parts, each with its count, in their order."""
    catch_up()
    wanted = select(TallySum.what, TallySum.part, TallySum.count).where(TallySum.what.in_(whats))
    found: dict[str, list[tuple[str, int]]] = {what: [] for what in whats}
    for what, part, count in _rows(wanted.order_by(TallySum.what, TallySum.part), "in order", whats):
        found[what].append((part, count))
    more = [(what, part, count) for (what, _, part), count in _of_restricted() if what in found]
    for what, part, count in more:
        found[what].append((part, count))
    return {what: sorted(parts) for what, parts in found.items()} if more else found


def overdue_by_day(spans: Sequence[tuple[str, str]], today: date, of: Slice) -> list[int]:
    """Of the open process fixes of a slice that are overdue, how many were opened in each span of days.

    A span is from the day after its first to its last, as ISO text.
    """
    catch_up()
    late, names = "age_due" if of.is_all else of.named("age_due"), () if of.is_all else tuple(of.names)
    opened = TallySum.name if of.is_all else func.substr(TallySum.part, slices.DAY + 2)
    asked = [func.sum(TallySum.count).filter(opened > first, opened <= last) for first, last in spans]
    wanted = select(*asked).where(TallySum.what == late, TallySum.part < today.isoformat())
    wanted = wanted.where(TallySum.name.in_(names)) if names else wanted
    found = [int(count or 0) for count in _rows(wanted, "by day", tuple(spans), today, late, names)[0]]
    for (what, name, part), count in _of_restricted():
        if what == late and (not names or name in names) and part < today.isoformat():
            day = name if of.is_all else slices.parted(part)[0]
            for place, (first, last) in enumerate(spans):
                found[place] += count if first < day <= last else 0
    return found


def _within(whats: Sequence[str], since: Mapping[str, str], before: Mapping[str, str]) -> ColumnElement[bool]:
    dated = [what for what in whats if what in since or what in before]
    found: list[ColumnElement[bool]] = [TallySum.what.in_([what for what in whats if what not in dated])]
    for what in dated:
        ends: list[ColumnElement[bool]] = [TallySum.part >= since.get(what, "")]
        if what in before:
            ends.append(TallySum.part < before[what])
        found.append(and_(TallySum.what == what, *ends))
    return or_(*found)


def _is_within(key: Key, whats: Sequence[str], since: Mapping[str, str], before: Mapping[str, str]) -> bool:
    what, _, part = key
    return what in whats and part >= since.get(what, "") and (what not in before or part < before[what])


def _rows(wanted: Executable, *asked: Hashable) -> Sequence[Any]:
    """What is found, from before where the sums are the same as then; `asked` says what it is.

    No sum is of restricted incidents, so that what finds all is as good, and quicker. Who keeps what is made
    of them looks at their version alone.
    """
    version = versions.present(versions.SUMS)
    if version is None:
        return db.rows(wanted)
    kept: Kept[Sequence[Any]] = db.kept().setdefault(Tally, Kept(MOST_KEPT))
    rows = kept.get((version, asked))
    if rows is None:
        with reads.implied():
            rows = db.rows(wanted)
        kept.put((version, asked), rows, A_ROW * (len(rows) + 1))
    return rows


def _of_restricted() -> Iterator[tuple[Key, int]]:
    """What the restricted incidents add that the viewer may see."""
    for counted, sliced in session().execute(select(Tally.counted, Tally.sliced).where(Tally.is_restricted)):
        for what, name, part, count in counted:
            yield (str(what), str(name), str(part)), int(count)
        yield from slices.spread(sliced).items()
