"""Active waivers: which exemption counts for a guard now, and how often it was used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select

from postmortems.db import session as db
from postmortems.db.session import by_key, session
from postmortems.gate.models import Override, Waiver
from postmortems.guards.judgement import Artifact
from postmortems.incidents.page_keys import LARGEST, Page, fetched, parts

# For so long a guard that enforces again says whose waiver has ended.
REMEMBERED = timedelta(days=30)
# So long before its end an owner is warned, and every answer says so.
WARNED_BEFORE = timedelta(days=14)
KINDS = ("override", "waiver", "pause", "probe_pause")
ORDER = {kind: place for place, kind in enumerate(("override", "pause", "waiver", "probe_pause"))}

GRANTED = (
    select(*Waiver.__table__.c)
    .where(
        Waiver.ends_at > bindparam("since"),
        Waiver.granted_by != "",
        Waiver.ended_by == "",
        Waiver.used_by == "",
        or_(Waiver.target == "", Waiver.target == bindparam("full_name")),
    )
    .order_by(Waiver.ends_at.desc())
)


@dataclass(frozen=True, slots=True)
class ActiveWaiver:
    """A waiver, pause or granted override as a value."""

    id: int
    kind: str
    guard: str
    owner: str
    reason: str
    made_by: str
    ends_at: datetime
    made_at: datetime

    def is_live(self, now: datetime) -> bool:
        return self.ends_at > now

    def ends_soon(self, now: datetime) -> bool:
        """Whether its owner should see to it: a waiver of some length that ends within two weeks."""
        is_long = self.ends_at - self.made_at > WARNED_BEFORE
        return self.kind == "waiver" and is_long and self.ends_at - now <= WARNED_BEFORE


@dataclass(frozen=True, slots=True)
class GrantedWaiver:
    """One that may count from an instant on, and for one artifact alone where it is `bound_to` that."""

    begins_at: datetime
    bound_to: str
    waiver: ActiveWaiver


def bound_to(target: str, artifact: Artifact) -> str:
    """What an override is bound to: this target (a full name) and exactly this artifact, as it was named."""
    named = json.dumps([target, artifact.as_json()], sort_keys=True)
    return hashlib.sha256(named.encode()).hexdigest()


def granted(target: str, now: datetime) -> list[GrantedWaiver]:
    """The waivers for a target (a full name) that may count from `now` on, the longest first."""
    rows = db.rows(GRANTED, {"since": now - REMEMBERED, "full_name": target})
    return [
        GrantedWaiver(
            row.begins_at,
            row.bound_to,
            ActiveWaiver(
                row.id, row.kind, row.guard, row.owner, row.reason, row.made_by, row.ends_at, row.made_at
            ),
        )
        for row in rows
    ]


def active(
    granted: Iterable[GrantedWaiver], target: str, artifact: Artifact, now: datetime
) -> list[ActiveWaiver]:
    """Those that may count for a deploy now, and those that ended lately."""
    begun = [one for one in granted if one.begins_at <= now and one.waiver.ends_at > now - REMEMBERED]
    bound = bound_to(target, artifact) if any(one.bound_to for one in begun) else ""
    return [one.waiver for one in begun if one.bound_to in {"", bound}]


def live_for(waivers: Iterable[ActiveWaiver], slug: str, level: str, now: datetime) -> ActiveWaiver | None:
    """The waiver that applies to the guard now; None for a hard guard."""
    own = [one for one in waivers if one.guard == slug and one.is_live(now)]
    return min(own, key=lambda one: ORDER[one.kind], default=None) if level != "hard" else None


def ended_for(waivers: Iterable[ActiveWaiver], slug: str, now: datetime) -> ActiveWaiver | None:
    """The guard's waiver that ended last, where that was lately."""
    own = [one for one in waivers if one.guard == slug and one.kind == "waiver" and not one.is_live(now)]
    return max(own, key=lambda one: one.ends_at, default=None)


def probes_paused(waivers: Iterable[ActiveWaiver], now: datetime) -> ActiveWaiver | None:
    """The pause of the target's probes that is active now; None where there is none."""
    return next((one for one in waivers if one.kind == "probe_pause" and one.is_live(now)), None)


def overrides_granted(slugs: Collection[str], since: datetime) -> dict[str, int]:
    """By guard slug, how often it was passed over by a granted override since then; 0 is there too."""
    rows = session().execute(
        select(Waiver.guard, func.count())
        .where(Waiver.guard.in_(slugs), Waiver.kind == "override", Waiver.made_at >= since)
        .group_by(Waiver.guard)
    )
    return dict.fromkeys(slugs, 0) | dict(rows.all())


def override(override_id: int) -> Override:
    """One override. Raises `NotFound`."""
    return by_key(Override, override_id, f"there is no override {override_id}")


def overrides(ids: Collection[int]) -> dict[int, Override]:
    """Those of these overrides that are there, by their keys. One query, or none."""
    wanted = select(Override).where(Override.id.in_(ids))
    return {row.id: row for row in session().scalars(wanted)} if ids else {}


def overrides_of(decision_id: str) -> list[Override]:
    """What was asked for after a decision, newest first; a decision has few."""
    mine = select(Override).where(Override.decision_id == decision_id)
    return list(session().scalars(mine.order_by(Override.id.desc()).limit(LARGEST)))


def override_page(state: str = "", after: str = "", limit: int = 50) -> Page[Override]:
    """Overrides, newest first; `after` is the page before's."""
    page = select(Override).where(Override.state == state) if state else select(Override)
    if after:
        page = page.where(Override.id < int(parts(after, 1)[0]))
    return fetched(page.order_by(Override.id.desc()), limit, lambda row: str(row.id))


def waiver(waiver_id: int) -> Waiver:
    """One waiver or pause. Raises `NotFound`."""
    return by_key(Waiver, waiver_id, f"there is no waiver {waiver_id}")


def waiver_page(now: datetime, *, is_live: bool = True, after: str = "", limit: int = 50) -> Page[Waiver]:
    """Waivers and pauses, newest first: those that count, or could once they are granted, or all."""
    page = select(Waiver).where(Waiver.kind != "override")
    if is_live:
        page = page.where(Waiver.ends_at > now, Waiver.ended_by == "")
    if after:
        page = page.where(Waiver.id < int(parts(after, 1)[0]))
    return fetched(page.order_by(Waiver.id.desc()), limit, lambda row: str(row.id))


def of_guard(slug: str, limit: int = 20) -> list[Waiver]:
    """The guard's newest waivers, pauses and granted overrides: its record."""
    mine = (
        select(Waiver)
        .where(Waiver.guard == slug, Waiver.granted_by != "")
        .order_by(Waiver.made_at.desc(), Waiver.id.desc())
    )
    return list(session().scalars(mine.limit(limit)))
