"""The filter of the list of action items by their tickets, and what a row shows of them."""

from __future__ import annotations

import pytest

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.followup import queries, schemas
from postmortems.followup.filters import Filters
from postmortems.gate.enforcement import save_incident
from postmortems.incidents.models import ActionItem
from postmortems.tickets.models import STANDINGS, Ticket, Tracker
from tests.conftest import Clock
from tests.world import World


@pytest.fixture
def listed(app: object, world: World, clock: Clock) -> World:
    """AI-1 has a ticket in dispute and one in step, AI-2 one that was closed without proof, AI-3 none."""
    items = tuple(Item(text=f"Item {n}", kind="technical") for n in range(3))
    with db.transaction():
        document = Document(title="Certificates", sections=(Section("Action items", items),))
        save_incident.save(None, document, version=None, actor=world.ada)
        for name in ("one", "two"):
            session().add(
                Tracker(
                    name=name,
                    service="github",
                    api="x",
                    place="a/b",
                    access_token="",
                    webhook_secret="",
                    edited_at=clock.now(),
                )
            )
        session().flush()
        by_number = {item.number: item.id for item in session().query(ActionItem)}
        for tracker, number, standing in ((1, 1, "disputed"), (2, 1, "agreed"), (1, 2, "unproven")):
            session().add(
                Ticket(
                    tracker_id=tracker,
                    item_id=by_number[number],
                    key=str(number),
                    shown=f"#{number}",
                    url=f"https://github.example/{number}",
                    standing=standing,
                    by="ada",
                    at=clock.now(),
                )
            )
    return world


@pytest.mark.parametrize(
    "said, numbers",
    [
        ("", [1, 2, 3]),
        ("any", [1, 2]),
        ("-", [3]),
        ("disputed", [1]),
        ("unproven", [2]),
        ("disputed,unproven", [1, 2]),
        ("agreed", [1]),
        ("gone", []),
    ],
)
@pytest.mark.parametrize("sort", ["", "owner"])
def test_items_are_found_by_their_tickets(
    listed: World, clock: Clock, said: str, sort: str, numbers: list[int]
) -> None:
    filters = Filters(ticket=said, sort=sort)

    with db.reading():
        found = [line.number for line in queries.lines(filters).rows]
        counted = queries.matching_at_most(filters)

    assert (sorted(found), counted) == (numbers, len(numbers))


@pytest.mark.parametrize("said", ["Any", "a b", "x;y", ",", "any,"])
def test_what_is_no_standing_is_refused(app: object, said: str) -> None:
    assert schemas.FiltersSchema().validate({"ticket": said})


def test_every_standing_may_be_asked_for(app: object) -> None:
    assert not schemas.FiltersSchema().validate({"ticket": ",".join(STANDINGS)})


def test_a_row_shows_its_tickets(listed: World) -> None:
    text = listed.browser("cy").get("/action-items?status=any").text

    assert "both sides changed it" in text
    assert "ticket closed, not proven" in text
    assert text.count("#1") >= 2
