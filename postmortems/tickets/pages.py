"""What the presses on an item's page do with its tickets, and on the list with those of many items."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.followup import queries as items
from postmortems.followup.queries import Line
from postmortems.incidents.models import ActionItem
from postmortems.tickets import bulk, links, queries, schemas, settlement, trackers
from postmortems.tickets.models import Ticket
from postmortems.web.auth import current_actor

blueprint = Blueprint("tickets", __name__, url_prefix="/action-items")

TONES = {"disputed": "warn", "unproven": "warn", "held": "warn", "gone": "bad"}


@blueprint.post("/<ref>/tickets")
def add(ref: str) -> AnyResponse:
    """Link the issue that the form names, or have one created."""
    issue, tracker = request.form.get("issue", "").strip(), _number("tracker")
    if issue:
        return _done(
            ref, lambda: links.link(ref, tracker, issue, actor=current_actor()), f"linked to {issue}"
        )
    said = "gets a ticket: it is being created"
    return _done(ref, lambda: links.create(ref, tracker, actor=current_actor()), said)


@blueprint.post("/<ref>/tickets/<int:ticket_id>/decide")
def decide(ref: str, ticket_id: int) -> AnyResponse:
    """Decide a field that both sides changed."""
    field, choice = request.form.get("field", ""), request.form.get("choice", "")
    said = {"ours": "ours is sent", "theirs": "theirs is taken"}.get(choice, "both stay as they are")
    act = lambda: links.resolve(ref, ticket_id, field, choice, actor=current_actor())  # noqa: E731
    return _done(ref, act, f"and its ticket: {said}")


@blueprint.post("/<ref>/tickets/<int:ticket_id>/look")
def look(ref: str, ticket_id: int) -> AnyResponse:
    """Look at the issue now, or try anew to create it."""
    act = lambda: links.again(ref, ticket_id, actor=current_actor())  # noqa: E731
    return _done(ref, act, "and its ticket are looked at")


@blueprint.post("/<ref>/tickets/<int:ticket_id>/unlink")
def unlink(ref: str, ticket_id: int) -> AnyResponse:
    """Let nothing flow any more."""
    act = lambda: links.unlink(ref, ticket_id, actor=current_actor())  # noqa: E731
    return _done(ref, act, "and the issue stay as they are, apart")


@blueprint.post("/tickets")
def add_many() -> AnyResponse:
    """Have an issue created for each ticked item."""
    permissions.require_anywhere(current_actor(), "item.edit")
    refs = [f"AI-{number}" for number in request.form.getlist("i") if number.isdigit()]
    try:
        if not refs:
            raise Invalid("tick the items that shall get a ticket")
        if len(refs) > schemas.MOST_AT_ONCE:
            raise Invalid(f"tick at most {schemas.MOST_AT_ONCE} items")
        made, left = bulk.create(refs, _number("tracker"), actor=current_actor())
    except (Invalid, NotFound) as refused:
        flash(_sentence(refused.detail), "error")
    else:
        flash(f"{len(made)} of {len(refs)} items have a ticket, or get one now.", "success")
        for ref, reason in left[:10]:
            flash(_sentence(f"{ref}: {reason}"), "error")
    return redirect("/action-items", 303)


def shown(item: ActionItem) -> dict[str, Any]:
    """What the item's page shows of its tickets."""
    tickets = queries.of_item(item.id)
    return {
        "tickets": tickets,
        "disputes": {ticket.id: settlement.disputes(ticket) for ticket in tickets},
        "trackers": trackers_to_choose(),
        "words": schemas.WORDS,
        "tones": TONES,
    }


def of_lines(lines: Iterable[Line]) -> dict[int, list[Ticket]]:
    """By number, the tickets of the items on a page of the list."""
    return queries.of_numbers(line.number for line in lines)


def trackers_to_choose() -> list[tuple[int, str]]:
    """The trackers that take tickets, each by number and name."""
    return [(row.id, row.name) for row in trackers.every() if row.is_enabled]


def _number(name: str) -> int:
    said = request.form.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _done(ref: str, act: Callable[[], object], said: str) -> AnyResponse:
    """Do it and go back to the item; what is refused is said there."""
    item = items.by_ref(ref, current_actor())
    try:
        with session().begin_nested():
            act()
    except (Invalid, Conflict, NotFound) as refused:
        flash(_sentence(refused.detail), "error")
    else:
        flash(f"{item.ref} {said}.", "success")
    return redirect(f"/action-items/{item.ref}#tickets", 303)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
