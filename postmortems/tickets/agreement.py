"""The three-way rule: what a field becomes, by what was agreed, what we say and what they say. Pure.

Each side is compared with itself as it was when both last agreed, so a tracker that writes a value its own
way (a title cut short, a state it has no word for) does not seem to have changed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TITLE, STATE, ASSIGNEE, DUE = "title", "state", "assignee", "due"
FIELDS = (TITLE, STATE, ASSIGNEE, DUE)
# A field of both sides; None where a side has none, or says what the other has no word for.
Values = Mapping[str, str | None]
Base = Mapping[str, tuple[str, str]]

# What becomes of a field.
SAME, TAKE, SEND, DISPUTED, APART = "same", "take", "send", "disputed", "apart"


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of each field: `same`, `take` theirs, `send` ours, `disputed`, or `apart`.

    `base` is what both agree on now; a field that is taken or sent joins it once that is done.
    """

    outcome: Mapping[str, str]
    base: Base

    def fields(self, outcome: str) -> tuple[str, ...]:
        """The fields of which that becomes, in their order."""
        return tuple(name for name in FIELDS if self.outcome.get(name) == outcome)


def settle(base: Base, ours: Values, theirs: Values) -> Settled:
    """What becomes of all fields."""
    outcome = {name: of_field(base.get(name), ours.get(name), theirs.get(name)) for name in FIELDS}
    agreed = dict(base)
    for name in FIELDS:
        mine, yours = ours.get(name), theirs.get(name)
        if outcome[name] == SAME and mine is not None and yours is not None:
            agreed[name] = (mine, yours)
    return Settled(outcome, agreed)


def of_field(base: tuple[str, str] | None, ours: str | None, theirs: str | None) -> str:
    """What becomes of one field.

    Where nothing was agreed yet, what one side alone says holds. Both sides that changed to the same agree.
    """
    if ours is None or theirs is None:
        return APART
    if ours == theirs:
        return SAME
    if base is None:
        return TAKE if not ours else SEND if not theirs else DISPUTED
    we_did, they_did = ours != base[0], theirs != base[1]
    if we_did and they_did:
        return DISPUTED
    return SEND if we_did else TAKE if they_did else SAME
