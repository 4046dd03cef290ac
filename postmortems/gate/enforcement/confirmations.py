"""Confirmations: that an item is done which no guard proves, by the word of somebody else than its owner."""

from __future__ import annotations

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.followup import queries, rules
from postmortems.gate.enforcement import closing_rules, save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import ActionItem

ACT = "item.confirm"
BY_PEOPLE = frozenset({"attestable", "not_guardable"})


def is_asked(item: ActionItem) -> bool:
    """Whether the item waits for a person's word: it is open, and people are its proof."""
    proof = closing_rules.proof_asked(item.guardability, item.guardability, is_process=item.kind == "process")
    return rules.is_open(item.status) and proof in BY_PEOPLE


def confirm(ref: str, evidence: str = "", *, actor: Actor) -> ActionItem:
    """Say that it is done, and what shows it. The closing rules hold as ever: nobody confirms their own.

    Raises `NotFound`, `Conflict` where it is not open, and `Invalid` where people are not its proof.
    """
    permissions.require_anywhere(actor, ACT)
    item = queries.by_ref(ref, actor)
    team_rights.require_item(actor, item, ACT)
    incidents.for_saving(item.incident.slug)
    session().refresh(item)
    if not rules.is_open(item.status):
        raise Conflict(f"{item.ref} is {item.status.replace('_', ' ')}: only what is open is confirmed")
    if not is_asked(item):
        raise Invalid(
            f"{item.ref} is confirmed by nobody's word: choose first which proof it asks for, or let a guard "
            "prove it",
            "/guardability",
        )
    said = {"status": "done"} | ({"evidence": evidence.strip()} if evidence.strip() else {})
    return save_incident.edit_item(ref, said, actor=actor, message=f"{ref} confirmed", act=ACT)
