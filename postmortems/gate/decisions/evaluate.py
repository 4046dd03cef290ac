"""Evaluates all guards over a target, with waivers: one result each. Pure; `conclude` combines them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from postmortems.gate.decisions import late_verdicts, probes
from postmortems.gate.decisions.context import DecisionContext
from postmortems.gate.decisions.probes import ProbeResult
from postmortems.gate.verdicts import active_waivers, decision_table, flapping, kept_passes
from postmortems.gate.verdicts import judge as verdicts_judge
from postmortems.gate.verdicts.active_waivers import ActiveWaiver
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards.judgement import EvidenceItem, Judgement, Question
from postmortems.guards.kinds.registry import KINDS

# Rollbacks and declared fixes are the cure: some kinds must not stand in their way.
CURES = frozenset({"rollback", "fix"})


def due(context: DecisionContext, question: Question) -> list[GuardValue]:
    """The guards to probe before they are judged: none that is paused, or whose target's probes are."""
    if active_waivers.probes_paused(context.waivers, question.now):
        return []
    return [
        guard
        for guard in context.guards
        # Most guards look at nothing: their evidence need not be gone through.
        if guard.probes
        and probes.is_due(guard, question, newest_probe(context, guard))
        and not (question.change_kind in CURES and _is_cure(guard))
        and not _pause(context, guard, question)
    ]


def _is_cure(guard: GuardValue) -> bool:
    """Whether the guard's kind lets rollbacks and fixes through."""
    kind = KINDS.get(guard.kind)
    return kind is not None and not kind.applies_to_rollback


def newest_probe(context: DecisionContext, guard: GuardValue) -> EvidenceItem | None:
    for item in context.evidence[guard.slug]:
        if item.kind == "observation":
            return item
    return None


def judge(
    guard: GuardValue, context: DecisionContext, probed: Mapping[str, ProbeResult], question: Question
) -> GuardResult:
    """The guard's verdict, and the waiver or override that applies to it, if any."""
    if context.waivers and (pause := _pause(context, guard, question)):
        return GuardResult(guard, _waived(pause, "paused"), waiver=pause)
    probe = probed.get(guard.slug)
    if probe is not None and probe.is_later:
        says = "it only watches, so it looks after this answer and is judged then"
        return GuardResult(guard, Judgement("inconclusive", late_verdicts.TO_COME, says))
    result = _judge(guard, context, probed, question)
    if result.judgement.verdict in decision_table.GREEN:
        return result
    waiver = active_waivers.live_for(context.waivers, guard.slug, guard.level, question.now)
    if waiver is not None:
        judgement = result.judgement
        waived = replace(
            _waived(waiver, f"waived; it says {judgement.verdict}: {judgement.summary}"),
            observed=judgement.observed,
            expected=judgement.expected,
            checked_at=judgement.checked_at,
        )
        return replace(result, judgement=waived, waiver=waiver, unwaived=judgement)
    ended = active_waivers.ended_for(context.waivers, guard.slug, question.now)
    if ended is None:
        return result
    summary = f"{result.judgement.summary} (the waiver of {ended.owner} ended {_clock(ended.ends_at)})"
    return replace(result, judgement=replace(result.judgement, summary=summary), waiver=ended)


def _judge(
    guard: GuardValue, context: DecisionContext, probed: Mapping[str, ProbeResult], question: Question
) -> GuardResult:
    if question.change_kind in CURES and _is_cure(guard):
        passed = f"a {question.change_kind} is not held up by this guard"
        return GuardResult(guard, Judgement("not_applicable", "cure", passed))
    probe = probed.get(guard.slug)
    if probe is not None and probe.trouble:
        return GuardResult(guard, verdicts_judge.error("not_observed", f"{guard.slug}: {probe.trouble}"))
    newest = newest_probe(context, guard)
    if probe is None and guard.probes and probes.is_due(guard, question, newest):
        # It is due and was not probed: the target's probes are paused.
        return GuardResult(guard, _not_probed(active_waivers.probes_paused(context.waivers, question.now)))
    evidence = context.evidence[guard.slug]
    if probe is not None:
        newest = probe.as_evidence(question)
        evidence = [newest, *evidence]
    result = kept_passes.judged(context.passes, guard, evidence, question)
    if newest is not None and not question.is_replay:
        result = flapping.counted(result, newest.observed_at)
    evidence_id = probe.evidence_id if probe is not None else (newest.id if newest is not None else None)
    return replace(result, evidence_id=evidence_id) if evidence_id else result


def _pause(context: DecisionContext, guard: GuardValue, question: Question) -> ActiveWaiver | None:
    waiver = active_waivers.live_for(context.waivers, guard.slug, guard.level, question.now)
    return waiver if waiver is not None and waiver.kind == "pause" else None


def _waived(waiver: ActiveWaiver, what: str) -> Judgement:
    by = waiver.made_by if waiver.owner in {"", waiver.made_by} else f"{waiver.made_by} for {waiver.owner}"
    summary = f"{what} (by {by} until {_clock(waiver.ends_at)}: {waiver.reason})"
    return Judgement("waived", waiver.kind, summary, valid_until=waiver.ends_at)


def _not_probed(pause: ActiveWaiver | None) -> Judgement:
    if pause is None:
        return verdicts_judge.error("not_observed", "it should have looked, and did not")
    why = f"paused by {pause.made_by}: {pause.reason}"
    summary = f"nobody looks at this target until {_clock(pause.ends_at)} ({why})"
    return Judgement("inconclusive", "probes_paused", summary, next_possible_at=pause.ends_at)


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
