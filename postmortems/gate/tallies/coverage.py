"""Classes of coverage: whether today's guards would stop an incident, by the newest drills of it. Pure.

A drill's word on a guard counts while the guard is as it was drilled: enabled, at that revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from postmortems.gate.verdicts import decision_table

# From best to worst, with what each means; the page shows it.
CLASSES = {
    "strong": (
        "Strong",
        "The newest drill of every bad scenario is a block, each by guards of at least two kinds: "
        "one of them may be wrong, and it is still stopped.",
    ),
    "thin": ("Thin", "Every bad scenario is blocked, but one of them by guards of a single kind."),
    "detected": (
        "Detected only",
        "A bad scenario is not blocked, but a guard at shadow or advisory goes red on it: it would be seen, "
        "not stopped.",
    ),
    "uncovered": (
        "Uncovered",
        "No bad scenario is recorded, or nothing goes red on one: as far as we know it could happen again.",
    ),
    "unguardable": (
        "Unguardable",
        "No bad scenario is recorded, and every action item that was not dropped is marked as not guardable.",
    ),
}
COULD_HAPPEN = frozenset({"detected", "uncovered"})

Results = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class GuardState:
    """What of a guard decides whether a drill's word on it still counts, and whether it blocks."""

    slug: str
    kind: str
    level: str
    is_enabled: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """An incident's class; the guards that block each of its bad scenarios, their kinds, who else notices."""

    name: str
    blocking: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    noticing: tuple[str, ...] = ()


def of(bad: Sequence[Results], guards: Mapping[str, GuardState], *, is_unguardable: bool) -> Coverage:
    """The coverage by what the guards said in the newest drill of each bad scenario.

    `is_unguardable`: there are items that were not dropped, and all of them are marked as not guardable.
    """
    blocking = _common(_blocking(results, guards) for results in bad)
    red = set[str]().union(*(_red(results, guards) for results in bad))
    return Coverage(
        "unguardable" if is_unguardable and not bad else _class_of(bad, guards),
        blocking=tuple(sorted(blocking)),
        kinds=tuple(sorted({guards[slug].kind for slug in blocking})),
        noticing=tuple(sorted(red - blocking)),
    )


def _class_of(bad: Sequence[Results], guards: Mapping[str, GuardState]) -> str:
    blocking = [_blocking(results, guards) for results in bad]
    if bad and all(blocking):
        kinds = [{guards[slug].kind for slug in slugs} for slugs in blocking]
        return "strong" if all(len(each) > 1 for each in kinds) else "thin"
    seen = [stopped or _red(results, guards) for stopped, results in zip(blocking, bad, strict=True)]
    return "detected" if bad and all(seen) else "uncovered"


def _blocking(results: Results, guards: Mapping[str, GuardState]) -> set[str]:
    """The guards that blocked in this drill, and would today."""
    red = _red(results, guards)
    return {slug for slug in red if guards[slug].level in decision_table.ENFORCING}


def _red(results: Results, guards: Mapping[str, GuardState]) -> set[str]:
    return {
        one["guard"]
        for one in results
        if one["verdict"] in decision_table.RED and (guard := guards.get(one["guard"])) is not None
        and guard.is_enabled and guard.revision == one["revision"]
    }  # fmt: skip


def _common(sets: Iterable[Collection[str]]) -> set[str]:
    every = [set(each) for each in sets]
    return set[str].intersection(*every) if every else set()
