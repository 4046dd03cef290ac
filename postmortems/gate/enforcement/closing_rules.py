"""The gate's rules, as functions of values: what a verdict leads to, and how real an item's fix is.

How real a fix is (`protection`), worked out and never typed:

unguarded   no guard that is there and switched on is linked to the item
shadow      guards are linked, but on some affected target none at soft or hard
guarded     on every target the incident affected, a linked guard is at soft or hard
proven      and such a guard's newest drill went red on the incident's bad scenario, green on its good ones
enforced    and a real decision evaluated such a guard within the 30 days up to the newest deploy
regressed   it was proven or enforced once and no longer is

What counts against a fix, however well its guards do in drills: a deploy to an affected target without a
decision, a guard that could not be evaluated and let a deploy pass, three overrides of one guard in 30 days,
deploys for 30 days without one decision that asked a guard, and an incident that says it is the same again
and that no drill shows stopped. While one of them holds, the fix is guarded at most.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from postmortems.followup.rules import ASKS_PROOF

# From best to worst: the worst of all guards is the decision. No scores, no averages.
DECISIONS = ("allow", "allow_with_warnings", "wait", "block")
PROTECTIONS = ("unguarded", "shadow", "guarded", "proven", "enforced", "regressed")
LETS_THROUGH = frozenset({"allow", "allow_with_warnings"})
ENFORCING = frozenset({"soft", "hard"})
PROVEN = frozenset({"proven", "enforced"})
# What an enforceable item lacks, by the protection that it has.
NEXT_STEPS = {
    "unguarded": "link a guard at soft or hard and drill it",
    "shadow": "raise a linked guard to soft or hard on every target that was hit, and drill it",
    "guarded": "record the bad deploy as a scenario and drill the linked guard",
    "regressed": "see what undid its proof, mend that and drill the linked guard again",
}
RED = frozenset({"fail", "stale"})
GREEN = frozenset({"pass", "not_applicable"})
# How long a deploy may go without a real decision before a proven guard no longer counts as enforced.
ENFORCED_WITHIN = timedelta(days=30)
# What speaks against a fix does so for this long, and so many overrides of one guard do.
AGAINST_FOR = timedelta(days=30)
MANY_OVERRIDES = 3

CALM = frozenset({"pass", "not_applicable", "waived"})
_UNDECIDED = frozenset({"pending", "inconclusive"})


def effective(level: str, verdict: str, on_error: str) -> str:
    """What one guard's verdict asks of the deploy, by the guard's level.

    `on_error` (block or warn) says what an enforcing guard does when it could not be evaluated.
    """
    if level == "shadow" or verdict in CALM:
        return "allow"
    if level == "advisory":
        return "allow_with_warnings"
    if verdict in _UNDECIDED:
        return "wait"
    if verdict == "error" and on_error == "warn":
        return "allow_with_warnings"
    return "block"


def combine(effects: Iterable[str]) -> str:
    """The worst wins. Nothing to combine is `allow`: that nobody looked is for the caller to warn about."""
    return max(effects, key=DECISIONS.index, default="allow")


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
        return self.is_on and self.level in ENFORCING


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
    """How real the fix is, why, and whether it is or was ever proven."""

    protection: str
    why: str
    was_proven: bool = field(default=False, compare=False)


def protection(facts: Facts) -> Protection:
    """How real the fix is. The words are defined at the top of this module."""
    now, why = _standing(facts)
    if now in PROVEN and facts.against:
        now, why = "guarded", "; ".join(facts.against)
    if now in PROVEN:
        return Protection(now, why, was_proven=True)
    if facts.was_proven:
        return Protection("regressed", why, was_proven=True)
    return Protection(now, why)


def _standing(facts: Facts) -> tuple[str, str]:
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


@dataclass(frozen=True, slots=True)
class Closing:
    """Whether an item may become done. `is_unproven`: by an admin's word alone, and it shows.

    `reason_code` says what is missing: undecided, unproven, owned, unreasoned, unanswered or undropped.
    """

    is_allowed: bool
    detail: str = ""
    is_unproven: bool = False
    reason_code: str = ""


_ASKS = re.compile(
    r"(determine|find out|figure out|investigate (if|whether)|decide|evaluate (if|whether)|check (if|whether)"
    r"|see (if|whether)|consider|explore)\b",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Whether an item asks something, so that being done needs an answer."""
    first = text.strip().partition("\n")[0].strip()
    return bool(_ASKS.match(first)) or first.endswith("?")


def proof_asked(was: str, now: str, *, is_process: bool = True) -> str:
    """Which proof an item owes, given what was chosen before a save and in it; "" while it is to be chosen.

    A choice made in the save counts. One that asks for less does not: what was enforceable before the save
    that closes the item still is. Only process fixes are asked to choose; for other work that nobody sorted,
    such as "order disks", a second pair of eyes is enough.
    """
    chosen = now if not was or now == "enforceable" else was
    return chosen or ("" if is_process else "attestable")


def owners(owner: str) -> frozenset[str]:
    """The names in an owner field, without `@` and in one case: `@Sam, kim` are sam and kim."""
    parts = re.split(r"[,;&/]|\band\b", owner)
    return frozenset(name for part in parts if (name := part.strip().lstrip("@").casefold()))


def may_be_done(
    *,
    guardability: str,
    protection: str,
    owner: str,
    by: str,
    text: str = "",
    is_answered: bool = True,
    may_override: bool = False,
    reason: str = "",
) -> Closing:
    """Whether the person `by` may mark the item done, given the proof it owes and its present protection.

    `is_answered`: the item has an outcome or a guard, as one that asks a question must.
    `may_override`: an admin, who may close anything with a reason.
    """
    code, refused = _missing_proof(guardability, protection, owner, by, reason)
    if not refused and is_question(text) and not is_answered:
        code = "unanswered"
        refused = "it asks a question: record the outcome (a follow-up item, a guard or an accepted risk)"
    if not refused:
        return Closing(True)
    if not may_override:
        return Closing(False, refused, reason_code=code)
    if not reason.strip():
        return Closing(False, f"{refused}; as an admin you may close it with a reason", reason_code=code)
    return Closing(True, refused, is_unproven=True, reason_code=code)


def may_be_dropped(reason: str) -> Closing:
    """Whether an item may become `wont_do`: whoever decides it says why."""
    if reason.strip():
        return Closing(True)
    return Closing(False, "say in its reason why it will not be done", reason_code="undropped")


def _missing_proof(proof: str, protection: str, owner: str, by: str, reason: str) -> tuple[str, str]:
    """What is missing: its code and the words for it, both "" where nothing is."""
    if not proof and protection not in PROVEN:
        return "undecided", (
            "nobody has chosen which proof it asks for: choose enforceable (a guard can stop it), "
            "attestable (people confirm it) or not_guardable (neither, with a reason) as its guardability"
        )
    if proof in ASKS_PROOF:
        if protection in PROVEN:
            return "", ""
        return "unproven", (
            f"its protection is {protection}, and an enforceable item is done when it is proven or enforced: "
            f"{NEXT_STEPS.get(protection, NEXT_STEPS['shadow'])}"
        )
    if proof == "not_guardable" and not reason.strip():
        return "unreasoned", "it is marked not guardable: say in its reason why no guard can stop it"
    if by.casefold() in owners(owner):
        return "owned", f"{by} owns it, and somebody else has to confirm that it is done"
    return "", ""
