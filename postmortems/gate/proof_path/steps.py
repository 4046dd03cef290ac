"""Steps from an action item to its proof: which are done, which is next, what the others wait for. Pure.

The order is that in which the gate can be convinced: a guard stands over registered targets alone, a drill
needs a bad deploy and a good one, and only a guard that a drill watched may be raised to soft or hard.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from postmortems.followup.rules import ASKS_PROOF
from postmortems.gate.proof_path import way_back
from postmortems.gate.protection import rules as protection_rules
from postmortems.gate.verdicts import decision_table
from postmortems.guards import config_fields

# In their order: what each step is called, and why it matters.
STEPS = {
    "target": (
        "Register the target",
        "The gate blocks what it does not know, and guards stand over registered targets alone.",
    ),
    "guard": ("Choose a guard", "A guard is the check that has to hold before a deploy goes on."),
    "bad": (
        "Record the bad deploy",
        "Replayed against today’s guards, it shows whether they would stop it.",
    ),
    "good": (
        "Record a good deploy",
        "A guard that stops everything proves nothing: one right deploy has to get through.",
    ),
    "drill": (
        "Drill",
        "A drill asks today’s guards about both, without network: red for the bad, green for the good.",
    ),
    "raise": (
        "Raise the guard",
        "At shadow it only records. At soft or hard it stops the deploy, on every target that was hit.",
    ),
    "settle": ("Settle what speaks against it", "While something does, the fix does not count as proven."),
}


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """A guard that the item names. `goes_red`, `stays_green`: in the newest drills, as it is now."""

    slug: str
    is_there: bool = True
    is_enabled: bool = True
    level: str = "shadow"
    targets: frozenset[str] = frozenset()
    goes_red: bool = False
    stays_green: bool = False

    @property
    def is_on(self) -> bool:
        return self.is_there and self.is_enabled

    @property
    def enforces(self) -> bool:
        return self.level in decision_table.ENFORCING

    @property
    def is_proven(self) -> bool:
        return self.goes_red and self.stays_green


@dataclass(frozen=True, slots=True)
class Facts:
    """What the steps of one item follow from. Targets are full names.

    `affected`: what the incident hit; a service of which no target is known stands as its own name.
    `bad`, `good`: its scenarios, id and name. `is_drilled`: all of them were, with the guards as they are.
    `suggested`: kind and slug of a guard that the incident's words ask for. `protection`, `why`: the item's.
    """

    incident: str
    item: str
    affected: frozenset[str] = frozenset()
    registered: frozenset[str] = frozenset()
    guards: tuple[GuardFacts, ...] = ()
    suggested: tuple[str, str] | None = None
    bad: tuple[tuple[int, str], ...] = ()
    good: tuple[tuple[int, str], ...] = ()
    is_drilled: bool = False
    protection: str = "unguarded"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A button: its words, the page it leads to, and what it sends there (None for a link)."""

    words: str
    page: str
    sends: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `state`: done, current or later. `said`: what was done, is missing, or it waits for.

    `act` is the permission that its ways need; the first way is the one to take.
    """

    key: str
    state: str
    said: str
    ways: tuple[Way, ...] = ()
    act: str = ""

    @property
    def label(self) -> str:
        return STEPS[self.key][0]

    @property
    def why(self) -> str:
        return STEPS[self.key][1]


@dataclass(frozen=True, slots=True)
class _Found:
    """What one step's facts come to: done, or what is missing with the ways to mend it."""

    said: str
    ways: tuple[Way, ...] = field(default=())
    act: str = ""

    @property
    def is_done(self) -> bool:
        return not self.ways


def asks_proof(
    *, guardability: str, kind: str, status: str, names_guards: bool, closed_unproven: bool
) -> bool:
    """Whether an item has a path to proof: one that a guard is to hold, and that nobody gave up.

    Where nobody chose the proof, a process fix has one, and so has whatever names a guard.
    """
    if status == "wont_do" or closed_unproven or guardability not in ASKS_PROOF:
        return False
    return bool(guardability) or kind == "process" or names_guards


def steps(facts: Facts) -> tuple[Step, ...]:
    """The steps of one item in their order, exactly one of them current unless all are done."""
    found = {
        "target": _target(facts),
        "guard": _guard(facts),
        "bad": _scenario(facts, "bad"),
        "good": _scenario(facts, "good"),
        "drill": _drill(facts),
        "raise": _raise(facts),
    }
    if all(one.is_done for one in found.values()) and facts.protection not in protection_rules.PROVEN:
        found["settle"] = _Found(
            f"{facts.why or 'Its protection is worked out anew'}.",
            (Way("See what speaks against it", f"/action-items/{facts.item}"),),
            "incident.read",
        )
    return tuple(_in_order(found))


def _in_order(found: Mapping[str, _Found]) -> Iterable[Step]:
    current = next((key for key, one in found.items() if not one.is_done), "")
    for key, one in found.items():
        if one.is_done:
            yield Step(key, "done", one.said)
        elif key == current:
            yield Step(key, "current", one.said, one.ways, one.act)
        else:
            yield Step(key, "later", f"Waits for “{STEPS[current][0]}”.")


def _target(facts: Facts) -> _Found:
    missing = sorted(facts.affected - facts.registered)
    if facts.affected and not missing:
        return _Found(f"{_listed(facts.affected)} {_are(facts.affected)} registered.")
    form = f"/incidents/{quote(facts.incident)}/edit#f-services"
    if not missing:
        said = "The incident names no service. Say what the deploy hit, as service/target."
        return _Found(said, (Way("Name what was hit", form),), "incident.save")
    service = missing[0].partition("/")[0]
    if not re.fullmatch(config_fields.ONE_NAME, service):
        said = f"No service can be registered as “{service}”. Correct the incident’s services."
        return _Found(said, (Way("Correct the services", form),), "incident.save")
    told = f"{_listed(missing)} {_are(missing)} not registered."
    way = Way(f"Register {missing[0]}", _page(f"/services/{quote(service, safe='')}", facts))
    return _Found(told, (way,), "service.edit")


def _guard(facts: Facts) -> _Found:
    act = "guard.edit"
    if not facts.guards:
        return _Found(*_first_guard(facts), act)
    on = _on(facts)
    if not on:
        absent = [guard for guard in facts.guards if not guard.is_there]
        if absent:
            slug, hit = absent[0].slug, sorted(facts.affected)
            way = Way(f"Make {slug}", _page("/guards/new", facts, item=facts.item, slug=slug, targets=hit))
            return _Found(f"{slug} is named, and nobody has made it.", (way,), act)
        slug = facts.guards[0].slug
        way = Way(f"Enable {slug}", _page(f"/guards/{slug}", facts, anchor="f-is_enabled"))
        return _Found(f"{slug} is disabled: nobody asks it.", (way,), act)
    if bare := facts.affected - frozenset[str]().union(*(guard.targets for guard in on)):
        way = Way(f"Extend {on[0].slug}", _page(f"/guards/{on[0].slug}", facts, anchor="f-targets"))
        return _Found(f"{_listed(bare)} {_are(bare)} covered by no guard of it.", (way,), act)
    return _Found(f"{_names(on)} {'stands' if len(on) == 1 else 'stand'} over {_listed(facts.affected)}.")


def _first_guard(facts: Facts) -> tuple[str, tuple[Way, ...]]:
    page = _page("/guards/new", facts, item=facts.item, targets=sorted(facts.affected))
    if facts.suggested is None:
        return "The item names no guard.", (Way("Choose a guard", page),)
    kind, slug = facts.suggested
    sends = {"kind": kind, "item": facts.item, way_back.FIELD: facts.incident}
    accept = Way(f"Make {slug}", f"/incidents/{quote(facts.incident)}/suggestions", sends)
    said = f"The item names no guard. By what the incident says, {slug} would answer it, made at shadow."
    return said, (accept, Way("Choose another", page))


def _scenario(facts: Facts, kind: str) -> _Found:
    if recorded := getattr(facts, kind):
        return _Found(f"Recorded: {', '.join(name for _, name in recorded)}.")
    page = _page("/gate/scenarios/new", facts, incident=facts.incident, kind=kind)
    said = {
        "bad": "The deploy that caused it is not recorded. The form is filled from the timeline.",
        "good": "No deploy that was right is recorded. The form begins as a copy of the bad one.",
    }
    way = Way(STEPS[kind][0], page)
    return _Found(said[kind], (way,), "scenario.edit")


def _drill(facts: Facts) -> _Found:
    on = _on(facts)
    if proven := [guard for guard in on if guard.is_proven]:
        return _Found(f"{_names(proven)} went red on the bad deploy and let the good one through.")
    again = Way("Drill now", f"/incidents/{quote(facts.incident)}/drill", {way_back.FIELD: facts.incident})
    if not facts.is_drilled or not on:
        return _Found("Nobody has drilled it with the guards as they are now.", (again,), "drill.run")
    red = [guard for guard in on if guard.goes_red]
    said = (
        f"{_names(red)} would stop the good deploy, too."
        if red
        else f"{_names(on)} did not stop the bad deploy."
    )
    wrong = (red or on)[0]
    ways = [Way(f"Correct {wrong.slug}", _page(f"/guards/{wrong.slug}", facts, anchor="form"))]
    if scenarios := facts.good if red else facts.bad:
        ways.append(Way("Correct the scenario", _page(f"/gate/scenarios/{scenarios[0][0]}/edit", facts)))
    said = f"{said} Correct the guard, or what the scenario says there was to see."
    return _Found(said, tuple(ways), "guard.edit")


def _raise(facts: Facts) -> _Found:
    on = _on(facts)
    enforcing = [guard for guard in on if guard.enforces]
    bare = facts.affected - frozenset[str]().union(*(guard.targets for guard in enforcing))
    proven = [guard for guard in enforcing if guard.is_proven and guard.targets & facts.affected]
    if proven and not bare:
        does = "stops" if len(proven) == 1 else "stop"
        return _Found(f"{_names(proven)} {does} deploys at {proven[0].level}.")
    below = [guard for guard in on if not guard.enforces]
    rank = sorted(below, key=lambda guard: (not guard.is_proven, not guard.targets & bare))
    if not rank:
        way = Way("See the guards", _page("/guards", facts))
        return _Found("The guard that blocks is not the one that a drill proved.", (way,), "guard.edit")
    slug, level = rank[0].slug, rank[0].level
    way = Way(f"Raise {slug}", _page(f"/guards/{slug}", facts, anchor="f-level", level="soft"))
    does = "it warns" if level == "advisory" else "it records"
    return _Found(f"{slug} is at {level}: {does}, and stops nothing.", (way,), "guard.edit")


def _on(facts: Facts) -> list[GuardFacts]:
    return [guard for guard in facts.guards if guard.is_on]


def _page(path: str, facts: Facts, anchor: str = "", **said: str | list[str]) -> str:
    """The page of a form, filled by what is said, from which one comes back to the incident."""
    query = urlencode(said | {way_back.FIELD: facts.incident}, doseq=True)
    return f"{path}?{query}" + (f"#{anchor}" if anchor else "")


def _names(guards: Iterable[GuardFacts]) -> str:
    return ", ".join(guard.slug for guard in guards)


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def _are(names: Collection[str]) -> str:
    return "is" if len(names) == 1 else "are"
