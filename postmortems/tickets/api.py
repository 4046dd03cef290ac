"""Trackers and tickets over HTTP: who manages them, what is linked, created, decided and unlinked."""

from __future__ import annotations

from typing import Any

from postmortems.accounts import permissions
from postmortems.followup import queries as items
from postmortems.tickets import accounts, bulk, links, policies, queries, schemas, trackers
from postmortems.tickets.models import TicketPolicy, TrackerAccount
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint(
    "tickets", "Link action items to the issues of other trackers, and keep both in step."
)

Fields = dict[str, Any]


@blueprint.route("/trackers", methods=["GET"])
@contract(returns=schemas.TrackersOut, scope_note="read", errors=())
def list_trackers() -> Fields:
    """All trackers, by name."""
    return {"trackers": [schemas.tracker(row) for row in trackers.every()]}


@blueprint.route("/trackers", methods=["POST"])
@contract(
    body=schemas.TrackerBody, returns=schemas.TrackerOut, status=201, scope_note="admin", errors=(409, 422)
)
def add_tracker(body: Fields) -> Fields:
    """Add a tracker; its token and secret are kept encrypted and never given back."""
    return schemas.tracker(trackers.save(body, actor=current_actor(), vault=runtime().vault))


@blueprint.route("/trackers/<int:tracker_id>", methods=["GET"])
@contract(returns=schemas.TrackerOut, scope_note="read", errors=(404,))
def show_tracker(tracker_id: int) -> Fields:
    """One tracker."""
    return schemas.tracker(trackers.found(tracker_id))


@blueprint.route("/trackers/<int:tracker_id>", methods=["PATCH"])
@contract(body=schemas.TrackerBody(partial=True), returns=schemas.TrackerOut, scope_note="admin")
def edit_tracker(body: Fields, tracker_id: int) -> Fields:
    """Change a tracker; to another address its token is asked for anew. What was not sent is tried again."""
    saved = trackers.save(body, actor=current_actor(), vault=runtime().vault, tracker_id=tracker_id)
    return schemas.tracker(saved)


@blueprint.route("/trackers/<int:tracker_id>", methods=["DELETE"])
@contract(status=204, scope_note="admin", errors=(404,))
def remove_tracker(tracker_id: int) -> None:
    """Forget a tracker and what is linked there; the issues stay."""
    trackers.remove(tracker_id, actor=current_actor())


@blueprint.route("/trackers/<int:tracker_id>/accounts", methods=["GET"])
@contract(returns=schemas.TrackerAccountsOut, scope_note="admin", errors=(404,))
def list_accounts(tracker_id: int) -> Fields:
    """Which of the tracker's accounts is which of ours."""
    permissions.require(current_actor(), trackers.MANAGE)
    return {"accounts": accounts.listing(trackers.found(tracker_id).id)}


@blueprint.route("/trackers/<int:tracker_id>/accounts", methods=["POST"])
@contract(body=schemas.TrackerAccountBody, returns=schemas.TrackerAccountOut, status=201, scope_note="admin")
def name_account(body: Fields, tracker_id: int) -> TrackerAccount:
    """Say whose account one of the tracker's is, or say so anew."""
    return accounts.name(tracker_id, body["theirs"], body["ours"], actor=current_actor())


@blueprint.route("/trackers/<int:tracker_id>/accounts/<theirs>", methods=["DELETE"])
@contract(status=204, scope_note="admin", errors=(404,))
def forget_account(tracker_id: int, theirs: str) -> None:
    """Say no longer whose account it is."""
    accounts.forget(tracker_id, theirs, actor=current_actor())


@blueprint.route("/trackers/<int:tracker_id>/policies", methods=["GET"])
@contract(returns=schemas.TicketPoliciesOut, scope_note="admin", errors=(404,))
def list_policies(tracker_id: int) -> Fields:
    """Which items get a ticket there by themselves once they are accepted."""
    permissions.require(current_actor(), trackers.MANAGE)
    return {"policies": policies.listing(trackers.found(tracker_id).id)}


@blueprint.route("/trackers/<int:tracker_id>/policies", methods=["POST"])
@contract(body=schemas.TicketPolicyBody, returns=schemas.TicketPolicyOut, status=201, scope_note="admin")
def add_policy(body: Fields, tracker_id: int) -> TicketPolicy:
    """Have items get a ticket once they are accepted, from now on."""
    return policies.add(tracker_id, **body, actor=current_actor())


@blueprint.route("/trackers/<int:tracker_id>/policies/<int:policy_id>", methods=["DELETE"])
@contract(status=204, scope_note="admin", errors=(404,))
def remove_policy(tracker_id: int, policy_id: int) -> None:
    """Have no more tickets created by it; those that there are stay."""
    trackers.found(tracker_id)
    policies.remove(policy_id, actor=current_actor())


@blueprint.route("/trackers/<int:tracker_id>/tickets", methods=["POST"])
@contract(
    body=schemas.TicketsBody, returns=schemas.TicketsAskedOut, status=202, scope_note="write",
    errors=(404, 422),
)  # fmt: skip
def create_many(body: Fields, tracker_id: int) -> Fields:
    """Have an issue created for each of these items; those that have one keep it."""
    made, left = bulk.create(body["items"], tracker_id, actor=current_actor())
    return {
        "tickets": [schemas.ticket(row) for row in made],
        "left_out": [{"action_item": ref, "reason": reason} for ref, reason in left],
    }


@blueprint.route("/action-items/<ref>/tickets", methods=["GET"])
@contract(returns=schemas.TicketsOut, scope_note="read", errors=(404,))
def list_tickets(ref: str) -> Fields:
    """The tickets of an action item, with what both sides changed."""
    item = items.by_ref(ref, current_actor())
    return {"tickets": [schemas.ticket(row) for row in queries.of_item(item.id)]}


@blueprint.route("/action-items/<ref>/tickets", methods=["POST"])
@contract(
    body=schemas.TicketBody, returns=schemas.TicketOut, status=201, scope_note="write",
    errors=(404, 409, 422),
)  # fmt: skip
def add_ticket(body: Fields, ref: str) -> Fields:
    """Link an issue that is there, or have one created: at most one a tracker

    The worker does it at once where the tracker answers, and keeps trying where it does not. Items of
    restricted incidents are refused unless an admin allows them for this tracker.
    """
    actor, issue = current_actor(), body["issue"].strip()
    if issue:
        return schemas.ticket(links.link(ref, body["tracker"], issue, actor=actor))
    return schemas.ticket(links.create(ref, body["tracker"], actor=actor))


@blueprint.route("/action-items/<ref>/tickets/<int:ticket_id>", methods=["DELETE"])
@contract(status=204, scope_note="write", errors=(404,))
def remove_ticket(ref: str, ticket_id: int) -> None:
    """Let nothing flow any more; the issue stays as it is."""
    links.unlink(ref, ticket_id, actor=current_actor())


@blueprint.route("/action-items/<ref>/tickets/<int:ticket_id>/decision", methods=["POST"])
@contract(
    body=schemas.TicketDecisionBody, returns=schemas.TicketOut, scope_note="write", errors=(404, 409, 422)
)
def decide(body: Fields, ref: str, ticket_id: int) -> Fields:
    """Decide a field that both sides changed. To take a state is an edit: done is what is proven."""
    return schemas.ticket(links.resolve(ref, ticket_id, **body, actor=current_actor()))


@blueprint.route("/action-items/<ref>/tickets/<int:ticket_id>/look", methods=["POST"])
@contract(returns=schemas.TicketOut, status=202, scope_note="write", errors=(404,))
def look(ref: str, ticket_id: int) -> Fields:
    """Have the issue looked at now, or its creation tried anew."""
    return schemas.ticket(links.again(ref, ticket_id, actor=current_actor()))
