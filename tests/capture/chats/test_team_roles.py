"""Whoever presses a button in a chat has there the roles that they hold in teams, as of now."""

from __future__ import annotations

import pytest

from postmortems.accounts import queries as accounts
from postmortems.actor import Actor
from postmortems.capture.chat_requests import Sender
from postmortems.capture.chats import presses, queries
from postmortems.capture.chats.buttons import Press
from postmortems.capture.chats.models import ChatAccount
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.errors import NotAllowed
from postmortems.gate.enforcement import save_incident
from postmortems.guards import operations as guards
from postmortems.incidents.items import owners
from tests.conftest import Clock
from tests.world import World

SYSTEM = Actor.system("test")
CY = Sender("slack", "T", "U", "cy")


@pytest.mark.parametrize("role, may", [("author", True), ("reviewer", False), ("", False)])
def test_a_press_is_by_who_is_linked_with_their_roles(
    any_database: str, world: World, clock: Clock, role: str, may: bool
) -> None:
    sections = (Section("Action items", (Item("Look twice."),)),)
    with db.transaction():
        owners.create_team("hub", "Hub", {"cy": False}, {"cy": role}, actor=SYSTEM)
        guards.add_service("hub-service", "", ["prod"], team="hub", actor=SYSTEM)
        document = Document(title="Down", services=("hub-service",), sections=sections)
        save_incident.save(None, document, version=None, actor=SYSTEM)
        about = {"user_id": accounts.account("cy").id, "chat_name": "cy", "linked_at": clock.now()}
        db.insert(ChatAccount(chat="slack", workspace="T", chat_user="U", **about))

    with db.transaction():
        cy = queries.actor_of(CY)
        assert cy is not None
        if may:
            assert "is due on" in presses.carry_out(Press("later", "AI-1"), cy, "")
        else:
            with pytest.raises(NotAllowed):
                presses.carry_out(Press("later", "AI-1"), cy, "")
