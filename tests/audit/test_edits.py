"""An edit leaves in the audit log what was before and what is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.accounts import operations as accounts
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.followup.views import operations as views
from postmortems.notify import webhooks
from postmortems.notify.people import operations as people
from tests.runtimes import VAULT
from tests.world import World


def of_person(world: World) -> None:
    accounts.change_user("cy", role="author", is_active=True, actor=world.ben)


def of_webhook(world: World) -> None:
    hook, _ = webhooks.add("hub", "https://hub.example.org/", ["item.*"], actor=world.ben, vault=VAULT)
    webhooks.edit(hook.id, {"events": ["*"]}, actor=world.ben)


def of_view(world: World) -> None:
    view = views.create({"name": "Mine", "query": "owner=ada"}, actor=world.ada)
    views.change(view.id, {"name": "Ours", "query": "owner=ben"}, None, actor=world.ada)


def of_settings(world: World) -> None:
    for zone in ("Europe/Berlin", "UTC"):
        people.change(zone=zone, quiet_from="22:00", quiet_until="07:00", off=[], actor=world.ada)


@pytest.mark.parametrize(
    "edit, verb, before, now",
    [
        (
            of_person,
            "user.changed",
            {"role": "viewer", "is_active": True},
            {"role": "author", "is_active": True},
        ),
        (of_webhook, "webhook.edited", {"events": ["item.*"]}, {"events": ["*"]}),
        (of_view, "view.saved", {"name": "Mine", "shared": False}, {"name": "Ours", "shared": False}),
        (of_settings, "notification.settings_changed", {"zone": "Europe/Berlin"}, {"zone": "UTC"}),
    ],
)
def test_an_edit_tells_both_sides(
    world: World, edit: Callable[[World], None], verb: str, before: dict[str, Any], now: dict[str, Any]
) -> None:
    with db.transaction():
        edit(world)

    with db.reading():
        data = db.rows(select(Event.data).where(Event.verb == verb).order_by(Event.id.desc()))[0].data
    assert data["before"] == data["before"] | before
    assert data == data | now
