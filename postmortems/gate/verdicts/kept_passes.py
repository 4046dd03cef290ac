"""Kept passes: what a guard said of the same artifact and evidence, as long as that is a pass by itself.

They are kept with the guards of a target, so that they go when anything about these changes. Evidence is
read for each decision and compared: only judging it is spared, of kinds whose pass depends on nothing else.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from postmortems.gate.verdicts import judge
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards.judgement import Artifact, Evidence, EvidenceItem, Question
from postmortems.guards.kinds.registry import KINDS


@dataclass(frozen=True, slots=True)
class KeptPass:
    """A pass, and what it was judged by: it holds from `since` to before `until`."""

    result: GuardResult
    artifact: Artifact
    evidence: Sequence[EvidenceItem]
    since: datetime
    until: datetime

    def holds(self, evidence: Evidence, question: Question) -> bool:
        return (
            self.since <= question.now < self.until
            and question.artifact == self.artifact
            and evidence == self.evidence
        )


# By a guard's slug.
Passes = MutableMapping[str, KeptPass]


def judged(passes: Passes, guard: GuardValue, evidence: Evidence, question: Question) -> GuardResult:
    """As `judge.judge` says, without judging again what holds."""
    if question.is_replay:
        return judge.judge(guard, evidence, question)
    known = passes.get(guard.slug)
    if known is not None and known.holds(evidence, question):
        return known.result
    result = judge.judge(guard, evidence, question)
    until, kind = result.judgement.valid_until, KINDS.get(guard.kind)
    if kind is not None and kind.keeps_passing and result.judgement.verdict == "pass" and until is not None:
        passes[guard.slug] = KeptPass(result, question.artifact, evidence, question.now, until)
    return result
