"""`/Users` of SCIM: a directory finds, makes, renames, switches off and deletes accounts."""

from __future__ import annotations

from flask import Response, current_app, request
from scim2_models import Context, InvalidValueException, UniquenessException

from postmortems.accounts.models import User
from postmortems.accounts.scim import messages_api, operations, queries, resources
from postmortems.accounts.scim.operations import DIRECTORY
from postmortems.accounts.scim.resources import Account
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.incidents.items import owners
from postmortems.notify.people import operations as people

# Of two changes at once the later one sees what the earlier one did.
TURN = 0x7363696D


def users() -> Response:
    """GET finds accounts, and so does a POST to `.search`; POST makes one."""
    if request.method == "POST" and not messages_api.is_search():
        return _create()
    asked, start, count = messages_api.search(Account)
    total, found = queries.accounts(asked.filter, start, count, messages_api.url())
    return messages_api.page(found, total, start, asked)


def user(number: str) -> Response:
    """One account: GET shows it, PUT and PATCH change it, DELETE switches it off and lists it no more."""
    if request.method != "GET":
        db.take_turns(TURN)
    row = queries.account(number)
    present = _shown(row)
    if request.method == "GET":
        return messages_api.shown(present)
    messages_api.refuse_stale(present)
    if request.method == "DELETE":
        operations.remove(row, actor=DIRECTORY)
        return Response(status=204)
    if request.method == "PUT":
        wanted = messages_api.read(Account, Context.RESOURCE_REPLACEMENT_REQUEST)
        # Nobody is switched off for what was left out.
        is_active = wanted.active
    else:
        wanted = messages_api.patched(present)
        if wanted.active is None:
            raise InvalidValueException(detail="active is true or false, and is not removed")
        is_active = wanted.active
    # What somebody here does at this moment stays done, where the directory does not say otherwise.
    _save(row, present, wanted, is_active=None if is_active == present.active else is_active)
    return messages_api.shown(_shown(row))


def _create() -> Response:
    wanted = messages_api.read(Account, Context.RESOURCE_CREATION_REQUEST)
    settings = current_app.extensions["settings"]
    try:
        row = operations.add(
            wanted.user_name or "",
            wanted.external_id,
            is_active=wanted.active is not False,
            role=settings.scim_role,
            actor=DIRECTORY,
        )
    except Conflict as taken:
        raise UniquenessException(detail=taken.detail) from None
    _give_mail(row, Account(), wanted)
    return messages_api.shown(_shown(row), 201)


def _save(row: User, present: Account, wanted: Account, *, is_active: bool | None) -> None:
    if wanted.user_name != row.name:
        try:
            row = owners.rename_account(row.name, wanted.user_name or "", actor=DIRECTORY)
        except Conflict as taken:
            raise UniquenessException(detail=taken.detail) from None
    operations.change(row, wanted.external_id, is_active=is_active, actor=DIRECTORY)
    session().flush()
    _give_mail(row, present, wanted)


def _give_mail(row: User, present: Account, wanted: Account) -> None:
    """Send mail where the directory says, which vouches for it as an admin does.

    An address that cannot be one is not kept: nobody is to stay in because of it.
    """
    said = resources.mail_of(wanted)
    if said == resources.mail_of(present) or (not said and request.method == "PUT"):
        return
    sends_mail = bool(current_app.extensions["settings"].smtp_url)
    try:
        people.set_address(row.name, said, actor=DIRECTORY, sends_mail=sends_mail)
    except Invalid as refused:
        audit.record(DIRECTORY, "mail.address_refused", "user", row.name, why=refused.detail)


def _shown(row: User) -> Account:
    session().flush()
    teams, mails = queries.teams_of([row.id]), queries.mails_of([row.id])
    return resources.of_account(row, teams[row.id], mails.get(row.id, ""), messages_api.url())
