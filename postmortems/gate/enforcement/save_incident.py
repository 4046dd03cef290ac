"""Saves incidents under the closing rules: an enforceable item is done when its proof is there.

Doors call `save` and `edit_item`, never `incidents.operations.save` itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import selectinload

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.document.model import Document
from postmortems.errors import Invalid, NotFound, Problem
from postmortems.followup.item import written_blockers
from postmortems.followup.policies.new_items import NewItems
from postmortems.gate.enforcement import closing_rules, remedies
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.tallies import changes as changes
from postmortems.incidents import operations as incidents
from postmortems.incidents import queries as incident_queries
from postmortems.incidents import rows
from postmortems.incidents.items import item_edit, team_rights
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.items.lifecycle import CLOSED
from postmortems.incidents.items.team_rights import CLOSE
from postmortems.incidents.models import ActionItem, Incident, ItemGuard, Section
from postmortems.incidents.parts import stored_parts
from postmortems.incidents.parts.stored_parts import StoredSection

OF_INCIDENT = ActionItem.incident_id == bindparam("incident")
SAID = PreparedQuery(
    select(
        ActionItem.number,
        ActionItem.id,
        ActionItem.status,
        ActionItem.kind,
        ActionItem.guardability,
        ActionItem.owner,
        ActionItem.team,
        ActionItem.text,
        ItemGuard.slug,
    )
    .outerjoin(ActionItem.guards)
    .where(OF_INCIDENT)
)


@dataclass(frozen=True, slots=True)
class Said:
    """What closing is judged by: an item as it is stored before or after the save, with its row's key."""

    key: int
    status: str
    kind: str
    guardability: str
    owner: str
    team: str
    text: str
    guards: frozenset[str]


def save(
    slug: str | None,
    document: Document,
    *,
    version: int | None,
    actor: Actor,
    message: str = "",
    name: str = "",
    is_demo: bool = False,
    opens: bool = False,
    merges: bool = False,
    is_stored: bool = False,
    items: Collection[str] = (),
    act: str = "incident.save",
) -> Incident:
    """Store a document as `incidents.operations.save` does, hold the closing rules and touch the items.

    New incidents' items may come in done: a claim. Raises also `Invalid` at `/sections/3/blocks/2/status`.
    """
    held, closes = _held(slug, actor, act)
    old_version, repeated = (held.version, held.recurrence_of) if held else (0, "")
    stored = stored_parts.sections(held) if held else []
    new = NewItems(clock.now(), is_claimed=bool(name or is_demo))
    incident = incidents.save(
        slug, document, version=version, actor=actor, message=message, name=name, is_demo=is_demo,
        opens=opens, merges=merges, is_stored=is_stored, held=held, completes=new.dated, items=items, act=act,
    )  # fmt: skip
    written_blockers.take_up(document, incident, actor=actor, is_import=bool(name))
    if incident.version == old_version:
        return incident
    touched = {row.id for section in stored for row, guards in section.items if guards}
    if stored_parts.has_written_items(incident):
        new.note()
        begun = {item.id for item in stored_parts.new_items(incident)}
        touched = _judged(incident, stored, document, (actor, closes)) if held else begun
    protection_operations.touch(items=touched, incidents={repeated} ^ {incident.recurrence_of}, actor=actor)
    return incident


def _held(slug: str | None, actor: Actor, act: str) -> tuple[Incident | None, team_rights.Teams]:
    """The incident that is saved, and its teams where closing depends on them.

    As it is stored: what a save says of its services gives no right to what else it says.
    """
    permissions.require_anywhere(actor, act)
    held = incident_queries.for_saving(slug) if slug is not None else None
    return held, team_rights.of_incident(actor, CLOSE, held.id) if held else team_rights.NONE


def _judged(
    incident: Incident,
    stored: Iterable[StoredSection],
    document: Document,
    by: tuple[Actor, team_rights.Teams],
) -> set[int]:
    """Hold the closing rules over an edit, and drill what it links; whose protection it can change."""
    before, after = _stored(stored), _said(incident.id)
    _hold_closing_rules(incident, before, after, document, by)
    _drill_new_links(incident, before, after, by[0])
    return _touched(before, after)


def _touched(before: Mapping[str, Said], after: Mapping[str, Said]) -> set[int]:
    """The items whose protection a save can change: new ones, and those that name guards, or did."""
    stayed = {ref: before[ref] for ref in after if ref in before}
    return {item.key for ref, item in after.items() if ref not in stayed or item.guards or stayed[ref].guards}


def edit_item(
    ref: str, changes: Mapping[str, Any], *, actor: Actor, message: str = "", act: str = ""
) -> ActionItem:
    """Change fields of one action item through its document, by the same rules as any save.

    `act`: what the caller has looked at that it is, and for which the actor needs to edit nothing else.

    `changes` has the fields of `document.model.Item` but `id`; `due` as a date, ISO text or None. Raises
    `NotFound`, and `Invalid` with pointers into `changes`.
    """
    permissions.require_anywhere(actor, act or "item.edit")
    values = item_edit.checked(changes)
    number = number_of(ref)
    held = select(ActionItem).where(ActionItem.number == number)
    item = session().scalars(held).one_or_none() if number is not None else None
    if item is None:
        raise NotFound(f"there is no action item {ref}")
    incident = incident_queries.for_saving(item.incident.slug)
    document = item_edit.with_item(rows.to_document(incident), item.ref, **values)
    place = next(pointer for pointer, block in document.placed_items() if block.id == item.ref)
    try:
        save(
            incident.slug, document, version=incident.version, actor=actor, message=message, items=[item.ref],
            act=act or "incident.save",
        )  # fmt: skip
    except Invalid as refused:
        raise Invalid(
            replace(problem, pointer=problem.pointer.removeprefix(place)) for problem in refused.problems
        ) from refused
    return item


def _stored(sections: Iterable[StoredSection]) -> dict[str, Said]:
    """By ref, the items of stored sections."""
    return {
        f"AI-{row.number}": Said(
            row.id, row.status, row.kind, row.guardability, row.owner, row.team, row.text,
            guards=frozenset(guard.slug for guard in guards),
        )
        for section in sections
        for row, guards in section.items
    }  # fmt: skip


def _said(incident_id: int) -> dict[str, Said]:
    """By ref, the incident's items as they are."""
    rows, named = {}, dict[int, set[str]]()
    session().flush()
    for row in SAID.rows({"incident": incident_id}):
        rows[row.number] = row
        if row.slug is not None:
            named.setdefault(row.number, set()).add(row.slug)
    return {
        f"AI-{number}": Said(
            row.id, row.status, row.kind, row.guardability, row.owner, row.team, row.text,
            guards=frozenset(named.get(number, ())),
        )
        for number, row in rows.items()
    }  # fmt: skip


def _drill_new_links(
    incident: Incident, before: Mapping[str, Said], after: Mapping[str, Said], actor: Actor
) -> None:
    """Drill anew when an item names another guard: it may be younger than the newest drill."""
    if any(item.guards - (before[ref].guards if ref in before else set()) for ref, item in after.items()):
        for scenario in scenarios_queries.scenarios(incident):
            scenarios_operations.run(scenario, actor=actor)


def _slugs(item: ActionItem) -> frozenset[str]:
    return frozenset(guard.slug for guard in item.guards)


def _hold_closing_rules(
    incident: Incident,
    before: Mapping[str, Said],
    after: Mapping[str, Said],
    document: Document,
    by: tuple[Actor, team_rights.Teams],
) -> None:
    """Refuse what may not be closed, and mark what an admin closes without the proof."""
    closed = _items(
        item.key
        for ref, item in after.items()
        if item.status in CLOSED and (ref not in before or before[ref].status != item.status)
    )
    if not closed:
        return
    derived = protection_operations.derive([item.id for item in closed if item.status == "done"])
    actor, of = by
    known_as, unproven = teams.names_meaning(actor), _who_may_override(closed, before, actor, of)
    problems = []
    for item in closed:
        was = before.get(item.ref)
        if item.status == "wont_do":
            closing = closing_rules.may_be_dropped(item.reason)
        elif was is None:
            # New and done at once: a claim, like those of an import. The report shows that nothing proves it.
            continue
        else:
            protection = derived[item.id].protection
            closing = _may_be_done(item, was, protection, (actor, known_as), item.number in unproven)
        if not closing.is_allowed:
            protection = derived[item.id].protection if item.id in derived else ""
            place = f"{_place(item, incident, document)}/status"
            is_admin = item.number in unproven
            problems.append(_refused(item, incident.slug, place, closing, protection, is_admin=is_admin))
        elif closing.is_unproven:
            _mark_unproven(item, closing.detail, actor)
    if problems:
        raise Invalid(problems)


def _items(keys: Iterable[int]) -> Sequence[ActionItem]:
    """These items in the order of their document."""
    if not (wanted := list(keys)):
        return []
    found = select(ActionItem).where(ActionItem.id.in_(wanted)).join(ActionItem.section)
    found = found.options(selectinload(ActionItem.guards))
    return session().scalars(found.order_by(Section.position, ActionItem.position)).all()


def _refused(
    item: ActionItem,
    slug: str,
    place: str,
    closing: closing_rules.Closing,
    protection: str,
    *,
    is_admin: bool,
) -> Problem:
    ways = remedies.ways_out(
        closing.reason_code,
        ref=item.ref,
        incident=slug,
        protection=protection,
        guards=sorted(_slugs(item)),
        is_admin=is_admin,
    )
    return Problem(place, f"{item.ref}: {closing.detail}", reason_code=closing.reason_code, remedies=ways)


def _who_may_override(
    closed: Iterable[ActionItem], before: Mapping[str, Said], actor: Actor, of: team_rights.Teams
) -> frozenset[int]:
    """The numbers of the items that the actor may close without their proof, by whose they were until now."""
    if not permissions.depends(actor, CLOSE):
        return frozenset(item.number for item in closed) if permissions.may(actor, CLOSE) else frozenset()
    known = {item.number: before[item.ref] for item in closed if item.ref in before}
    own = team_rights.teams_named(name for was in known.values() for name in (was.owner, was.team))
    return frozenset(
        number
        for number, was in known.items()
        if permissions.may(actor, CLOSE, of | {own[name] for name in (was.owner, was.team) if name in own})
    )


def _may_be_done(
    item: ActionItem, was: Said, protection: str, by: tuple[Actor, Collection[str]], may_override: bool
) -> closing_rules.Closing:
    actor, known_as = by
    return closing_rules.may_be_done(
        guardability=closing_rules.proof_asked(
            was.guardability, item.guardability, is_process="process" in (was.kind, item.kind)
        ),
        protection=protection,
        # Whoever gives the item away in the very save that closes it still owned it.
        owner=f"{was.owner}, {item.owner}",
        by=actor.name,
        text=was.text,
        is_answered=bool(item.outcome or item.guards),
        may_override=may_override,
        reason=item.reason,
        known_as=known_as,
    )


def _mark_unproven(item: ActionItem, missing: str, actor: Actor) -> None:
    item.closed_unproven = True
    session().flush()
    # An item that is taken out of its text is not found by its id any more.
    told = {"incident": item.incident.slug, "missing": missing, "reason": item.reason}
    audit.record(actor, "item.closed_unproven", "item", item.ref, **told)


def _place(item: ActionItem, incident: Incident, document: Document) -> str:
    """Where the item stands in the document as it was sent: by its id, else by its place among the items."""
    sent = list(document.placed_items())
    for pointer, block in sent:
        if block.id == item.ref:
            return pointer
    refs = [block.id for block in rows.to_document(incident).items]
    return sent[refs.index(item.ref)][0] if len(refs) == len(sent) else ""
