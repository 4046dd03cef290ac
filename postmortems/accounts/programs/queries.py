"""Queries of service accounts: a page of them by name, and one."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from postmortems.accounts.models import User
from postmortems.accounts.programs.models import ServiceAccount
from postmortems.db.session import existing, session

PAGE = 100
# Of somebody who leaves, so many are handed over.
MOST_OF_ONE = 1_000


def listing(*, after: str = "", limit: int = PAGE) -> list[ServiceAccount]:
    """Service accounts by name with who answers for them; `after` is the last name of the page above."""
    wanted = _with_owners().where(User.name > after).order_by(User.name).limit(limit)
    return list(session().scalars(wanted))


def by_name(name: str) -> ServiceAccount:
    """The service account of that name. Raises `NotFound`; an account of a person is none."""
    return existing(_with_owners().where(User.name == name), f"there is no service account named {name!r}")


def owned(user_id: int, limit: int = MOST_OF_ONE) -> list[str]:
    """Names of the service accounts that a person answers for."""
    theirs = select(User.name).join(ServiceAccount, ServiceAccount.user_id == User.id)
    theirs = theirs.where(ServiceAccount.owner_id == user_id).order_by(User.name).limit(limit)
    return list(session().scalars(theirs))


def _with_owners() -> Select[ServiceAccount]:
    account = select(ServiceAccount).join(ServiceAccount.user)
    return account.options(
        contains_eager(ServiceAccount.user),
        joinedload(ServiceAccount.team),
        joinedload(ServiceAccount.owner),
    )
