"""Gather what speaks against an item's fix, whatever its guards do in drills. A fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from postmortems.db.session import session
from postmortems.gate.enforcement import closing_rules
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.models import Finding
from postmortems.gate.verdicts import active_waivers
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.incidents.models import Incident


@dataclass(frozen=True, slots=True)
class Known:
    """What happened lately around some guards and targets, for all items at once.

    `deployed`: by target, the newest deploy. `asked`: by guard id and target, the newest real decision.
    """

    now: datetime
    findings: Sequence[Finding]
    overrides: Mapping[str, int]
    deployed: Mapping[str, datetime]
    asked: Mapping[tuple[int, str], datetime]


def known(
    slugs: Collection[str],
    targets: Collection[str],
    deployed: Mapping[str, datetime],
    asked: Mapping[tuple[int, str], datetime],
    now: datetime,
) -> Known:
    since = now - closing_rules.AGAINST_FOR
    return Known(
        now,
        findings_operations.newest_open(targets, since),
        active_waivers.overrides_granted(slugs, since),
        deployed,
        asked,
    )


def reasons(guards: Sequence[GuardValue], hit: frozenset[str], lately: Known) -> Iterator[str]:
    """What happened that speaks against these guards of an item, on the targets that its incident hit."""
    enforcing = [guard for guard in guards if guard.is_enabled and guard.level in closing_rules.ENFORCING]
    covered = frozenset[str]().union(*(guard.targets for guard in enforcing)) & hit
    slugs = {guard.slug for guard in guards}
    for finding in lately.findings:
        if finding.target in covered and finding.guard in {"", *slugs}:
            yield finding.summary
    for guard in guards:
        count = lately.overrides.get(guard.slug, 0)
        if count >= closing_rules.MANY_OVERRIDES:
            yield f"{guard.slug} was overridden {count} times in 30 days"
    for target in sorted(covered):
        over = [guard for guard in enforcing if target in guard.targets]
        if over and _went_by(over, target, lately):
            names = ", ".join(guard.slug for guard in over)
            yield f"for 30 days deploys went to {target} and no decision asked {names}"


def _went_by(over: Iterable[GuardValue], target: str, lately: Known) -> bool:
    """Whether a deploy came 30 days after any of these guards was made, edited or asked about the target."""
    deployed = lately.deployed.get(target)
    moments = [guard.edited_at for guard in over if guard.edited_at]
    moments += [
        lately.asked[guard.id, target] for guard in over if guard.id and (guard.id, target) in lately.asked
    ]
    return deployed is not None and bool(moments) and max(moments) <= deployed - closing_rules.ENFORCED_WITHIN


def repeated(incident_ids: Collection[int]) -> dict[int, list[int]]:
    """By incident, the ids of those that say they repeat it, the newest first."""
    earlier, later = aliased(Incident), aliased(Incident)
    rows = session().execute(
        select(earlier.id, later.id)
        .join(later, later.recurrence_of == earlier.slug)
        .where(earlier.id.in_(incident_ids), later.id != earlier.id)
        .order_by(later.occurred_on.desc(), later.id)
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for earlier_id, later_id in rows:
        found[earlier_id].append(later_id)
    return found
