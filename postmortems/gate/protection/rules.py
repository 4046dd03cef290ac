"""Rules of protection: how well guards hold an item's fix in place, unguarded to enforced. Pure.

unguarded   no guard that exists and is enabled is linked to the item
shadow      guards are linked, but on some affected target none blocks at level soft or hard
guarded     on every affected target a linked guard blocks at level soft or hard
proven      guarded, and its newest drills stopped the bad deploy and let the good one through
enforced    proven, and a real decision evaluated such a guard within 30 days before the newest deploy
regressed   the fix was proven or enforced and no longer is

What counts against a fix, whatever its guards' drills say: a deploy to an affected target without a
decision, a guard that could not be evaluated and let a deploy pass, three overrides of one guard in 30 days,
deploys for 30 days without one decision that asked a guard, and a later incident that repeats this one and
that no drill shows stopped. While one of them holds, the fix is guarded at most.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from postmortems.gate.verdicts import decision_table

PROTECTIONS = ("unguarded", "shadow", "guarded", "proven", "enforced", "regressed")
PROVEN = frozenset({"proven", "enforced"})
# How long a deploy may go without a real decision before a proven guard no longer counts as enforced.
ENFORCED_WITHIN = timedelta(days=30)
# What speaks against a fix does so for this long, and so many overrides of one guard do.
AGAINST_FOR = timedelta(days=30)
MANY_OVERRIDES = 3


@dataclass(frozen=True, slots=True)
class Link:
    """One guard that an item names, with what is known about it. Targets are full names.

    `is_proven`: its newest drills, at its present revision, were red on a bad scenario and green on the
    good ones. `is_asked`: a real decision evaluated it lately on an affected target.
    """

    slug: str
    is_there: bool = True
    is_enabled: bool = True
    level: str = "shadow"
    targets: frozenset[str] = frozenset()
    is_proven: bool = False
    is_asked: bool = False

    @property
    def is_on(self) -> bool:
        return self.is_there and self.is_enabled

    @property
    def enforces(self) -> bool:
        return self.is_on and self.level in decision_table.ENFORCING


@dataclass(frozen=True, slots=True)
class Facts:
    """What an item's protection is worked out from. `affected` may hold names that are no target of ours."""

    affected: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()
    was_proven: bool = False
    # What happened that speaks against the fix, the gravest first.
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protection:
    """An item's protection, why it is that, and whether it is or was ever proven."""

    protection: str
    why: str
    was_proven: bool = field(default=False, compare=False)


def protection(facts: Facts) -> Protection:
    """The protection that follows from the facts. The words are defined at the top of this module."""
    now, why = _current(facts)
    if now in PROVEN and facts.against:
        now, why = "guarded", "; ".join(facts.against)
    if now in PROVEN:
        return Protection(now, why, was_proven=True)
    if facts.was_proven:
        return Protection("regressed", why, was_proven=True)
    return Protection(now, why)


def _current(facts: Facts) -> tuple[str, str]:
    on = [link for link in facts.links if link.is_on]
    if not on:
        return "unguarded", _nothing_on(facts.links)
    enforcing = [link for link in on if link.enforces]
    if not enforcing:
        return "shadow", f"{_names(on)} only {_watch(on)}: no level is soft or hard"
    if not facts.affected:
        return "shadow", "the incident names no service, so there is no target to cover"
    covered = frozenset[str]().union(*(link.targets for link in enforcing))
    if open_targets := facts.affected - covered:
        return "shadow", f"no linked guard at soft or hard covers {', '.join(sorted(open_targets))}"
    proven = [link for link in enforcing if link.is_proven and link.targets & facts.affected]
    if not proven:
        return "guarded", f"no drill shows {_names(enforcing)} red on the bad deploy and green on a good one"
    asked = [link for link in proven if link.is_asked]
    if not asked:
        return "proven", f"{_names(proven)} stopped the bad deploy in a drill; no pipeline has asked lately"
    return "enforced", f"{_names(asked)} stopped the bad deploy in a drill, and pipelines ask"


def _nothing_on(links: Collection[Link]) -> str:
    if not links:
        return "no guard is linked"
    gone = [link for link in links if not link.is_there]
    off = [link for link in links if link.is_there]
    parts = []
    if gone:
        parts.append(f"{_names(gone)} {'does' if len(gone) == 1 else 'do'} not exist")
    if off:
        parts.append(f"{_names(off)} {'is' if len(off) == 1 else 'are'} disabled")
    return " and ".join(parts)


def _names(links: Iterable[Link]) -> str:
    return ", ".join(link.slug for link in links)


def _watch(links: Collection[Link]) -> str:
    return "watches" if len(links) == 1 else "watch"


def owners(owner: str) -> frozenset[str]:
    """The names in an owner field, without `@` and in one case: `@Sam, kim` are sam and kim."""
    parts = re.split(r"[,;&/]|\band\b", owner)
    return frozenset(name for part in parts if (name := part.strip().lstrip("@").casefold()))
