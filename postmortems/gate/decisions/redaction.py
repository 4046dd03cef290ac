"""Redaction of stored answers: incidents that were restricted or deleted since are withheld.

Answers of the gate, what was recorded for scenarios, and what drills found in that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from postmortems import visibility
from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.gate.models import Drill
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions


def withheld(answer: dict[str, Any]) -> dict[str, Any]:
    """A stored answer without what it says of incidents that were restricted since."""
    guards = answer.get("guards", [])
    if any(guard.get("kind") in restrictions.TELLS_ITEMS for guard in guards):
        answer = restrictions.without_items(answer)
        guards = answer.get("guards", [])
    slugs = {link["incident"]["slug"] for guard in guards for link in guard["because"]} - {""}
    if not slugs:
        return answer
    with visibility.seen_by(visibility.EVERYTHING):
        named = select(Incident.slug).where(Incident.slug.in_(slugs), restrictions.IS_RESTRICTED)
        # Of one that was deleted only what is sealed is left to say that it was.
        sealed = select(Event.subject).where(
            Event.subject_kind == "incident", Event.subject.in_(slugs), Event.is_sealed
        )
        restricted = set(session().scalars(named.union(sealed)))
    if not restricted:
        return answer

    def links(guard: dict[str, Any]) -> list[dict[str, Any]]:
        kept = [link for link in guard["because"] if link["incident"]["slug"] not in restricted]
        is_less = len(kept) < len(guard["because"]) and restrictions.LINK not in kept
        return [*kept, restrictions.LINK] if is_less else kept

    return answer | {"guards": [guard | {"because": links(guard)} for guard in guards]}


def facts(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a scenario without what was recorded of items that are restricted by now."""
    hidden = {id(one) for one in _hidden(stored)}
    if not hidden:
        return dict(stored)
    return {**stored, "evidence": [one for one in stored["evidence"] if id(one) not in hidden]}


def facts_kept(sent: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Facts that were edited by somebody who was not shown all of them: what was withheld stays."""
    hidden, shown = _hidden(stored), list(sent.get("evidence", ()))
    if not hidden or any(one in shown for one in hidden):
        return dict(sent)
    if shown == facts(stored)["evidence"]:
        return {**sent, "evidence": list(stored["evidence"])}
    return {**sent, "evidence": [*shown, *hidden]}


def _hidden(stored: Mapping[str, Any]) -> list[Any]:
    """The rows about items that are restricted by now."""
    rows = {id(one): str(one.get("data", {}).get("id", "")) for one in _items(stored)}
    restricted = restrictions.restricted_refs(" ".join(rows.values())) if rows else set()
    return [one for one in _items(stored) if rows[id(one)] in restricted]


def _items(stored: Mapping[str, Any]) -> list[Any]:
    return [one for one in stored.get("evidence", ()) if one.get("kind") == "item"]


def drill(drilled: Drill) -> Drill:
    """What a drill found, without the ids of items that are restricted by now; what is stored stays."""
    if any(one.get("kind") in restrictions.TELLS_ITEMS for one in drilled.results):
        set_committed_value(drilled, "results", restrictions.without_items(drilled.results))
    return drilled
