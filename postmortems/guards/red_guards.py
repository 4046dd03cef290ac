"""Guards gone red: those whose newest verdict is red, of somebody or of all."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from postmortems.db.session import session
from postmortems.guards import answers, queries
from postmortems.guards.models import Evaluation, Guard, GuardTarget, Service, Target
from postmortems.incidents.models import ActionItem, ItemGuard
from postmortems.incidents.restricted import restrictions

RED = ("fail", "stale", "error")

Rows = list[tuple[Guard, Evaluation]]


def all_red(limit: int) -> Rows:
    """The enabled guards whose newest verdict is red, by slug."""
    return _red([], limit)


def of_owners(keys: Collection[str], team_ids: Collection[int], limit: int) -> Rows:
    """Those of these owners, as names are compared; those that items of theirs name; and those that watch
    services of these teams.
    """
    if not keys:
        return []
    written = [*keys, *(f"@{key}" for key in keys)]
    watched = select(GuardTarget.guard_id).join(Target, Target.id == GuardTarget.target_id)
    watched = watched.join(Service, Service.id == Target.service_id).where(Service.team_id.in_(team_ids))
    theirs = or_(func.lower(Guard.owner).in_(written), _named_by_items(keys), Guard.id.in_(watched))
    return _red([theirs], limit)


def _named_by_items(keys: Collection[str]) -> ColumnElement[bool]:
    named = select(ItemGuard.slug).join(ActionItem, ActionItem.id == ItemGuard.item_id)
    return Guard.slug.in_(named.where(ActionItem.owner_key.in_(keys), ActionItem.status != "wont_do"))


def _red(wanted: list[ColumnElement[bool]], limit: int) -> Rows:
    found, last = Rows(), ""
    while (missing := limit - len(found)) > 0:
        rows = _red_by_rows([*wanted, Guard.slug > last], missing)
        # What said something since, and added no row, has passed.
        passed = answers.since({guard.id: evaluation for guard, evaluation in rows})
        found += [(guard, evaluation) for guard, evaluation in rows if guard.id not in passed]
        if len(rows) < missing:
            break
        last = rows[-1][0].slug
    for guard, evaluation in found:
        if guard.kind in restrictions.TELLS_ITEMS:
            queries.withhold(evaluation)
    return found


def _red_by_rows(wanted: list[ColumnElement[bool]], limit: int) -> Rows:
    # Of each guard one look at the end of its index, however many verdicts there are.
    real = aliased(Evaluation)
    newest = select(real.id).where(real.guard_id == Guard.id, real.purpose != "dry_run")
    newest = newest.order_by(real.at.desc(), real.id.desc()).limit(1)
    rows = session().execute(
        select(Guard, Evaluation)
        .join(Evaluation, Evaluation.id == newest.correlate(Guard).scalar_subquery())
        .where(Guard.is_enabled, Evaluation.verdict.in_(RED), *wanted)
        .order_by(Guard.slug)
        .limit(limit)
    )
    return [(guard, evaluation) for guard, evaluation in rows]
