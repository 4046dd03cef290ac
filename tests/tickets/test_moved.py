"""Trackers that are moved, and incidents that are restricted and opened again: what tickets then do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postmortems import visibility
from postmortems.db import session as db
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.tickets import trackers
from tests.runtimes import VAULT
from tests.tickets.conftest import Desks, poll, work
from tests.trackers.desk import TOKEN, Desk, desk

NUMBERED = pytest.mark.parametrize("there", ["github", "gitlab"], indirect=True)


def move(desks: Desks, to: Desk) -> None:
    with db.transaction():
        fields = {"api": to.api, "access_token": TOKEN}
        trackers.save(fields, actor=desks.world.ben, vault=VAULT, tracker_id=desks.tracker)
    work()


@NUMBERED
def test_a_number_elsewhere_is_another_issue(desks: Desks) -> None:
    """What stands at the same number of another repository is nothing that the item ever said."""
    desks.item()
    desks.create()

    with desk(desks.there.service) as other:
        other.add("Somebody else's", state="done")
        move(desks, other)
        desks.edit(text="Alert early")
        work()
        poll()

        assert (desks.stored().text, other.rows[1].title) == ("Alert early", "Somebody else's")
        ticket = desks.ticket()
        assert ticket.standing == "held"
        assert "is another issue" in ticket.trouble


@NUMBERED
def test_a_place_that_has_another_name_now_goes_on(desks: Desks) -> None:
    desks.item()
    desks.create()

    with desk(desks.there.service) as other:
        other.add("Alert on certificates")
        move(desks, other)
        desks.edit(text="Alert early")
        work()

        assert (other.rows[1].title, desks.ticket().standing) == ("Alert early", "agreed")


def restrict(desks: Desks, *names: str) -> None:
    with visibility.seen_by(visibility.EVERYTHING), db.transaction():
        (incident,) = incidents.listing(incidents.Filters()).rows
        document = replace(rows.to_document(incident), restricted=names)
        save_incident.save(
            incident.slug, document, version=incident.version, actor=desks.world.ada, opens=not names
        )


def test_what_is_open_to_all_again_flows_again(desks: Desks) -> None:
    desks.item()
    desks.create()
    restrict(desks, "ada")
    work()
    assert desks.ticket().standing == "held"
    with visibility.seen_by(visibility.Viewer("ada")):
        desks.edit(text="Alert early")
    work()
    assert desks.there.rows[1].title == "Alert on certificates"

    restrict(desks)
    work()

    assert (desks.there.rows[1].title, desks.ticket().standing) == ("Alert early", "agreed")
