"""Stores, deletes and re-encrypts secrets. They are never shown again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.factors.models import Authenticator
from postmortems.accounts.models import StoredSecret, User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import by_key, session
from postmortems.egress.client import Refused, origin
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.vault import encryption
from postmortems.vault.encryption import Vault

PAGE = 100
BATCH = 100


def listing(after: str = "", limit: int = PAGE) -> Sequence[StoredSecret]:
    """Secrets by name, without what they hold being of any use; `after` is the page before's last name."""
    page = select(StoredSecret).where(StoredSecret.name > after).order_by(StoredSecret.name)
    return session().scalars(page.limit(max(1, min(limit, PAGE + 1)))).all()


def keep(name: str, address: str, value: str, *, actor: Actor, vault: Vault) -> StoredSecret:
    """Keep a secret for one origin, or replace it: another origin needs the value anew. Raises `Invalid`."""
    permissions.require(actor, "secret.manage")
    bound = _checked(name, address, value)
    now, encrypted = clock.now(), vault.encrypt(value)
    row = session().get(StoredSecret, name)
    verb = "secret.replaced" if row else "secret.added"
    if row is None:
        row = StoredSecret(name=name, created_at=now)
        session().add(row)
    row.origin, row.encrypted, row.edited_at = bound, encrypted, now
    session().flush()
    audit.record(actor, verb, "secret", name, origin=bound)
    return row


def forget(name: str, *, actor: Actor) -> None:
    """Take a secret away; guards that name it cannot look from then on. Raises `NotFound`."""
    permissions.require(actor, "secret.manage")
    row = by_key(StoredSecret, name, f"there is no stored secret {name}")
    session().delete(row)
    session().flush()
    audit.record(actor, "secret.removed", "secret", name, origin=row.origin)


def rotate(*, actor: Actor, vault: Vault) -> int:
    """Encrypt every secret with the first key, those of people's apps too; returns how many.

    Raises `Conflict` for one that is lost.
    """
    permissions.require(actor, "secret.manage")
    last, count = "", 0
    while rows := listing(last, BATCH):
        for row in rows:
            row.encrypted = _rotated(row.encrypted, f"store:{row.name}", vault)
        last, count = rows[-1].name, count + len(rows)
        session().flush()
    count += _rotate_apps(vault)
    audit.record(actor, "secret.rotated", "secret", "all", count=count)
    return count


def _rotate_apps(vault: Vault) -> int:
    last, count = 0, 0
    page = select(Authenticator, User.name).join(User).order_by(Authenticator.user_id).limit(BATCH)
    while rows := session().execute(page.where(Authenticator.user_id > last)).all():
        for app, name in rows:
            app.encrypted = _rotated(app.encrypted, f"the app of {name}", vault)
        last, count = rows[-1][0].user_id, count + len(rows)
        session().flush()
    return count


def _rotated(encrypted: str, name: str, vault: Vault) -> str:
    try:
        return vault.encrypt(vault.decrypt(encrypted, name))
    except Refused as unreadable:
        raise Conflict(str(unreadable)) from None


def _checked(name: str, address: str, value: str) -> str:
    wrong: list[Problem] = []
    if not encryption.NAME.fullmatch(name) or len(name) > 100:
        wrong.append(Problem("/name", "write a name such as staging-token"))
    if not encryption.VALUE.fullmatch(value):
        wrong.append(Problem("/value", "a secret is one line of plain characters, no blank at its ends"))
    try:
        bound = origin(address)
    except Refused as refused:
        wrong.append(Problem("/origin", str(refused)))
    if wrong:
        raise Invalid(wrong)
    if len(bound) > 500:
        raise Invalid("this address is too long", "/origin")
    return bound
