"""Queries of services, targets, guards and verdicts. Evidence is found in `evidence.find`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from postmortems import search_words
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import existing, session
from postmortems.errors import Invalid
from postmortems.guards import answers
from postmortems.guards.answers import Place
from postmortems.guards.evidence.find import EvidencePlan, deploys, evidence, evidence_for
from postmortems.guards.judgement import EvidenceItem
from postmortems.guards.models import Evaluation, Evidence, Guard, GuardTarget, Service, Target
from postmortems.incidents.models import ActionItem, Incident, ItemGuard
from postmortems.incidents.page_keys import Page, cut, fetched, key, most, parts
from postmortems.incidents.restricted import restrictions

__all__ = ["EvidencePlan", "deploys", "evidence", "evidence_for"]

# Digits of microseconds since 1970, up to the year 5138.
LONGEST_MOMENT = 17

# Put together once: every decision of the gate asks it.
NAMING = (
    select(
        ItemGuard.slug,
        ActionItem.number,
        ActionItem.text,
        ActionItem.owner,
        Incident.slug.label("incident"),
        Incident.title,
        Incident.date,
        restrictions.IS_RESTRICTED.label("is_restricted"),
    )
    .join(ActionItem, ActionItem.id == ItemGuard.item_id)
    .join(Incident, Incident.id == ActionItem.incident_id)
    .where(ItemGuard.slug.in_(bindparam("slugs", expanding=True)))
    .order_by(Incident.occurred_on.desc(), ActionItem.number)
)


class Named(Protocol):
    """A guard, as a row or as a value."""

    @property
    def id(self) -> int | None: ...
    @property
    def slug(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Filters:
    """Which guards to list; an empty field means any. `target` is a full name, `data8/prod`."""

    service: str = ""
    target: str = ""
    kind: str = ""
    level: str = ""
    is_enabled: bool | None = None
    q: str = ""


def services(after: str = "", limit: int = 1000) -> list[Service]:
    """Services by name, with their targets in promotion order; `after` is the page before's last name."""
    page = select(Service).where(Service.name > after).order_by(Service.name).limit(limit)
    loaded = page.options(selectinload(Service.targets), joinedload(Service.team))
    return list(session().scalars(loaded))


def service(name: str) -> Service:
    """The service with its targets. Raises `NotFound`."""
    named = select(Service).where(Service.name == name).options(selectinload(Service.targets))
    return existing(named, f"there is no service {name}")


def is_registered(name: str) -> bool:
    """Whether an admin registered a service of this name."""
    return session().scalar(select(Service.id).where(Service.name == name)) is not None


def target_named(full_name: str) -> Target | None:
    """The target with exactly this full name, `data8/prod`; None where there is none."""
    found = targets_named([full_name])
    return found[0] if found else None


def targets_named(full_names: Collection[str]) -> list[Target]:
    """The targets with these full names, each with its service; those that do not exist are left out."""
    wanted = {name: name.partition("/") for name in full_names}
    if not wanted:
        return []
    services_named = {service for service, _, _ in wanted.values()}
    found = session().scalars(
        select(Target)
        .join(Target.service)
        .options(joinedload(Target.service))
        .where(Service.name.in_(services_named), Target.name.in_({name for _, _, name in wanted.values()}))
        .order_by(Service.name, Target.position)
    )
    return [target for target in found if target.full_name in wanted]


def promoted(services: Collection[str]) -> dict[str, tuple[str, ...]]:
    """By service, the full names of its targets in promotion order; those without targets are left out."""
    found: dict[str, tuple[str, ...]] = {}
    if not services:
        return found
    session().flush()
    for service, target in _promoted().rows({"services": services}):
        found[service] = (*found.get(service, ()), f"{service}/{target}")
    return found


@cache
def _promoted() -> PreparedQuery:
    named = Service.name.in_(bindparam("services", expanding=True))
    found = select(Service.name, Target.name).join(Target.service).where(named)
    return PreparedQuery(found.order_by(Target.position))


def by_slug(slug: str) -> Guard:
    """The guard with its targets. Raises `NotFound`."""
    return existing(_with_targets(select(Guard).where(Guard.slug == slug)), f"there is no guard {slug}")


def by_slugs(slugs: Collection[str]) -> dict[str, Guard]:
    """The guards with these slugs, by slug; those that do not exist are left out."""
    found = session().scalars(_with_targets(select(Guard).where(Guard.slug.in_(slugs))))
    return {guard.slug: guard for guard in found}


def listing(filters: Filters | None = None, after: str = "", limit: int = 50) -> Page[Guard]:
    """Guards by slug with their targets; `after` is the slug that the page before ended with."""
    page = select(Guard).where(*_conditions(filters or Filters()), Guard.slug > after)
    return fetched(_with_targets(page.order_by(Guard.slug)), limit, lambda row: row.slug)


def covering(target_id: int) -> list[Guard]:
    """The enabled guards over a target, by slug."""
    over = select(Guard).join(GuardTarget, GuardTarget.guard_id == Guard.id)
    over = over.where(GuardTarget.target_id == target_id, Guard.is_enabled).order_by(Guard.slug)
    # Joined, for a target may have more guards than are loaded together otherwise.
    over = over.options(joinedload(Guard.targets).joinedload(Target.service))
    return list(session().scalars(over).unique())


def over_service(service_id: int) -> list[Guard]:
    """Every guard over any target of a service, by slug, disabled ones too."""
    ids = select(GuardTarget.guard_id).join(Target, Target.id == GuardTarget.target_id)
    over = select(Guard).where(Guard.id.in_(ids.where(Target.service_id == service_id)))
    return list(session().scalars(_with_targets(over.order_by(Guard.slug))))


def items_of(guard: Named) -> list[ActionItem]:
    """The action items that name the guard, newest incident first, each with its incident."""
    named = select(ActionItem).join(ItemGuard, ItemGuard.item_id == ActionItem.id).join(ActionItem.incident)
    named = named.where(ItemGuard.slug == guard.slug).options(joinedload(ActionItem.incident))
    return list(session().scalars(named.order_by(Incident.occurred_on.desc(), ActionItem.number)))


def because(
    guards: Iterable[Named], *, withheld: bool = False, rows: Iterable[Row[Any]] | None = None
) -> dict[int, list[dict[str, Any]]]:
    """By guard id, why each exists: the incidents and items that name it, with paths on this server.

    `withheld`: of one that is restricted only that there is one, for what more people read than it names.
    `rows`: what `NAMING` finds, from who has asked it already.
    """
    ids = {guard.slug: guard.id for guard in guards if guard.id is not None}
    found: dict[int, list[dict[str, Any]]] = {guard_id: [] for guard_id in ids.values()}
    if not ids:
        return found
    if rows is None:
        rows = session().execute(NAMING, {"slugs": list(ids)})
    for row in rows:
        if withheld and row.is_restricted:
            if restrictions.LINK not in found[ids[row.slug]]:
                found[ids[row.slug]].append(restrictions.LINK)
            continue
        url, ref = f"/incidents/{row.incident}", f"AI-{row.number}"
        date = row.date.isoformat() if row.date else None
        incident = {"slug": row.incident, "title": row.title, "date": date, "url": url}
        item = {"id": ref, "text": row.text, "owner": row.owner, "url": f"{url}#{ref}"}
        found[ids[row.slug]].append({"incident": incident, "action_item": item})
    return found


def evaluations(guard: Guard, after: str = "", limit: int = 50) -> Page[Evaluation]:
    """The guard's verdicts, newest first; `after` is the page before's."""
    before = _place(after) if after else None
    own = select(Evaluation).where(Evaluation.guard_id == guard.id)
    if before is not None:
        earlier = Evaluation.at < before.at
        if before.is_stored:
            earlier = or_(earlier, and_(Evaluation.at == before.at, Evaluation.id < before.number))
        own = own.where(Evaluation.at <= before.at, earlier)
    count = most(limit)
    stored = list(session().scalars(own.order_by(Evaluation.at.desc(), Evaluation.id.desc()).limit(count)))
    since = stored[-1].at if len(stored) == count else None
    again = answers.of_guard(guard, since, before, count)
    placed = [(Place.of(row, is_stored=True), row) for row in stored]
    placed += [(Place.of(row, is_stored=False), row) for row in again]
    ordered = sorted(placed, key=lambda one: one[0], reverse=True)[:count]
    found = cut(ordered, lambda one: _key(one[0]), limit)
    rows = [row for _, row in found.rows]
    if guard.kind in restrictions.TELLS_ITEMS:
        for row in rows:
            withhold(row)
    return Page(rows, found.after)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def _key(place: Place) -> str:
    return key((place.at - EPOCH) // MICROSECOND, place.decision, place.number)


def _place(after: str) -> Place:
    moment, decision, number = parts(after, 3)
    if not moment.isdecimal() or len(moment) > LONGEST_MOMENT:
        raise Invalid("is no place in this list; take it from the page before", "/after")
    return Place(EPOCH + int(moment) * MICROSECOND, not decision, decision, int(number))


def withhold(evaluation: Evaluation) -> None:
    """Take what names items that are restricted by now out of what is shown, not out of what is stored."""
    for name in ("summary", "observed"):
        set_committed_value(evaluation, name, restrictions.without_items(getattr(evaluation, name)))


def newest_probe(guard: Named) -> EvidenceItem | None:
    """What the guard saw last, with what is for operators alone: the peer, the rule, the reason."""
    own = select(Evidence.observed_at, Evidence.data).where(Evidence.guard_id == guard.id)
    own = own.where(Evidence.kind == "observation").order_by(Evidence.observed_at.desc(), Evidence.id.desc())
    row = session().execute(own.limit(1)).one_or_none()
    if row is None:
        return None
    told = row.data.get("samples", [row.data])[-1]
    kept = {name: told[name] for name in ("peer", "rule", "detail") if told.get(name)}
    return EvidenceItem("observation", row.observed_at, data=kept)


def newest_evaluations(guard_ids: Sequence[int]) -> dict[int, Evaluation]:
    """By guard id, its newest verdict; a guard without one is left out, and so are dry runs, for they may be
    about another time or an artifact that does not exist.
    """
    # For each guard one look at the end of its index, however many verdicts there are.
    real = aliased(Evaluation)
    newest = select(real.id).where(real.guard_id == Guard.id, real.purpose != "dry_run")
    newest = newest.order_by(real.at.desc(), real.id.desc()).limit(1)
    rows = session().execute(
        select(Evaluation, Guard.id, Guard.kind)
        .join(Guard, Evaluation.id == newest.correlate(Guard).scalar_subquery())
        .where(Guard.id.in_(guard_ids))
    )
    found, kinds = dict[int, Evaluation](), dict[int, str]()
    for evaluation, guard_id, kind in rows.all():
        found[guard_id], kinds[guard_id] = evaluation, kind
    found |= answers.since(found)
    for guard_id, kind in kinds.items():
        if kind in restrictions.TELLS_ITEMS:
            withhold(found[guard_id])
    return found


def links(guards: Iterable[Named]) -> dict[str, int]:
    """By slug, how many action items name the guard; 0 is there too."""
    slugs = [guard.slug for guard in guards]
    counted = select(ItemGuard.slug, func.count()).where(ItemGuard.slug.in_(slugs)).group_by(ItemGuard.slug)
    found: defaultdict[str, int] = defaultdict(int)
    for slug, count in session().execute(counted):
        found[slug] = count
    return {slug: found[slug] for slug in slugs}


def _with_targets(guards: Select[Guard]) -> Select[Guard]:
    return guards.options(selectinload(Guard.targets).joinedload(Target.service))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.kind:
        conditions.append(Guard.kind == filters.kind)
    if filters.level:
        conditions.append(Guard.level == filters.level)
    if filters.is_enabled is not None:
        conditions.append(Guard.is_enabled.is_(filters.is_enabled))
    conditions += search_words.conditions(Guard.search_text, filters.q)
    service_name, _, target_name = filters.target.partition("/")
    if filters.service or filters.target:
        over = (
            select(GuardTarget.guard_id).join(Target, Target.id == GuardTarget.target_id).join(Target.service)
        )
        over = over.where(Service.name == filters.service) if filters.service else over
        if filters.target:
            over = over.where(Service.name == service_name, Target.name == target_name)
        conditions.append(Guard.id.in_(over))
    return conditions
