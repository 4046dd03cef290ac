"""Kept passes: what a guard said before, as long as it would say the same but for the instant it is asked at.

They are kept with the guards of a target, so that they go when anything about these changes. Evidence is
read for each decision and compared: judging it and writing down what was said are spared, of kinds whose
pass depends on nothing else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from postmortems.formats.json_text import dumped
from postmortems.gate.verdicts import judge
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards.judgement import Evidence, EvidenceItem, PassTerms, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.zone_tables import ZoneInfo

UTC_ZONE = "UTC"
# Stands in a text for an instant, before the zone by whose clocks it is said: nobody can have written it.
MARK = secrets.token_hex(16)
MARKED = re.compile(f'"{MARK}([^"]*)"')


@dataclass(frozen=True, slots=True)
class Moment:
    """Stands in a kept pass for the instant at which it is asked: whoever takes it for one fails."""

    zone: str


class Clocks(dict[str, str]):
    """What the clocks of each zone show at an instant, as JSON text."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._now = now

    def __missing__(self, zone: str) -> str:
        told = self[zone] = f'"{_local(self._now, zone)}"'
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPass(GuardResult):
    """A pass, and what it was judged by: it holds from `since` on, as `terms` say. `at` says it in words."""

    terms: PassTerms
    depends_on: object
    evidence: Sequence[EvidenceItem]
    since: datetime
    mark: str
    # Its text with a zone at each second place, once it was asked for.
    _parts: list[str] = field(default_factory=list, compare=False)

    @classmethod
    def of(cls, result: GuardResult, terms: PassTerms, evidence: Evidence, question: Question) -> KeptPass:
        said = result.judgement
        if terms.moments:
            moments = {name: Moment(zone) for name, zone in terms.moments.items()}
            said = replace(said, observed={**said.observed, **moments})
        if terms.is_checked_now:
            said = replace(said, checked_at=cast(datetime, Moment(UTC_ZONE)))
        return cls(
            result.guard,
            said,
            terms=terms,
            depends_on=KINDS[result.guard.kind].depends_on(question),
            evidence=evidence,
            since=question.now,
            mark=judge.mark(result),
        )

    def holds(self, evidence: Evidence, question: Question) -> bool:
        return (
            self.since <= question.now < self.terms.until
            and evidence == self.evidence
            and KINDS[self.guard.kind].depends_on(question) == self.depends_on
        )

    def at(self, now: datetime) -> GuardResult:
        """As it is said at this instant."""
        said, terms = self.judgement, self.terms
        if terms.moments:
            moments = {name: _local(now, zone) for name, zone in terms.moments.items()}
            said = replace(said, observed={**said.observed, **moments})
        if terms.is_checked_now:
            said = replace(said, checked_at=now)
        return GuardResult(self.guard, said)

    def text(self, because: Sequence[Mapping[str, Any]], clocks: Clocks) -> str:
        """Its part of an answer; `because` stays the same as long as it is kept."""
        parts = self._parts
        if not parts:
            parts[:] = self._split(because)
        filled = parts.copy()
        filled[1::2] = [clocks[zone] for zone in parts[1::2]]
        return "".join(filled)

    def _split(self, because: Sequence[Mapping[str, Any]]) -> list[str]:
        plain = judge.plain(self.at(self.since), because)
        if self.terms.moments:
            moments = {name: f"{MARK}{zone}" for name, zone in self.terms.moments.items()}
            plain["observed"] = {**plain["observed"], **moments}
        if self.terms.is_checked_now:
            plain["checked_at"] = f"{MARK}{UTC_ZONE}"
        return MARKED.split(dumped(plain))


# By a guard's slug.
Passes = MutableMapping[str, KeptPass]


def judged(passes: Passes, guard: GuardValue, evidence: Evidence, question: Question) -> GuardResult:
    """As `judge.judge` says, without judging again what holds."""
    if question.is_replay or guard.probes:
        return judge.judge(guard, evidence, question)
    known = passes.get(guard.slug)
    if known is not None and known.holds(evidence, question):
        return known
    result = judge.judge(guard, evidence, question)
    terms = judge.terms(result, question)
    if terms is None:
        return result
    kept = passes[guard.slug] = KeptPass.of(result, terms, evidence, question)
    return kept


def at(result: GuardResult, now: datetime) -> GuardResult:
    """What a guard says at this instant, of a pass that may be kept."""
    return result.at(now) if isinstance(result, KeptPass) else result


def mark(result: GuardResult) -> str:
    """As `judge.mark` has it."""
    return result.mark if isinstance(result, KeptPass) else judge.mark(result)


def text(result: GuardResult, because: Sequence[Mapping[str, Any]], clocks: Clocks) -> str:
    """One guard's part of an answer, as JSON text."""
    if isinstance(result, KeptPass):
        return result.text(because, clocks)
    return dumped(judge.plain(result, because))


def _local(now: datetime, zone: str) -> str:
    return now.astimezone(ZoneInfo(zone)).isoformat()
