"""Blocks of guards: how often each stopped a deploy, and how often rightly."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import exists, select

from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.gate.decisions import queries as decisions
from postmortems.gate.effectiveness import block_review
from postmortems.gate.effectiveness.block_review import DEFINITIONS, Blocks
from postmortems.guards.models import Guard, GuardTarget, Service, Target
from postmortems.incidents.models import ActionItem, ItemGuard
from postmortems.reports.catalog.items import filters_of
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope

TITLE = "Blocks by guards"
DEFINITION = (
    "For each guard, how often it stopped a deploy, and how often rightly. A service narrows it to the "
    "guards of its targets; team and severity to those that such process fixes name. A deploy that two "
    "guards stopped counts for each. Without a first day it is the last 90 days."
)
MOST_GUARDS, MOST_BARS = 500, 6
# An address has room for the names of so many guards.
MOST_NAMED = 40
COLUMNS = (
    Column("guard", "Guard", is_number=False),
    Column("blocks", "Blocks"),
    Column("true_blocks", "True"),
    Column("false_blocks", "False"),
    Column("undecided", "Undecided"),
)


def report(scope: Scope, now: datetime) -> Report:
    """Guards that blocked, most first."""
    first, last = _days(scope, now)
    found = block_review.of_guards(_guards(scope), _midnight(first), _midnight(last + timedelta(days=1)))
    rows = sorted(
        ((slug, blocks) for slug, blocks in found.items() if blocks.blocks),
        key=lambda row: (-row[1].blocks, row[0]),
    )
    total = Blocks(*(sum(getattr(blocks, name) for _, blocks in rows) for name in Blocks.__slots__))
    rows_of_all = _behind_sums(scope, first, last, [slug for slug, _ in rows])
    precision = None if total.precision is None else round(100 * total.precision, 1)
    return Report(
        name="guards",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(_row(slug, blocks, first, last) for slug, blocks in rows),
        figures=(
            *(
                Figure(name, label, count, _definition(name), rows_of_all)
                for name, label, count in zip(DEFINITIONS, _labels(), _counts(total), strict=False)
            ),
            Figure("precision", "Precision, in per cent", precision, _definition("precision"), rows_of_all),
        ),
        chart=Bars(
            "Blocks by guard",
            f"{total.blocks} blocks, {total.true_blocks} true and {total.false_blocks} false",
            ("true", "false", "undecided"),
            tuple((slug[:12], _counts(blocks)[1:]) for slug, blocks in rows[:MOST_BARS]),
        ),
        notes=() if rows else (f"No guard has stopped a deploy from {first} to {last}.",),
    )


def _days(scope: Scope, now: datetime) -> tuple[date, date]:
    """The first day and the last, both in UTC and included."""
    last = scope.end or now.astimezone(UTC).date()
    return scope.start or last - block_review.WITHIN, last


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _definition(name: str) -> str:
    return DEFINITIONS[name].replace(f" {block_review.LATELY}", "")


def _row(slug: str, blocks: Blocks, first: date, last: date) -> tuple[Cell, ...]:
    count, *others = _counts(blocks)
    return Cell(slug, f"/guards/{slug}"), Cell(count, _list(first, last, slug)), *map(Cell, others)


def _behind_sums(scope: Scope, first: date, last: date, slugs: list[str]) -> str:
    """The address of the blocks of all these guards; "" where that are some of very many, or none."""
    if len(slugs) <= MOST_NAMED:
        return _list(first, last, ",".join(slugs)) if slugs else ""
    return "" if scope.is_narrowed else _list(first, last)


def _list(first: date, last: date, guards: str = "") -> str:
    """The address of the list of blocks: those of these guards, else all of these days."""
    found = decisions.Filters(decision="block", is_dry_run=False, since=first, until=last, stopped_by=guards)
    return f"/gate?{found.query()}"


def _labels() -> tuple[str, ...]:
    return "Blocks by guards", "True blocks", "False blocks", "Undecided blocks"


def _counts(blocks: Blocks) -> tuple[int, ...]:
    return blocks.blocks, blocks.true_blocks, blocks.false_blocks, blocks.undecided


def _guards(scope: Scope) -> list[Guard]:
    wanted = select(Guard)
    if scope.service:
        service, _, target = scope.service.partition("/")
        over = select(GuardTarget.guard_id).join(Target, Target.id == GuardTarget.target_id)
        over = over.join(Service, Service.id == Target.service_id).where(Service.name == service)
        wanted = wanted.where(Guard.id.in_(over.where(Target.name == target) if target else over))
    if scope.team or scope.severity:
        naming = select(ItemGuard.slug).join(ActionItem, ActionItem.id == ItemGuard.item_id)
        naming = naming.where(
            *followup.conditions(filters_of(Scope(team=scope.team, severity=scope.severity)))
        )
        wanted = wanted.where(exists(naming.where(ItemGuard.slug == Guard.slug)))
    return list(session().scalars(wanted.order_by(Guard.slug).limit(MOST_GUARDS)))
