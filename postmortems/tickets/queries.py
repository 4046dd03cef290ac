"""Queries of tickets: of one item, and how those of a list of items stand."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from postmortems.db.session import session
from postmortems.incidents.models import ActionItem
from postmortems.tickets.models import Ticket


def of_item(item_id: int) -> list[Ticket]:
    """The tickets of an item, the oldest first."""
    its = select(Ticket).where(Ticket.item_id == item_id).options(joinedload(Ticket.item))
    return list(session().scalars(its.order_by(Ticket.id)))


def of_numbers(numbers: Iterable[int]) -> dict[int, list[Ticket]]:
    """By the number of the item, the tickets of a page of items. One query."""
    wanted = list(numbers)
    found: dict[int, list[Ticket]] = {}
    if not wanted:
        return found
    its = select(ActionItem.number, Ticket).join(Ticket, Ticket.item_id == ActionItem.id)
    for number, ticket in session().execute(its.where(ActionItem.number.in_(wanted)).order_by(Ticket.id)):
        found.setdefault(number, []).append(ticket)
    return found
