"""Known services: registered ones, and those that incidents name, unconfirmed until registered.

Names are read with the viewer's eyes: a restricted incident gives none to whom it does not name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, exists, func, select, union
from sqlalchemy.orm import joinedload, selectinload

from postmortems.db.session import session
from postmortems.errors import NotFound
from postmortems.guards.models import Service, Target
from postmortems.incidents.models import Affected, Incident
from postmortems.incidents.restricted import restrictions

# What a page offers to choose from.
MOST_OFFERED = 1000
LONGEST_NAME = 400


@dataclass(frozen=True, slots=True)
class KnownService:
    """`targets` are registered ones in promotion order; `named` those that incidents name, by name.

    `row` is None while nobody has registered it.
    """

    name: str
    row: Service | None = None
    named: tuple[str, ...] = ()

    @property
    def is_registered(self) -> bool:
        return self.row is not None

    @property
    def title(self) -> str:
        return self.row.title if self.row else ""

    @property
    def team(self) -> str:
        """The slug of the team that answers for it."""
        return self.row.team.slug if self.row and self.row.team else ""

    @property
    def team_name(self) -> str:
        return self.row.team.name if self.row and self.row.team else ""

    @property
    def is_demo(self) -> bool:
        return self.row is not None and self.row.is_demo

    @property
    def targets(self) -> Sequence[Target]:
        return self.row.targets if self.row else ()


def choices(limit: int = MOST_OFFERED) -> list[tuple[str, str]]:
    """Every known service with what a list of choices calls it, by name."""
    rows = session().execute(_choices(), {"limit": limit})
    return [(name, name if found is not None else f"{name} (unconfirmed)") for name, found in rows]


@cache
def _choices() -> Select[Any]:
    """Put together once: every list asks for it."""
    names = _names()
    said = select(names.c.name, Service.id).outerjoin(Service, Service.name == names.c.name)
    return said.order_by(names.c.name).limit(bindparam("limit"))


def listing(after: str = "", limit: int = 50) -> list[KnownService]:
    """Known services by name; `after` is the last name of the page before."""
    names = _names()
    page = select(names.c.name).where(names.c.name > after).order_by(names.c.name).limit(limit)
    return _known(list(session().scalars(page)))


def one(name: str) -> KnownService:
    """The service of this name, registered or only named. Raises `NotFound`."""
    found = _known([name])
    if found[0].is_registered or session().scalar(select(_naming(name))):
        return found[0]
    raise NotFound(f"there is no service {name}")


def targets(services: Sequence[KnownService]) -> list[str]:
    """The full names of their targets: of one that is unconfirmed, those that incidents name."""
    return [
        f"{service.name}/{name}"
        for service in services
        for name in ([target.name for target in service.targets] if service.is_registered else service.named)
    ]


def is_named_openly(name: str) -> bool:
    """Whether an incident that everybody may read names the service."""
    is_open = ~restrictions.IS_RESTRICTED
    by = select(Affected.service).join(Incident).where(Affected.service == name, is_open)
    return session().scalar(by.limit(1)) is not None


def is_known_to_all(name: str) -> bool:
    """Whether it is registered, or an incident that everybody may read names it."""
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        return False
    is_registered = session().scalar(select(Service.id).where(Service.name == name)) is not None
    return is_registered or is_named_openly(name)


def _names() -> Subquery:
    """All names: those in incidents by one look into the index for each, however many incidents name it."""
    name = Affected.service
    least = select(func.min(name).label("name")).select_from(Affected)
    named = least.where(name != "").cte("named", recursive=True)
    following = least.where(name > named.c.name).correlate(named).scalar_subquery()
    named = named.union_all(select(following).where(named.c.name.is_not(None)))
    registered = select(Service.name.label("name"))
    return union(registered, select(named.c.name).where(named.c.name.is_not(None))).subquery()


def _naming(name: str) -> ColumnElement[bool]:
    return exists(select(Affected.incident_id).where(Affected.service == name, Affected.service != ""))


def _known(names: Collection[str]) -> list[KnownService]:
    """Those of the names, in their order, each with its row where it has one."""
    loaded = (
        select(Service)
        .where(Service.name.in_(names))
        .options(selectinload(Service.targets), joinedload(Service.team))
    )
    rows = {row.name: row for row in session().scalars(loaded)}
    only_named = [name for name in names if name not in rows]
    named: defaultdict[str, list[str]] = defaultdict(list)
    if only_named:
        said = select(Affected.service, Affected.target).where(Affected.service.in_(only_named))
        said = said.where(Affected.target != "").distinct().order_by(Affected.service, Affected.target)
        for name, target in session().execute(said):
            named[name].append(target)
    return [KnownService(name, rows.get(name), tuple(named[name])) for name in names]
