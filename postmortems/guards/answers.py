"""Answers of decisions, as guards read them: verdicts that repeat what a stored one said within the hour.

A guard that passes again adds no verdict of its own (`gate.verdicts.repeated`): what it said stands in the
answer. In the same hour there is a stored one of the same guard, target and purpose, and by that it is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    String,
    and_,
    column,
    exists,
    or_,
    select,
    table,
    union_all,
)

from postmortems.db.json_rows import has_member, member_of
from postmortems.db.session import Json, UtcDateTime, session
from postmortems.guards.models import Evaluation, Guard

# The gate's own table, which is to the right of this room.
TABLE = table(
    "decisions",
    column("id", String),
    column("target", String),
    column("artifact", String),
    column("is_dry_run", Boolean),
    column("evaluated_at", UtcDateTime),
    column("answer", Json),
)
DECISIONS = TABLE.c
# What a guard may say again; all else is stored each time that it is said.
REPEATED = ("pass", "not_applicable")
HOUR = timedelta(hours=1)
# An id is made when all is judged, which may be a moment after the instant that it was judged by.
LATE = timedelta(minutes=1)
PURPOSES = {False: "decision", True: "dry_run"}
# SQLite puts together 500 queries at most.
AT_ONCE = 200


def first_id(at: datetime) -> str:
    """The lowest id that a decision of this instant can have: ids sort by time."""
    return f"dec_{max(0, int(at.timestamp() * 1000)):012x}"


def hour_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def is_found(decision_id: str, at: datetime) -> bool:
    """Whether a decision of this instant is found by its id: not where the clock was set in between."""
    begins = hour_of(at)
    return first_id(begins) <= decision_id < first_id(begins + HOUR + LATE)


class Place(NamedTuple):
    """Where a verdict stands among those of its guard, the greatest first; of one instant stored ones are."""

    at: datetime
    is_stored: bool
    decision: str
    number: int

    @classmethod
    def of(cls, verdict: Evaluation, *, is_stored: bool) -> Place:
        return cls(verdict.at, is_stored, "" if is_stored else verdict.decision_id or "", verdict.id)


@dataclass(frozen=True, slots=True)
class _Hours:
    """Some hours in which decisions over a target may have asked a guard."""

    target: str
    is_dry_run: bool
    begins: datetime
    ends: datetime

    @classmethod
    def of(cls, target: str, is_dry_run: bool, at: datetime) -> _Hours:
        """The one hour of an instant."""
        return cls(target, is_dry_run, hour_of(at), hour_of(at) + HOUR)

    def decisions(self) -> Select[Any]:
        return _decisions().where(*self._conditions())

    def _conditions(self) -> tuple[ColumnElement[bool], ...]:
        return (
            DECISIONS.target == self.target,
            DECISIONS.is_dry_run.is_(self.is_dry_run),
            DECISIONS.id >= first_id(hour_of(self.begins)),
            DECISIONS.id < first_id(self.ends + LATE),
            DECISIONS.evaluated_at >= self.begins,
            DECISIONS.evaluated_at < self.ends,
        )


def _decisions() -> Select[Any]:
    return select(DECISIONS.id, DECISIONS.evaluated_at, DECISIONS.target)


def of_guard(guard: Guard, since: datetime | None, before: Place | None, limit: int) -> list[Evaluation]:
    """What decisions from the hour of `since` on said of the guard again, the newest first."""
    at = [Evaluation.at >= hour_of(since)] if since else []
    at += [Evaluation.at < hour_of(before.at) + HOUR] if before else []
    wanted = select(Evaluation.target, Evaluation.purpose, Evaluation.at)
    stored = session().execute(wanted.where(*_first_said([guard.id]), *at))
    found = list[tuple[datetime, str]]()
    said = [(row.target, row.purpose == PURPOSES[True], row.at) for row in stored]
    hours = _own(guard, said, _joined((target, dry, hour_of(at)) for target, dry, at in said))
    for some in _some(list(hours)):
        queries = [_newest(_asking(guard.slug, one, before), limit) for one in some]
        found += [(row.evaluated_at, row.id) for row in session().execute(union_all(*queries))]
    ids = [decision_id for _, decision_id in sorted(found, reverse=True)[:limit]]
    told = _told(ids, guard.slug)
    # Without those that were removed at this moment.
    again = [told[decision_id].verdict(guard.id, guard.slug) for decision_id in ids if decision_id in told]
    return [verdict for verdict in again if verdict is not None]


def since(stored: Mapping[int, Evaluation]) -> dict[int, Evaluation]:
    """By guard id what it said after its newest stored verdict, for those that said something again.

    That may be about another target, or be what it said before that verdict. What probes by the clock says
    nothing again.
    """
    by_hour = defaultdict[datetime, list[int]](list)
    for guard_id, verdict in stored.items():
        if verdict.purpose != "schedule":
            by_hour[hour_of(verdict.at)].append(guard_id)
    if not by_hour:
        return {}
    within = [
        and_(Evaluation.guard_id.in_(ids), Evaluation.at >= hour, Evaluation.at < hour + HOUR)
        for hour, ids in by_hour.items()
    ]
    wanted = select(Evaluation.guard_id, Evaluation.target).where(Evaluation.purpose == PURPOSES[False])
    asked = defaultdict[_Hours, set[int]](set)
    for asked_id, target in session().execute(wanted.where(or_(*within)).distinct()):
        if asked_id is not None:
            asked[_Hours.of(target, False, stored[asked_id].at)].add(asked_id)
    latest: dict[int, tuple[datetime, str]] = {}
    for hours, at, decision_id in _newest_of(list(asked)):
        for guard_id in asked[hours]:
            if at > latest.get(guard_id, (stored[guard_id].at, ""))[0]:
                latest[guard_id] = at, decision_id
    # One answer for each guard at most, however many targets it has.
    told = _told(sorted({decision_id for _, decision_id in latest.values()}))
    again = {
        guard_id: told[decision_id].verdict(guard_id, stored[guard_id].guard_slug)
        for guard_id, (_, decision_id) in latest.items()
        if decision_id in told
    }
    return {guard_id: verdict for guard_id, verdict in again.items() if verdict is not None}


def about(
    named: Collection[str], wanted: Collection[tuple[str, str]], until: datetime
) -> dict[tuple[str, str], Evaluation]:
    """By guard slug and target what the newest real decision about the artifact said of the guard again."""
    queries = [
        _newest(
            _decisions().where(
                DECISIONS.artifact.in_(named),
                DECISIONS.target == target,
                DECISIONS.is_dry_run.is_(False),
                DECISIONS.evaluated_at <= until,
                _names(slug),
            ),
            1,
        )
        for slug, target in wanted
    ]
    found = dict[tuple[str, str], Evaluation]()
    if not queries:
        return found
    told = _told([row.id for row in session().execute(union_all(*queries))])
    for decision in sorted(told.values(), key=lambda one: one.at):
        for slug, target in wanted:
            verdict = decision.verdict(None, slug) if decision.target == target else None
            if verdict is not None:
                found[slug, target] = verdict
    return found


def _first_said(guard_ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    """That a verdict is stored which may be said again."""
    return (
        Evaluation.guard_id.in_(guard_ids),
        Evaluation.decision_id.is_not(None),
        Evaluation.verdict.in_(REPEATED),
    )


def _joined(said: Iterable[tuple[str, bool, datetime]]) -> Iterator[_Hours]:
    """Each target and purpose with its hours, those that follow on each other together."""
    by_pair = defaultdict[tuple[str, bool], set[datetime]](set)
    for target, is_dry_run, hour in said:
        by_pair[target, is_dry_run].add(hour)
    for (target, is_dry_run), hours in by_pair.items():
        begins = ends = min(hours)
        for hour in sorted(hours):
            if hour > ends:
                yield _Hours(target, is_dry_run, begins, ends)
                begins = hour
            ends = hour + HOUR
        yield _Hours(target, is_dry_run, begins, ends)


def _own(
    guard: Guard, said: Sequence[tuple[str, bool, datetime]], hours: Iterable[_Hours]
) -> Iterator[_Hours]:
    """Without the time before the guard was made, when another one may have had its name.

    By the clock of who decides, where it is behind that of who made the guard.
    """
    first = dict[tuple[str, bool], datetime]()
    for target, is_dry_run, at in said:
        first[target, is_dry_run] = min(at, first.get((target, is_dry_run), at))
    for one in hours:
        made_at = min(guard.created_at, first[one.target, one.is_dry_run])
        yield replace(one, begins=max(one.begins, made_at))


def _asking(slug: str, hours: _Hours, before: Place | None) -> Select[Any]:
    """The decisions of these hours that asked the guard, and have no verdict of it beside their answer."""
    own = exists().where(Evaluation.decision_id == DECISIONS.id, Evaluation.guard_slug == slug)
    found = hours.decisions().where(_names(slug), ~own)
    if before is None:
        return found
    if before.is_stored:
        return found.where(DECISIONS.evaluated_at <= before.at)
    same = and_(DECISIONS.evaluated_at == before.at, DECISIONS.id < before.decision)
    return found.where(or_(DECISIONS.evaluated_at < before.at, same))


def _names(slug: str) -> ColumnElement[bool]:
    """That an answer says something of the guard."""
    return has_member(DECISIONS.answer, "guards", "guard", slug)


def _newest_of(asked: Sequence[_Hours]) -> Iterator[tuple[_Hours, datetime, str]]:
    """The instant and id of the newest decision in each of these hours over its target."""
    for some in _some(asked):
        queries = [_newest(hours.decisions(), 1) for hours in some]
        for row in session().execute(union_all(*queries)):
            yield _Hours.of(row.target, False, row.evaluated_at), row.evaluated_at, row.id


def _some(hours: Sequence[_Hours]) -> Iterator[Sequence[_Hours]]:
    """No more than one statement can ask about."""
    return (hours[start : start + AT_ONCE] for start in range(0, len(hours), AT_ONCE))


def _newest(decisions: Select[Any], limit: int) -> Select[Any]:
    newest = decisions.order_by(DECISIONS.id.desc()).limit(limit).subquery()
    return select(*newest.c)


@dataclass(frozen=True, slots=True)
class _Told:
    """A decision, and by slug what its answer says of each guard."""

    id: str
    target: str
    is_dry_run: bool
    at: datetime
    guards: Mapping[str, Mapping[str, Any]]

    def verdict(self, guard_id: int | None, slug: str) -> Evaluation | None:
        """As it would be stored; None where it is, for it was no repetition."""
        said = self.guards.get(slug)
        if said is None or said["verdict"] not in REPEATED:
            return None
        checked_at = said["checked_at"]
        return Evaluation(
            id=_number(self.id, slug),
            guard_id=guard_id,
            guard_slug=slug,
            guard_revision=said["revision"],
            decision_id=self.id,
            purpose=PURPOSES[self.is_dry_run],
            target=self.target,
            at=self.at,
            level=said["level"],
            verdict=said["verdict"],
            reason_code=said["reason_code"],
            summary=said["summary"],
            observed=said["observed"],
            expected=said["expected"],
            checked_at=datetime.fromisoformat(checked_at) if checked_at else None,
        )


def _told(ids: Sequence[str], slug: str = "") -> dict[str, _Told]:
    """What these decisions said of the guard, or of all: to read a whole answer takes longest."""
    told = member_of(DECISIONS.answer, "guards", "guard", slug) if slug else DECISIONS.answer
    columns = (DECISIONS.id, DECISIONS.target, DECISIONS.is_dry_run, DECISIONS.evaluated_at)
    found = dict[str, _Told]()
    for row in session().execute(select(*columns, told.label("told")).where(DECISIONS.id.in_(ids))):
        guards = [row.told] if slug else row.told["guards"]
        named = {one["guard"]: one for one in guards if one}
        found[row.id] = _Told(row.id, row.target, bool(row.is_dry_run), row.evaluated_at, named)
    return found


def _number(decision_id: str, slug: str) -> int:
    """The same number each time, beyond those of stored verdicts and exact in every reader of JSON."""
    drawn = blake2b(f"{decision_id}/{slug}".encode(), digest_size=6).digest()
    return (1 << 52) + int.from_bytes(drawn, "big")
