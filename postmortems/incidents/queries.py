"""Queries of incidents and revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from urllib.parse import urlencode

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import defer, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import ORMOption

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import existing, session
from postmortems.errors import Invalid
from postmortems.incidents import page_keys
from postmortems.incidents.approvals import conditions as report_conditions
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.history import texts
from postmortems.incidents.items import item_teams
from postmortems.incidents.items.lifecycle import CLOSED
from postmortems.incidents.models import ActionItem, Affected, Incident, Revision, Section
from postmortems.incidents.parts import stored_parts

# Whoever looks for incidents must have loaded what hides some of them.
from postmortems.incidents.restricted import reads, restrictions
from postmortems.search import queries as search
from postmortems.search.models import SearchEntry, entry_id
from postmortems.search.query import Query

MOST_REPEATED, MOST_YEARS = 20, 50
# As `severity` and as `service`: the incident states none.
NO_SEVERITY = NO_SERVICE = "-"
# So many incidents of a service, or items of a team, are looked up to be sorted; where there are more, a page
# is soon found on the way through all incidents.
FEW = 2_000
# Said as the indexes say it that leave out the others; else SQLite does not know it again.
NAMES_NONE = cast(Incident.services, Text) == literal_column("'[]'")
REPEATS = Incident.recurrence_of != literal_column("''")

Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list; an empty field means any. `service`: `data8`, a target `data8/prod`, or `-` for none."""

    service: str = ""
    severity: str = ""
    status: str = ""
    year: int | None = None
    q: str = ""
    # One of `approvals.rules`: a state of the report, or unwritten or overdue.
    state: str = ""
    # Days on which they happened; the second is not included.
    occurred_from: date | None = None
    occurred_before: date | None = None
    # By any name of a team that has an item of the incident.
    team: str = ""
    # Those that name the earlier incident that they repeat.
    repeats: bool = False
    untagged: bool = False

    def query(self) -> str:
        """The filters as the query of an address, without what is not set: `severity=SEV1&year=2018`."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        found = [(name, 1 if value is True else value) for name, value in pairs if value]
        return urlencode(found, safe=",/")


def whole() -> list[ORMOption]:
    """How to load an incident with everything a document needs, in a fixed number of queries."""
    sections = selectinload(Incident.sections)
    return [
        sections.selectinload(Section.prose),
        sections.selectinload(Section.entries),
        sections.selectinload(Section.categories),
        sections.selectinload(Section.items).selectinload(ActionItem.guards),
        selectinload(Incident.affected),
    ]


# Put together once, for every look at an incident.
NAMED = select(Incident).where(Incident.slug == bindparam("slug"))
WHOLE = NAMED.options(*whole())
WITH_ITEMS = NAMED.options(selectinload(Incident.items).joinedload(ActionItem.guards))
HELD = NAMED.with_for_update(of=Incident).execution_options(populate_existing=True)
EARLIEST, LATEST = Incident.occurred_on.asc(), Incident.occurred_on.desc()
REPEATED_BY = (
    select(Incident.slug, Incident.title)
    .where(Incident.recurrence_of == bindparam("repeated"), Incident.slug != bindparam("repeated"))
    .order_by(Incident.occurred_on.desc(), Incident.id.desc())
    .limit(MOST_REPEATED)
)


def by_slug(slug: str, actor: Actor) -> Incident:
    """The incident, whole. Raises `NotFound`."""
    return _named(WHOLE, slug, actor)


def front(slug: str, actor: Actor) -> Incident:
    """The incident alone: what stands in it is read when it is looked at. Raises `NotFound`."""
    return _named(NAMED, slug, actor)


def with_items(slug: str, actor: Actor) -> Incident:
    """The incident with its items; its sections are read when they are looked at. Raises `NotFound`."""
    return _named(WITH_ITEMS, slug, actor)


def _named(wanted: Select[Incident], slug: str, actor: Actor) -> Incident:
    permissions.require(actor, "incident.read")
    found = existing(wanted, f"there is no incident {slug}", {"slug": slug})
    reads.note([found.id])
    return found


def for_saving(slug: str) -> Incident:
    """The incident as it is now, held for this unit of work; its document is read when asked for.

    Raises `NotFound`.
    """
    # What this session has read before may be old by now: read it again under the lock.
    found = existing(HELD, f"there is no incident {slug}", {"slug": slug})
    stored_parts.forget(found)
    return found


def repeated_by(slug: str) -> list[tuple[str, str]]:
    """The newest incidents that say they repeat this one, each with its slug and title."""
    return [(row.slug, row.title) for row in session().execute(REPEATED_BY, {"repeated": slug})]


def listing(filters: Filters, after: str = "", limit: int = 50) -> page_keys.Page[Incident]:
    """Incidents, newest first, without their documents; `after` is the page before's."""
    if filters.q and not (query := search.asked(filters.q)).is_empty:
        return _best(query, filters, after, limit)
    page = select(Incident).where(*_few(filters)[0])
    if after:
        page = page.where(tuple_(Incident.occurred_on, Incident.id) < tuple_(*_place(after)))
    found = page_keys.fetched(
        page.order_by(Incident.occurred_on.desc(), Incident.id.desc()),
        limit,
        lambda row: page_keys.key(row.occurred_on.isoformat(), row.id),
    )
    reads.note_listed(row.id for row in found.rows)
    return found


def _few(filters: Filters, several: int = 2) -> tuple[Conditions, bool]:
    """`conditions`, so that what one of the filters finds is looked up where that is few; whether it is.

    Where they are not, it is said so that no planner looks all of them up and sorts them. Fewer filters than
    `several` have an index in the list's order.
    """
    others, found, is_few = conditions(replace(filters, service="", team="")), Conditions(), False
    if filters.service:
        keys = session().scalars(_hit(filters.service).limit(FEW + 1)).all()
        asked = affected_by(filters.service)
        is_few = len(keys) <= FEW
        found += [asked, Incident.id.in_(keys)] if is_few else [func.coalesce(asked, false())]
    if filters.team:
        items = item_teams.few(filters.team, (), FEW)
        if items is None:
            found.append(func.coalesce(_of_team(filters.team), false()))
        else:
            its, is_few = select(ActionItem.incident_id).where(ActionItem.id.in_(items)), True
            found.append(Incident.id.in_(session().scalars(its.distinct()).all()))
    count = sum(bool(getattr(filters, field.name)) for field in fields(filters))
    led = Conditions() if is_few or count < several else _led(filters)
    is_few = is_few or bool(led)
    # Of few the rest is asked one by one: else all of another status or severity may be looked through.
    return [*found, *led, *(func.coalesce(each, false()) if is_few else each for each in others)], is_few


def _led(filters: Filters) -> Conditions:
    """What the filter asks that lets through the fewest by an index in the list's order, where these are few.

    With the days, which the index has as well.
    """
    status = Filters(status=_status(filters))
    each = [Filters(repeats=filters.repeats), Filters(severity=filters.severity), status]
    asked = [one for one in each if one != Filters()]
    if not asked:
        return []
    some = (select(Incident.id).where(*conditions(one)).limit(FEW + 1).subquery() for one in asked)
    counts = [session().scalar(select(func.count()).select_from(one)) or 0 for one in some]
    least = min(counts)
    if least > FEW:
        return []
    days = (filters.year, filters.occurred_from, filters.occurred_before)
    first = asked[counts.index(least)]
    return conditions(replace(first, year=days[0], occurred_from=days[1], occurred_before=days[2]))


def _status(filters: Filters) -> str:
    """The status that is asked for, or that the state of the report implies."""
    told = "published" if filters.state == "published" else "draft"
    return filters.status or (told if filters.state else "")


def _hit(service: str) -> Select[int]:
    """The ids of the incidents that may have hit a service, by an index."""
    if service == NO_SERVICE:
        return select(Incident.id).where(NAMES_NONE)
    its = select(Affected.incident_id).where(Affected.service == service.partition("/")[0])
    return its.distinct()


def _best(query: Query, filters: Filters, after: str, limit: int) -> page_keys.Page[Incident]:
    """Incidents that a search finds: by title first, then by text, each the newest first."""
    if not query.asks:
        return page_keys.Page([])
    (asked, others), limit = _within(query, filters), max(1, min(limit, page_keys.LARGEST))
    found = select(SearchEntry.id, Incident).join(Incident, Incident.id == SearchEntry.row_id).where(*others)
    rows, place = search.best(found, asked, ("incident",), after, limit)
    reads.note_listed(row.Incident.id for row in rows)
    return page_keys.Page([row.Incident for row in rows], place)


def _within(query: Query, filters: Filters) -> tuple[Query, Conditions]:
    """The query, asked of no entry that the filters leave out by what entries say, and what they ask besides.

    Of the few that are let through by what no entry says it is asked alone, where many have the words.
    """
    asked = search.within(query, replace(filters, status=_status(filters)))
    others = replace(filters, q="")
    is_unsaid = filters.team or filters.repeats or "-" in {filters.service, filters.severity}
    if not is_unsaid or not search.are_many("incident", asked, FEW):
        return asked, conditions(others)
    those, is_few = _few(others, several=1)
    if not is_few:
        return asked, those
    rows = session().execute(select(Incident.id, Incident.occurred_on).where(*those))
    return replace(asked, among=tuple(entry_id(row.occurred_on, "incident", row.id) for row in rows)), []


def published(filters: Filters, limit: int) -> list[Incident]:
    """The published incidents that the filters let through, without their documents, last published first."""
    asked, is_few = _few(filters)
    is_published = Incident.status == "published"
    # Of few it is asked one by one, of many by the index that has them in order.
    page = select(Incident).where(func.coalesce(is_published, false()) if is_few else is_published, *asked)
    # Two looks into one index, which has those of no day at its other end on one of the databases.
    dated = page.where(Incident.published_at.is_not(None))
    dated = dated.order_by(Incident.published_at.desc(), Incident.id.desc()).limit(limit)
    found = list(session().scalars(dated))
    if len(found) < limit:
        rest = page.where(Incident.published_at.is_(None)).order_by(Incident.id.desc())
        found += session().scalars(rest.limit(limit - len(found)))
    return found


def matching(filters: Filters) -> int:
    """How many incidents the filters let through, `search.MOST_COUNTED` + 1 at most."""
    if filters.q and not (query := search.asked(filters.q)).is_empty:
        asked, others = _within(query, filters)
        found = select(SearchEntry.id).join(Incident, Incident.id == SearchEntry.row_id).where(*others)
        return search.count(found, asked, ("incident",)) if query.asks else 0
    some = select(literal(1)).select_from(Incident).where(*_few(filters)[0])
    counted = select(func.count()).select_from(some.limit(search.MOST_COUNTED + 1).subquery())
    return session().scalar(counted) or 0


def item_counts(incidents: Sequence[Incident]) -> dict[int, tuple[int, int]]:
    """By incident id, how many of its action items are not closed, and how many it has; left out at none."""
    is_open = ActionItem.status.not_in(CLOSED)
    counted = (
        select(ActionItem.incident_id, func.count().filter(is_open), func.count())
        .where(ActionItem.incident_id.in_([incident.id for incident in incidents]))
        .group_by(ActionItem.incident_id)
    )
    return {row[0]: (row[1], row[2]) for row in session().execute(counted)}


def years() -> list[int]:
    """The years in which there were incidents, newest first: one look into the index for each."""
    day = select(Incident.occurred_on).limit(1)
    # Two looks into the index: of the least and the greatest at once SQLite reads all.
    oldest, newest = (session().scalar(day.order_by(by)) for by in (EARLIEST, LATEST))
    if oldest is None or newest is None:
        return []
    furthest = max(oldest.year, newest.year - MOST_YEARS + 1)
    return sorted(session().scalars(_years_with_any(furthest, newest.year)), reverse=True)


@cache
def _years_with_any(first: int, last: int) -> CompoundSelect[int]:
    """Of these years, those in which there were incidents. Put together once."""
    day = Incident.occurred_on
    return union_all(
        *(
            select(literal(year)).where(
                exists(select(Incident.id).where(day.between(date(year, 1, 1), date(year, 12, 31))))
            )
            for year in range(first, last + 1)
        )
    )


def revisions(incident: Incident, before: int | None = None, limit: int = 50) -> list[Revision]:
    """The incident's saves without their texts, newest first; `before` is a version."""
    page = select(Revision).where(Revision.incident_id == incident.id).options(defer(Revision.text))
    if before is not None:
        page = page.where(Revision.version < before)
    return list(
        session().scalars(page.order_by(Revision.version.desc()).limit(min(limit, page_keys.LARGEST)))
    )


def revision(incident: Incident, version: int) -> Revision:
    """One save, with its text. Raises `NotFound`."""
    saved = select(Revision).where(Revision.incident_id == incident.id, Revision.version == version)
    found = existing(saved, f"{incident.slug} has no version {version}")
    text = found.text or texts.of(incident.id, [version])[version]
    set_committed_value(found, "text", restrictions.without_hidden(text))
    return found


def affected_by(name: str) -> ColumnElement[bool]:
    """That an incident hit the service (`data8`) or the target (`data8/prod`, or all of `data8`).

    `-`: that it names none.
    """
    if name == NO_SERVICE:
        return NAMES_NONE
    service, _, target = name.partition("/")
    hit = select(Affected.service).where(Affected.incident_id == Incident.id, Affected.service == service)
    if target:
        hit = hit.where(Affected.target.in_([target, ""]))
    return exists(hit)


def _of_team(name: str) -> ColumnElement[bool]:
    """That an item of the incident is the team's, by any of its names."""
    theirs = item_teams.belongs_to(name)
    return exists(select(ActionItem.id).where(ActionItem.incident_id == Incident.id, theirs))


def conditions(filters: Filters) -> Conditions:
    """That an incident is let through. Raises `Invalid` for a year that is none."""
    found = Conditions()
    if filters.service:
        found.append(affected_by(filters.service))
    if filters.severity:
        found.append(Incident.severity == filters.severity.removeprefix(NO_SEVERITY))
    if filters.occurred_from:
        found.append(Incident.occurred_on >= filters.occurred_from)
    if filters.occurred_before:
        found.append(Incident.occurred_on < filters.occurred_before)
    if filters.team:
        found.append(_of_team(filters.team))
    if filters.repeats:
        found.append(REPEATS)
    if filters.untagged:
        found.append(cast(Incident.tags, Text) == "[]")
    if filters.status:
        found.append(Incident.status == filters.status)
    if filters.state:
        today = clock.now().date()
        found.append(report_conditions.in_state(filters.state, approvals.publish_rules(), today))
    if filters.year is not None:
        if not 1 <= filters.year <= 9999:
            raise Invalid("is no year; write four digits such as 2018", "/year")
        found.append(Incident.occurred_on.between(date(filters.year, 1, 1), date(filters.year, 12, 31)))
    return found + search.conditions(Incident.id, "incident", search.asked(filters.q))


def _place(after: str) -> tuple[date, int]:
    day, number = page_keys.parts(after, 2)
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        raise Invalid("is no place in this list; take it from the page before", "/after") from None
