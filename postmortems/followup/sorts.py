"""Sorts of the list of items: by which columns it can be put in order, each of three sorts. Pure.

By due date; by the words of a column, one after the other, and by due date within each; or by a column's own
value. Each can be turned round by `-`. What an item lacks stands last, whichever way round.
"""

from __future__ import annotations

from dataclasses import dataclass

from postmortems.document import model
from postmortems.errors import Invalid
from postmortems.followup.filters import NO_PRIORITY

PROTECTIONS = ("unguarded", "shadow", "guarded", "proven", "enforced", "regressed")
DUE = "due"
# By column, its words in their order, as a filter says them.
WORDS: dict[str, tuple[str, ...]] = {
    "priority": (*model.PRIORITIES, NO_PRIORITY),
    "status": model.ITEM_STATUSES,
    "protection": PROTECTIONS,
    "kind": model.ITEM_KINDS,
}
LACKING = frozenset({NO_PRIORITY})
# Those that an index has in order, and those for which nobody pays with each save: these are put in order as
# long as they are few (`key_order.MOST_SORTED`).
INDEXED = ("age", "owner", "incident", "id")
UNINDEXED = ("text", "team")
NAMES = (DUE, *WORDS, *INDEXED, *UNINDEXED)
SAID = (*NAMES, *(f"-{name}" for name in NAMES))
REFUSAL = f"must be one of {', '.join(NAMES)}, with - before it to turn it round"
MEANING = (
    "a column, with `-` turned round: "
    + ", ".join(NAMES)
    + ". `age` is by the day on which it was opened, `incident` by the incident's day. Within the same words "
    "items are by due date. `team` is the name of the team that answers for it. "
    "What is lacking stands last, without an owner first. By text and by team so many "
    "items at most are sorted as the refusal says"
)


@dataclass(frozen=True, slots=True)
class Sort:
    """A column, and whether it is turned round."""

    name: str = DUE
    is_descending: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the column in the order asked for, what is lacking last."""
        known = [word for word in WORDS[self.name] if word not in LACKING]
        rest = [word for word in WORDS[self.name] if word in LACKING]
        return (*(reversed(known) if self.is_descending else known), *rest)


def read(said: str) -> Sort:
    """The sort that is said, `-age`; "" is by due date. Raises `Invalid` at `/sort`."""
    if not said:
        return Sort()
    name = said.removeprefix("-")
    if name not in NAMES:
        raise Invalid(REFUSAL, "/sort")
    return Sort(name, said.startswith("-"))
