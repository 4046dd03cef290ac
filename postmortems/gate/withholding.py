"""What a stored answer of the gate no longer tells: incidents restricted since, also those deleted since."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from postmortems import viewing
from postmortems.audit.models import Event
from postmortems.db import session
from postmortems.incidents import restricting
from postmortems.incidents.models import Incident


def withheld(answer: dict[str, Any]) -> dict[str, Any]:
    """A stored answer without what it says of incidents that were restricted since."""
    told = answer.get("guards", [])
    if any(one.get("kind") in restricting.TELLS_ITEMS for one in told):
        answer = restricting.without_items(answer)
        told = answer.get("guards", [])
    slugs = {link["incident"]["slug"] for one in told for link in one["because"]} - {""}
    if not slugs:
        return answer
    with viewing.seen_by(viewing.EVERYTHING):
        named = select(Incident.slug).where(Incident.slug.in_(slugs), restricting.IS_RESTRICTED)
        # Of one that was deleted only what is sealed is left to say that it was.
        sealed = select(Event.subject).where(
            Event.subject_kind == "incident", Event.subject.in_(slugs), Event.is_sealed
        )
        restricted = set(session().scalars(named.union(sealed)))
    if not restricted:
        return answer

    def links(one: dict[str, Any]) -> list[dict[str, Any]]:
        kept = [link for link in one["because"] if link["incident"]["slug"] not in restricted]
        is_less = len(kept) < len(one["because"]) and restricting.LINK not in kept
        return [*kept, restricting.LINK] if is_less else kept

    return answer | {"guards": [one | {"because": links(one)} for one in told]}
