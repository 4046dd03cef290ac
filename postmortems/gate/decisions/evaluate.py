"""Evaluates all guards over a target, with waivers, and combines their verdicts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from postmortems.gate.decisions import late_verdicts, probes
from postmortems.gate.decisions.context import DecisionContext
from postmortems.gate.decisions.probes import ProbeResult
from postmortems.gate.verdicts import active_waivers, decision_table, flapping
from postmortems.gate.verdicts import judge as verdicts_judge
from postmortems.gate.verdicts.active_waivers import ActiveWaiver
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards.judgement import EvidenceItem, Judgement, Question
from postmortems.guards.kinds.registry import KINDS

# Rollbacks and declared fixes are the cure: some kinds must not stand in their way.
CURES = frozenset({"rollback", "fix"})


def due(posed: DecisionContext, question: Question) -> list[GuardValue]:
    """The guards that have to look before they can be judged: none that is paused or whose target is."""
    if active_waivers.probes_paused(posed.over, question.now):
        return []
    return [
        guard
        for guard in posed.guards
        if probes.is_due(guard, question, newest_look(posed, guard))
        and not _is_cure(guard, question)
        and not _pause(posed, guard, question)
    ]


def _is_cure(guard: GuardValue, question: Question) -> bool:
    """Whether the guard does not hold up this change, whatever it would see."""
    kind = KINDS.get(guard.kind)
    return kind is not None and question.change_kind in CURES and not kind.applies_to_rollback


def newest_look(posed: DecisionContext, guard: GuardValue) -> EvidenceItem | None:
    return next((seen for seen in posed.evidence[guard.slug] if seen.kind == "observation"), None)


def judge(
    guard: GuardValue, posed: DecisionContext, looks: Mapping[str, ProbeResult], question: Question
) -> GuardResult:
    """The guard's verdict, and the waiver that lets it be passed over, if any does."""
    if pause := _pause(posed, guard, question):
        return GuardResult(guard, _waived(pause, "paused"), over=pause)
    look = looks.get(guard.slug)
    if look is not None and look.is_to_come:
        says = "it only watches, so it looks after this answer and is judged then"
        return GuardResult(guard, Judgement("inconclusive", late_verdicts.TO_COME, says))
    judged = _judge(guard, posed, looks, question)
    if judged.judgement.verdict in decision_table.GREEN:
        return judged
    over = active_waivers.live_for(posed.over, guard.slug, guard.level, question.now)
    if over is not None:
        found = judged.judgement
        told = replace(
            _waived(over, f"waived; it says {found.verdict}: {found.summary}"),
            observed=found.observed,
            expected=found.expected,
            checked_at=found.checked_at,
        )
        return replace(judged, judgement=told, over=over, under=found)
    ended = active_waivers.ended_for(posed.over, guard.slug, question.now)
    if ended is None:
        return judged
    summary = f"{judged.judgement.summary} (the waiver of {ended.owner} ended {_clock(ended.ends_at)})"
    return replace(judged, judgement=replace(judged.judgement, summary=summary), over=ended)


def _judge(
    guard: GuardValue, posed: DecisionContext, looks: Mapping[str, ProbeResult], question: Question
) -> GuardResult:
    if _is_cure(guard, question):
        passed = f"a {question.change_kind} is not held up by this guard"
        return GuardResult(guard, Judgement("not_applicable", "cure", passed))
    look = looks.get(guard.slug)
    if look is not None and look.trouble:
        return GuardResult(guard, verdicts_judge.error("not_observed", f"{guard.slug}: {look.trouble}"))
    newest = newest_look(posed, guard)
    if look is None and probes.is_due(guard, question, newest):
        # It would have to look, and was not let: nobody looks at this target now.
        return GuardResult(guard, _not_looked_at(active_waivers.probes_paused(posed.over, question.now)))
    fresh = [look.seen(question)] if look is not None else []
    judged = verdicts_judge.judge(guard, [*fresh, *posed.evidence[guard.slug]], question)
    seen = fresh[0] if fresh else newest
    if seen is not None and not question.is_replay:
        judged = flapping.counted(judged, seen.observed_at)
    evidence_id = look.evidence_id if look is not None else (newest.id if newest is not None else None)
    return replace(judged, evidence_id=evidence_id or None)


def _pause(posed: DecisionContext, guard: GuardValue, question: Question) -> ActiveWaiver | None:
    found = active_waivers.live_for(posed.over, guard.slug, guard.level, question.now)
    return found if found is not None and found.kind == "pause" else None


def _waived(over: ActiveWaiver, what: str) -> Judgement:
    by = over.made_by if over.owner in {"", over.made_by} else f"{over.made_by} for {over.owner}"
    told = f"{what} (by {by} until {_clock(over.ends_at)}: {over.reason})"
    return Judgement("waived", over.kind, told, valid_until=over.ends_at)


def _not_looked_at(over: ActiveWaiver | None) -> Judgement:
    if over is None:
        return verdicts_judge.error("not_observed", "it should have looked, and did not")
    told = (
        f"nobody looks at this target until {_clock(over.ends_at)} (paused by {over.made_by}: {over.reason})"
    )
    return Judgement("inconclusive", "probes_paused", told, next_possible_at=over.ends_at)


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
