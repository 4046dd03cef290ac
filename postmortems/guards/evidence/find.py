"""Finds the evidence that guards need: newest first, bounded, in a fixed number of queries.

One query or two a kind of evidence. A new kind is a module in `sources` and a line in a table here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

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


def evidence(
    wants: Sequence[EvidenceNeed], question: Question, guard_id: int | None = None
) -> list[EvidenceItem]:
    """What one guard wants to judge; `guard_id` is whose own evidence, where that is wanted."""
    return evidence_for({guard_id or 0: wants}, question)[guard_id or 0]


def evidence_for(
    wants: Mapping[int, Sequence[EvidenceNeed]], question: Question
) -> dict[int, list[EvidenceItem]]:
    """By guard id, what each wants to judge, newest first.

    Seen with the service's eyes: a verdict is stored for all, and may not depend on who asks for it. So no
    source may give words of an incident, which may be restricted, nor anything of its items but their ids.
    """
    found: dict[int, list[EvidenceItem]] = {guard_id: [] for guard_id in wants}
    with visibility.seen_by(visibility.EVERYTHING):
        for kind in sorted({wanted.kind for several in wants.values() for wanted in several}):
            for guard_id, seen in _of_kind(kind, wants, question):
                found[guard_id] += seen
    return {guard_id: newest_first(seen) if len(seen) > 1 else seen for guard_id, seen in found.items()}


def _of_kind(
    kind: str, wants: Mapping[int, Sequence[EvidenceNeed]], question: Question
) -> Iterator[tuple[int, list[EvidenceItem]]]:
    asking = {
        guard_id: [wanted for wanted in several if wanted.kind == kind] for guard_id, several in wants.items()
    }
    asking = {guard_id: several for guard_id, several in asking.items() if several}
    if kind in OF_GUARDS:
        yield from OF_GUARDS[kind](asking, question).items()
        return
    known = SHARED[kind]({wanted for several in asking.values() for wanted in several}, question)
    for guard_id, several in asking.items():
        yield guard_id, [seen for wanted in several for seen in known.get(wanted, ())]


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
