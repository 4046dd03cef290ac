"""Finds the evidence that guards need: newest first, bounded, in a fixed number of queries.

One query or two a kind of evidence. A new kind is a module in `sources` and a line in a table here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from postmortems import visibility
from postmortems.db.session import session
from postmortems.guards.evidence.sources import (
    evaluations,
    incidents,
    items,
    pings,
    policies,
    probes,
    submitted,
)
from postmortems.guards.judgement import EvidenceItem, EvidenceNeed, Question
from postmortems.guards.models import Evidence, Service, Target

# Evidence that belongs to one guard is found by the guards' ids …
OF_GUARDS: dict[str, Callable[[Collection[int], Question], Mapping[int, list[EvidenceItem]]]] = {
    "observation": probes.find,
    "ping": pings.find,
}
# … and what any guard may judge by what is wanted of it.
SHARED: dict[
    str, Callable[[Collection[EvidenceNeed], Question], Mapping[EvidenceNeed, list[EvidenceItem]]]
] = {
    "acknowledgement": policies.find_acknowledgements,
    "attestation": submitted.find,
    "command": submitted.find,
    "deploy": submitted.find,
    "evaluation": evaluations.find,
    "facts": submitted.find,
    "incident": incidents.find,
    "item": items.find,
    "policy": policies.find,
    "resolution": submitted.find,
    "signoff": submitted.find,
}


@dataclass(frozen=True, slots=True)
class EvidencePlan:
    """How to find what some guards want, worked out once: by kind of evidence, the guards that want it.

    Guards that want the very same share what is found: those of `alike`, by their ids.
    """

    own: tuple[tuple[str, tuple[int, ...]], ...]
    shared: tuple[tuple[str, frozenset[EvidenceNeed]], ...]
    alike: tuple[tuple[tuple[EvidenceNeed, ...], tuple[int, ...]], ...]

    @classmethod
    def of(cls, wants: Mapping[int, Sequence[EvidenceNeed]]) -> EvidencePlan:
        """`wants` is by guard id what each wants."""
        own, shared = defaultdict[str, list[int]](list), defaultdict[str, set[EvidenceNeed]](set)
        alike = defaultdict[tuple[EvidenceNeed, ...], list[int]](list)
        for guard_id, several in wants.items():
            for kind in sorted({wanted.kind for wanted in several} & OF_GUARDS.keys()):
                own[kind].append(guard_id)
            of_all = tuple(wanted for wanted in several if wanted.kind not in OF_GUARDS)
            for wanted in of_all:
                shared[wanted.kind].add(wanted)
            # In the order of kinds, which those of the same instant keep.
            alike[tuple(sorted(of_all, key=lambda wanted: wanted.kind))].append(guard_id)
        return cls(
            tuple((kind, tuple(ids)) for kind, ids in sorted(own.items())),
            tuple((kind, frozenset(several)) for kind, several in sorted(shared.items())),
            tuple((several, tuple(ids)) for several, ids in alike.items()),
        )


def evidence(
    wants: Sequence[EvidenceNeed], question: Question, guard_id: int | None = None
) -> Sequence[EvidenceItem]:
    """What one guard wants to judge; `guard_id` is whose own evidence, where that is wanted."""
    return evidence_for(EvidencePlan.of({guard_id or 0: wants}), question)[guard_id or 0]


def evidence_for(plan: EvidencePlan, question: Question) -> dict[int, Sequence[EvidenceItem]]:
    """By guard id, what each wants to judge, newest first.

    Seen with the service's eyes: a verdict is stored for all, and may not depend on who asks for it. So no
    source may give words of an incident, which may be restricted, nor anything of its items but their ids.
    """
    known: dict[EvidenceNeed, list[EvidenceItem]] = {}
    found: dict[int, Sequence[EvidenceItem]] = {}
    with visibility.seen_by(visibility.EVERYTHING):
        for kind, several in plan.shared:
            known |= SHARED[kind](several, question)
        for wants, ids in plan.alike:
            seen = [one for wanted in wants for one in known.get(wanted, ())]
            found |= dict.fromkeys(ids, newest_first(seen) if len(seen) > 1 else seen)
        for kind, ids in plan.own:
            for guard_id, of_guard in OF_GUARDS[kind](ids, question).items():
                # Of the same instant, in the order of kinds.
                seen = sorted([*found[guard_id], *of_guard], key=lambda one: one.kind)
                found[guard_id] = newest_first(seen)
    return found


def newest_first(seen: Sequence[EvidenceItem]) -> list[EvidenceItem]:
    """Of the same instant, the one that was found first stays first."""
    return sorted(seen, key=lambda one: one.observed_at, reverse=True)


def deploys(target_ids: Collection[int]) -> dict[int, EvidenceItem]:
    """By target id, the newest deploy event; a target without one is left out."""
    newest = aliased(Evidence)
    of_target = select(newest.id).where(newest.kind == "deploy", newest.target_id == Target.id)
    of_target = of_target.order_by(newest.observed_at.desc(), newest.id.desc()).limit(1)
    chosen = Evidence.id == of_target.correlate(Target).scalar_subquery()
    found = session().execute(
        select(*submitted.columns(), Target.id.label("target_id"))
        .select_from(Target)
        .join(Service, Service.id == Target.service_id)
        .join(Evidence, chosen)
        .where(Target.id.in_(target_ids))
    )
    return {row.target_id: submitted.seen(row) for row in found}
