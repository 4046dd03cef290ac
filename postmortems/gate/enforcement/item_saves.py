"""Saves changes of many items under the closing rules, each incident once for all of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.document.model import Document, Item
from postmortems.errors import Invalid, NotAllowed
from postmortems.followup.bulk.plan import Values
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incident_queries
from postmortems.incidents import rows
from postmortems.incidents.items import team_rights
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.models import ActionItem, Incident

KEYS_AT_ONCE = 1_000
FORBIDDEN = ("not_allowed", "neither the item nor its incident is of a team in which you may edit")


@dataclass(slots=True)
class Outcome:
    """Numbers of items: saved, changed by others meanwhile, not there, and refused with a code and words."""

    done: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)


def save(
    edits: Mapping[int, Values], expected: Mapping[int, Values], *, actor: Actor, message: str
) -> Outcome:
    """Set these fields of these items, by number, in the unit of work of the caller.

    An item that does not say what is `expected` of it is left alone, and so is one that the closing rules
    refuse; the other items of its incident are saved all the same.
    """
    outcome = Outcome()
    slugs = _slugs(list(edits))
    outcome.missing = [number for number in edits if number not in slugs]
    theirs = team_rights.allowed_numbers(actor, team_rights.EDIT, slugs)
    outcome.refused |= {number: FORBIDDEN for number in slugs if number not in theirs}
    by_incident: defaultdict[str, list[int]] = defaultdict(list)
    for number, slug in slugs.items():
        if number in theirs:
            by_incident[slug].append(number)
    # In one order, so that two such edits never wait for each other.
    for slug in sorted(by_incident):
        wanted = {number: edits[number] for number in by_incident[slug]}
        _save_incident(slug, wanted, expected, (actor, message), outcome)
    return outcome


def _slugs(numbers: list[int]) -> dict[int, str]:
    """By number, the slug of the item's incident, as far as the viewer may know of it."""
    found: dict[int, str] = {}
    for start in range(0, len(numbers), KEYS_AT_ONCE):
        known = select(ActionItem.number, Incident.slug).join(Incident, Incident.id == ActionItem.incident_id)
        known = known.where(ActionItem.number.in_(numbers[start : start + KEYS_AT_ONCE]))
        found |= {row.number: row.slug for row in session().execute(known)}
    return found


def _save_incident(
    slug: str,
    wanted: Mapping[int, Values],
    expected: Mapping[int, Values],
    act: tuple[Actor, str],
    outcome: Outcome,
) -> None:
    actor, message = act
    document = rows.to_document(incident_queries.for_saving(slug))
    ready: dict[str, Values] = {}
    for item in document.items:
        number = number_of(item.id) or 0
        if number not in wanted:
            continue
        if _is_changed(document, item, wanted[number], expected.get(number, {})):
            outcome.conflicts.append(number)
        else:
            ready[item.id] = wanted[number]
    # Each round that is refused leaves at least one item out.
    while ready:
        after = _with(document, ready)
        try:
            with session().begin_nested():
                save_incident.save(
                    slug, after, version=None, actor=actor, message=message, items=ready.keys()
                )
        except NotAllowed as beyond:
            # Tags are the incident's: who may edit its items alone does not set them.
            outcome.refused |= {number_of(ref) or 0: (FORBIDDEN[0], beyond.detail) for ref in ready}
            return
        except Invalid as invalid:
            refused = _refused(invalid, after, ready)
            outcome.refused |= {number_of(ref) or 0: why for ref, why in refused.items()}
            ready = {ref: values for ref, values in ready.items() if ref not in refused}
        else:
            outcome.done += [number_of(ref) or 0 for ref in ready]
            return


def _is_changed(document: Document, item: Item, wanted: Values, expected: Values) -> bool:
    """Whether the item, or the tags of its incident, say something else than is expected.

    Tags may say what is wanted already: another item of the incident was edited before.
    """
    if "tags" in expected and document.tags not in (expected["tags"], wanted.get("tags")):
        return True
    return any(getattr(item, name) != value for name, value in expected.items() if name != "tags")


def _with(document: Document, ready: Mapping[str, Values]) -> Document:
    def changed(item: Item) -> Item:
        own = {name: value for name, value in ready.get(item.id, {}).items() if name != "tags"}
        return replace(item, **own) if own else item

    tags = next((values["tags"] for values in ready.values() if "tags" in values), document.tags)
    return replace(document.with_items(changed), tags=tags)


def _refused(invalid: Invalid, document: Document, ready: Mapping[str, Values]) -> dict[str, tuple[str, str]]:
    """By ref, why an item is refused; all of them where the reason lies in none."""
    places = {pointer: block.id for pointer, block in document.placed_items() if block.id in ready}
    refused = {}
    for problem in invalid.problems:
        ref = next((ref for place, ref in places.items() if problem.pointer.startswith(f"{place}/")), "")
        if ref:
            detail = problem.detail.removeprefix(f"{ref}: ")
            refused[ref] = (problem.reason_code or "refused", detail)
    return refused or dict.fromkeys(ready, ("refused", invalid.detail))
