"""Queries of mentions: which accounts and incidents are meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from postmortems.accounts.models import User
from postmortems.db.session import session
from postmortems.incidents.models import Incident

AT_ONCE = 500


def accounts(names: Iterable[str]) -> dict[str, User]:
    """By name as it is written, the account that is meant: capitals count only where two differ by them."""
    wanted = {name for name in names if name.isascii()}
    found: dict[str, list[User]] = {}
    for some in _batches({name.lower() for name in wanted}):
        for user in session().scalars(select(User).where(func.lower(User.name).in_(some))):
            found.setdefault(user.name.lower(), []).append(user)
    meant = {}
    for name in wanted:
        alike = found.get(name.lower(), [])
        exact = [user for user in alike if user.name == name]
        if exact or len(alike) == 1:
            meant[name] = (exact or alike)[0]
    return meant


def titles(slugs: Iterable[str]) -> dict[str, str]:
    """By slug, the titles of those of the incidents that the viewer may see."""
    found: dict[str, str] = {}
    for some in _batches(set(slugs)):
        told = select(Incident.slug, Incident.title).where(Incident.slug.in_(some))
        found |= {row.slug: row.title for row in session().execute(told)}
    return found


def _batches(names: set[str]) -> Iterable[Sequence[str]]:
    ordered = sorted(names)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))
