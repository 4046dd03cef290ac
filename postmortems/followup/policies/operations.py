"""Makes, changes and deletes due-date policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from postmortems import clock, zone_tables
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.document import model
from postmortems.errors import Conflict, Invalid, NotFound, Problem
from postmortems.followup.policies import due_dates, queries
from postmortems.followup.policies.models import StoredPolicy

MOST_POLICIES = 500
MOST_DAYS, MOST_WARNINGS = 3_650, 10


@dataclass(frozen=True, slots=True)
class PolicyValues:
    """What somebody says of a policy. `team` and `calendar` are ids as addresses have them, "" for none."""

    severity: str = ""
    priority: str = ""
    kind: str = ""
    team: str = ""
    assign_days: int | None = None
    complete_days: int | None = None
    counting: str = "calendar"
    begins: str = "commitment"
    zone: str = "UTC"
    calendar: str = ""
    warn_before: tuple[int, ...] = ()
    warns_at: bool = True
    warn_after: tuple[int, ...] = ()
    lead_after: int | None = None
    admin_after: int | None = None


def create(values: PolicyValues, *, actor: Actor) -> StoredPolicy:
    """Make a policy. Raises `Invalid` with pointers, and `Conflict` where one has the same conditions."""
    permissions.require(actor, "due_policy.edit")
    if (session().scalar(select(func.count()).select_from(StoredPolicy)) or 0) >= MOST_POLICIES:
        raise Conflict(f"there are {MOST_POLICIES} policies already: delete one first")
    row = filled(StoredPolicy(version=1), values)
    _store(row, actor)
    audit.record(actor, "due_policy.created", "due_policy", str(row.id), **said(values))
    return row


def change(number: int, values: PolicyValues, *, version: int | None, actor: Actor) -> StoredPolicy:
    """Change a policy; items keep their dates. `version` is the one that was edited.

    Raises `NotFound`, `Invalid`, and `Conflict` where somebody saved since, or one has the same conditions.
    """
    permissions.require(actor, "due_policy.edit")
    row = queries.policy(number)
    if version not in (None, row.version):
        raise Conflict("somebody else changed this policy since you opened it: look at theirs first")
    before = values_of(row)
    if before == values:
        return row
    filled(row, values).version += 1
    _store(row, actor)
    audit.record(actor, "due_policy.changed", "due_policy", str(number), before=said(before), **said(values))
    return row


def delete(number: int, *, actor: Actor) -> None:
    """Delete a policy; items keep the dates that it gave. Raises `NotFound`."""
    permissions.require(actor, "due_policy.edit")
    row = queries.policy(number)
    before = values_of(row)
    session().delete(row)
    session().flush()
    audit.record(actor, "due_policy.deleted", "due_policy", str(number), **said(before))


def values_of(row: StoredPolicy) -> PolicyValues:
    """What a stored policy says, as somebody would say it."""
    plain = {field.name: getattr(row, field.name) for field in fields(PolicyValues)}
    return PolicyValues(
        **plain
        | {
            "team": row.team.slug if row.team else "",
            "calendar": row.calendar.slug if row.calendar else "",
            "warn_before": tuple(row.warn_before),
            "warn_after": tuple(row.warn_after),
        }
    )


def filled(row: StoredPolicy, values: PolicyValues) -> StoredPolicy:
    """The row with these values, not stored yet. Raises `Invalid` with pointers such as `/zone`."""
    if problems := list(_problems(values)):
        raise Invalid(problems)
    for field in fields(PolicyValues):
        if field.name not in {"team", "calendar"}:
            value = getattr(values, field.name)
            setattr(row, field.name, list(value) if isinstance(value, tuple) else value)
    row.team = _found(teams.team, values.team, "/team")
    row.calendar = _found(queries.calendar, values.calendar, "/calendar")
    row.team_id = row.team.id if row.team else None
    row.calendar_id = row.calendar.id if row.calendar else None
    row.key = "|".join((values.severity, values.priority, values.kind, str(row.team_id or "")))
    return row


def said(values: PolicyValues) -> dict[str, Any]:
    """The values as the audit log keeps them."""
    known = {field.name: getattr(values, field.name) for field in fields(values)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in known.items()}


def unsaid(known: Mapping[str, Any]) -> PolicyValues:
    """The values again, out of the audit log or a run."""
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in known.items()}
    return PolicyValues(**values)


def _found(find: Any, slug: str, pointer: str) -> Any:
    try:
        return find(slug) if slug else None
    except NotFound as missing:
        raise Invalid(missing.detail, pointer) from missing


def _problems(values: PolicyValues) -> Iterator[Problem]:
    vocabularies = (
        ("severity", ("", *model.SEVERITIES)),
        ("priority", ("", *model.PRIORITIES)),
        ("kind", ("", *model.ITEM_KINDS)),
        ("counting", due_dates.COUNTINGS),
        ("begins", due_dates.BEGINNINGS),
    )
    for name, allowed in vocabularies:
        if getattr(values, name) not in allowed:
            yield Problem(f"/{name}", f"must be one of {', '.join(filter(None, allowed))}")
    if zone_tables.named(values.zone) is None:
        yield Problem("/zone", "is no zone of the tz database; write one such as America/Los_Angeles")
    if values.assign_days is None and values.complete_days is None:
        yield Problem("/complete_days", "write in how many days an item is to be done, or assigned")
    for name, least in (("assign_days", 0), ("complete_days", 0), ("lead_after", 1), ("admin_after", 1)):
        number = getattr(values, name)
        if number is not None and not least <= number <= MOST_DAYS:
            yield Problem(f"/{name}", f"write a number of days from {least} to {MOST_DAYS:,}")
    for name in ("warn_before", "warn_after"):
        yield from _of_warnings(name, getattr(values, name))
    both = (values.lead_after, values.admin_after)
    if None not in both and both[0] > both[1]:  # type: ignore[operator]
        yield Problem("/admin_after", "admins hear after the team's lead: write as many days or more")


def _of_warnings(name: str, days: tuple[int, ...]) -> Iterator[Problem]:
    if len(days) > MOST_WARNINGS:
        yield Problem(f"/{name}", f"write at most {MOST_WARNINGS} numbers of days")
    elif len(set(days)) != len(days):
        yield Problem(f"/{name}", "each number of days stands here once")
    elif any(not 1 <= number <= MOST_DAYS for number in days):
        yield Problem(f"/{name}", f"write numbers of days from 1 to {MOST_DAYS:,}, such as 7, 1")


def _store(row: StoredPolicy, actor: Actor) -> None:
    row.saved_by, row.saved_at = actor.name, clock.now()
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        session().expire_all()
        raise Conflict(
            "another policy is for the same severity, priority, kind and team: change that one"
        ) from None
