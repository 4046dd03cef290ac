"""Guard sets: what guards a target and why, ready to be asked.

It changes rarely and is asked for all the time, so each process keeps it for as long as the version of what
it is made from stays the same. Evidence is never kept: it is read for each decision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, select

from postmortems import clock
from postmortems.db import session as db
from postmortems.db import versions
from postmortems.gate.models import ItemProtection
from postmortems.gate.verdicts import active_waivers, judge
from postmortems.gate.verdicts.active_waivers import GrantedWaiver
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.gate.verdicts.kept_passes import Passes
from postmortems.guards import queries as guards
from postmortems.guards.evidence.find import EvidencePlan
from postmortems.guards.judgement import Question
from postmortems.guards.kinds.parity.kind import Parity
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Guard, GuardTarget, Service, Target
from postmortems.incidents.models import ItemGuard

Because = Mapping[str, Sequence[Mapping[str, Any]]]

# Targets that a process keeps; beyond that it begins anew.
MOST_KEPT = 200

COVERING = (
    select(
        Service.is_demo.label("service_is_demo"),
        *(getattr(Guard, name) for name in judge.OF_A_ROW),
        # Most guards are named by no item: then nothing more has to be read.
        exists().where(ItemGuard.slug == Guard.slug).label("is_named"),
    )
    .select_from(Service)
    .join(Target, Target.service_id == Service.id)
    .outerjoin(GuardTarget, GuardTarget.target_id == Target.id)
    .outerjoin(Guard, and_(Guard.id == GuardTarget.guard_id, Guard.is_enabled))
    .where(Service.name == bindparam("service"), Target.name == bindparam("target"))
    .order_by(Guard.slug)
)
WHY = guards.NAMING.add_columns(ItemGuard.item_id, ItemProtection.protection).outerjoin(
    ItemProtection, ItemProtection.item_id == ItemGuard.item_id
)


@dataclass(frozen=True, slots=True)
class GuardSet:
    """The enabled guards over a target, by slug; as values their only target is this one.

    `plan` is how the evidence that they judge by is found.
    `because`: by slug the incidents and items that each is there for, restricted ones withheld. `proven` are
    the ids of those items whose protection is proven. `waivers` are those that may count now or later.
    `asked_about` are slugs whose verdicts guards ask for. `passes` is what these guards said lately.
    `made_at`: which waivers had long ended was judged then.
    """

    guards: tuple[GuardValue, ...]
    plan: EvidencePlan
    because: Because
    proven: tuple[int, ...]
    waivers: tuple[GrantedWaiver, ...]
    is_demo: bool
    asked_about: frozenset[str] = frozenset()
    passes: Passes = field(default_factory=dict, compare=False)
    made_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), compare=False)


def of_target(service: str, target: str) -> GuardSet | None:
    """What guards the target; None when there is no such target."""
    number, kept = versions.present(versions.GATE), db.kept()
    at, known = kept.get((service, target), (None, None))
    # By a clock that was ahead and has been put right, a waiver that still counts may have been left out.
    if known is not None and at == number and known.made_at <= clock.now():
        return known  # type: ignore[no-any-return]
    made = _read(service, target)
    if made is not None and number is not None:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[service, target] = number, made
    return made


def _read(service: str, target: str) -> GuardSet | None:
    rows = db.rows(COVERING, {"service": service, "target": target})
    if not rows:
        return None
    full_name, now = f"{service}/{target}", clock.now()
    found = [(row.is_named, GuardValue.of(row, frozenset({full_name}))) for row in rows if row.id is not None]
    because, proven = _because([guard for is_named, guard in found if is_named])
    asked = Question(now=now, target=full_name)
    return GuardSet(
        guards=tuple(guard for _, guard in found),
        plan=EvidencePlan.of(
            {guard.id: judge.needs(guard, asked) for _, guard in found if guard.id is not None}
        ),
        because=because,
        proven=proven,
        waivers=tuple(active_waivers.granted(full_name, now)),
        is_demo=rows[0].service_is_demo,
        asked_about=_asked_about([guard.slug for _, guard in found]),
        made_at=now,
    )


def _asked_about(slugs: Collection[str]) -> frozenset[str]:
    """Those of these guards whose verdicts another one asks for, whichever target that guards."""
    asking = select(Guard.kind, Guard.config).where(Guard.kind == Parity.slug, Guard.is_enabled)
    configs = [KINDS[row.kind].filled(row.config) for row in db.rows(asking)]
    asked = {slug for config in configs for slug in config["require_guards"] or ()}
    return frozenset(asked.intersection(slugs))


def _because(named: Sequence[GuardValue]) -> tuple[Because, tuple[int, ...]]:
    if not named:
        return {}, ()
    rows = db.rows(WHY, {"slugs": [guard.slug for guard in named]})
    by_id = guards.because(named, withheld=True, rows=rows)
    proven = sorted({row.item_id for row in rows if row.protection == "proven"})
    return {guard.slug: by_id[guard.id] for guard in named if guard.id is not None}, tuple(proven)
