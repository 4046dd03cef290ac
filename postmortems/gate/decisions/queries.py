"""Queries of decisions, and of what a decision needs to know about a target."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, bindparam, exists, select
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from postmortems.audit.models import Event
from postmortems.db.json_rows import has_member
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import by_key, existing, session
from postmortems.gate.decisions import late_verdicts, redaction
from postmortems.gate.models import Decision, Scenario
from postmortems.gate.verdicts import decision_table
from postmortems.guards import answers
from postmortems.guards.models import Evaluation, Guard
from postmortems.incidents.page_keys import Page, fetched


@dataclass(frozen=True, slots=True)
class Filters:
    """Which decisions to list; an empty field means any. `target` is a full name, `data8/prod`.

    `decision` may be several, with commas between them, and so may `stopped_by`: guards whose own verdict
    blocked.
    """

    service: str = ""
    target: str = ""
    decision: str = ""
    is_dry_run: bool | None = None
    artifact: str = ""
    # Whom it was asked; the days, in UTC, are both included.
    guard: str = ""
    since: date | None = None
    until: date | None = None
    stopped_by: str = ""

    def query(self) -> str:
        """The filters as the query of the list's address, without what is not set."""
        pairs = {field.name: getattr(self, field.name) for field in fields(self)}
        dry = pairs.pop("is_dry_run")
        pairs["sort"] = "" if dry is None else "dry" if dry else "real"
        return urlencode([(name, value) for name, value in pairs.items() if value], safe=",/")


def of_service(name: str) -> Filters:
    """Decisions over a service (`data8`), one target of it (`data8/prod`), or all ("")."""
    service, _, target = name.partition("/")
    return Filters(service=service, target=name if target else "")


def decisions(filters: Filters | None = None, before: str = "", limit: int = 50) -> Page[Decision]:
    """Decisions, newest first; `before` is the id that the page before ended with."""
    page = select(Decision).where(*conditions(filters or Filters())).options(defer(Decision.request))
    if before:
        page = page.where(Decision.id < before)
    return fetched(page.order_by(Decision.id.desc()), limit, lambda row: row.id)


DECISIONS = Decision.__table__
# Every search asks it, and hardly any is for one.
ANY_NAMED = PreparedQuery(
    select(
        exists(select(DECISIONS.c.id).where(DECISIONS.c.id == bindparam("name"))).label("is_id"),
        exists(select(DECISIONS.c.id).where(DECISIONS.c.target == bindparam("name"))).label("is_target"),
        exists(select(DECISIONS.c.id).where(DECISIONS.c.artifact == bindparam("artifact"))).label(
            "is_artifact"
        ),
    )
)


def named(name: str, limit: int) -> list[Decision]:
    """Decisions with this id, over this target or about this artifact, newest first."""
    if not name:
        return []
    ways = (Decision.id == name, Decision.target == name, Decision.artifact == name.lower())
    is_there = ANY_NAMED.rows({"name": name, "artifact": name.lower()})[0]
    found: list[Decision] = []
    for is_it in (way for way, is_any in zip(ways, is_there, strict=True) if is_any):
        its = select(Decision).where(is_it).options(defer(Decision.request), defer(Decision.answer))
        found += session().scalars(its.order_by(Decision.id.desc()).limit(limit))
    return list(dict.fromkeys(found))[:limit]


def decision(decision_id: str) -> Decision:
    """One decision with its answer. Raises `NotFound`."""
    found = by_key(Decision, decision_id, f"there is no decision {decision_id}")
    set_committed_value(found, "answer", redaction.withheld(late_verdicts.with_late_verdicts(found.answer)))
    return found


def scenario(scenario_id: int) -> Scenario:
    """One scenario with its incident. Raises `NotFound`."""
    wanted = select(Scenario).where(Scenario.id == scenario_id).options(joinedload(Scenario.incident))
    return existing(wanted, f"there is no scenario {scenario_id}")


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """That a decision is let through."""
    found: list[ColumnElement[bool]] = []
    if filters.service:
        found.append(Decision.service == filters.service)
    if filters.target:
        found.append(Decision.target == filters.target)
    if filters.decision:
        found.append(Decision.decision.in_(filters.decision.split(",")))
    if filters.is_dry_run is not None:
        found.append(Decision.is_dry_run.is_(filters.is_dry_run))
    if filters.artifact:
        found.append(Decision.artifact == filters.artifact.strip().lower())
    if filters.guard:
        found.append(_has_asked(filters.guard))
    if filters.stopped_by:
        found.append(_is_stopped_by(filters.stopped_by.split(",")))
    if filters.since:
        found.append(Decision.id >= answers.first_id(_midnight(filters.since)))
    if filters.until:
        found.append(Decision.id < answers.first_id(_midnight(filters.until) + timedelta(days=1)))
    return found


def _has_asked(slug: str) -> ColumnElement[bool]:
    """That the guard was asked: the answer says something of each that was."""
    is_told = has_member(DECISIONS.c.answer, "guards", "guard", slug)
    was_another = exists().where(
        Event.subject_kind == "guard", Event.subject == slug, Event.verb == "guard.deleted"
    )
    guard = session().execute(select(Guard.id, was_another.label("is_so")).where(Guard.slug == slug)).first()
    if guard is None or guard.is_so:
        return is_told
    # Where it was never asked, no answer is read for it; one that had its name may have been asked anywhere.
    targets = select(Evaluation.target).where(Evaluation.guard_id == guard.id).distinct()
    return and_(Decision.target.in_(targets), is_told)


def _is_stopped_by(guards: list[str]) -> ColumnElement[bool]:
    """That the verdict of one of these made it a block, as `effectiveness.block_review` counts them."""
    said = select(Evaluation.id).where(
        Evaluation.decision_id == Decision.id,
        Evaluation.guard_slug.in_(guards),
        Evaluation.purpose == "decision",
        Evaluation.level.in_(decision_table.ENFORCING),
        Evaluation.verdict.in_(decision_table.RED),
    )
    return and_(Decision.decision == "block", said.exists())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
