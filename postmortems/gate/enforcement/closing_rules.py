"""Closing rules: when an action item may be done. Pure; their docstrings are the definitions."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from postmortems import search_words
from postmortems.followup.rules import ASKS_PROOF
from postmortems.gate.protection import rules as protection_rules

# What an enforceable item lacks, by the protection that it has.
NEXT_STEPS = {
    "unguarded": "link a guard at soft or hard and drill it",
    "shadow": "raise a linked guard to soft or hard on every target that was hit, and drill it",
    "guarded": "record the bad deploy as a scenario and drill the linked guard",
    "regressed": "see what undid its proof, mend that and drill the linked guard again",
}


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
    known_as: Collection[str] = (),
) -> Closing:
    """Whether the person `by` may mark the item done, given the proof it owes and its present protection.

    `known_as`: all names that mean that person, as `search_words.person` compares names.
    `is_answered`: the item has an outcome or a guard, as one that asks a question must.
    `may_override`: an admin, who may close anything with a reason.
    """
    own = by if _owns(owner, by, known_as) else ""
    code, refused = _missing_proof(guardability, protection, reason, own=own)
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


def _owns(owner: str, by: str, known_as: Collection[str]) -> bool:
    names = protection_rules.owners(owner)
    return by.casefold() in names or any(search_words.person(name) in known_as for name in names)


def _missing_proof(proof: str, protection: str, reason: str, *, own: str) -> tuple[str, str]:
    """What is missing: its code and the words for it, both "" where nothing is. `own`: whose own it is."""
    if not proof and protection not in protection_rules.PROVEN:
        return "undecided", (
            "nobody has chosen which proof it asks for: choose enforceable (a guard can stop it), "
            "attestable (people confirm it) or not_guardable (neither, with a reason) as its guardability"
        )
    if proof in ASKS_PROOF:
        if protection in protection_rules.PROVEN:
            return "", ""
        return "unproven", (
            f"its protection is {protection}, and an enforceable item is done when it is proven or enforced: "
            f"{NEXT_STEPS.get(protection, NEXT_STEPS['shadow'])}"
        )
    if proof == "not_guardable" and not reason.strip():
        return "unreasoned", "it is marked not guardable: say in its reason why no guard can stop it"
    if own:
        return "owned", f"{own} owns it, and somebody else has to confirm that it is done"
    return "", ""
