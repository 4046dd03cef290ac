"""Captures a scenario now: runs the probes of a target's guards, and keeps their results as facts.

What comes of it is where an author begins: reality, to be edited into the bad case.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.egress.client import Egress
from postmortems.egress.client import current as way_out
from postmortems.errors import Invalid
from postmortems.gate.decisions import ask, context, evaluate, probes
from postmortems.gate.decisions.context import DecisionContext
from postmortems.gate.decisions.probes import ProbeResult
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.gate.scenarios.facts import ScenarioFacts
from postmortems.gate.verdicts import judge
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards.evidence.find import OF_GUARDS
from postmortems.guards.judgement import EvidenceItem, Question
from postmortems.guards.kinds.registry import KINDS

# Of each sort of evidence that a guard wants; most guards judge the newest alone.
MOST_OF_A_SORT = 5
# Who answered and by which rule of the operator's is not for everybody.
NOT_TOLD = frozenset({"peer", "rule", "detail"})

Facts = dict[str, Any]


@dataclass
class Capture:
    """The facts with what was seen in them, how many guards stand there, and what could not be seen."""

    facts: Facts
    guards: int = 0
    troubles: list[str] = field(default_factory=list)


def record_now(written: Mapping[str, Any], *, actor: Actor, egress: Egress | None = None) -> Capture:
    """What the guards over the facts' target see at this moment takes the place of what stands for it.

    Where the facts say when was asked, what came later is moved: it is as old then as it is now. Rows that
    no guard asks for stay. Opens its own units of work. Raises `Invalid` with pointers below `/facts`.
    """
    permissions.require(actor, "scenario.edit")
    written = {**written, "at": written["at"] or clock.now().replace(microsecond=0).isoformat()}
    facts = ScenarioFacts.of(written)
    ends = time.monotonic() + ask.PROBED_WITHIN_S
    question = judge.question(facts.request, clock.now())
    with visibility.seen_by(visibility.NOBODY), db.reading():
        posed = context.read(facts.request, question)
    if posed.reason is not None:
        pointer = "/facts/request/target" if posed.reason.reason_code == "unknown_target" else ""
        raise Invalid(f"{posed.reason.summary}: there is nobody to ask", pointer or "/facts/request/target")
    looking = evaluate.due(posed, question)
    looks = probes.run(looking, question, egress or way_out(), max(0.0, ends - time.monotonic()))
    now = clock.now().replace(microsecond=0)
    found = Capture({**written, "at": facts.at.isoformat()}, len(posed.guards))
    found.facts["probes"] = {**facts.probes, **dict(_probes(posed, looks, found))}
    recorded = zip(written.get("evidence", ()), facts.evidence, strict=True)
    stays = [one for one, (_, item) in recorded if not _is_wanted(item, posed, question)]
    found.facts["evidence"] = [*stays, *_evidence(posed, facts.at - now, facts.at)]
    return found


def _probes(
    posed: DecisionContext, looks: Mapping[str, ProbeResult], found: Capture
) -> Iterator[tuple[str, Facts]]:
    for guard in posed.guards:
        if guard.kind not in KINDS or not KINDS[guard.kind].probes(guard.config):
            continue
        look, newest = looks.get(guard.slug), evaluate.newest_probe(posed, guard)
        data = look.data if look is not None else newest.data if newest is not None else None
        if data is None or (look is not None and look.trouble):
            why = look.trouble if look is not None else "nobody looks at it now, and nobody has lately"
            found.troubles.append(f"{guard.slug}: {why}")
            continue
        yield guard.slug, {name: value for name, value in data.items() if _is_told(name, value)}


def _is_told(name: str, value: Any) -> bool:
    return name not in NOT_TOLD and value is not None


def _is_wanted(item: EvidenceItem, posed: DecisionContext, question: Question) -> bool:
    return any(wanted.fits(item) for guard in posed.guards for wanted in judge.needs(guard, question))


def _evidence(posed: DecisionContext, moved: timedelta, at: datetime) -> list[Facts]:
    """What the guards would judge besides their looks, each piece once, the newest first."""
    found: list[Facts] = []
    for guard in posed.guards:
        counts: dict[tuple[str, ...], int] = {}
        for seen in posed.evidence[guard.slug]:
            sort = seen.kind, seen.predicate, seen.target, seen.result
            counts[sort] = counts.get(sort, 0) + 1
            # Whoever reads the scenario later may not know of what is restricted.
            is_shown = seen.kind in scenarios_schemas.RECORDED and not seen.data.get("is_restricted")
            if not is_shown or counts[sort] > MOST_OF_A_SORT:
                continue
            one = _plain(seen, guard, moved, at)
            if one not in found:
                found.append(one)
    return found


def _plain(seen: EvidenceItem, guard: GuardValue, moved: timedelta, at: datetime) -> Facts:
    data = dict(seen.data)
    told: Facts = {"kind": seen.kind}
    if seen.kind in OF_GUARDS:
        told["guard"] = guard.slug
    names = ("predicate", "target", "digest", "sha", "issuer", "trust")
    told |= {name: getattr(seen, name) for name in names if getattr(seen, name)}
    told |= {name: data.pop(name) for name in ("tests", "run") if data.get(name)}
    if seen.kind == "item" and data.get("due"):
        data["due"] = (date.fromisoformat(data["due"]) + timedelta(days=moved.days)).isoformat()
    if seen.result:
        told["outcome" if seen.kind == "deploy" else "result"] = seen.result
    observed = seen.observed_at if seen.observed_at <= at else min(seen.observed_at + moved, at)
    if seen.kind == "incident":
        # Since when it is open would tell too much of one that is restricted.
        observed = at
    observed = observed.replace(microsecond=0).astimezone(at.tzinfo)
    data = {name: value for name, value in data.items() if value not in (None, "", [], {})}
    return told | {"observed_at": observed.isoformat()} | ({"data": data} if data else {})
