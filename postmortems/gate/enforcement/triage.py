"""Triage of action items: what was proposed is accepted, or declined with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.followup import queries
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import ActionItem

# What may be said of an item in the same breath as it is accepted.
WITH_ACCEPTANCE = frozenset({"owner", "team", "due", "priority"})


def accept(ref: str, changes: Mapping[str, Any] | None = None, *, actor: Actor) -> ActionItem:
    """Commit to what was proposed: it is open, with `changes` to its owner, team, due date or priority.

    Raises `NotFound`, `Conflict` where it is not proposed, and `Invalid` with pointers into `changes`.
    """
    said = dict(changes or {})
    if strange := said.keys() - WITH_ACCEPTANCE:
        raise Invalid("cannot be set with the acceptance", f"/{min(strange)}")
    _hold_proposed(ref, actor)
    wanted = {**said, "status": "open"}
    return save_incident.edit_item(ref, wanted, actor=actor, message=f"{ref} accepted")


def decline(ref: str, reason: str, *, actor: Actor) -> ActionItem:
    """Say that what was proposed will not be done, and why. Raises as `accept` does."""
    _hold_proposed(ref, actor)
    if not reason.strip():
        raise Invalid("say why it is declined", "/reason")
    wanted = {"status": "wont_do", "reason": reason.strip()}
    return save_incident.edit_item(ref, wanted, actor=actor, message=f"{ref} declined")


def _hold_proposed(ref: str, actor: Actor) -> None:
    """Hold its incident for this unit of work, so that of two who decide at once the second is told."""
    permissions.require_anywhere(actor, "item.edit")
    item = queries.by_ref(ref, actor)
    team_rights.require_item(actor, item)
    incidents.for_saving(item.incident.slug)
    session().refresh(item)
    if item.status != "proposed":
        raise Conflict(f"{item.ref} is {item.status.replace('_', ' ')}: only what is proposed is decided on")
