"""Judges a guard of any kind, and gives its verdict as plain JSON.

Live decisions, drills and scheduled runs all come through `judge`; none of them can be broken by a kind.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.verdicts import decision_table
from postmortems.gate.verdicts.active_waivers import ActiveWaiver
from postmortems.guards import queries as guards
from postmortems.guards.judgement import VERDICTS, Evidence, EvidenceNeed, Judgement, PassTerms, Question
from postmortems.guards.kinds.registry import KINDS

# An answer names so many of the items that a guard is there for; its page has all.
MOST_LINKS = 10
# How many people it takes to let a deploy past a guard.
PEOPLE = {"none": 0, "one": 1, "two": 2}
STOPPING = frozenset({"block", "wait"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GuardValue:
    """A guard as it stands at one revision, free of its row. `targets` are full names."""

    slug: str
    kind: str
    config: Mapping[str, Any]
    level: str = "shadow"
    on_error: str = "block"
    override: str = "one"
    id: int | None = None
    revision: int = 0
    max_age_s: int = 30
    title: str = ""
    remedy: str = ""
    is_enabled: bool = True
    targets: frozenset[str] = field(default=frozenset())
    edited_at: datetime | None = None
    flaps_since: datetime | None = None
    passes_since: datetime | None = None
    # Whether it probes something outside when it is asked: asked for many times, so worked out once.
    probes: bool = field(init=False)

    def __post_init__(self) -> None:
        kind = KINDS.get(self.kind)
        object.__setattr__(self, "probes", kind is not None and kind.observes and kind.probes(self.config))

    @classmethod
    def of(cls, row: Any, targets: frozenset[str] | None = None) -> GuardValue:
        """The value of a row with a guard's columns; without `targets` it is a `Guard` with its own."""
        if targets is None:
            targets = frozenset(target.full_name for target in row.targets)
        return cls(**{name: getattr(row, name) for name in OF_A_ROW}, targets=targets)


# The columns of a guard that a value has.
OF_A_ROW = tuple(one.name for one in fields(GuardValue) if one.init and one.name != "targets")


@dataclass(frozen=True, slots=True)
class GuardResult:
    """A guard's verdict on a deploy, and the waiver that applies.

    `waiver` is the one that counts for it, or that ended lately; `unwaived` is the judgement before it was
    waived, None for a paused guard. `evidence_id` is that of the probe result that it was judged by.
    """

    guard: GuardValue
    judgement: Judgement
    waiver: ActiveWaiver | None = None
    unwaived: Judgement | None = None
    evidence_id: int | None = None
    # What it asks of the deploy, whether it stops that and may be overridden, and where it stands in an
    # answer: asked for many times, so worked out once.
    effective: str = field(init=False)
    may_be_passed: bool = field(init=False)
    rank: tuple[int, bool, str] = field(init=False)

    def __post_init__(self) -> None:
        guard = self.guard
        effective = decision_table.effective(guard.level, self.judgement.verdict, guard.on_error)
        may_be_passed = effective in STOPPING and guard.level != "hard" and guard.override != "none"
        object.__setattr__(self, "effective", effective)
        object.__setattr__(self, "may_be_passed", may_be_passed)
        stops = decision_table.DECISIONS.index(effective)
        is_calm = self.judgement.verdict in decision_table.CALM
        object.__setattr__(self, "rank", (-stops, is_calm, guard.slug))


_rank = attrgetter("rank")


def question(
    request: DeployRequest, now: datetime, *, is_replay: bool = False, bound_target: str = ""
) -> Question:
    """The question that guards judge, from a request.

    `bound_target` is the target that the caller's credential is for, where it is for one alone.
    """
    return Question(
        now=now,
        target=request.full_target,
        declared_target=request.declared_target,
        artifact=request.artifact,
        change_kind=request.change_kind,
        resolves=request.resolves,
        actor=request.actor,
        run=request.run,
        is_replay=is_replay,
        bound_target=bound_target,
    )


def needs(guard: GuardValue, question: Question) -> Sequence[EvidenceNeed]:
    """The evidence the guard asks for; none also where its kind cannot say, which `judge` then reports."""
    try:
        return KINDS[guard.kind].needs(guard.config, question)
    except Exception:
        return ()


def judge(guard: GuardValue, evidence: Evidence, question: Question) -> GuardResult:
    """The guard's judgement. A kind that is unknown, raises or answers nonsense is a verdict `error`."""
    kind = KINDS.get(guard.kind)
    if kind is None:
        return GuardResult(guard, error("unknown_kind", f"there is no kind of guard called {guard.kind}"))
    try:
        judgement = kind.judge(guard.config, evidence, question)
    except Exception as broken:
        # The gate always answers: a fault in one kind must neither hide the others nor let a deploy through.
        log.exception("guard %s could not be judged", guard.slug)
        return GuardResult(
            guard, error("guard_failed", f"{guard.slug} could not be evaluated: {type(broken).__name__}")
        )
    if judgement.verdict not in VERDICTS:
        return GuardResult(
            guard, error("unknown_verdict", f"{guard.slug} gave no verdict that the gate knows")
        )
    return GuardResult(guard, judgement)


def terms(result: GuardResult, question: Question) -> PassTerms | None:
    """How long a pass would be said again; None for what is none, and where its kind cannot say."""
    kind = KINDS.get(result.guard.kind)
    if kind is None or result.judgement.verdict != "pass":
        return None
    try:
        return kind.terms(result.guard.config, result.judgement, question)
    except Exception:
        log.exception("how long guard %s passes could not be said", result.guard.slug)
        return None


def mark(result: GuardResult) -> str:
    """What makes a verdict another one: guard, its revision and level, and what it says.

    SQLite gives a guard the number of one that was removed; both were hardly made at the same instant.
    """
    guard = result.guard
    edited = int(guard.edited_at.timestamp() * 1_000_000) if guard.edited_at else 0
    return f"{guard.id}:{guard.revision}:{edited:x}:{guard.level}:{result.judgement.verdict}"


def error(reason_code: str, summary: str) -> Judgement:
    """A guard that could not be evaluated: configuration, or our own fault."""
    return Judgement("error", reason_code, summary)


def worst_first(results: Iterable[GuardResult]) -> list[GuardResult]:
    """Those that stop the deploy first, then those that would if their level let them, then by name."""
    return sorted(results, key=_rank)


def combine(results: Iterable[GuardResult]) -> str:
    return decision_table.combine(result.effective for result in results)


def plain(result: GuardResult, because: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """One guard's part of an answer, as the API gives it."""
    guard, judgement = result.guard, result.judgement
    checked_at, next_possible_at = judgement.checked_at, judgement.next_possible_at
    return {
        "guard": guard.slug,
        "title": guard.title,
        "kind": guard.kind,
        "level": guard.level,
        "revision": guard.revision,
        "verdict": judgement.verdict,
        "effective": result.effective,
        "reason_code": judgement.reason_code,
        "summary": judgement.summary,
        "observed": judgement.observed,
        "expected": judgement.expected,
        "checked_at": checked_at.isoformat() if checked_at else None,
        "next_possible_at": next_possible_at.isoformat() if next_possible_at else None,
        "remedy": guard.remedy,
        "evidence_id": result.evidence_id,
        "waiver": _waiver(result, result.waiver) if result.waiver is not None else None,
        "override": PEOPLE[guard.override] if result.may_be_passed else 0,
        "because": [dict(link) for link in because[:MOST_LINKS]] if because else [],
    }


def _waiver(result: GuardResult, waiver: ActiveWaiver) -> dict[str, Any]:
    """Who lets it be passed over, why and until when, and what it said itself."""
    unwaived = result.unwaived
    return {
        "kind": waiver.kind,
        "owner": waiver.owner,
        "made_by": waiver.made_by,
        "reason": waiver.reason,
        "ends_at": waiver.ends_at.isoformat(),
        "counts": result.judgement.verdict == "waived",
        "verdict": unwaived.verdict if unwaived else None,
        "summary": unwaived.summary if unwaived else None,
    }


def guards_over(full_name: str) -> list[GuardValue]:
    """The enabled guards over a target, as values; none over an unknown target."""
    target = guards.target_named(full_name)
    return [GuardValue.of(guard) for guard in guards.covering(target.id)] if target else []
