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
from postmortems.errors import Invalid
from postmortems.gate.decisions import ask, evaluate, probes
from postmortems.gate.decisions import context as decisions_context
from postmortems.gate.decisions.context import DecisionContext
from postmortems.gate.decisions.probes import ProbeResult
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.gate.scenarios.facts import ScenarioFacts
from postmortems.gate.verdicts import judge
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards.evidence.find import OF_GUARDS
from postmortems.guards.judgement import EvidenceItem, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.incidents.items import team_rights

# Of each sort of evidence that a guard wants; most guards judge the newest alone.
MOST_OF_A_SORT = 5
# Who answered and by which rule of the operator's is not for everybody.
NOT_TOLD = frozenset({"peer", "rule", "detail"})

Facts = dict[str, Any]


@dataclass
class Capture:
    """The facts with new probe results and evidence, the number of guards, and which probes failed."""

    facts: Facts
    guards: int = 0
    troubles: list[str] = field(default_factory=list)


def record_now(written: Mapping[str, Any], *, actor: Actor, egress: Egress) -> Capture:
    """Replace the facts' probes and evidence by what the target's guards get at this moment.

    Where the facts say when was asked, what came later is moved: it is as old then as it is now. Rows that
    no guard asks for stay. Opens its own units of work. Raises `Invalid` with pointers below `/facts`.
    """
    permissions.require_anywhere(actor, "scenario.edit")
    written = {**written, "at": written["at"] or clock.now().replace(microsecond=0).isoformat()}
    facts = ScenarioFacts.of(written)
    ends = time.monotonic() + ask.PROBED_WITHIN_S
    question = judge.question(facts.request, clock.now())
    with visibility.seen_by(visibility.NOBODY), db.reading():
        team_rights.require_target(actor, "scenario.edit", facts.request.full_target)
        context = decisions_context.read(facts.request, question)
    if context.reason is not None:
        pointer = "/facts/request/target" if context.reason.reason_code == "unknown_target" else ""
        raise Invalid(f"{context.reason.summary}: there is nobody to ask", pointer or "/facts/request/target")
    due = evaluate.due(context, question)
    probed = probes.run(due, question, egress, max(0.0, ends - time.monotonic()))
    now = clock.now().replace(microsecond=0)
    captured = Capture({**written, "at": facts.at.isoformat()}, len(context.guards))
    captured.facts["probes"] = {**facts.probes, **dict(_probes(context, probed, captured))}
    recorded = zip(written.get("evidence", ()), facts.evidence, strict=True)
    stays = [one for one, (_, item) in recorded if not _is_wanted(item, context, question)]
    captured.facts["evidence"] = [*stays, *_evidence(context, facts.at - now, facts.at)]
    return captured


def _probes(
    context: DecisionContext, probed: Mapping[str, ProbeResult], captured: Capture
) -> Iterator[tuple[str, Facts]]:
    for guard in context.guards:
        if guard.kind not in KINDS or not KINDS[guard.kind].probes(guard.config):
            continue
        probe, newest = probed.get(guard.slug), evaluate.newest_probe(context, guard)
        data = probe.data if probe is not None else newest.data if newest is not None else None
        if data is None or (probe is not None and probe.trouble):
            why = probe.trouble if probe is not None else "nobody looks at it now, and nobody has lately"
            captured.troubles.append(f"{guard.slug}: {why}")
            continue
        yield guard.slug, {name: value for name, value in data.items() if _is_told(name, value)}


def _is_told(name: str, value: Any) -> bool:
    return name not in NOT_TOLD and value is not None


def _is_wanted(item: EvidenceItem, context: DecisionContext, question: Question) -> bool:
    return any(need.fits(item) for guard in context.guards for need in judge.needs(guard, question))


def _evidence(context: DecisionContext, moved: timedelta, at: datetime) -> list[Facts]:
    """The evidence besides probe results that the guards judge, each piece once, newest first."""
    rows: list[Facts] = []
    for guard in context.guards:
        counts: dict[tuple[str, ...], int] = {}
        for item in context.evidence[guard.slug]:
            sort = item.kind, item.predicate, item.target, item.result
            counts[sort] = counts.get(sort, 0) + 1
            # Whoever reads the scenario later may not know of what is restricted.
            is_shown = item.kind in scenarios_schemas.RECORDED and not item.data.get("is_restricted")
            if not is_shown or counts[sort] > MOST_OF_A_SORT:
                continue
            row = _plain(item, guard, moved, at)
            if row not in rows:
                rows.append(row)
    return rows


def _plain(item: EvidenceItem, guard: GuardValue, moved: timedelta, at: datetime) -> Facts:
    data = dict(item.data)
    row: Facts = {"kind": item.kind}
    if item.kind in OF_GUARDS:
        row["guard"] = guard.slug
    names = ("predicate", "target", "digest", "sha", "issuer", "trust")
    row |= {name: getattr(item, name) for name in names if getattr(item, name)}
    row |= {name: data.pop(name) for name in ("tests", "run") if data.get(name)}
    if item.kind == "item" and data.get("due"):
        data["due"] = (date.fromisoformat(data["due"]) + timedelta(days=moved.days)).isoformat()
    if item.result:
        row["outcome" if item.kind == "deploy" else "result"] = item.result
    observed = item.observed_at if item.observed_at <= at else min(item.observed_at + moved, at)
    if item.kind == "incident":
        # Since when it is open would tell too much of one that is restricted.
        observed = at
    observed = observed.replace(microsecond=0).astimezone(at.tzinfo)
    data = {name: value for name, value in data.items() if value not in (None, "", [], {})}
    return row | {"observed_at": observed.isoformat()} | ({"data": data} if data else {})
