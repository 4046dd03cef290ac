"""Plan of a bulk edit: what changes of each item, what is the same already, what is refused and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from postmortems.followup import rules
from postmortems.incidents import guard_remarks

# What an edit of many may set of an item, and what it adds one to: the guards that the item names, and the
# tags of its incident.
PLAIN = ("owner", "team", "due", "priority", "status", "reason", "outcome", "evidence")
ADDED = {"guard": "guards", "tag": "tags"}
FIELDS, SETTABLE = (*PLAIN, *ADDED.values()), (*PLAIN, *ADDED)

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item as it is stored. `said` has the `FIELDS` as its document says them: no status where none is."""

    id: int
    number: int
    incident_id: int
    slug: str
    text: str
    kind: str
    guardability: str
    protection: str
    status: str
    said: Values
    life: Values

    @property
    def ref(self) -> str:
        return f"AI-{self.number}"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What an edit does to one item: its `changes`, none where it says that already or is refused."""

    facts: ItemFacts
    changes: Values
    code: str = ""
    detail: str = ""

    @property
    def is_refused(self) -> bool:
        return bool(self.code)


# Why an item may not be closed so, as a code and words; both "" where it may.
Judge = Callable[[ItemFacts, Values], tuple[str, str]]


def rows(items: Iterable[ItemFacts], wanted: Values, judge: Judge) -> Iterator[PlannedRow]:
    """What an edit that sets `wanted` (of `SETTABLE`) does to each; `judge` says what may be closed."""
    for facts in items:
        changes = changes_of(facts, wanted)
        code, detail = "", ""
        if changes.get("status") in rules.CLOSED:
            code, detail = judge(facts, changes)
        yield PlannedRow(facts, {} if code else changes, code, detail)


def changes_of(facts: ItemFacts, wanted: Values) -> dict[str, Any]:
    """The fields that come to differ, with their new values as a document has them."""
    changes = {
        name: value for name, value in wanted.items() if name not in ADDED and _differs(facts, name, value)
    }
    for one, several in ADDED.items():
        added, there = wanted.get(one, ""), facts.said[several]
        if added and added not in map(guard_remarks.slug if one == "guard" else str, there):
            changes[several] = (*there, added)
    return changes


def _differs(facts: ItemFacts, name: str, value: Any) -> bool:
    return bool((facts.status if name == "status" else facts.said[name]) != value)


def remarks(wanted: Values, today: date, strangers: Mapping[str, str] = {}) -> list[str]:
    """What is odd about the values themselves, and yet may be meant; `strangers` are owners, and why so."""
    said = []
    due = wanted.get("due")
    if due is not None and due < today:
        said.append(f"{due} lies in the past: open items are overdue at once")
    said += [f"nobody can sign in as {name}: {why}" for name, why in strangers.items()]
    return said


def as_json(values: Values) -> dict[str, Any]:
    """Values as JSON keeps them: days as ISO text, guards and tags as lists."""
    return {name: value if type(value) is str else _kept(value) for name, value in values.items()}


def from_json(values: Values) -> dict[str, Any]:
    """What `as_json` kept, with the types of a document's fields."""
    return {name: _meant(name, value) for name, value in values.items()}


def _kept(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _meant(name: str, value: Any) -> Any:
    if name == "due":
        return date.fromisoformat(value) if value else None
    return tuple(value) if name in ADDED.values() else value
